"""Value -> one part of a digest, bottom up, each of its parts once."""

from __future__ import annotations

from everfresh_callgraph.contents import is_code
from everfresh_callgraph.naming import qualified

from everfresh_fingerprint import forms  # noqa: F401  (registers the core rules)
from everfresh_fingerprint.digest import seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, rule_for
from everfresh_fingerprint.forms.reduced import reduced
from everfresh_fingerprint.leaves import CODE, DIGEST, leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class CycleError(Exception):
    """The value contains itself."""


def form_of(value: object) -> Form:
    """What a value is made of: by the rule for its exact type, else as pickle sees it."""
    rule = rule_for(type(value))
    return rule(value) if rule else reduced(value)


class References:
    """The code that a value holds, numbered as it is met."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[int, object]] = {}

    def __call__(self, code: object) -> bytes:
        number, _ = self._met.setdefault(id(code), (len(self._met), code))
        return CODE + number.to_bytes(4, "little")

    def __iter__(self) -> Iterator[object]:
        return (code for _, code in self._met.values())

    def __len__(self) -> int:
        return len(self._met)


class _Frame:
    """A value that is being taken apart."""

    __slots__ = ("form", "parts", "rest", "value")

    def __init__(self, value: object, form: Form) -> None:
        self.value, self.form = value, form
        self.rest: Iterator[object] = iter(form.parts)
        self.parts: list[bytes] = []


class Encoder:
    """Encodes one value, on a stack of its own: neither depth nor sharing is a limit. `references` gathers code."""

    def __init__(self) -> None:
        self.references = References()
        self.known: dict[int, bytes] = {}
        self.open: dict[int, None] = {}
        self.alive: list[object] = []  # what is known by id must not be collected before the end

    def encode(self, value: object) -> bytes:
        """The part for the value. Raises CycleError where it contains itself."""
        part = self.simple(value)
        if part is not None:
            return part
        stack = [self.enter(value, [])]
        while True:
            frame = stack[-1]
            for item in frame.rest:
                part = self.simple(item)
                if part is None:
                    stack.append(self.enter(item, stack))
                    break
                frame.parts.append(part)
            else:
                stack.pop()
                part = self.leave(frame)
                if not stack:
                    return part
                stack[-1].parts.append(part)

    def simple(self, value: object) -> bytes | None:
        """The part for a value that is a leaf, is code, or was taken apart before."""
        part = leaf(value)
        if part is None:
            part = self.references(value) if is_code(value) else self.known.get(id(value))
        return part

    def enter(self, value: object, stack: list[_Frame]) -> _Frame:
        if id(value) in self.open:
            raise CycleError
        self.open[id(value)] = None
        try:
            form = form_of(value)
        except UnfingerprintableError as error:
            raise error.within(_path(stack)) from error.__cause__
        if not form.ordered:
            form = Form(form.tag, self.ranked(form.parts))
        self.alive.append((value, form))
        return _Frame(value, form)

    def leave(self, frame: _Frame) -> bytes:
        part = self.known[id(frame.value)] = DIGEST + seal(frame.form.tag, frame.parts)
        del self.open[id(frame.value)]
        return part

    def ranked(self, parts: Sequence[object]) -> list[object]:
        """Put unordered parts in an order that is the same everywhere: by what each is, were it alone."""
        ranks = []
        for part in parts:
            alone = Encoder()
            alone.open = self.open
            rank = alone.encode(part)
            if not alone.references:
                self.known[id(part)] = rank
                self.alive.append(part)
            ranks.append((rank, [qualified(one) for one in alone.references]))
        return [parts[index] for index in sorted(range(len(ranks)), key=ranks.__getitem__)]


def _path(stack: list[_Frame]) -> str:
    """Where the value that is being entered stands, as a person would write it."""
    steps = []
    for outer, frame in zip((None, *stack), stack, strict=False):
        at = len(frame.parts)
        if frame.form.tag in ("dict", "mappingproxy"):
            key = frame.form.parts[at - at % 2]
            steps.append(f".{key}" if outer and outer.form.tag == "object" else f"[{key!r}]")
        elif frame.form.tag in ("list", "tuple"):
            steps.append(f"[{at}]")
    return "".join(steps)
