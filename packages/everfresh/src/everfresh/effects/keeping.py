"""While an answer is written out, files that it names go along with it."""

from __future__ import annotations

from _thread import get_ident

_keeping: list[int] = []


class Keeping:
    """What this thread pickles between enter and exit is an answer to be kept."""

    def __enter__(self) -> None:
        _keeping.append(get_ident())

    def __exit__(self, *_: object) -> None:
        _keeping.remove(get_ident())


def keeping() -> bool:
    """Whether this thread is writing an answer out."""
    return get_ident() in _keeping
