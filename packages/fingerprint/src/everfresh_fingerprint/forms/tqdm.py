"""A progress bar stands for what it goes through: what it shows is no part of an answer."""

from __future__ import annotations

from tqdm.std import tqdm  # type: ignore[import-not-found, import-untyped, unused-ignore]

from everfresh_fingerprint.form import Form, register, register_family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(tqdm)
@register_family(tqdm)
def _bar(value: Any) -> Form:
    return Form("progress bar", [type(value), value.iterable])
