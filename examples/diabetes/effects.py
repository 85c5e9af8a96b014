"""What the model looks at, and how its predictions change with each measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from everfresh import memoize
from sklearn.inspection import permutation_importance

from diabetes.data import measurements, outcome
from diabetes.evaluation import fit
from diabetes.resampling import interval, redrawn, splits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.base import RegressorMixin

SEED = 7
POINTS = 15


@dataclass(frozen=True)
class Effect:
    """The average prediction if all patients had the same value: a curve with its 95 % band, and its rise."""

    feature: str
    at: NDArray[np.float64]
    curve: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rise: float
    rise_low: float
    rise_high: float


@memoize
def rank_features(patients: pd.DataFrame, model: str, repeats: int = 2) -> pd.DataFrame:
    """How much the error on unseen patients grows when a measurement is shuffled, most important first."""
    growth = np.concatenate([growth_of_error(model, learn, judge) for learn, judge in splits(patients, repeats, SEED)])
    features = measurements(patients).columns
    ranking = pd.DataFrame({"feature": features, "importance": growth.mean(axis=0), "spread": growth.std(axis=0)})
    return ranking.sort_values("importance", ascending=False, ignore_index=True)


def growth_of_error(model: str, learn: pd.DataFrame, judge: pd.DataFrame) -> NDArray[np.float64]:
    """On one split: the mean growth over ten shuffles, as a row with a column for each measurement."""
    found = permutation_importance(
        fit(model, learn),
        measurements(judge),
        outcome(judge),
        scoring="neg_mean_absolute_error",
        n_repeats=10,
        random_state=SEED,
    )
    return np.atleast_2d(found.importances_mean)


@memoize
def bootstrap_effects(patients: pd.DataFrame, model: str, features: list[str], draws: int = 200) -> list[Effect]:
    """The effect of each feature, and how sure it is: the model is fitted again to patients drawn anew."""
    once = curves(fit(model, patients), patients, features)
    again = np.array([curves(fit(model, drawn), patients, features) for drawn in redrawn(patients, draws, SEED)])
    return [
        summarized(feature, grid(patients[feature]), once[index], again[:, index])
        for index, feature in enumerate(features)
    ]


def curves(fitted: RegressorMixin, patients: pd.DataFrame, features: list[str]) -> NDArray[np.float64]:
    """Partial dependence: a row for each feature, a column for each point of its grid."""
    return np.array([curve(fitted, measurements(patients), feature) for feature in features])


def curve(fitted: RegressorMixin, known: pd.DataFrame, feature: str) -> NDArray[np.float64]:
    """The average prediction if all patients had the same value of the feature, for each value of its grid."""
    values = grid(known[feature])
    supposed = pd.concat([known] * len(values), ignore_index=True)
    supposed[feature] = np.repeat(values, len(known))
    predicted: NDArray[np.float64] = fitted.predict(supposed).reshape(len(values), len(known)).mean(axis=1)
    return predicted


def grid(column: pd.Series) -> NDArray[np.float64]:
    """Evenly spaced values over all but the most extreme tenth of the patients."""
    return np.linspace(column.quantile(0.05), column.quantile(0.95), POINTS)


def summarized(feature: str, at: NDArray[np.float64], once: NDArray[np.float64], again: NDArray[np.float64]) -> Effect:
    """The curve fitted once, with the band that the curves fitted again fill."""
    low, high = interval(again)
    rise_low, rise_high = interval(again[:, -1] - again[:, 0])
    return Effect(feature, at, once, low, high, float(once[-1] - once[0]), float(rise_low), float(rise_high))


@memoize
def tabulate_effects(effects: list[Effect]) -> pd.DataFrame:
    """For each feature: the predictions at both ends of its grid, and the rise between them with its 95 % bounds."""
    rows = [
        {
            "feature": effect.feature,
            "from": effect.at[0],
            "to": effect.at[-1],
            "predicted at from": effect.curve[0],
            "predicted at to": effect.curve[-1],
            "rise": effect.rise,
            "rise at least": effect.rise_low,
            "rise at most": effect.rise_high,
        }
        for effect in effects
    ]
    return pd.DataFrame(rows)
