"""Splitting and redrawing the patients, and what the redrawn answers say about certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import RepeatedKFold

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

FOLDS = 5


def splits(patients: pd.DataFrame, repeats: int, seed: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Pairs of (patients to learn from, patients to be judged by), the folds redrawn in each repeat."""
    folds = RepeatedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=seed)
    for learn, judge in folds.split(patients):
        yield patients.iloc[learn], patients.iloc[judge]


def redrawn(patients: pd.DataFrame, draws: int, seed: int) -> Iterator[pd.DataFrame]:
    """Bootstrap samples: as many patients as there are, drawn with replacement."""
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        yield patients.iloc[generator.integers(len(patients), size=len(patients))]


def interval(draws: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of the middle 95 % of the draws, which are the rows."""
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return low, high


def corrected_error(differences: pd.Series) -> float:
    """Standard error of a mean over folds, which share patients: Nadeau and Bengio's correction (2003)."""
    overlap = 1 / len(differences) + 1 / (FOLDS - 1)
    return float(np.sqrt(overlap * differences.var()))
