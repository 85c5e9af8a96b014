"""Value -> its parts, each under the name by which a person would reach it: `['age']`, `.lock`, `[3]`."""

from __future__ import annotations

from everfresh_callgraph.contents import is_code

from everfresh_fingerprint.digest import Digest
from everfresh_fingerprint.encoder import form_of
from everfresh_fingerprint.explaining.reached import unique
from everfresh_fingerprint.explaining.shown import is_exact, is_spelled, shown
from everfresh_fingerprint.fingerprint import fingerprint
from everfresh_fingerprint.form import Form, register
from everfresh_fingerprint.leaves import LEAVES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Labelled: TypeAlias = Iterator[tuple[str, Any]]

PAIRS = frozenset({"dict", "mappingproxy", "entries", "WeakKeyDictionary", "WeakValueDictionary"})

# What the parts of a form are called, where the form itself does not: expressions where that is possible.
NAMES = {
    "method": (".__func__", ".__self__"),
    "property": (".fget", ".fset", ".fdel"),
    "staticmethod": (".__func__",),
    "classmethod": (".__func__",),
    "cached_property": (".func", ".attrname"),
    "lru_cache": (".__wrapped__", " typed"),
    "slice": (".start", ".stop", ".step"),
    "member": (".__class__", ".name", ".value", ".__dict__"),
    "cell": (".cell_contents",),
    "__determ_hash__": (".__class__", ".__determ_hash__()", ".__cache_ver__()"),
    "__cache_key__": (".__class__", ".__cache_key__()", ".__cache_ver__()"),
    "registered": (".__class__", " as registered"),
    "dataclass field": (".name", ".default", ".default_factory"),
    "exception": ("", ".__cause__", ".__context__", ".__suppress_context__"),
    "DataFrame": (".__class__", ".columns", ".index", "", ".attrs", ".flags", ".__dict__"),
    "Series": (".__class__", ".name", ".index", "", ".attrs", ".flags", ".__dict__"),
    "strings": (".dtype", ""),
    "times": (".dtype", ""),
    "masked": (".dtype", "", " mask"),
    "arrow": (".dtype", ""),
    "intervals": (".dtype", ".closed", ".left", ".right"),
    "Table": (".schema", ".num_rows"),
    "RangeIndex": (".name", ".start", ".stop", ".step"),
    "MultiIndex": (".names", ".levels", ".codes"),
    "Categorical": (".codes", ".categories", ".ordered"),
}
WHOLE = frozenset({"numpy scalar", "dtype", "structured dtype"})
INDEX = (".name", "", ".freq")

# Arrays are looked into by rows, so many blocks of them at a time.
BLOCKS = 16

SHORT = 4


class Rows:
    """A stretch of an array's rows, which goes by the array's own numbering."""

    def __init__(self, array: Any, start: int, stop: int) -> None:
        self.array, self.start, self.stop = array, start, stop


@register(Rows)
def _rows_form(value: Rows) -> Form:
    return Form("rows", [value.array[value.start : value.stop]])


def labelled(value: Any) -> list[tuple[str, Any]]:
    """The parts of a value, each under its name; no two names are the same.

    >>> labelled({"a": 1, 2: [3]}), labelled(slice(5))
    ([("['a']", 1), ('[2]', [3])], [('.start', None), ('.stop', 5), ('.step', None)])
    """
    if type(value) in LEAVES or is_code(value) or _is_short(value) or is_spelled(value):
        return []
    if type(value) is Rows:
        return list(_rows(value.array, value.start, value.stop))
    form = form_of(value)
    found = _unique(pair for pair in _labelled(value, form) if type(pair[1]) is not Digest)
    return found if form.ordered else sorted(found, key=_name)


def _is_short(value: Any) -> bool:
    """A shape, a version, a point: better seen whole."""
    return type(value) is tuple and len(value) <= SHORT and all(type(part) in LEAVES for part in value)


def _name(pair: tuple[str, Any]) -> str:
    return pair[0]


def _unique(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    found = [*pairs]
    return [*zip(unique(name for name, _ in found), (part for _, part in found), strict=True)]


def _labelled(value: Any, form: Form) -> Labelled:
    if form.tag == "DataFrame":
        yield " rows", len(value)
    if form.tag in PAIRS:
        yield from _pairs(form.parts)
    elif not form.ordered:
        yield from ((f"{{{_told(part)}}}", part) for part in form.parts)
    elif form.tag == "ndarray":
        yield from _array(value, form)
    elif form.tag == "columns":
        yield from _pairs(form.parts, " column {}")
    elif form.tag == "object":
        yield from _instance(value, form)
    elif form.tag == "reduced":
        yield from _reduced(value, form.parts)
    elif form.tag == "state":
        yield from _state(value, form.parts)
    else:
        yield from _placed(value, form)


def _placed(value: Any, form: Form) -> Labelled:
    names = NAMES.get(form.tag, INDEX if form.tag.endswith("Index") else ())
    if form.tag not in WHOLE:
        for place, part in enumerate(form.parts):
            yield from _part(value, names[place] if place < len(names) else f"[{place}]", part)


def _part(value: Any, name: str, part: Any) -> Labelled:
    """A form among the parts is a way to write them down, not a part of its own."""
    if type(part) is not Form:
        yield name, part
    else:
        yield from _labelled(value, part)


def _pairs(parts: Sequence[Any], spelled: str = "[{}]") -> Labelled:
    for place in range(0, len(parts), 2):
        yield spelled.format(_told(parts[place])), parts[place + 1]


def _told(key: Any) -> str:
    """A key as it is written, with its digest where that leaves doubts."""
    return shown(key) if is_exact(key) else f"{shown(key)} {fingerprint(key).hex()[:8]}"


def _instance(value: Any, form: Form) -> Labelled:
    """What the instance was made from, then its attributes, slots, items and entries."""
    cls, *arguments = form.parts[:-3] or form.parts[:1]
    yield ".__class__", cls
    fields = next((vars(base)["_fields"] for base in type(value).__mro__ if "_fields" in vars(base)), ())
    for place, part in enumerate(arguments):
        yield f".{fields[place]}" if len(fields) == len(arguments) else f" argument {place}", part
    yield from _state(value, form.parts[-3:] if len(form.parts) > 3 else form.parts[1:])


def _reduced(value: Any, parts: Sequence[Any]) -> Labelled:
    """What pickle would call to make the value again. A single argument is mostly what it holds."""
    *classes, make, arguments, state, items, entries = parts
    yield from ((" class", cls) for cls in classes)
    yield " constructor", make
    for place, part in enumerate(arguments):
        yield "" if len(arguments) == 1 else f" argument {place}", part
    yield from _state(value, (state, items, entries))


def _state(value: Any, parts: Sequence[Any]) -> Labelled:
    for part in parts:
        if type(part) is dict and all(type(name) is str for name in part):
            yield from ((f".{name}", one) for name, one in part.items())
        elif part is not None:
            yield from _part(value, " state", part)


def _array(value: Any, form: Form) -> Labelled:
    yield from ((".dtype", value.dtype), (".shape", value.shape), (" order", form.parts[2]))
    if value.ndim:
        yield from _rows(value, 0, len(value))


def _rows(array: Any, start: int, stop: int) -> Labelled:
    step = -(-(stop - start) // BLOCKS)
    for first in range(start, stop, max(step, 1)):
        last = min(first + step, stop)
        yield (f"[{first}]", array[first]) if step == 1 else (f"[{first}:{last}]", Rows(array, first, last))
