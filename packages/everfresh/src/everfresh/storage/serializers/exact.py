"""What a format of few types gives back as it was, and what it would not."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse_others(value: object, plain: frozenset[type], keys: frozenset[type], name: str) -> None:
    """Raise TypeError that names the first part which is no list, no dict with such keys, and of none of these types.

    Types are taken exactly: a tuple would come back as a list, a subclass of int as an int.
    """
    waiting = [("the value", value)] if type(value) not in plain else []
    seen: set[int] = set()  # a circle, the format itself refuses
    while waiting:
        path, part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            _check_keys(path, part, keys, name)
            waiting += [(f"{path}[{at!r}]", each) for at, each in _items(path, part, name) if type(each) not in plain]


def _items(path: str, part: object, name: str) -> Iterable[tuple[object, object]]:
    if type(part) is list:
        return enumerate(part)
    if type(part) is dict:
        return part.items()
    raise TypeError(f"{path} is of type {type(part).__qualname__}, which {name} would not give back as it is")


def _check_keys(path: str, part: object, keys: frozenset[type], name: str) -> None:
    wrong = next((key for key in part if type(key) not in keys), None) if type(part) is dict else None
    if wrong is not None or (type(part) is dict and None in part and type(None) not in keys):
        raise TypeError(f"{path} has the key {wrong!r} of type {type(wrong).__name__}, which {name} would change")
