"""Survey + edits -> mutants: a random choice that depends on the seed alone."""

from __future__ import annotations

import ast
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mutants.edits import commented, edits, parses
from mutants.places import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mutants.edits import Edit
    from mutants.survey import Survey


@dataclass(frozen=True)
class Mutant:
    """A file with one change, and in which group it belongs."""

    group: str
    file: str
    text: bytes
    kind: str
    where: str
    before: str
    after: str
    owner: str


def mutants(tree: Path, found: Survey, counts: dict[str, int], seed: str) -> Iterator[Mutant]:
    """At most `counts[group]` mutants of each group: function after function, each time of a random kind."""
    sources = {file: Source((tree / file).read_bytes()) for file in found.files if file != "scenario.py"}
    groups: dict[str, dict[object, list[tuple[str, Edit]]]] = defaultdict(lambda: defaultdict(list))
    for file, source in sources.items():
        for edit in edits(source):
            group = found.group(file, edit.place)
            if group:
                groups[group][file, edit.place.function, edit.place.owner].append((file, edit))
    for group, count in counts.items():
        chosen = _in_turn(groups[group], random.Random(f"{seed}/{group}"))
        yield from _first(count, (_mutant(group, file, sources[file], edit) for file, edit in chosen))


def census(tree: Path, found: Survey) -> tuple[dict[str, int], list[str]]:
    """How many functions of the loaded files are in each group; and those that the call ran though none foresaw it."""
    places = {
        (file, place)
        for file in found.files
        for _, place in Source((tree / file).read_bytes()).nodes
        if place.function and not place.line
    }
    ran = {(file, *place.function): place for file, place in places if place.function}
    unseen = sorted(one for one in found.called - found.reached if one[0] not in found.sources)
    unforeseen = [f"{one[0]}:{one[1]} {ran[one].owner}" for one in unseen if one in ran]
    return dict(Counter(found.group(file, place) or "" for file, place in places)), unforeseen


def _in_turn(units: dict[object, list[tuple[str, Edit]]], chance: random.Random) -> Iterator[tuple[str, Edit]]:
    left = [_by_kind(unit) for unit in units.values()]
    while left:
        chance.shuffle(left)
        for kinds in left:
            kind = chance.choice(sorted(kinds))
            yield kinds[kind].pop(chance.randrange(len(kinds[kind])))
            if not kinds[kind]:
                del kinds[kind]
        left = [kinds for kinds in left if kinds]


def _by_kind(unit: list[tuple[str, Edit]]) -> dict[str, list[tuple[str, Edit]]]:
    kinds = defaultdict(list)
    for file, edit in unit:
        kinds[edit.kind].append((file, edit))
    return dict(kinds)


def _first(count: int, candidates: Iterator[Mutant]) -> Iterator[Mutant]:
    for mutant in candidates:
        if count <= 0:
            return
        if parses(mutant.text):
            count -= 1
            yield mutant


def _mutant(group: str, file: str, source: Source, edit: Edit) -> Mutant:
    line = source.text.count(b"\n", 0, edit.start) + 1
    before = source.text[edit.start : edit.end].decode()
    return Mutant(
        group, file, edit.applied(source.text), edit.kind, f"{file}:{line}", before, edit.text, edit.place.owner
    )


def inert(tree: Path, found: Survey, count: int, seed: str) -> Iterator[Mutant]:
    """Files written anew as they are, and with comments all over: nothing may differ."""
    files = [file for file in found.files if (tree / file).read_bytes().strip()]
    for file in random.Random(f"{seed}/inert").sample(files, min(count, len(files))):
        text = (tree / file).read_bytes()
        yield Mutant("inert", file, text, "identity", file, "", "", "")
        moved = commented(Source(text))
        as_text = file in found.sources  # what an import by a computed name may load counts with its comments
        if not as_text and ast.dump(ast.parse(moved)) == ast.dump(ast.parse(text)):
            yield Mutant("inert", file, moved, "comments", file, "", "", "")
