"""Makers of values that no literal spells, for the tables of values."""

from __future__ import annotations

import logging
import mmap
import queue
import tempfile
import types
import typing
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from fingerprint_kinds import Plain


def built(text: str) -> str:
    """The same text as another object, which is not interned."""
    return "".join(["x", text])[1:]


def shared(part: object) -> list[object]:
    return [part, part]


def grown(kind: type, items: list[object], extra: object) -> object:
    """A set that got its items one by one, and lost one."""
    made = kind()
    for item in items:
        made.add(item)
    made.discard(extra)
    return made


def dag(levels: int) -> list[object]:
    made: list[object] = []
    for _ in range(levels):
        made = [made, made]
    return made


def deep(kind: type, levels: int) -> object:
    made = kind()
    for _ in range(levels):
        made = kind([made])
    return made


def chain(levels: int) -> Plain:
    made = Plain()
    for _ in range(levels):
        made = Plain(made)
    return made


def ring(made: typing.Any) -> object:
    """A container that contains itself, too."""
    if isinstance(made, dict):
        made["self"] = made
    else:
        made.append(made)
    return made


def mutual() -> list[object]:
    one: list[object] = [1]
    one.append([2, one])
    return one


def own(made: typing.Any) -> object:
    made.value = made
    return made


def advanced(items: list[object]) -> object:
    made = iter(items)
    next(made)
    return made


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


def handled(error: BaseException, context: BaseException) -> BaseException:
    error.__context__ = context
    return error


def noted(error: BaseException, note: str) -> BaseException:
    error.add_note(note)
    return error


def used(path: PurePosixPath) -> PurePosixPath:
    _ = str(path), hash(path), path.parts, path.name
    return path


def cell(*value: object) -> types.CellType:
    return types.CellType(*value)


def closure(value: object) -> object:
    return lambda: value


def boxed(value: object) -> np.ndarray:
    made = np.empty(1, object)
    made[0] = value
    return made


def padded(filler: int) -> np.ndarray:
    """A structured array with this byte between its fields."""
    made = np.empty(1, np.dtype([("a", "i1"), ("b", "f8")], align=True))
    made.view("u1")[:] = filler
    made["a"], made["b"] = 1, 2.0
    return made


def with_attrs(made: typing.Any, **attrs: object) -> object:
    made.attrs.update(attrs)
    return made


def by_columns(**columns: object) -> pd.DataFrame:
    made = pd.DataFrame(index=range(1))
    for name, column in columns.items():
        made[name] = column
    return made.reset_index(drop=True)


def looked_up(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    _ = index.is_unique, index.get_loc(index[0]), index.year
    return index


def blanked(values: list[object]) -> object:
    made = pd.array(values, dtype="Int64")
    made[1] = pd.NA
    return made


KEPT = Plain("kept")


def mapped(content: bytes) -> mmap.mmap:
    made = mmap.mmap(-1, len(content))
    made[:] = content
    return made


def mapped_array(values: list[float]) -> np.memmap:
    with tempfile.TemporaryFile() as file:
        made = np.memmap(file, dtype="f8", mode="w+", shape=(len(values),))
    made[:] = values
    return made


def queued(*items: object) -> queue.Queue:
    made: queue.Queue = queue.Queue()
    for item in items:
        made.put(item)
    return made


def set_level(logger: logging.Logger, level: int) -> logging.Logger:
    logger.setLevel(level)
    return logger


def tagged(made: typing.Any, tag: object) -> object:
    made.tag = tag
    return made


def shared_in_list(part: object) -> list[object]:
    return [[part], part]


def in_circle(part: object) -> Plain:
    made = Plain()
    made.value = [part, made]
    return made


def family(children: int) -> Plain:
    """Children that know their parent, which keeps them in a set."""
    made = Plain(set())
    for number in range(children):
        child = Plain(number)
        child.parent = made
        made.value.add(child)
    return made


def asked(made: typing.Any) -> object:
    """A sparse array that was asked about its indices, and keeps the answer."""
    _ = made.has_sorted_indices, made.has_canonical_format
    return made


def summed(made: typing.Any) -> object:
    made.sum_duplicates()
    return made


def seeded(make: typing.Callable[[], object]) -> object:
    import torch

    torch.manual_seed(0)
    return make()
