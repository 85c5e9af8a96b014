"""Value -> what it is, in sixteen bytes, and the code that it holds. Functions and classes are left to whoever asks."""

from __future__ import annotations

from marshal import dumps
from types import EllipsisType, NoneType

from everfresh_callgraph.contents import is_code
from everfresh_callgraph.model import Scanned
from everfresh_callgraph.naming import qualified

from everfresh_fingerprint import forms  # noqa: F401  (registers the core rules)
from everfresh_fingerprint.digest import Digest, digest, seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, rule_for
from everfresh_fingerprint.forms.reduced import reduced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Of exactly these types (never a subclass) marshal's version 2 writes type and value, and nothing else: no identity,
# no interning. Other types it would flatten: any buffer becomes bytes.
LEAVES = frozenset({int, float, complex, str, bytes, bool, NoneType, EllipsisType})
FLAT = frozenset({list, tuple, set, frozenset, dict})

# The first byte of a part tells what it is; marshal's own codes are ASCII, so these cannot be taken for one.
NAN = float("nan")

DIGEST, CODE, NODE = b"\xff", b"\xfe", b"\xfd"


def describe(value: object) -> Scanned:
    """Digest a value: equal for equal values in every process, different for different ones.

    `summary` is the digest, in which the code that the value holds (functions, classes, modules) stands as the first,
    second ... of `references`. Sharing does not count: a list twice and two equal lists are the same.
    """
    if type(value) in LEAVES:
        return Scanned(digest(_leaf(value)), (), immutable=True)
    try:
        encoder = _Encoder()
        part = encoder.encode(value)
    except _CycleError:
        encoder = _CyclicEncoder()
        part = encoder.encode(value)
    return Scanned(seal("value", [part]), encoder.references, immutable=False)


class _CycleError(Exception):
    """The value contains itself."""


class _Frame:
    """A value that is being taken apart."""

    __slots__ = ("form", "parts", "rest", "value")

    def __init__(self, value: object, form: Form) -> None:
        self.value, self.form = value, form
        self.rest: Iterator[object] = iter(form.parts)
        self.parts: list[bytes] = []


class _Encoder:
    """Bottom up, each part once, on a stack of its own: neither depth nor sharing is a limit."""

    def __init__(self) -> None:
        self.met: dict[int, tuple[int, object]] = {}
        self.known: dict[int, bytes] = {}
        self.open: dict[int, None] = {}
        self.alive: list[object] = []  # what is known by id must not be collected before the end

    def encode(self, value: object) -> bytes:
        part = self.leaf(value)
        if part is not None:
            return part
        stack = [self.enter(value, [])]
        while True:
            frame = stack[-1]
            for item in frame.rest:
                part = self.leaf(item)
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

    def leaf(self, value: object) -> bytes | None:
        """The part for a value that needs no taking apart."""
        cls = type(value)
        if cls in LEAVES:
            return _leaf(value)
        if cls in FLAT and _is_flat(value, cls):
            return DIGEST + digest(dumps(value, 2))  # type: ignore[arg-type]
        if cls is Digest:
            return DIGEST + value  # type: ignore[operator]
        if is_code(value):
            return self.reference(value)
        return self.known.get(id(value))

    def reference(self, code: object) -> bytes:
        ordinal, _ = self.met.setdefault(id(code), (len(self.met), code))
        return CODE + ordinal.to_bytes(4, "little")

    @property
    def references(self) -> tuple[object, ...]:
        return tuple(code for _, code in self.met.values())

    def enter(self, value: object, stack: list[_Frame]) -> _Frame:
        if id(value) in self.open:
            raise _CycleError
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

    def ranked(self, parts: object) -> list[object]:
        """Put unordered parts in an order that is the same everywhere: by what each is, were it alone."""
        ranks = []
        for part in parts:  # type: ignore[attr-defined]
            alone = _Encoder()
            alone.open = self.open
            rank = alone.encode(part)
            if not alone.references:
                self.known[id(part)] = rank
                self.alive.append(part)
            ranks.append((rank, [qualified(one) for one in alone.references]))
        return [parts[index] for index in sorted(range(len(ranks)), key=ranks.__getitem__)]  # type: ignore[index]


class _CyclicEncoder(_Encoder):
    """Of a value that contains itself: its parts numbered as they are met, each naming its own parts by number.

    Here sharing shows, for in a cycle it cannot be told from repetition.
    """

    def encode(self, value: object) -> bytes:
        numbers = {id(value): 0}
        met: list[object] = [value]
        rows: list[bytes] = []
        for one in met:
            self.open.clear()
            form = self.enter(one, []).form
            row = []
            for item in form.parts:
                part = self.leaf(item)
                if part is None:
                    if id(item) not in numbers:
                        numbers[id(item)] = len(met)
                        met.append(item)
                    part = NODE + numbers[id(item)].to_bytes(8, "little")
                row.append(part)
            rows.append(seal(form.tag, row))
        return DIGEST + seal("cyclic", rows)

    def ranked(self, parts: object) -> list[object]:
        try:
            return super().ranked(parts)
        except _CycleError:
            raise UnfingerprintableError(
                "a set takes part in a cycle, so its parts cannot be put in an order"
            ) from None


def _leaf(value: object) -> bytes:
    """One spelling for every NaN: which of them an operation gives depends on the processor."""
    same = value == value or type(value) is not float  # noqa: PLR0124
    return dumps(value if same else NAN, 2)  # type: ignore[arg-type]


def form_of(value: object) -> Form:
    """What a value is made of: by the rule for its exact type, else as pickle sees it."""
    rule = rule_for(type(value))
    return rule(value) if rule else reduced(value)


def _is_flat(value: object, cls: type) -> bool:
    """Whether a container holds leaves only, so that marshal can write it whole (sets sorted, since Python 3.11)."""
    if cls is dict:
        return LEAVES.issuperset(map(type, value)) and LEAVES.issuperset(map(type, value.values()))  # type: ignore[attr-defined, call-overload]
    return LEAVES.issuperset(map(type, value))  # type: ignore[call-overload]


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
