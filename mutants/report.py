"""Results -> tables for people, in Markdown, and the sentences on what went wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mutants.packages import VERSIONS

Result = dict[str, Any]

RAN = "package|mutants|caught|needless|same|refused|broken|**stale**"
UNRUN = "package|functions|mutants|reused|recomputed|broken|**stale**"
CHECKS = (
    "package|nodes|functions that the call ran|identity|comments|answer under 3 hash seeds|real processes|old answers"
)
WORDS = ("caught", "needless", "same", "refused", "broken", "stale")


def tables(results: list[Result]) -> str:
    """Everything that goes into docs/mutants.md."""
    parts = [
        ("Functions that the call ran", table(RAN, [ran(one, "called") for one in results])),
        ("What ran at import only", table(RAN, [ran(one, "imported") for one in results])),
        ("Functions that never ran", table(UNRUN, [row for one in results for row in unrun(one)])),
        ("Checks of the check", table(CHECKS, [checks(one) for one in results])),
    ]
    return "\n".join(f"### {title}\n\n{text}\n" for title, text in parts)


def table(head: str, rows: list[list[object]]) -> str:
    columns: list[object] = [*head.split("|")]
    lines: list[list[object]] = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def named(result: Result) -> str:
    package = result["package"]
    return f"{package} {VERSIONS[package]}" if package in VERSIONS else package


def tally(result: Result, group: str) -> Counter[str]:
    return Counter(row["outcome"] for row in result["rows"] if row["group"] == group)


def ran(result: Result, group: str) -> list[object]:
    counts = tally(result, group)
    return [named(result), counts.total(), *(counts[word] for word in WORDS)]


def unrun(result: Result) -> list[list[object]]:
    rows = []
    for group, reach in (("reached", "in static reach"), ("unreached", "not in static reach")):
        counts = tally(result, group)
        again = counts["needless"] + counts["caught"] + counts["refused"]
        share = f"{counts['same']} ({100 * counts['same'] / counts.total():.0f} %)" if counts else "0"
        title = f"{result['functions'].get(group, 0)} {reach}"
        rows.append([named(result), title, counts.total(), share, again, counts["broken"], counts["stale"]])
    return rows


def checks(result: Result) -> list[object]:
    whole = result["end to end"]
    kinds = [
        [row["outcome"] == "same" for row in result["rows"] if row["kind"] == kind and row["group"] == "inert"]
        for kind in ("identity", "comments")
    ]
    shares = (f"{sum(kind)} of {len(kind)} unchanged" for kind in kinds)
    reach = (result["nodes"], result["functions"]["called"])
    return [named(result), *reach, *shares, "one" if result["steady"] else "several", whole["asked"], len(whole["old"])]


# Tuples that packages make of sets: their order is another one in every process, and may count.
FROM_SETS = frozenset({"sqlglot.optimizer.canonicalize._CANONICALIZE_TYPES"})


def wrong(result: Result) -> list[str]:
    """What must not be: each a sentence."""
    whole, package = result["end to end"], result["package"]
    found = []
    if noise := [name for name in result["unsteady"] if name not in FROM_SETS]:
        found.append(f"{package}: {len(noise)} nodes differ from process to process, and are left out: {noise[:5]}")
    found += [f"{package}: the call ran it, and the call graph has it not: {one}" for one in result["unforeseen"]]
    found += [f"{package}: stale: {told(row)}" for row in result["rows"] if row["outcome"] == "stale"]
    found += [
        f"{package}: written anew ({row['kind']}), and not the same: {told(row)}"
        for row in result["rows"]
        if row["group"] == "inert" and row["outcome"] != "same"
    ]
    found += [f"{package}: an old answer through memoize: {where}" for where in whole["old"]]
    found += [f"{package}: another answer through memoize than without: {where}" for where in whole["failed"]]
    if whole["asked"] and [events[-1] for events in whole["hits"]] != ["Stored", "Hit", "Hit"]:
        found.append(f"{package}: the unchanged program did not hit: {whole['hits']} {whole.get('warnings')}")
    if not result["steady"]:
        found.append(f"{package}: the answer depends on the hash seed")
    return found


def noticed(result: Result) -> list[str]:
    """What deserves a look: no trace of an edit to code that ran, or a difference elsewhere than in the edited code."""
    rows = [row for row in result["rows"] if row["group"] == "called"]
    found = [f"{result['package']}: {row['outcome']}: {told(row)}" for row in rows if row["outcome"] in LOOK]
    found += [
        f"{result['package']}: differs elsewhere ({', '.join(row['changed'])}): {told(row)}"
        for row in rows
        if row["outcome"] in ("caught", "needless") and not row["home"]
    ]
    return found


LOOK = ("same", "refused")


def told(row: Result) -> str:
    said = f" {row['said']}" if row["said"] else ""
    edit = f"{row['before'][:80]!r} -> {row['after'][:80]!r}"
    return f"{row['where']} {row['function']} ({row['kind']}) {edit}{said}"
