"""The patients: 442 people with diabetes, measured once, and how far the disease had progressed a year later.

Efron, Hastie, Johnstone, Tibshirani, "Least Angle Regression", Annals of Statistics 32 (2004); scikit-learn carries it.
"""

from __future__ import annotations

import pandas as pd
from everfresh import memoize
from sklearn.datasets import load_diabetes

OUTCOME = "progression"

READABLE = {
    "bmi": "body mass index",
    "bp": "blood pressure",
    "s1": "total cholesterol",
    "s2": "LDL cholesterol",
    "s3": "HDL cholesterol",
    "s4": "cholesterol / HDL",
    "s5": "log triglycerides",
    "s6": "blood glucose",
    "target": OUTCOME,
}


@memoize
def load_patients() -> pd.DataFrame:
    """One row a patient: ten measurements in their own units, and the progression after a year."""
    patients = load_diabetes(as_frame=True, scaled=False).frame.rename(columns=READABLE)
    return without_flaws(patients)


def without_flaws(patients: pd.DataFrame) -> pd.DataFrame:
    """Drop patients that were entered twice or lack a measurement."""
    return patients.drop_duplicates().dropna().reset_index(drop=True)


def measurements(patients: pd.DataFrame) -> pd.DataFrame:
    """What is known of each patient at the start."""
    return patients.drop(columns=OUTCOME)


def outcome(patients: pd.DataFrame) -> pd.Series:
    """What is to be predicted."""
    return patients[OUTCOME]
