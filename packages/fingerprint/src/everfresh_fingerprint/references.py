"""The code that a value holds: functions, classes, modules. Each stands in the value's digest by name and number."""

from __future__ import annotations

from types import FunctionType

from everfresh_callgraph.bytecode import nested
from everfresh_callgraph.naming import qualified

from everfresh_fingerprint.code import code_digest
from everfresh_fingerprint.digest import digest
from everfresh_fingerprint.leaves import CODE, leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # By id: the code, what it has in common with its twins, the digest of its name.
    Names = dict[int, tuple[object, object, bytes]]


class References:
    """Gives each function, class and module its part: its own name, and a number among those of that name.

    So the order in which code is met shows only among namesakes. What the code does is left to whoever asks. `names`
    keeps what is found out about code for others.
    """

    def __init__(self, names: Names | None = None) -> None:
        self._names: Names = {} if names is None else names
        self._parts: dict[int, tuple[bytes, object]] = {}
        self._twins: dict[object, bytes] = {}
        self._counts: dict[bytes, int] = {}

    def __call__(self, code: object) -> bytes:
        known = self._parts.get(id(code))
        if known is None:
            known = self._parts[id(code)] = self._part(code), code
        return known[0]

    def _part(self, code: object) -> bytes:
        named = self._names.get(id(code))
        if named is None:
            named = self._names[id(code)] = code, _twin(code), _name_of(code)
        _, twin, name = named
        if twin in self._twins:
            return self._twins[twin]
        number = self._counts[name] = self._counts.get(name, -1) + 1
        part = CODE + name + number.to_bytes(4, "little")
        self._twins[twin] = part
        return part

    def met(self) -> tuple[object, ...]:
        """The code, one for each part, in the order of the parts."""
        first: dict[bytes, object] = {}
        for part, code in self._parts.values():
            first.setdefault(part, code)
        return tuple(first[part] for part in sorted(first))


def _name_of(code: object) -> bytes:
    return digest(qualified(code).rpartition(".")[2].encode(errors="surrogatepass"))


def _twin(code: object) -> object:
    """What two functions have in common that nothing but their identity tells apart; for other code its identity."""
    if type(code) is not FunctionType or code.__closure__ or code.__defaults__ or code.__kwdefaults__:
        return id(code)
    if code.__dict__ or any(True for _ in nested(code.__code__)) or getattr(code, "__annotate__", None):
        return id(code)
    if code.__annotations__:
        return id(code)
    return (code_digest(code.__code__), code.__qualname__, code.__module__, code.__doc__, id(code.__globals__))


def order(part: object) -> tuple[str, str, bytes]:
    """Where an unordered part is put before it is looked into: namesakes should be met in the same order everywhere."""
    kind = type(part)
    if kind is FunctionType:
        return "function", qualified(part), _held(part)  # type: ignore[arg-type]
    return _name(kind), _name(part) if issubclass(kind, type) else "", b""


def _held(function: FunctionType) -> bytes:
    """What the function does, and the plain values that it carries along."""
    try:
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
    except ValueError:  # one is not filled yet
        cells = []
    values = (*cells, *(function.__defaults__ or ()))
    return b"".join([code_digest(function.__code__), *(leaf(one) or _name(type(one)).encode() for one in values)])


def _name(cls: Any) -> str:
    """By the type itself: a metaclass may answer anything."""
    return f"{vars(cls).get('__module__')}.{type.__getattribute__(cls, '__qualname__')}"
