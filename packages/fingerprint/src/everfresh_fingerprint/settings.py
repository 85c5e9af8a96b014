"""How fingerprints are taken, as one value: given to each fingerprint, never set for all."""

from __future__ import annotations

from everfresh_callgraph.record import record
from everfresh_callgraph.scope import Scope


@record
class FingerprintSettings:
    """What counts as the user's code, where that is not to go by what is installed.

    `deep` names packages whose code is followed although they are installed (`("pkg",)`, `("pkg.sub",)`), `constant`
    packages that are taken as they are although they are the user's.
    """

    deep: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.deep, self.constant)


DEFAULT = FingerprintSettings()


def chosen(deep: object, constant: object) -> FingerprintSettings | None:
    """The settings for packages by name, one or several; None where nothing is said.

    Raises TypeError, naming the option, for what is no name of a package.
    """
    if not deep and not constant:
        return None
    return FingerprintSettings(_names("deep", deep), _names("constant", constant))


def _names(option: str, given: object) -> tuple[str, ...]:
    names = tuple(given) if isinstance(given, tuple | list) else (given,)
    for name in names:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            raise TypeError(f"{option}={given!r}: {name!r} is no name of a package; write {option}=('package',)")
    return names
