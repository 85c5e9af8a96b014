"""The analysis from end to end: which step feeds which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diabetes.data import load_patients
from diabetes.effects import bootstrap_effects, rank_features, tabulate_effects
from diabetes.evaluation import compare_models, cross_validate, learning_curve
from diabetes.figure import draw_figure

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True)
class Results:
    """What the analysis found."""

    comparison: pd.DataFrame
    effects: pd.DataFrame
    figure: bytes

    def save(self, folder: Path) -> None:
        """Write the tables as CSV and the figure as PNG."""
        folder.mkdir(parents=True, exist_ok=True)
        self.comparison.to_csv(folder / "models.csv", index=False, float_format="%.4f")
        self.effects.to_csv(folder / "effects.csv", index=False, float_format="%.4f")
        (folder / "figure.png").write_bytes(self.figure)


def analyse() -> Results:
    """Run every step, or have its answer from the cache."""
    patients = load_patients()
    comparison = compare_models(cross_validate(patients))
    best = comparison["model"][0]
    curve = learning_curve(patients, best)
    ranking = rank_features(patients, best)
    effects = bootstrap_effects(patients, best, leading_features(ranking))
    table = tabulate_effects(effects)
    return Results(comparison, table, draw_figure(patients, comparison, curve, ranking, effects))


def leading_features(ranking: pd.DataFrame, count: int = 4) -> list[str]:
    """The most important measurements that have a scale, along which a curve can be drawn."""
    return [feature for feature in ranking["feature"] if feature != "sex"][:count]
