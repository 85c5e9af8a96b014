"""The path to a part of a value, as a person would write it: `.model['layers'][0]._lock`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from everfresh_fingerprint.form import Form

PAIRS = frozenset({"dict", "mappingproxy", "entries", "columns"})
ITEMS = frozenset({"list", "tuple", "deque", "items"})


def spelled(forms: Iterable[tuple[Form, int]]) -> str:
    """The path through forms, each with the place of the part that was gone into."""
    steps = []
    outer = ""
    for form, place in forms:
        steps.append(_step(outer, form, place))
        if form.tag != "state":
            outer = form.tag
    return "".join(steps)


def _step(outer: str, form: Form, place: int) -> str:
    if not form.ordered:
        return "{...}"
    if form.tag in PAIRS:
        key = form.parts[place - place % 2]
        return f".{key}" if outer == "object" and form.tag == "dict" else f"[{key!r}]"
    return f"[{place}]" if form.tag in ITEMS else ""
