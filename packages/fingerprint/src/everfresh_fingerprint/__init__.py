"""The same digest in every process: of values, and of functions with all that they reach."""

from everfresh_fingerprint.digest import DIGEST_VERSION, Digest
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.fingerprint import fingerprint
from everfresh_fingerprint.functions import CodeFingerprint, code_fingerprint

determ_hash = fingerprint

__all__ = [
    "DIGEST_VERSION",
    "CodeFingerprint",
    "Digest",
    "UnfingerprintableError",
    "code_fingerprint",
    "determ_hash",
    "fingerprint",
]
__version__ = "0.1.0"
