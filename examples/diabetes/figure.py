"""The whole analysis on one page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from everfresh import memoize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

if TYPE_CHECKING:
    from typing import Literal

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from diabetes.effects import Effect

INK, ACCENT, SOFT, FAINT = "#2f3640", "#0b6e8f", "#a9cfdb", "#e6eaed"

UNITS = {
    "age": "years",
    "body mass index": "kg/m²",
    "blood pressure": "mm Hg",
    "cholesterol / HDL": "ratio",
    "log triglycerides": "log of mg/dl",
}


@memoize
def draw_figure(
    patients: pd.DataFrame, comparison: pd.DataFrame, curve: pd.DataFrame, ranking: pd.DataFrame, effects: list[Effect]
) -> bytes:
    """A PNG: the models, what more patients bring, what the best model looks at, and the effects it found."""
    figure = Figure(figsize=(13, 8.4), facecolor="white", layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12))
    (above,), (below,) = figure.subfigures(2, 1, squeeze=False)
    models, learning, importance = above.subplots(1, 3)
    draw_models(models, comparison)
    draw_learning(learning, curve, comparison["model"][0])
    draw_ranking(importance, ranking)
    for axes, effect in zip(below.subplots(1, len(effects), sharey=True), effects, strict=True):
        draw_effect(axes, effect, patients[effect.feature])
    below.axes[0].set_ylabel("predicted progression", color=INK)
    title(above, f"Predicting the progression of diabetes: {len(patients)} patients, one year on")
    title(below, "Average prediction if every patient had this value (shaded: 95 % bootstrap band)")
    return as_png(figure)


def draw_models(axes: Axes, comparison: pd.DataFrame) -> None:
    """A dot for each model's error, with the standard error of its distance from the best."""
    rows = range(len(comparison))
    axes.errorbar(comparison["error"], rows, xerr=comparison["give or take"], fmt="none", ecolor=SOFT, elinewidth=4)
    axes.scatter(comparison["error"], rows, c=[ACCENT] + [INK] * (len(rows) - 1), s=70, zorder=3)
    axes.set_yticks(rows, comparison["model"])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    below = "mean error on unseen patients\n(bar: standard error of the gap to the best)"
    tidy(axes, "Which model errs least?", below, grid="x")


def draw_learning(axes: Axes, curve: pd.DataFrame, model: str) -> None:
    """The error as the model learns from more patients, in a band as wide as the splits spread."""
    low, high = curve["error"] - curve["spread"], curve["error"] + curve["spread"]
    axes.fill_between(curve["patients"], low, high, color=SOFT, alpha=0.5, linewidth=0)
    axes.plot(curve["patients"], curve["error"], color=ACCENT, linewidth=2, marker="o", markersize=5)
    below = "patients learned from\n(shaded: spread over the splits)"
    tidy(axes, f"Would more patients help? ({model} model)", below, grid="y")
    axes.set_ylabel("mean error on unseen patients", color=INK)


def draw_ranking(axes: Axes, ranking: pd.DataFrame) -> None:
    """A bar for each measurement, most important on top."""
    rows = range(len(ranking))
    axes.barh(rows, ranking["importance"], color=ACCENT)
    axes.errorbar(ranking["importance"], rows, xerr=ranking["spread"], fmt="none", ecolor=SOFT, elinewidth=3)
    axes.set_yticks(rows, ranking["feature"])
    axes.invert_yaxis()
    tidy(axes, "What does it look at?", "growth of the error when shuffled\n(bar: spread over the splits)", grid="x")


def draw_effect(axes: Axes, effect: Effect, observed: pd.Series) -> None:
    """The curve in its band, over a tick for each patient."""
    axes.fill_between(effect.at, effect.low, effect.high, color=SOFT, alpha=0.6, linewidth=0)
    axes.plot(effect.at, effect.curve, color=ACCENT, linewidth=2)
    within = observed[observed.between(effect.at[0], effect.at[-1])]
    axes.plot(within, [0.02] * len(within), "|", color=INK, alpha=0.25, transform=axes.get_xaxis_transform())
    unit = UNITS.get(effect.feature, "mg/dl")
    tidy(axes, effect.feature, f"{unit}; {effect.rise:+.0f} from left to right", grid="y")


def tidy(axes: Axes, heading: str, below: str, grid: Literal["x", "y"]) -> None:
    """Nothing but the data, its labels and a faint grid."""
    axes.set_title(heading, loc="left", fontsize=11, color=INK)
    axes.set_xlabel(below, color=INK)
    axes.grid(axis=grid, color=FAINT)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)


def title(part: SubFigure, text: str) -> None:
    """A heading over half the page."""
    part.suptitle(text, x=0.01, ha="left", fontsize=14, fontweight="bold", color=INK)


def as_png(figure: Figure) -> bytes:
    """The page as the bytes of a picture file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=120)
    return file.getvalue()
