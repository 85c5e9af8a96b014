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
