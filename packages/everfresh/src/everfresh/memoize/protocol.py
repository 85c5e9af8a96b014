"""Memoized: the type of a memoized function. A module of its own, since it needs `typing` at run time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, overload, runtime_checkable

if TYPE_CHECKING:
    from everfresh.memoize.group import Group
    from everfresh.model import Reason
    from everfresh.observe.statistics import Stats

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")


@runtime_checkable
class Memoized(Protocol[P, R]):
    """A function that answers from its cache while nothing that it depends on has changed.

    It is a real function, with the signature, name and documentation of the one that it wraps; what follows are
    attributes of it. Of a method, reach them through the class: `Class.method.would_hit(instance, ...)`.
    """

    __name__: str
    __qualname__: str

    function: Callable[P, R]
    """The function itself, which always runs."""

    group: Group | None
    """The group given at decoration, or None for the default group."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...

    @overload
    def __get__(self, instance: None, owner: type) -> Memoized[P, R]: ...
    @overload
    def __get__(self: Memoized[Concatenate[S, Q], R], instance: S, owner: type | None = None) -> Callable[Q, R]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any: ...

    def would_hit(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Whether this call would be answered from the cache. Never runs the function."""
        ...

    def call_if_cached(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The kept answer; raises NotCachedError, a LookupError, where there is none. Never runs the function."""
        ...

    def clear_entry(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """Remove what is kept for this call, under all versions of the code. Gives how many entries went."""
        ...

    def why(self, *args: P.args, **kwargs: P.kwargs) -> Reason:
        """Why this call would miss, naming what changed, from what to what; `hit` where it would not."""
        ...

    def stats(self) -> Stats:
        """Hits, misses, seconds spent and saved in this process."""
        ...
