"""Value -> one part of a digest, bottom up, each of its parts once."""

from __future__ import annotations

from everfresh_callgraph import classes
from everfresh_callgraph.contents import is_code
from everfresh_callgraph.naming import sentinels

from everfresh_fingerprint import forms  # noqa: F401  (registers the core rules)
from everfresh_fingerprint.digest import seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, rule_for
from everfresh_fingerprint.forms.containers import sentinel
from everfresh_fingerprint.forms.reduced import is_stated, reduced
from everfresh_fingerprint.leaves import DIGEST, FEW, FLAT, LEAVES, MEMBER, flat, leaf, scalar
from everfresh_fingerprint.paths import spelled
from everfresh_fingerprint.references import References, order
from everfresh_fingerprint.shared import Known, first_of_each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from everfresh_fingerprint.form import Rule
    from everfresh_fingerprint.shared import Codes, Shared


class CycleError(Exception):
    """The value contains itself."""


def form_of(value: object) -> Form:
    """What a value is made of: by the rule for its exact type, else as pickle sees it."""
    rule = rule_for(type(value))
    form = _by_rule(rule, value) if rule else reduced(value)
    return form if form.ordered else Form(form.tag, sorted(form.parts, key=order), ordered=False)


def _by_rule(rule: Rule, value: object) -> Form:
    try:
        return rule(value)
    except UnfingerprintableError:
        raise
    except Exception as error:  # a package in a version that the rule does not know, a value that it broke
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise UnfingerprintableError(f"{kind} has no fingerprint ({type(error).__name__}: {error})") from error


def _by_key(pair: tuple[object, object]) -> tuple[object, bytes]:
    """In an order of their own, so that code among the values is met in the same order everywhere."""
    return order(pair[0]), Encoder().encode(pair[0])


class _Frame:
    """A value that is being taken apart."""

    __slots__ = ("form", "met", "parts", "rest", "value")

    def __init__(self, value: object, form: Form, met: int) -> None:
        self.value, self.form = value, form
        self.rest: Iterator[object] = iter(form.parts)
        self.parts: list[bytes] = []
        self.met = met  # how much code had been met before


class Encoder:
    """Encodes one value, on a stack of its own: neither depth nor sharing is a limit. `references` gathers code.

    With `shared`, what other values had in common with this one is taken from there, and the other way round; raises
    MisfitError where that does not fit.
    """

    def __init__(self, unordered: bool = False, shared: Shared | None = None) -> None:
        self.unordered, self.shared = unordered, None if unordered else shared
        self.references = References(shared.names if shared is not None else None)
        self.known: dict[int, bytes] = {}
        self.open: set[int] = set()
        self.enumerations: dict[type, dict[int, bytes]] = {}
        self.alive: list[object] = []  # what is known by id must not be collected before the end
        self.met: list[tuple[bytes, object]] = []  # the code within the frames, while it is shared
        self.codes: dict[int, Codes] = {}
        self.sentinels: dict[int, list[str]] | None = None

    def encode(self, value: object) -> bytes:
        """The part for the value. Raises CycleError where it contains itself."""
        part = self.simple(value)
        if part is not None:
            return part
        stack: list[_Frame] = []
        stack.append(self.enter(value, stack))
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
        """The part for a value that is a leaf, was taken apart before, or is code."""
        cls = type(value)
        if cls in LEAVES:
            return scalar(value)
        part = self.known.get(id(value))
        if part is None and self.shared is not None and id(value) in self.shared.known:
            part = self.taken(value, self.shared)
        if part is not None:
            if self.shared is not None:
                self.met += self.codes.get(id(value), ())
            return part
        if cls is dict and self.unordered:
            return None
        if cls in FLAT:
            return self.flat(value, cls)
        return self.code(value) if is_code(value) else self.member(value, cls) or leaf(value)

    def taken(self, value: object, shared: Shared) -> bytes:
        """The part that another value had in common with this one."""
        known = shared.fitting(value, self.references)
        self.codes[id(value)] = known.codes
        self.known[id(value)] = known.part
        return known.part

    def flat(self, value: object, cls: type) -> bytes | None:
        part = flat(value, cls)
        if part is not None and len(value) > FEW:  # type: ignore[arg-type]
            self.learn(value, part, (), part)
        return part

    def code(self, value: object) -> bytes:
        part = self.references(value)
        if self.shared is not None:
            self.met.append((part, value))
        return part

    def member(self, value: object, cls: type) -> bytes | None:
        """The part for a member of an enumeration: its class says what it is, so its name will do."""
        name = self.member_name(value, cls)
        return None if name is None else MEMBER + self.code(cls) + name

    def member_name(self, value: object, cls: type) -> bytes | None:
        if cls not in self.enumerations:
            self.enumerations[cls] = classes.members(cls) if not is_stated(cls) else {}
        return self.enumerations[cls].get(id(value))

    def is_simple(self, value: object) -> bool:
        """Whether a value has a part and a colour without being taken apart."""
        cls = type(value)
        if cls in LEAVES or id(value) in self.known or is_code(value):
            return True
        shared = self.shared.known.get(id(value)) if self.shared is not None else None
        if shared is not None and shared.colour is not None:
            return True
        if cls in FLAT:
            return self.flat(value, cls) is not None
        return leaf(value) is not None or self.member_name(value, cls) is not None

    def enter(self, value: object, stack: list[_Frame]) -> _Frame:
        if id(value) in self.open:
            raise CycleError
        self.open.add(id(value))
        try:
            form = self.form(value)
        except UnfingerprintableError as error:
            path = spelled((frame.form, len(frame.parts)) for frame in stack)
            raise error.within(path) from error.__cause__
        self.alive.append((value, form))
        return _Frame(value, form, len(self.met))

    def form(self, value: object) -> Form:
        if type(value) is object:
            return sentinel(value, self.named())
        if not self.unordered or type(value) is not dict:
            return form_of(value)
        pairs = sorted(value.items(), key=_by_key)
        return Form("dict in any order", [Form("pair", pair) for pair in pairs], ordered=False)

    def named(self) -> dict[int, list[str]]:
        """The variables that name bare objects: all modules are looked through once."""
        keeper = self.shared or self
        if keeper.sentinels is None:
            keeper.sentinels = sentinels()
        return keeper.sentinels

    def leave(self, frame: _Frame) -> bytes:
        parts = frame.parts if frame.form.ordered else sorted(frame.parts)
        part = DIGEST + seal(frame.form.tag, parts)
        self.open.remove(id(frame.value))
        if self.shared is None:
            self.known[id(frame.value)] = part
            return part
        codes = self.met[frame.met :] = first_of_each(self.met[frame.met :])
        self.learn(frame.value, part, codes, None if codes else part)
        return part

    def learn(self, value: object, part: bytes, codes: Codes, colour: bytes | None) -> None:
        """Remember the part for a value, and for others that share it."""
        self.known[id(value)] = part
        if self.shared is not None:
            self.codes[id(value)] = codes
            if type(value) is not Form:
                self.shared.known[id(value)] = Known(value, part, codes, colour)

    def forget_met(self) -> Codes:
        """The code that was met since, once each."""
        codes = first_of_each(self.met)
        self.met.clear()
        return codes
