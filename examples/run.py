"""The demonstration behind `make demo`: one analysis, run four times, each time in a process of its own.

Cold; unchanged; after an edit of a helper two calls away from one step; after an edit of a comment. It works on a copy
in a temporary folder, checks that exactly the right steps ran, and fails with a message if they did not.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "diabetes"
STEPS = (
    "load_patients",
    "cross_validate",
    "compare_models",
    "learning_curve",
    "rank_features",
    "bootstrap_effects",
    "tabulate_effects",
    "draw_figure",
)
RESULTS = ("models.csv", "effects.csv", "figure.png")


@dataclass(frozen=True)
class Edit:
    """A replacement of text that the file holds exactly once."""

    file: str
    before: str
    after: str

    def apply(self, folder: Path) -> str:
        """Edit the file in the folder; the change as a diff."""
        path = folder / PACKAGE / self.file
        old = path.read_text(encoding="utf-8")
        if old.count(self.before) != 1:
            raise SystemExit(f"{path} should hold this text exactly once:\n{self.before}")
        new = old.replace(self.before, self.after)
        path.write_text(new, encoding="utf-8")
        name = f"{PACKAGE}/{self.file}"
        return "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, n=1, lineterm=""))


@dataclass(frozen=True)
class Plan:
    """One of the runs: what is edited before it, which steps it must run, and which cause it must name."""

    title: str
    edit: Edit | None
    misses: tuple[str, ...]
    cause: str
    same_results: bool


@dataclass(frozen=True)
class Outcome:
    """What a run did: the steps as the analysis wrote them down, its results, and how long the process took."""

    steps: list[dict[str, str | float]]
    results: dict[str, bytes]
    seconds: float

    def misses(self) -> tuple[str, ...]:
        """The steps that ran."""
        return tuple(str(step["name"]) for step in self.steps if step["outcome"] != "hit")

    def total(self, column: str) -> float:
        """The sum of a column over the steps."""
        return sum(float(step[column]) for step in self.steps)


HELPER = Edit(
    "resampling.py",
    "np.quantile(draws, [0.025, 0.975], axis=0)",
    'np.quantile(draws, [0.025, 0.975], axis=0, method="median_unbiased")',
)
COMMENT = Edit(
    "resampling.py",
    "    generator = np.random.default_rng(seed)",
    "    # The same seed gives the same patients, in every process.\n    generator = np.random.default_rng(seed)",
)
PLANS = (
    Plan("cold: nothing is kept yet", None, STEPS, "absent", same_results=False),
    Plan("unchanged: everything comes from the cache", None, (), "", same_results=True),
    Plan(
        "a helper edited: bootstrap_effects calls summarized, which calls interval",
        HELPER,
        ("bootstrap_effects", "tabulate_effects", "draw_figure"),
        "resampling.interval",
        same_results=False,
    ),
    Plan("a comment edited: everything comes from the cache", COMMENT, (), "", same_results=True),
)


def main() -> None:
    """Run the plans in turn, then show them side by side."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # else what the runs print overtakes it
    folder = copy_of_the_analysis()
    print(f"Working in {folder} (a copy; the repository is not touched)")
    outcomes: list[Outcome] = []
    for number, plan in enumerate(PLANS, start=1):
        print(f"\nRun {number}, {plan.title}\n")
        if plan.edit:
            print(plan.edit.apply(folder), end="\n\n")
        outcomes.append(run(folder, folder / "results" / str(number)))
        check(number, plan, outcomes)
    print(f"\n{summary(outcomes)}\n\nEvery run did what it should. Tables and figure: {folder / 'results'}")


def copy_of_the_analysis() -> Path:
    """A temporary folder with the package in it."""
    folder = Path(tempfile.mkdtemp(prefix="everfresh-demo-"))
    source = Path(__file__).resolve().parent / PACKAGE
    shutil.copytree(source, folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(folder: Path, results: Path) -> Outcome:
    """Run the analysis in a process of its own, which prints a line for each step."""
    started = time.perf_counter()
    command = [sys.executable, "-m", PACKAGE, str(results)]
    finished = subprocess.run(command, cwd=folder, env=environment(folder), check=False)
    seconds = time.perf_counter() - started
    if finished.returncode:
        raise SystemExit(f"\nThe analysis failed with exit status {finished.returncode}.")
    steps = json.loads((results / "steps.json").read_text(encoding="utf-8"))
    return Outcome(steps, {name: (results / name).read_bytes() for name in RESULTS}, seconds)


def environment(folder: Path) -> dict[str, str]:
    """That of this process, with a fresh cache and one thread for linear algebra: on small matrices more lose time."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EVERFRESH_")}
    return inherited | {"EVERFRESH_DIR": str(folder / "cache"), "OPENBLAS_NUM_THREADS": "1"}


def check(number: int, plan: Plan, outcomes: list[Outcome]) -> None:
    """Stop with a message unless the last run did what was planned."""
    outcome = outcomes[-1]
    expect(number, "steps", tuple(step["name"] for step in outcome.steps), STEPS)
    expect(number, "steps that ran", outcome.misses(), plan.misses)
    if plan.misses:
        first = next(step for step in outcome.steps if step["name"] == plan.misses[0])
        expect(number, f"{plan.cause!r} given as the cause", plan.cause in str(first["why"]), True)
    if number > 1:
        same = outcome.results == outcomes[-2].results
        expect(number, "same tables and figure as in the run before", same, plan.same_results)


def expect(number: int, what: str, found: object, expected: object) -> None:
    """Stop with a message unless they are equal."""
    if found != expected:
        raise SystemExit(f"\nRun {number} failed: {what}\n  expected: {expected}\n  found:    {found}")


def summary(outcomes: list[Outcome]) -> str:
    """The runs side by side."""
    lines = [f"{'run':<18}{'ran':>5}{'cached':>8}{'in the steps':>15}{'saved':>11}{'whole process':>16}"]
    for number, (plan, outcome) in enumerate(zip(PLANS, outcomes, strict=True), start=1):
        ran = len(outcome.misses())
        name = f"{number} {plan.title.partition(':')[0]}"
        times = outcome.total("seconds"), outcome.total("saved"), outcome.seconds
        spent, saved, whole = (f"{seconds:.2f} s" for seconds in times)
        lines.append(f"{name:<18}{ran:>5}{len(STEPS) - ran:>8}{spent:>15}{saved:>11}{whole:>16}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
