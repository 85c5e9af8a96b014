"""Listeners to the events of every group."""

from __future__ import annotations

from everfresh.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from everfresh.events import Listener

_listeners: list[Listener] = []


def subscribe(listener: Listener) -> Callable[[], None]:
    """Call the listener with every event of every group, until the function that this returns is called.

    >>> events = []
    >>> unsubscribe = subscribe(events.append)
    >>> unsubscribe()
    """
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def everywhere() -> tuple[Listener, ...]:
    """All of them, with the log where the settings switch it on."""
    if settings().log:
        from everfresh.observe.log import log

        return (*_listeners, log)
    return tuple(_listeners)
