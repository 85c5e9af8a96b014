"""What a user may say of one memoized function, checked against its parameters."""

from __future__ import annotations

from everfresh_callgraph.record import record

from everfresh.settings import writes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from everfresh_fingerprint.settings import FingerprintSettings


@record
class Options:
    """`version` stands for the code; `ignore` names parameters that do not matter; `key` replaces the arguments.

    `depends_on` holds further values, or functions without parameters that give them, on which answers depend.
    `strict` refuses what cannot be followed, `assume_pure` accepts what looks at the time, the network ...
    `fingerprints` says whose code is followed, in place of the group's; so do `writes` and `single_flight` what they
    say, where they are not None.
    """

    version: object = None
    ignore: tuple[str, ...] = ()
    key: Callable[..., object] | None = None
    depends_on: tuple[object, ...] = ()
    strict: bool | None = None
    assume_pure: bool = False
    fingerprints: FingerprintSettings | None = None
    writes: str | None = None
    single_flight: bool | None = None

    def checked(self, name: str, parameters: tuple[str, ...]) -> Options:
        """The same options; raises ValueError or TypeError that names the one that does not fit the function."""
        unknown = [one for one in self.ignore if one not in parameters]
        if unknown:
            raise ValueError(
                f"ignore={self.ignore!r}: {name} has no parameter {unknown[0]!r}; "
                f"it has {', '.join(parameters) or 'none'}"
            )
        if self.writes is not None:
            writes(self.writes)
        if self.key is not None and not callable(self.key):
            raise TypeError(f"key={self.key!r} is not callable; give a function with the parameters of {name}")
        return self


def names(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """`ignore="verbose"` means the same as `ignore=("verbose",)`."""
    return (value,) if isinstance(value, str) else tuple(value)


def several(value: object) -> tuple[object, ...]:
    """One dependency or a tuple of them."""
    return value if isinstance(value, tuple) else (value,)
