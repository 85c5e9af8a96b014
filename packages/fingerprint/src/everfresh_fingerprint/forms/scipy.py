"""Sparse arrays and matrices as they are stored: the order of the indices counts, what is known of it does not."""

from __future__ import annotations

import numpy
from scipy import sparse  # type: ignore[import-not-found, import-untyped, unused-ignore]

from everfresh_fingerprint.form import Form, register, register_family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
KINDS = [getattr(sparse, name + kind) for name in FORMATS for kind in ("_array", "_matrix")]

# Answers that scipy keeps once they were asked for.
KEPT = frozenset({"_has_sorted_indices", "_has_canonical_format", "has_canonical_format", "has_sorted_indices"})


@register(*KINDS)
def _sparse(value: Any) -> Form:
    stored = {name: one for name, one in vars(value).items() if name not in KEPT}
    return Form("object", [type(value), numpy.dtype(value.dtype), stored])


for _kind in KINDS:
    register_family(_kind)(_sparse)
