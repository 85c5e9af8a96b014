"""Strings that are turned into names: which names they are, where they are constant, and where they are not."""

from __future__ import annotations

from operator import attrgetter, methodcaller

from everfresh_callgraph.bytecode import HAS_CONST, HAS_JUMP, pushed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

# These turn a string into a name: a constant string counts as a name, a computed one as any name.
GETTERS = frozenset("getattr hasattr attrgetter methodcaller getattr_static __getattribute__ __getattr__".split())
# Of these the last argument, beside a default, is the name.
LAST = frozenset("getattr hasattr getattr_static __getattribute__ __getattr__".split())
WITH_DEFAULT = frozenset({"getattr", "hasattr", "getattr_static"})
IMPORTERS = frozenset("__import__ import_module".split())
BY_STRING = GETTERS | IMPORTERS | {"globals", "environ", "getenv"}
# These give all names at once.
WHOLESALE = frozenset("vars locals dir eval exec __dict__ getmembers getmembers_static".split())

# These give more than names and values: docstrings, names of functions.
ANYTHING = frozenset("eval exec getmembers getmembers_static".split())

COMPUTED_IMPORT = "an import by a computed name"

# Instructions that neither load nor do anything of their own.
IDLE = frozenset({"PRECALL", "PUSH_NULL", "KW_NAMES", "NOP", "NOT_TAKEN", "RESUME"})
SIMPLE = ("LOAD_CONST", "LOAD_SMALL_INT", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF")
ONE_VARIABLE = ("get", "pop", "setdefault", "__getitem__", "getenv")
SUBSCRIPTS = ("BINARY_SUBSCR", "BINARY_OP")


# Recognized by their names in the code; under another name they turn any string into a name unseen. Their ids are
# good for as long as the interpreter runs.
_BY_NAME = (getattr, hasattr, vars, dir, globals, locals, eval, exec, __import__, attrgetter, methodcaller)
OWN_NAMES = {id(one): one.__name__ for one in _BY_NAME}


def is_disguised(subject: object, spelled: str) -> bool:
    """Whether the code calls a reflective function by a name that is not its own."""
    return OWN_NAMES.get(id(subject), spelled) != spelled


def gives_values(subject: object) -> bool:
    """Whether a reflective function gives names and values alone, and nothing about code."""
    return subject in (vars, dir, globals, locals)


def constant_of(code: CodeType, step: tuple[int, str, int]) -> object:
    """The constant that an instruction loads; for others, their bare argument."""
    _, op, argument = step
    return code.co_consts[argument] if op in HAS_CONST else argument


class Asked:
    """What one code object asks for by string. Whatever is not seen to be a constant counts as computed."""

    def __init__(self, code: CodeType, steps: list[tuple[int, str, int]]) -> None:
        self.code, self.steps = code, steps
        self.imports: set[str] = set()
        self.blind: set[str] = set()
        self.computed = self.anything = self.environment = False

    def join(self, below: Any) -> None:
        """Take over what nested code asks for, from its References."""
        self.imports |= below.imports
        self.blind |= below.blind
        self.computed |= below.computed
        self.anything |= below.anything
        self.environment |= below.environment

    def note(self, name: tuple[str, ...], place: int) -> None:
        """A name was read; what is done with it begins at this place."""
        last = name[-1]
        if last in GETTERS:
            self.anything |= self._strings(place, last) is None
            self.computed |= self.anything
        elif last in IMPORTERS:
            strings = self._strings(place, last)
            self.imports |= set(strings or ())
            if strings is None:
                self.blind.add(COMPUTED_IMPORT)
        elif last == "globals":
            self.computed |= not self._is_constant_item(place + 1)
        elif last in ("environ", "getenv") or name[-2:-1] == ("environ",):
            self._environment(last, place)

    def _environment(self, last: str, place: int) -> None:
        """`environ[name]` and `environ.get(name)` ask for one variable, anything else for all."""
        if last == "environ":
            self.environment |= not any(self._op(place + 1 + more) in SUBSCRIPTS for more in range(3))
            computed = not self.environment and not self._is_constant_item(place)
        else:
            self.environment |= last not in ONE_VARIABLE
            computed = last in ONE_VARIABLE and self._strings(place, last) is None
        if computed:
            self.blind.add("an environment variable by a computed name")

    def _strings(self, place: int, function: str) -> list[str] | None:
        """The constant strings in the call of what was just read, None where it or they are not plain to see."""
        call = self._call(place)
        return None if call is None else self._arguments(call, self.steps[call][2], function)

    def _call(self, place: int) -> int | None:
        """Where the function that was read before this place is called: none where it is passed on, kept, or picked."""
        depth = 0
        for at in range(place, len(self.steps)):
            _, op, count = self.steps[at]
            if op == "CALL":
                if depth == count:
                    return at
                depth -= count
            elif op in HAS_JUMP or op.startswith(("CALL_", "STORE_", "RETURN")):
                return None
            else:
                depth += pushed(op, count)
            if depth < 0:
                return None
        return None

    def _arguments(self, call: int, count: int, function: str) -> list[str] | None:
        most = 3 if function in WITH_DEFAULT else 2 if function in ONE_VARIABLE else count + 1
        if count == most:
            call, count = call - 1, most - 1  # the default, where it is one plain load
            if self._op(call) not in SIMPLE:
                return None
        wanted = 1 if function in LAST or function in IMPORTERS or function == "methodcaller" else count
        if function in IMPORTERS and count != 1:
            return None
        strings = [self._string(at) for at in range(call - wanted, call)]
        return None if None in strings else [one for one in strings if one is not None]

    def _is_constant_item(self, place: int) -> bool:
        """Whether `["name"]` follows at once."""
        return self._string(place) is not None and self._op(place + 1) in SUBSCRIPTS

    def _string(self, place: int) -> str | None:
        constant = constant_of(self.code, self.steps[place]) if 0 <= place < len(self.steps) else None
        return constant if isinstance(constant, str) else None

    def _op(self, place: int) -> str:
        return self.steps[place][1] if 0 <= place < len(self.steps) else ""
