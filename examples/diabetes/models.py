"""The models that compete, from a straight line to a forest. Each is built afresh: no fit leaks into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

if TYPE_CHECKING:
    from collections.abc import Callable

    from sklearn.base import RegressorMixin

SEED = 2004


def linear() -> RegressorMixin:
    """A straight line in each measurement, shrunk as far as it helps."""
    return make_pipeline(StandardScaler(), shrunk())


def splines() -> RegressorMixin:
    """A smooth curve in each measurement, added up."""
    return make_pipeline(SplineTransformer(n_knots=5, knots="quantile"), StandardScaler(), shrunk())


def kernel() -> RegressorMixin:
    """A smooth surface over all measurements. The kernel is wide: a narrow one follows noise in so few patients."""
    return make_pipeline(StandardScaler(), Nystroem(gamma=0.02, n_components=50, random_state=SEED), shrunk())


def forest() -> RegressorMixin:
    """Many deep trees, averaged."""
    return RandomForestRegressor(n_estimators=150, min_samples_leaf=5, max_features=0.4, random_state=SEED)


def boosting() -> RegressorMixin:
    """Many shallow trees, each mending what the ones before it missed."""
    return GradientBoostingRegressor(
        n_estimators=120, learning_rate=0.05, max_depth=2, subsample=0.6, random_state=SEED
    )


def shrunk() -> RegressorMixin:
    """Least squares with a penalty that leave-one-out validation picks."""
    return RidgeCV(alphas=np.logspace(-3, 4, 29))


MODELS: dict[str, Callable[[], RegressorMixin]] = {
    "linear": linear,
    "splines": splines,
    "kernel": kernel,
    "forest": forest,
    "boosting": boosting,
}


def build(name: str) -> RegressorMixin:
    """A fresh, unfitted model."""
    return MODELS[name]()
