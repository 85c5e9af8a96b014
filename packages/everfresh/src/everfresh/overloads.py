"""`typing.overload` for type checkers, nothing at run time: importing `typing` costs more than a thousand hits."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import overload as overload  # noqa: PLC0414  (exported)
else:

    def overload(function):
        """Leave the function to be defined anew by the next overload, and last by the implementation."""
        return function
