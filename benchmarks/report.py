"""Results -> Markdown."""

from __future__ import annotations

from typing import Any

Result = dict[str, Any]

HEAD = ["what", "time", "middle half", "processor", "ratio", "middle half"]
REQUIRED = ["", "measured", "middle half", "processor", "required", ""]
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def markdown(results: Result, pictures: dict[str, list[str]], tables: dict[str, list[list[str]]]) -> str:
    """All that is generated of docs/performance.md. Pictures and tables are by workload."""
    parts = [_where(results), "## Requirements", table(requirements(results))]
    for name, workload in results["workloads"].items():
        parts += [f"## {workload['title']}", workload.get("about", "")]
        parts += [f"![{workload['title']}]({picture})" for picture in pictures.get(name, ())]
        parts += [table(tables[name])] if name in tables else [_case(case) for case in measured(workload)]
        parts += _missing(workload)
    return "\n\n".join(filter(None, parts)) + "\n"


def _where(results: Result) -> str:
    """Machine, versions, and how busy the machine was."""
    facts = {**results["machine"], **results["versions"]}
    facts["measured"] = f"{results['date']}, in {results['seconds'] / 60:.0f} minutes"
    facts["load (processes that want to run)"] = " before, ".join(results["load"]) + " after"
    if results["effort"] != "full":
        facts["effort"] = results["effort"]
    return table([["", ""], *([name, value] for name, value in facts.items())])


def requirements(results: Result) -> list[list[str]]:
    """What was asked for beforehand, and what came of it."""
    lines = [REQUIRED]
    for workload in results["workloads"].values():
        for case in measured(workload):
            lines += [_required(case["name"], one) for one in case["required"]]
    return lines


def _required(case: str, one: Result) -> list[str]:
    form = duration if one["to"] is None else times
    name = f"{case}: {one['of']}" + (f" / {one['to']}" if one["to"] else "")
    if one["measured"] is None:
        return [name, "not measured", "", "", _limit(one, form), ""]
    cpu = form(one["cpu"]) if one["cpu"] is not None else ""
    verdict = {True: "met", False: "**not met**", None: ""}[one["met"]]
    return [name, form(one["measured"]), half(one["pairs"], form), cpu, _limit(one, form), verdict]


def _limit(one: Result, form: Any) -> str:
    limits = {"at most": one["most"], "at least": one["least"]}
    return " and ".join(f"{words} {form(limit)}" for words, limit in limits.items() if limit is not None)


def measured(workload: Result) -> list[Result]:
    return [case for case in workload.get("cases", ()) if "rows" in case]


def _case(case: Result) -> str:
    lines = [HEAD, *(_row(row) for row in case["rows"])]
    return f"### {case['name'][:1].upper()}{case['name'][1:]}\n\n{table(lines)}"


def _row(row: Result) -> list[str]:
    ratio, wall = row["ratio"], row["wall"]
    shown = [times(ratio["min"]), half(ratio["pairs"], times)] if ratio else ["", ""]
    return [row["name"], duration(wall["min"]), half(wall, duration), duration(row["cpu"]["min"]), *shown]


def _missing(workload: Result) -> list[str]:
    """A sentence on each thing that was not measured."""
    said = [f"Not measured: {workload['error']}"] if "error" in workload else []
    absent = {peer for case in measured(workload) for peer in case["absent"]}
    said += [f"Not measured: {peer} (not installed)." for peer in sorted(absent)]
    for case in workload.get("cases", ()):
        if "skipped" in case:
            said.append(f"Not measured: {case['name']} ({case['skipped']}).")
        said += [f"Failed: {case['name']}: {name}: {error}" for name, error in case.get("errors", {}).items()]
    return said


def table(lines: list[list[str]]) -> str:
    """The first column is text, the others are numbers."""
    rule = ["---", *["--:"] * (len(lines[0]) - 1)] if len(lines[0]) > 2 else ["---"] * 2
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def half(spread: dict[str, float], form: Any) -> str:
    low, high = form(spread["q1"]), form(spread["q3"])
    return low if low == high else f"{low} – {high}"


def duration(seconds: float) -> str:
    """Three digits, and the unit in which they are read best."""
    size, unit = next((one for one in UNITS if seconds >= one[0] * 0.9995), UNITS[-1])
    return f"{digits(seconds / size)} {unit}"


def times(ratio: float) -> str:
    return f"{digits(ratio)} ×"


def digits(number: float) -> str:
    """Three of them, and never an exponent."""
    if number >= 99.95:
        return f"{number:,.0f}"
    places = 1 if number >= 9.995 else 2 if number >= 0.9995 else 3
    return f"{number:.{places}f}"
