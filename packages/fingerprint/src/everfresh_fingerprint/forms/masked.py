"""Masked arrays: what lies behind the mask counts, since `.data` shows it; whether a mask was ever made does not."""

from __future__ import annotations

import numpy
import numpy.ma

from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(numpy.ma.MaskedArray)
def _masked(value: Any) -> Form:
    # The fill value is asked for in a way that does not set it.
    fill = numpy.ma.default_fill_value(value) if value._fill_value is None else value._fill_value
    fill = numpy.array(fill, dtype=value.dtype)
    mask = numpy.ma.getmaskarray(value)
    return Form("masked array", [value.view(numpy.ndarray), mask, fill, value.hardmask, value._optinfo])
