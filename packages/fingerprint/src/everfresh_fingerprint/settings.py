"""How fingerprints are taken, as one value: given to each fingerprint, never set for all."""

from __future__ import annotations

from everfresh_callgraph.record import record
from everfresh_callgraph.scope import Scope

from everfresh_fingerprint.shared import Shared
from everfresh_fingerprint.values import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from everfresh_callgraph.model import Scanned


@record
class FingerprintSettings:
    """What counts, where that is not to go by what is installed and by what code can see.

    `deep` names packages whose code is followed although they are installed (`("pkg",)`, `("pkg.sub",)`), `constant`
    packages that are taken as they are although they are the user's. `unordered` names packages and modules in whose
    tables (dictionaries in modules and classes) the order of the keys does not count.
    """

    deep: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.deep, self.constant)

    def describe(self, value: object, name: str, shared: Shared | None = None) -> Scanned:
        """What a value is that goes by this name."""
        unordered = any(name.startswith(f"{one}.") for one in self.unordered)
        return describe(value, unordered=unordered, shared=shared)

    def describing(self) -> Callable[[object, str], Scanned]:
        """The same for many values in a row that nobody changes meanwhile: what they share is looked into once."""
        shared = Shared()
        if not self.unordered:
            return lambda value, name: describe(value, shared=shared)
        return lambda value, name: self.describe(value, name, shared)


DEFAULT = FingerprintSettings()


def chosen(deep: object, constant: object, unordered: object = ()) -> FingerprintSettings | None:
    """The settings for packages by name, one or several; None where nothing is said.

    Raises TypeError, naming the option, for what is no name of a package.
    """
    if not deep and not constant and not unordered:
        return None
    return FingerprintSettings(_names("deep", deep), _names("constant", constant), _names("unordered", unordered))


def _names(option: str, given: object) -> tuple[str, ...]:
    names = tuple(given) if isinstance(given, tuple | list) else (given,)
    for name in names:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            raise TypeError(f"{option}={given!r}: {name!r} is no name of a package; write {option}=('package',)")
    return names
