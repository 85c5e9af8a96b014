"""Two values or functions, at hand or recorded -> the smallest parts in which they differ."""

from __future__ import annotations

from itertools import islice

from everfresh_fingerprint.explaining.code import code_differences
from everfresh_fingerprint.explaining.difference import Difference, appeared, changed, rank, reordered, vanished
from everfresh_fingerprint.explaining.outline import PROGRAM, REACH, ROWS, Live, Outline, live_code
from everfresh_fingerprint.explaining.shown import SHAPED
from everfresh_fingerprint.functions import code_fingerprint
from everfresh_fingerprint.walked import CodeFingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from everfresh_fingerprint.explaining.difference import Seen

# So many differences are told, and so many levels looked into.
LIMIT, DEEPEST = 100, 60

SEQUENCES = frozenset({"list", "tuple"})
CODE = {PROGRAM, REACH}
UNORDERED = frozenset({"set", "frozenset"})

# Of arrays and tables: parts from which the others follow, and which are told alone; and one that follows from them.
FIRST = frozenset({".dtype", ".shape", " order", " rows"})
LAST = frozenset({".columns"})


def explain(old: object, new: object) -> tuple[Difference, ...]:
    """Say in which smallest parts two values or functions differ: what changed, what appeared, what vanished.

    Each may be the thing itself, a `CodeFingerprint`, or an `Outline` that was recorded earlier, by this process or
    another. Nothing is told where the fingerprints are equal, and at most a hundred differences where they are not.

    >>> for difference in explain({"scale": 3, "names": ["a", "b"]}, {"scale": 4, "names": ["a"]}):
    ...     print(difference)
    ['scale']: 3 -> 4
    ['names'][1] vanished: 'b'
    """
    one, other = _seen(old, new), _seen(new, old)
    found = islice(_Comparison().parts(one, other, ""), LIMIT)
    return tuple(sorted(dict.fromkeys(found), key=rank))


def _seen(subject: object, other: object) -> Seen:
    if isinstance(subject, Outline):
        return subject
    if isinstance(subject, CodeFingerprint):
        return Live("", subject.graph.root.subject) if _kind(other) == PROGRAM else live_code(subject)
    if isinstance(other, CodeFingerprint) or _kind(other) == REACH:
        return live_code(code_fingerprint(subject))
    return Live("", subject)


def _kind(subject: object) -> str:
    return subject.kind if isinstance(subject, Outline) else ""


class _Comparison:
    """Goes down only where digests differ, and into each pair of parts once."""

    def __init__(self) -> None:
        self.met: dict[tuple[bytes, bytes], str | None] = {}  # None while a pair is being looked into
        self.depth = 0

    def parts(self, old: Seen, new: Seen, base: str) -> Iterator[Difference]:
        """The differences between two parts that stand below `base`: at least one, unless the two are the same."""
        if old.digest == new.digest:
            return
        path = base + (new.name or old.name)
        pair = old.digest, new.digest
        if not _has_parts(old, new) or self.depth >= DEEPEST:
            yield changed(old, new, path)
        elif pair not in self.met:
            self.met[pair] = None
            yield from self.inside(old, new, base, path)
            self.met[pair] = path
        elif self.met[pair] is not None:
            yield Difference(path, "likewise", str(self.met[pair]), "")

    def inside(self, old: Seen, new: Seen, base: str, path: str) -> Iterator[Difference]:
        """Where no part differs it is the whole: that parts agree does not make wholes agree."""
        nothing = old.kind == new.kind
        self.depth += 1
        for difference in self.within(old, new, base if new.kind == ROWS else path):
            nothing = False
            yield difference
        self.depth -= 1
        if nothing:
            yield changed(old, new, path)

    def within(self, old: Seen, new: Seen, path: str) -> Iterator[Difference]:
        if new.kind in CODE:
            return code_differences(old, new, self.parts)
        if new.kind in SEQUENCES:
            return self.sequence(old, new, path)
        return self.named(old, new, path)

    def sequence(self, old: Seen, new: Seen, path: str) -> Iterator[Difference]:
        """What stands before and behind the change is left out; between, places are compared one by one."""
        befores, afters = _middle(old, new)
        for before, after in zip(befores, afters, strict=False):
            yield from self.parts(before, after, path)
        shared = min(len(befores), len(afters))
        if old.whole:
            yield from (appeared(one, path + one.name) for one in afters[shared:])
        if new.whole:
            yield from (vanished(one, path + one.name) for one in befores[shared:])

    def named(self, old: Seen, new: Seen, path: str) -> Iterator[Difference]:
        if new.kind.partition(".")[0] not in SHAPED:
            return self.matched(old, new, _by_name(old, _is_any), _by_name(new, _is_any), path)
        found: list[Difference] = []
        for turn in (_is_first, _is_usual, _is_last):
            found = found or list(self.matched(old, new, _by_name(old, turn), _by_name(new, turn), path))
        return iter(found)

    def matched(
        self, old: Seen, new: Seen, befores: dict[str, Seen], afters: dict[str, Seen], path: str
    ) -> Iterator[Difference]:
        common = [name for name in afters if name in befores]
        blocks = [name for name in common if afters[name].kind == ROWS and befores[name].digest != afters[name].digest]
        if len(blocks) > 1:  # spread over the whole array: there is no small part to name
            return
        for name in common:
            yield from self.parts(befores[name], afters[name], path)
        if old.whole:
            yield from (appeared(afters[name], path + name) for name in afters if name not in befores)
        if new.whole:
            yield from (vanished(befores[name], path + name) for name in befores if name not in afters)
        ordered = [name for name in befores if name in afters]
        if ordered != common and new.kind not in UNORDERED:
            yield reordered(new, path, ordered, common)


def _has_parts(old: Seen, new: Seen) -> bool:
    alike = old.kind == new.kind or {old.kind, new.kind} == CODE
    return alike and bool(old.parts) and bool(new.parts)


def _middle(old: Seen, new: Seen) -> tuple[Sequence[Seen], Sequence[Seen]]:
    befores, afters = old.parts, new.parts
    start = _alike(befores, afters)
    befores, afters = befores[start:], afters[start:]
    end = _alike(befores[::-1], afters[::-1]) if old.whole and new.whole else 0
    return befores[: len(befores) - end], afters[: len(afters) - end]


def _alike(some: Sequence[Seen], others: Sequence[Seen]) -> int:
    """How many of the first parts agree."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((at for at, (one, other) in pairs if one.digest != other.digest), min(len(some), len(others)))


def _by_name(outline: Seen, turn: Callable[[Seen], bool]) -> dict[str, Seen]:
    return {part.name: part for part in outline.parts if turn(part)}


def _is_any(part: Seen) -> bool:
    return True


def _is_first(part: Seen) -> bool:
    return part.name in FIRST


def _is_usual(part: Seen) -> bool:
    return part.name not in FIRST and part.name not in LAST


def _is_last(part: Seen) -> bool:
    return part.name in LAST
