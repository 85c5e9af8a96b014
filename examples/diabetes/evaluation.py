"""Which model predicts best, by how much, and would more patients help?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from everfresh import memoize
from sklearn.metrics import mean_absolute_error, r2_score

from diabetes.data import measurements, outcome
from diabetes.models import MODELS, build
from diabetes.resampling import corrected_error, splits

if TYPE_CHECKING:
    from sklearn.base import RegressorMixin

SEED = 1
SIZES = (50, 75, 100, 150, 200, 250, 300, 350)


@memoize
def cross_validate(patients: pd.DataFrame, repeats: int = 5) -> pd.DataFrame:
    """Each model's errors on patients that it has not seen: a row for each split and model."""
    rows = [
        {"split": number, "model": name} | scores(name, learn, judge)
        for number, (learn, judge) in enumerate(splits(patients, repeats, SEED))
        for name in MODELS
    ]
    return pd.DataFrame(rows)


def scores(name: str, learn: pd.DataFrame, judge: pd.DataFrame) -> dict[str, float]:
    """One model's mean absolute error and share of variance explained."""
    predicted = fit(name, learn).predict(measurements(judge))
    actual = outcome(judge)
    return {"error": mean_absolute_error(actual, predicted), "explained": r2_score(actual, predicted)}


def fit(name: str, patients: pd.DataFrame) -> RegressorMixin:
    """A model that has learned from the patients."""
    return build(name).fit(measurements(patients), outcome(patients))


@memoize
def compare_models(validation: pd.DataFrame) -> pd.DataFrame:
    """The models from best to worst, and by how much each is worse than the best, with its standard error."""
    errors = validation.pivot(index="split", columns="model", values="error")
    behind = errors.sub(errors[errors.mean().idxmin()], axis="index")
    comparison = pd.DataFrame(
        {
            "error": errors.mean(),
            "explained": validation.groupby("model")["explained"].mean(),
            "worse by": behind.mean(),
            "give or take": behind.apply(corrected_error),
        }
    )
    return comparison.sort_values("error").reset_index()


@memoize
def learning_curve(patients: pd.DataFrame, model: str, repeats: int = 5) -> pd.DataFrame:
    """The model's error when it learns from few patients or many: the mean over the splits, and its spread."""
    errors = [curve_of_one(model, learn, judge) for learn, judge in splits(patients, repeats, SEED)]
    return pd.DataFrame({"patients": SIZES, "error": np.mean(errors, axis=0), "spread": np.std(errors, axis=0)})


def curve_of_one(model: str, learn: pd.DataFrame, judge: pd.DataFrame) -> list[float]:
    """The errors on one split, learning from a few of its patients, then from more and more of them."""
    mixed = learn.sample(frac=1, random_state=SEED)
    return [scores(model, mixed[:size], judge)["error"] for size in SIZES]
