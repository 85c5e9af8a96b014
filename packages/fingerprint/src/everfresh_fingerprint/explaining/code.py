"""Two outlines of code -> which functions, globals and packages changed, and which names mean something else now."""

from __future__ import annotations

from everfresh_fingerprint.explaining.difference import ABSENT, Difference, diff, texts
from everfresh_fingerprint.explaining.reached import INTERPRETER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from everfresh_fingerprint.explaining.difference import Seen

    Values: TypeAlias = Callable[[Seen, Seen, str], Iterator[Difference]]

WRITTEN = frozenset({"function", "class"})
# What values hold and annotations name is seen in the values and annotations.
IMPLIED = frozenset({"holds", "annotations"})
CODE = WRITTEN | {"constant", "module", "version of", "environment"}


def code_differences(old: Seen, new: Seen, values: Values) -> Iterator[Difference]:
    """Compare what two functions reach, dependency by dependency; `values` compares two values below a path."""
    comparison = _Comparison(old, new)
    found = [*comparison.versions(), *comparison.contents(values), *comparison.meanings(), *comparison.rest()]
    yield from found or comparison.constants()


class _Comparison:
    def __init__(self, old: Seen, new: Seen) -> None:
        self.befores, self.afters = old.parts, new.parts
        self.pairs = _paired(self.befores, self.afters)
        self.matched = [(self.befores[one], self.afters[other]) for one, other in self.pairs.items()]
        self.differing = [pair for pair in self.matched if pair[0].digest != pair[1].digest]
        self.vanished = [at for at in range(len(self.befores)) if at not in self.pairs] if new.whole else []
        paired = set(self.pairs.values())
        self.appeared = [at for at in range(len(self.afters)) if at not in paired] if old.whole else []
        self.python, self.now = _python(self.befores), _python(self.afters)
        self.installed = _packages(self.befores).keys() | _packages(self.afters).keys()
        self.explained: set[str] = set()

    def versions(self) -> Iterator[Difference]:
        """Of a package that changed as a whole it is told once."""
        pins = [(one.text, other.text) for one, other in self.differing if _are_constant(one, other)]
        yield from (_version(*pin, self.python) for pin in dict.fromkeys(pins) if pin[0] != pin[1])

    def contents(self, values: Values) -> Iterator[Difference]:
        """Functions, classes and values that changed; what another Python only compiled anew did not."""
        for one, other in self.differing:
            if one.kind == other.kind and one.kind in WRITTEN:
                if self.python == self.now or _text_of(one) != _text_of(other):
                    yield from _written(one, other, values)
            elif not _are_constant(one, other):
                yield from values(one, other, f"{other.kind} ")

    def meanings(self) -> Iterator[Difference]:
        """Names in the code that stand for another thing than before."""
        for one, other in self.matched:
            befores, afters = _targets(one), _targets(other)
            for label in afters:
                moved = label in befores and [self.pairs.get(at) for at in befores[label]] != afters[label]
                if moved and (label not in IMPLIED or one.digest == other.digest):
                    before, after = _at(self.befores, befores[label]), _at(self.afters, afters[label])
                    self.explained |= {part.name for part in (*before, *after)}
                    yield Difference(f"{_path(other)}: {label}", "meaning", _listed(before), _listed(after))

    def rest(self) -> Iterator[Difference]:
        """What has no counterpart. Of installed code only whole packages: which parts are used, the code says."""
        yield from (_came(self.afters[at]) for at in self.appeared if self.is_told(self.afters[at]))
        yield from (_went(self.befores[at]) for at in self.vanished if self.is_told(self.befores[at]))
        before, after = _packages(self.befores), _packages(self.afters)
        yield from (Difference(f"package {text}", "appeared", ABSENT, "") for text in _lacking(after, before))
        yield from (Difference(f"package {text}", "vanished", "", ABSENT) for text in _lacking(before, after))

    def is_told(self, part: Seen) -> bool:
        installed = part.kind == "constant" or part.name.partition(".")[0] in self.installed
        return not installed and part.name not in self.explained

    def constants(self) -> Iterator[Difference]:
        """Where nothing else is found, single functions of installed packages."""
        for one, other in self.differing:
            yield Difference(f"constant {other.name}", "changed", *texts(one, other))
        yield from (_came(self.afters[at]) for at in self.appeared)
        yield from (_went(self.befores[at]) for at in self.vanished)


def _paired(befores: Sequence[Seen], afters: Sequence[Seen]) -> dict[int, int]:
    """The roots; then by name; then by content, since code that moved to another module is the same."""
    pairs = {0: 0}
    for key in (_by_name, _by_content):
        taken = set(pairs.values())
        places: dict[object, list[int]] = {}
        for at in reversed(range(len(afters))):
            if at not in taken:
                places.setdefault(key(afters[at]), []).append(at)
        pairs |= {
            at: places[key(part)].pop() for at, part in enumerate(befores) if at not in pairs and places.get(key(part))
        }
    return dict(sorted(pairs.items(), key=lambda pair: pair[1]))


def _python(parts: Sequence[Seen]) -> str:
    return next((part.text for part in parts if part.name == INTERPRETER), "")


def _version(before: str, after: str, python: str) -> Difference:
    word = "python" if before == python else "package"
    (name, _, version), (now, _, newer) = before.partition(" "), after.partition(" ")
    if name != now:
        return Difference(word, "version", before, after)
    return Difference(f"{word} {name}", "version", version, newer)


def _by_name(part: Seen) -> object:
    return part.name


def _by_content(part: Seen) -> object:
    return part.name if part.kind == "constant" else (part.kind, part.digest)


def _are_constant(one: Seen, other: Seen) -> bool:
    return one.kind == other.kind == "constant"


def _text_of(part: Seen) -> str | None:
    return part.source and part.source[2]


def _written(one: Seen, other: Seen, values: Values) -> Iterator[Difference]:
    difference = diff(one, other)
    if one.parts and other.parts and not difference:  # a class says of its attributes what they are
        yield from values(one, other, f"{other.kind} ")
    else:
        yield Difference(_path(other), "code", *texts(one, other), difference, _place(other))


def _place(part: Seen) -> str:
    return f"{part.source[0]}:{part.source[1]}" if part.source and part.kind in WRITTEN else ""


def _targets(part: Seen) -> dict[str, list[int]]:
    targets: dict[str, list[int]] = {}
    for label, at in part.names:
        targets.setdefault(label, []).append(at)
    return targets


def _at(parts: Sequence[Seen], places: Sequence[int]) -> list[Seen]:
    return [parts[at] for at in places if at < len(parts)]


def _listed(parts: Sequence[Seen]) -> str:
    return ", ".join(map(_named, parts))


def _named(part: Seen) -> str:
    return part.name if part.kind in CODE else f"{part.name} ({part.text})"


def _came(part: Seen) -> Difference:
    return Difference(_path(part), "appeared", ABSENT, _text(part), place=_place(part))


def _went(part: Seen) -> Difference:
    return Difference(_path(part), "vanished", _text(part), ABSENT, place=_place(part))


def _path(part: Seen) -> str:
    return f"{part.kind} {part.name}"


def _text(part: Seen) -> str:
    return "" if part.kind in WRITTEN else part.text


def _packages(parts: Sequence[Seen]) -> dict[str, str]:
    """Name and version of the packages in use, by name."""
    return {part.text.partition(" ")[0]: part.text for part in parts if part.kind == "constant"}


def _lacking(some: dict[str, str], others: dict[str, str]) -> list[str]:
    return [text for name, text in some.items() if name not in others]
