"""Results -> pictures. The only file that needs matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from benchmarks.report import duration, measured

# Told apart also by those who see few colours (Okabe, Ito), and by the shape of the marks.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKS = "oDs^vPX"
# Of names longer than this, fewer fit side by side.
LONG = 25
STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "everfresh",  # the same numbers are the same file
}


def ratios(workload: dict[str, Any], file: Path) -> None:
    """A line a case, a mark for each thing measured: how its time relates to that of the base."""
    cases = measured(workload)
    base, marks = cases[0]["base"], _marks(cases)
    lines = [case["name"] for case in cases] if len(cases) > 1 else list(marks)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 1.6 + 0.4 * len(lines)), layout="constrained")
        axes.axvline(1, color="#555555", linewidth=1)
        for number, (name, points) in enumerate(marks.items()):
            places = [place for place, _ in points] if len(cases) > 1 else [number]
            axes.errorbar(*_bars(places, [pairs for _, pairs in points]), label=name, **_style(number))
        axes.set(xscale="log", xlabel=f"time, in times of “{base}” (bars: middle half)", ylim=(len(lines) - 0.5, -0.5))
        axes.set_yticks(range(len(lines)), lines)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        low, high = axes.get_xlim()
        axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if high < 10 * low else "")
        if len(cases) > 1:
            figure.legend(loc="outside upper left", ncols=4 if max(map(len, marks)) < LONG else 3, frameon=False)
        saved(figure, file)


def _marks(cases: list[dict[str, Any]]) -> dict[str, list[tuple[int, dict[str, float]]]]:
    """By what was measured: the number of the case, and the spread of the ratio."""
    marks: dict[str, list[tuple[int, dict[str, float]]]] = {}
    for place, case in enumerate(cases):
        for row in case["rows"]:
            if row["ratio"]:
                marks.setdefault(row["name"], []).append((place, row["ratio"]["pairs"]))
    return marks


def _bars(places: list[int], spreads: list[dict[str, float]]) -> tuple[list[float], list[int], None, Any]:
    middles = [one["median"] for one in spreads]
    lows = [one["median"] - one["q1"] for one in spreads]
    highs = [one["q3"] - one["median"] for one in spreads]
    return middles, places, None, (lows, highs)


def _style(number: int) -> dict[str, Any]:
    again, kind = divmod(number, len(COLOURS))  # the same colours again have other marks
    return {"fmt": MARKS[(kind + again) % len(MARKS)], "color": COLOURS[kind], "capsize": 2, "markersize": 7}


Points = dict[str, list[tuple[float, float, str]]]


def growth(lines: Points, points: Points, file: Path) -> None:
    """Seconds against functions reached: a line for each kind of measurement on chains, points for the packages."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 6), layout="constrained")
        for number, (name, line) in enumerate(lines.items()):
            style: dict[str, Any] = {"color": COLOURS[number], "marker": MARKS[number]}
            across, up, _ = zip(*line, strict=True)
            axes.plot(across, up, label=f"{name}, chains", markersize=5, linewidth=1.5, **style)
            style |= {"linestyle": "", "markersize": 10, "markeredgecolor": "black"}
            across, up, _ = zip(*points[name], strict=True) if points[name] else ((), (), ())
            axes.plot(across, up, label=f"{name}, packages", **style)
        for number, (functions, seconds, package) in enumerate(sorted(_highest(points))):
            # Neighbours are labelled to either side: they may be close to each other.
            place: dict[str, Any] = {"ha": ("right", "left")[number % 2], "xytext": ((3, 9), (9, -3))[number % 2]}
            axes.annotate(package, (functions, seconds), textcoords="offset points", fontsize=9, **place)
        axes.set(xscale="log", yscale="log", xlabel="functions reached", ylabel="processor time")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.yaxis.set_major_formatter(lambda value, _: duration(value).replace(".00", "").replace(".0", ""))
        axes.margins(y=0.08)
        figure.legend(loc="outside upper left", ncols=3, frameon=False)
        saved(figure, file)


def _highest(points: Points) -> list[tuple[float, float, str]]:
    """The points of that kind of measurement that took longest: above them there is room for names."""
    return max(points.values(), key=lambda some: max((seconds for _, seconds, _ in some), default=0))


def bars(groups: dict[str, dict[str, float]], label: str, file: Path) -> None:
    """A group of bars for each program, a bar in it for each thing measured."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
        width = 0.8 / len(names)
        for number, name in enumerate(names):
            places = [place + width * (number - (len(names) - 1) / 2) for place in range(len(groups))]
            drawn = axes.bar(
                places, [group[name] for group in groups.values()], width, label=name, color=COLOURS[number]
            )
            axes.bar_label(drawn, fmt="%.2f", padding=1, fontsize=8)
        axes.set_xticks(range(len(groups)), list(groups))
        axes.set_ylabel(label)
        axes.grid(visible=False, axis="x")
        figure.legend(loc="outside upper left", ncols=4, frameon=False)
        saved(figure, file)


def saved(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
