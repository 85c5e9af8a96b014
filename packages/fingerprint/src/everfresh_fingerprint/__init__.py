"""The same digest in every process: of values, and of functions with all that they reach."""

from everfresh_fingerprint.digest import DIGEST_VERSION, Digest
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.fingerprint import fingerprint
from everfresh_fingerprint.functions import code_fingerprint
from everfresh_fingerprint.settings import FingerprintSettings
from everfresh_fingerprint.walked import CodeFingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.explaining.difference import Difference
    from everfresh_fingerprint.explaining.explain import explain
    from everfresh_fingerprint.explaining.outline import Outline, outline, outline_code

determ_hash = fingerprint

__all__ = [
    "DIGEST_VERSION",
    "CodeFingerprint",
    "Difference",
    "Digest",
    "FingerprintSettings",
    "Outline",
    "UnfingerprintableError",
    "code_fingerprint",
    "determ_hash",
    "explain",
    "fingerprint",
    "outline",
    "outline_code",
]
__version__ = "0.1.0"

# Loaded when first asked for: fingerprints are taken at every start, explanations are rare.
_HOMES = {"Difference": "difference", "Outline": "outline", "explain": "explain"}
_HOMES |= {"outline": "outline", "outline_code": "outline"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"everfresh_fingerprint.explaining.{_HOMES[name]}"), name)
    return value
