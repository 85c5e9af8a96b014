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
    instructions,
    jump_target,
    name_flags,
    name_of,
    nested,
    split,
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
    steps = list(_without_notes(code))
    return seal("code", [_head(code), *_body(code, steps), _handlers(code, steps)])


def _head(code: CodeType) -> bytes:
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    shown = code.co_varnames if _sees_locals(code) else code.co_varnames[:arguments]
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & FLAGS)
    return dumps((code.co_name, counts, shown), 2)


def _sees_locals(code: CodeType) -> bool:
    return not SEES_LOCALS.isdisjoint(code.co_names) or any(map(_sees_locals, nested(code)))


def _without_notes(code: CodeType) -> Iterator[Step]:
    """Leave out what does nothing, and the pairs that store a class body's notes about its own text."""
    held: Step | None = None
    for step in split(instructions(code)):
        if step[1] in NO_OPERATION:
            continue
        if held and _is_note(code, step) and (held[1] in HAS_CONST or held[1] == "LOAD_SMALL_INT"):
            held = None
            continue
        if held:
            yield held
        held = step
    if held:
        yield held


def _is_note(code: CodeType, step: Step) -> bool:
    _, op, argument = step
    return op == "STORE_NAME" and name_of(code, op, argument) in NOTES


def _body(code: CodeType, steps: list[Step]) -> Iterator[bytes]:
    places = _places(steps)
    slots = variables(code)
    for offset, op, argument in steps:
        if op in HAS_CONST:
            yield op.encode() + _constant(code.co_consts[argument])
        elif op in HAS_NAME:
            yield f"{op} {name_flags(op, argument)} {name_of(code, op, argument)}".encode()
        elif op in HAS_FREE:
            yield f"{op} {slots[argument]}".encode()
        elif op in HAS_JUMP:
            yield f"{op} {_place(places, jump_target(code, offset, op, argument))}".encode()
        else:
            yield f"{op} {argument}".encode()


def _handlers(code: CodeType, steps: list[Step]) -> bytes:
    """The exception table with places in the cleaned stream in place of byte offsets."""
    places = _places(steps)
    rows = [(*(_place(places, at) for at in row[:3]), *row[3:]) for row in exceptions(code)]
    return dumps(tuple(rows), 2)


def _places(steps: list[Step]) -> list[int]:
    """Offsets of the steps: the place of a step in the stream is its index."""
    return [offset for offset, _, _ in steps]


def _place(places: list[int], offset: int) -> int:
    """The ordinal of the first step at or behind an offset: what was left out before it moves nothing."""
    return bisect_left(places, offset)


def _constant(value: object) -> bytes:
    if isinstance(value, CodeType):
        return b"\xff" + code_digest(value)
    if isinstance(value, slice):  # a constant since 3.14, and new to marshal
        return b"slice" + _constant((value.start, value.stop, value.step))
    return dumps(value, 2)  # type: ignore[arg-type]  # of constants version 2 writes type and value, and sorts frozensets
