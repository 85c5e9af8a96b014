"""Run the analysis: `python -m diabetes FOLDER` puts the tables, the figure and the list of steps into the folder."""

from __future__ import annotations

import sys
from pathlib import Path

import everfresh

from diabetes.pipeline import analyse
from diabetes.report import Report


def main(folder: Path) -> None:
    """Analyse, telling of each step, and write down what was found."""
    report = Report()
    everfresh.subscribe(report)
    results = analyse()
    results.save(folder)
    report.save(folder / "steps.json")
    print(report.totals(), results.effects.round(1).to_string(index=False), sep="\n\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
