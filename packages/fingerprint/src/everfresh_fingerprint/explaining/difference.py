"""One thing that parts two values or functions, and how it is told."""

from __future__ import annotations

from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from everfresh_fingerprint.explaining.outline import Live, Outline

    Seen: TypeAlias = Outline | Live

ABSENT = "absent"

LINES = {
    "changed": "{0.path}: {0.before} -> {0.after}",
    "code": "{0.path} changed{0.where}",
    "version": "{0.path} {0.before} -> {0.after}",
    "order": "{0.path}: {0.before} -> {0.after}{0.where}",
    "meaning": "{0.path} now means {0.after}, not {0.before}",
    "likewise": "{0.path}: the same change as in {0.before}",
    "appeared": "{0.path} appeared{0.where}: {0.after}",
    "vanished": "{0.path} vanished{0.where}: {0.before}",
}
# What changed comes first: what appeared or vanished often follows from it.
LATER = ("changed", "appeared", "vanished")


@record
class Difference:
    """The smallest part that differs: the path to it, what it was, what it is now.

    `kind` is `changed`, `code` (that changed), `version` (of a package), `order` (of keys),
    `meaning` (of a name), `likewise` (changed as another part did, which `before` names), `appeared` or `vanished`.
    `place` says where code stands, or why an order may differ; `diff` is a unified diff of source or text, if any.
    """

    path: str
    kind: str
    before: str
    after: str
    diff: str = ""
    place: str = ""

    def __str__(self) -> str:
        return LINES[self.kind].format(self).removeprefix(": ").removesuffix(": ").strip()

    @property
    def where(self) -> str:
        return f" ({self.place})" if self.place else ""

    def report(self) -> str:
        """The line, and below it the diff."""
        return f"{self}\n{self.diff}".rstrip("\n")


def changed(old: Seen, new: Seen, path: str) -> Difference:
    before, after = texts(old, new)
    return Difference(path, "changed", before, after, diff(old, new))


HINT = (
    "a dict that is filled from a set has another order in every process: "
    "fill it from sorted(...), or name its module in unordered="
)


def reordered(new: Seen, path: str, befores: Sequence[str], afters: Sequence[str]) -> Difference:
    """The names from the first to the last that stand elsewhere now."""
    moved = [at for at, (before, after) in enumerate(zip(befores, afters, strict=True)) if before != after]
    within = slice(moved[0], moved[-1] + 1)
    keyed = new.kind.endswith("Dict") or new.kind == "dict"
    path += " order of keys" if keyed else " order"
    return Difference(path, "order", _listed(befores[within]), _listed(afters[within]), place=HINT if keyed else "")


def _listed(names: Sequence[str]) -> str:
    shown = [name.removeprefix("[").removesuffix("]").strip() for name in names[:8]]
    return ", ".join(shown + ["..."] * (len(names) > len(shown)))


def appeared(new: Seen, path: str) -> Difference:
    return Difference(path, "appeared", ABSENT, _beside(path, new))


def vanished(old: Seen, path: str) -> Difference:
    return Difference(path, "vanished", _beside(path, old), ABSENT)


def _beside(path: str, part: Seen) -> str:
    """The text of a part; a member of a set has it in its path."""
    return "" if path.endswith(f"{{{part.text}}}") else part.text


def texts(old: Seen, new: Seen) -> tuple[str, str]:
    """Two texts alike would read as no change at all: then the digests are told, too."""
    if old.text != new.text:
        return old.text, new.text
    return f"{old.text} [{old.digest.hex()[:8]}]", f"{new.text} [{new.digest.hex()[:8]}]"


def diff(old: Seen, new: Seen) -> str:
    """A unified diff of the two sources, empty where one is not known or they are the same."""
    if old.source is None or new.source is None or old.source[2] == new.source[2]:
        return ""
    from difflib import unified_diff

    (before, _, text), (after, _, newer) = old.source, new.source
    lines = unified_diff(text.splitlines(), newer.splitlines(), before or "before", after or "after", lineterm="")
    return "\n".join(lines)


def rank(difference: Difference) -> int:
    """Where in an explanation it stands."""
    return LATER.index(difference.kind) if difference.kind in LATER else 0
