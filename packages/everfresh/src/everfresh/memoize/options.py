"""What a user may say of one memoized function, checked against its parameters."""

from __future__ import annotations

from everfresh_callgraph.record import record
from everfresh_fingerprint.settings import chosen

from everfresh.memoize.said import Said, said

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from everfresh_fingerprint.settings import FingerprintSettings


NOTHING = Said()


@record
class Options:
    """`version` stands for the code; `ignore` names parameters that do not matter; `key` replaces the arguments.

    `depends_on` holds further values, or functions without parameters that give them, on which answers depend.
    `assume_pure` accepts what looks at the time, the network ... `fingerprints` says whose code is followed, in place
    of the group's; so does `said` what else groups say.
    """

    version: object = None
    ignore: tuple[str, ...] = ()
    key: Callable[..., object] | None = None
    depends_on: tuple[object, ...] = ()
    assume_pure: bool = False
    fingerprints: FingerprintSettings | None = None
    said: Said = NOTHING

    def checked(self, name: str, parameters: tuple[str, ...]) -> Options:
        """The same options; raises ValueError or TypeError that names the one that does not fit the function."""
        unknown = [one for one in self.ignore if one not in parameters]
        if unknown:
            raise ValueError(
                f"ignore={self.ignore!r}: {name} has no parameter {unknown[0]!r}; "
                f"it has {', '.join(parameters) or 'none'}"
            )
        if self.key is not None and not callable(self.key):
            raise TypeError(f"key={self.key!r} is not callable; give a function with the parameters of {name}")
        return self


def options(given: Mapping[str, Any]) -> Options:
    """What the keyword arguments of `memoize` say; raises ValueError or TypeError that names a wrong one."""
    return Options(
        given["version"],
        names(given["ignore"]),
        given["key"],
        several(given["depends_on"]),
        given["assume_pure"],
        chosen(given["deep"], given["constant"], given["unordered"]),
        said(given),
    )


def names(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """`ignore="verbose"` means the same as `ignore=("verbose",)`."""
    return (value,) if isinstance(value, str) else tuple(value)


def several(value: object) -> tuple[object, ...]:
    """One dependency or a tuple of them."""
    return value if isinstance(value, tuple) else (value,)
