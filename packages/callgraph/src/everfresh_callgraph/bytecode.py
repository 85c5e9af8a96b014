"""Code object -> instructions, with operands decoded as each Python version packs them."""

from __future__ import annotations

import opcode
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

VERSION = sys.version_info[:2]
EXTENDED_ARG, CACHE = opcode.opmap["EXTENDED_ARG"], opcode.opmap["CACHE"]
NAMES = opcode.opname

# How many flag bits lie below the index into co_names: the compiler packs call and error hints there.
NAME_SHIFT = {"LOAD_GLOBAL": 1}
if VERSION >= (3, 12):
    NAME_SHIFT |= {"LOAD_ATTR": 1, "LOAD_SUPER_ATTR": 2}

HAS_NAME = frozenset(NAMES[op] for op in opcode.hasname)
HAS_CONST = frozenset(NAMES[op] for op in opcode.hasconst)
HAS_FREE = frozenset(NAMES[op] for op in opcode.hasfree)
HAS_JUMP = frozenset(NAMES[op] for op in (*opcode.hasjrel, *opcode.hasjabs))


def instructions(code: CodeType) -> Iterator[tuple[int, str, int]]:
    """Give (offset, name, argument) of each instruction; long arguments joined, inline caches left out."""
    raw = code.co_code  # never _co_code_adaptive: the interpreter rewrites that one as it runs
    extended = 0
    for offset in range(0, len(raw), 2):
        op, argument = raw[offset], raw[offset + 1]
        if op == EXTENDED_ARG:
            extended = (extended | argument) << 8
        elif op != CACHE:
            yield offset, NAMES[op], extended | argument
            extended = 0
        # A CACHE entry keeps `extended` as it is: none can stand between EXTENDED_ARG and its instruction.


# Whether two instructions fuse into one depends on the lines they stand on (3.13), so each is taken as two again.
FUSED = {
    "LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"),
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": ("LOAD_FAST", "LOAD_FAST"),
    "STORE_FAST_LOAD_FAST": ("STORE_FAST", "LOAD_FAST"),
    "STORE_FAST_STORE_FAST": ("STORE_FAST", "STORE_FAST"),
}


# Whether a reference is borrowed (3.14) is between the compiler and the collector of garbage.
SAME = {"LOAD_FAST_BORROW": "LOAD_FAST"}


def split(steps: Iterable[tuple[int, str, int]]) -> Iterator[tuple[int, str, int]]:
    """The same instructions with fused ones taken apart, at the offset of the whole, and variants under one name."""
    for offset, op, argument in steps:
        if op in FUSED:
            first, second = FUSED[op]
            yield offset, first, argument >> 4
            yield offset, second, argument & 15
        else:
            yield offset, SAME.get(op, op), argument


NAMED = [SAME.get(name, name) for name in NAMES]
FUSED_NUMBERS = frozenset(opcode.opmap[name] for name in FUSED if name in opcode.opmap)


def steps(code: CodeType) -> list[tuple[int, str, int]]:
    """The instructions of `code`, split. They are asked for several times in a row, so the last ones are kept."""
    kept = _KEPT.get(id(code))
    if kept is None:
        if len(_KEPT) >= LIMIT:
            _KEPT.clear()
        kept = _KEPT[id(code)] = code, _steps(code)
    return kept[1]


LIMIT = 256
# By id, with the code object, so that its id is not reused.
_KEPT: dict[int, tuple[CodeType, list[tuple[int, str, int]]]] = {}


def _steps(code: CodeType) -> list[tuple[int, str, int]]:
    raw = code.co_code
    ops = raw[::2]
    if EXTENDED_ARG in ops or not FUSED_NUMBERS.isdisjoint(ops):
        return list(split(instructions(code)))
    # CACHE is 0, and no other is.
    pairs = zip(range(0, len(raw), 2), ops, raw[1::2], strict=True)
    return [(offset, NAMED[op], argument) for offset, op, argument in pairs if op]


def name_of(code: CodeType, op: str, argument: int) -> str:
    """The name in `co_names` that the instruction means."""
    return code.co_names[argument >> NAME_SHIFT.get(op, 0)]


def name_flags(op: str, argument: int) -> int:
    """The bits that are packed below the index of the name."""
    return argument & ((1 << NAME_SHIFT.get(op, 0)) - 1)


def jump_target(raw: bytes, offset: int, op: str, argument: int) -> int:
    """The byte offset in `co_code` that a jump leads to. Distances count from behind the jump and its inline caches."""
    after = offset + 2
    while after < len(raw) and raw[after] == CACHE:
        after += 2
    return after - 2 * argument if "BACKWARD" in op else after + 2 * argument


def exceptions(code: CodeType) -> Iterator[tuple[int, int, int, int]]:
    """Rows (start, end, handler, depth and flag) of the exception table, places in bytes.

    The format is told in CPython's Objects/exception_handling_notes.txt: numbers of six bits a byte, highest first.
    """
    numbers = _numbers(code.co_exceptiontable)
    for start in numbers:
        length, handler, depth = next(numbers), next(numbers), next(numbers)
        yield 2 * start, 2 * (start + length), 2 * handler, depth


def _numbers(table: bytes) -> Iterator[int]:
    value = 0
    for byte in table:
        value = value << 6 | byte & 0x3F
        if not byte & 0x40:
            yield value
            value = 0


def variables(code: CodeType) -> tuple[str, ...]:
    """Names by the index that local, cell and free variable instructions use."""
    cells = tuple(name for name in code.co_cellvars if name not in code.co_varnames)
    return (*code.co_varnames, *cells, *code.co_freevars)


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code objects that stand among the constants: inner functions, lambdas, comprehensions, class bodies."""
    for constant in code.co_consts:
        if type(constant) is type(code):
            yield constant


def pushed(op: str, argument: int) -> int:
    """How many values an instruction leaves on the stack more than it takes; what calls keep there besides is none."""
    if op in PUSH_ONE:
        return 1
    if op in REPLACE_ONE:
        return 0
    return opcode.stack_effect(opcode.opmap[op], argument if opcode.opmap[op] >= opcode.HAVE_ARGUMENT else None)


PUSH_ONE = frozenset({"LOAD_GLOBAL"})
REPLACE_ONE = frozenset({"LOAD_METHOD", "LOAD_ATTR"})
