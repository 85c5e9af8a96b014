"""What is known of the parts that several values have in common: what one has of it, the next need not take apart.

A part counts alike wherever it stands, but for one thing: code goes by its name and a number among namesakes, in the
order in which a value's code is met. So each part is kept with the code that is met in it, in this order; it is taken
where that code gets the same numbers again. Where it does not, the whole value is looked into without what is known.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.references import Names, References

    Codes = tuple[tuple[bytes, object], ...]

# More than so many parts are not kept beyond the value in which they are met.
LIMIT = 1 << 18


class MisfitError(Exception):
    """Code within a part that is shared has another number in this value."""


class Known:
    """The part for a value, the code in it, and its colour where that is known."""

    __slots__ = ("codes", "colour", "part", "value")

    def __init__(self, value: object, part: bytes, codes: Codes, colour: bytes | None) -> None:
        self.value = value  # kept alive, so that its id is not reused
        self.part, self.codes, self.colour = part, codes, colour


class Shared:
    """Parts by the ids of their values. Only for values that nobody changes meanwhile."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}
        self.names: Names = {}
        self.sentinels: dict[int, list[str]] | None = None

    def fitting(self, value: object, references: References) -> Known:
        """What is known of a value. Raises MisfitError where its code does not go by the numbers that it has there."""
        known = self.known[id(value)]
        for part, code in known.codes:
            if references(code) != part:
                raise MisfitError
        return known

    def make_room(self) -> None:
        if len(self.known) > LIMIT:
            self.known.clear()


def first_of_each(log: list[tuple[bytes, object]]) -> Codes:
    """The code that was met, once each."""
    if len(log) < 2:
        return tuple(log)
    met: dict[bytes, object] = {}
    for part, code in log:
        met.setdefault(part, code)
    return tuple(met.items())
