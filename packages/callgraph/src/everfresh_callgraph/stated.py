"""code_version: a stated version in place of the code."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

# Held with the function or class that it was stated for: functools.wraps and subclasses pass attributes on.
STATED = "__code_version__"


def code_version(version: object) -> Callable[[T], T]:
    """State a version for a function or class: it stands for its code and for all that the code reaches.

    Whatever calls it stays as it was until the version changes, however the code is edited.

    >>> @code_version("1.0")
    ... def simulate(x):
    ...     return x * 2
    """

    def state(subject: T) -> T:
        setattr(subject, STATED, (subject, version))
        return subject

    return state


def stated_version(subject: Any) -> str | None:
    """The version that was stated for exactly this function or class, as text."""
    stated_for, version = getattr(subject, "__dict__", {}).get(STATED, (None, None))
    return f"{type(version).__name__} {version!r}" if stated_for is subject and subject is not None else None
