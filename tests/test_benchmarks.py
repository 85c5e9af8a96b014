"""The tool behind `make bench`, on toys: what it reports, never how long something took."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent))  # a tool of this repository is installed nowhere

from benchmarks import page, peers
from benchmarks.measure import Sample, calls, prepared, processes, told
from benchmarks.programs import chain, three_modules
from benchmarks.report import duration, markdown, times
from benchmarks.runner import measured
from benchmarks.stats import ratio, spread
from benchmarks.workload import Case, Effort, Required, Skipped

EFFORT = Effort(repeats=3, least=3, seconds=0, sample=1e-6, shrink=1000)


def fails() -> None:
    raise ValueError("no")


def cases(effort: Effort) -> Any:
    made: list[int] = []
    sources = (
        calls("sum", lambda: sum(range(effort.size(1000)))),
        prepared("sorted", lambda: made.append(1) or [2, 1], sorted),
        calls("failing", fails),
    )
    required = (Required("sum", "sorted", most=1e9), Required("sum", least=1e9), Required("sum", "peer", most=1))
    yield Case("toys", sources, (*required, Required("sorted", "sum")), absent=("peer",))
    yield Skipped("others", "there are none")


TOY: Any = SimpleNamespace(TITLE="Toys", __doc__="Nothing of interest.", cases=cases)


def results() -> dict[str, Any]:
    facts = {"machine": {"cores": "1"}, "versions": {}, "load": ["0.1", "0.2"], "effort": "full", "date": "today"}
    return {
        **facts,
        "seconds": 60.0,
        "workloads": {"toys": measured(TOY, EFFORT), "broken": {"title": "Broken", "error": "why"}},
    }


def test_every_source_is_measured_as_often() -> None:
    """Rows have as many repeats as asked for, and a ratio to the first; one that fails is named, not fatal."""
    toys = measured(TOY, EFFORT)["cases"][0]
    assert [(row["name"], row["repeats"]) for row in toys["rows"]] == [("sum", 3), ("sorted", 3)]
    assert toys["base"] == "sum"
    assert toys["rows"][0]["ratio"]["pairs"] == {"min": 1, "q1": 1, "median": 1, "q3": 1}
    assert toys["errors"] == {"failing": "ValueError: no"}


def test_requirements_are_judged_and_never_raise() -> None:
    """A requirement is met, not met, or without verdict: where a peer is absent, and where there is no limit."""
    toys = measured(TOY, EFFORT)["cases"][0]
    assert [one["met"] for one in toys["required"]] == [True, False, None, None]
    assert [one["measured"] is None for one in toys["required"]] == [False, False, True, False]


def test_the_report_says_what_was_not_measured() -> None:
    """Absent peers, skipped cases, failed rows and broken workloads are told in the report."""
    text = markdown(results(), {"toys": ["performance/toys.svg"]}, {})
    for said in ("not measured", "peer (not installed)", "others (there are none)", "failing: ValueError: no"):
        assert said in text
    assert "Not measured: why" in text
    assert "**not met**" in text
    assert "![Toys](performance/toys.svg)" in text


def test_only_the_part_between_the_marks_is_written() -> None:
    """What people wrote on the page stays, and writing twice is writing once."""
    before = f"# Title\n\n{page.BEGIN}old\n{page.END}\nMore.\n"
    after = page.replaced(before, "new")
    assert after == f"# Title\n\n{page.BEGIN}\nnew\n{page.END}\nMore.\n"
    assert page.replaced(after, "new") == after
    with pytest.raises(ValueError, match="no place"):
        page.replaced("# Title\n", "new")


def test_the_page_has_a_place_for_results() -> None:
    """`make bench` can write docs/performance.md."""
    text = (Path(__file__).resolve().parent.parent / "docs" / "performance.md").read_text(encoding="utf-8")
    assert text.count(page.BEGIN) == text.count(page.END) == 1


def test_peers_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours is measured without any peer."""
    monkeypatch.setitem(peers.PEERS, "nobody", ("no_such_module", "hash"))
    found, absent = peers.hashers("nobody", peers.PICKLE)
    assert list(found) == [peers.OURS, peers.PICKLE]
    assert absent == ("nobody",)
    assert [source.names for source in peers.on(1, found)] == [(peers.OURS,), (peers.PICKLE,)]


def test_a_new_process_measures_itself(tmp_path: Path) -> None:
    """A process reaches the whole program, whether or not it knows what an earlier one found out."""
    tree, facts = chain(tmp_path / "chain", 12, in_module=5), str(tmp_path / "facts")
    before, first, later = (told(["benchmarks.process", str(tree), *more]) for more in ([], [facts], [facts]))
    assert [one["reached"]["functions"] for one in (before, first, later)] == [12, 12, 12]
    assert len({one["digest"] for one in (before, first, later)}) == 1
    source = processes({"guard": "the guard"}, lambda: ["benchmarks.process", str(tree)])
    assert list(source.sample(1)) == ["the guard"]


def test_the_program_of_three_modules_reaches_thirty_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the measurement says it reaches, it reaches."""
    from everfresh_fingerprint import code_fingerprint

    monkeypatch.syspath_prepend(str(three_modules(tmp_path / "three")))
    import main_of_three  # type: ignore[import-not-found]

    assert len(list(code_fingerprint(main_of_three.root).codes())) == 31


def test_numbers_are_read_at_a_glance() -> None:
    """Three digits, and the unit that fits."""
    assert [duration(one) for one in (0.9999, 0.0123456, 4.5e-6, 2e-9)] == ["1.00 s", "12.3 ms", "4.50 µs", "2.00 ns"]
    assert [times(one) for one in (1234.5, 20, 1.5, 0.25)] == ["1,234 ×", "20.0 ×", "1.50 ×", "0.250 ×"]


def test_ratios_are_of_samples_side_by_side() -> None:
    """The ratio is that of the minima; its spread is that of the pairs."""
    found = ratio([Sample(2, 2), Sample(6, 6)], [Sample(1, 0), Sample(2, 0)])
    assert (found["min"], found["cpu"]) == (2, None)
    assert found["pairs"] == spread([2, 3])
