"""Code object -> digest of what it does: free of file, lines, docstring, annotations and the names of locals."""

from __future__ import annotations

from bisect import bisect_left
from marshal import dumps
from types import CodeType

from everfresh_callgraph.bytecode import (
    HAS_CONST,
    HAS_FREE,
    HAS_JUMP,
    HAS_NAME,
    exceptions,
    jump_target,
    name_flags,
    name_of,
    nested,
    steps,
    variables,
)

from everfresh_fingerprint.digest import Digest, seal
from everfresh_fingerprint.facts import known_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Step = tuple[int, str, int]

NO_OPERATION = frozenset({"NOP", "NOT_TAKEN"})

# What a class body notes about its own text.
NOTES = frozenset({"__doc__", "__firstlineno__", "__static_attributes__"})

# *args, **kwargs, generator, coroutine, iterable coroutine, asynchronous generator.
FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200

# Who uses one of these can see the names of local variables.
SEES_LOCALS = frozenset("locals vars dir eval exec _getframe currentframe stack format_map".split())


def code_digest(code: CodeType) -> Digest:
    """Digest what the code does; kept, since code objects never change."""
    kept = _KEPT.get(id(code))
    if kept is None:
        # The code object is kept beside its digest, so that its id cannot be reused while the row stands.
        kept = _KEPT[id(code)] = (code, known_digest(code) or _digest(code))
    return kept[1]


_KEPT: dict[int, tuple[CodeType, Digest]] = {}


def _digest(code: CodeType) -> Digest:
    cleaned = _without_notes(code)
    places = [offset for offset, _, _ in cleaned]
    return seal("code", [_head(code), _written(list(_body(code, cleaned, places))), _handlers(code, places)])


def _head(code: CodeType) -> bytes:
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    shown = code.co_varnames if _sees_locals(code) else code.co_varnames[:arguments]
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & FLAGS)
    return dumps((code.co_name, counts, shown), 2)


def _sees_locals(code: CodeType) -> bool:
    return not SEES_LOCALS.isdisjoint(code.co_names) or any(map(_sees_locals, nested(code)))


def _without_notes(code: CodeType) -> list[Step]:
    """Leave out what does nothing, and the pairs that store a class body's notes about its own text."""
    active = [step for step in steps(code) if step[1] not in NO_OPERATION]
    if NOTES.isdisjoint(code.co_names):
        return active
    kept: list[Step] = []
    for step in active:
        if kept and _is_note(code, step) and (kept[-1][1] in HAS_CONST or kept[-1][1] == "LOAD_SMALL_INT"):
            kept.pop()
        else:
            kept.append(step)
    return kept


def _is_note(code: CodeType, step: Step) -> bool:
    _, op, argument = step
    return op == "STORE_NAME" and name_of(code, op, argument) in NOTES


def _body(code: CodeType, cleaned: list[Step], places: list[int]) -> Iterator[object]:
    """For each step its name and what it means: how many parts follow the name, the name tells."""
    slots: tuple[str, ...] = ()
    for offset, op, argument in cleaned:
        yield op
        kind = KINDS.get(op)
        if kind is None:
            yield argument
        elif kind == "name":
            yield name_flags(op, argument)
            yield name_of(code, op, argument)
        elif kind == "constant":
            yield _constant(code.co_consts[argument])
        elif kind == "jump":
            yield _place(places, jump_target(code.co_code, offset, op, argument))
        else:
            slots = slots or variables(code)
            yield slots[argument]


KINDS = dict.fromkeys(HAS_JUMP, "jump") | dict.fromkeys(HAS_FREE, "variable")
KINDS |= dict.fromkeys(HAS_NAME, "name") | dict.fromkeys(HAS_CONST, "constant")


def _written(body: list[object]) -> bytes:
    """Of these version 2 writes type and value, no identity; it sorts frozensets."""
    return dumps(body, 2)


def _handlers(code: CodeType, places: list[int]) -> bytes:
    """The exception table with places in the cleaned stream in place of byte offsets."""
    rows = [(*(_place(places, at) for at in row[:3]), *row[3:]) for row in exceptions(code)]
    return dumps(rows, 2) if rows else b""


def _place(places: list[int], offset: int) -> int:
    """The ordinal of the first step at or behind an offset: what was left out before it moves nothing."""
    return bisect_left(places, offset)


def _constant(value: object) -> object:
    """As marshal can write it: in a list, as no constant is, what else it would not tell apart."""
    kind = type(value)
    if kind is CodeType:
        return ["code", bytes(code_digest(value))]  # type: ignore[arg-type]
    if kind is slice:  # a constant since 3.14, and new to marshal
        return ["slice", *map(_constant, (value.start, value.stop, value.step))]  # type: ignore[attr-defined]
    if kind is tuple:
        return tuple(map(_constant, value))  # type: ignore[call-overload]
    return value
