"""What can go wrong. Each error is also the builtin that a caller would expect.

EverfreshError
├── UnserializableError (TypeError)   the value cannot be kept
├── DamagedError (ValueError)         what is kept is not what was written
│   └── OtherFormatError              or was written in a format that this everfresh does not read
├── NewerFormatError (OSError)        the cache belongs to a newer everfresh
├── UnknownPolicyError (ValueError)   no replacement policy has this name
├── SettingsError (ValueError)        a setting is unknown or is not understood
├── UnseenError (ValueError)          the code depends on what cannot be seen; strict mode: may depend on it
└── NotCachedError (LookupError)      call_if_cached: no answer is kept

CacheWarning (UserWarning)            the cache had trouble; the answers are right all the same
├── NotMemoizedWarning                a function ran, and its answer was not kept
└── ImpureWarning                     a function may depend on what is not watched
"""

from __future__ import annotations


class EverfreshError(Exception):
    """Whatever everfresh raises of its own."""


class UnserializableError(EverfreshError, TypeError):
    """The value cannot be written to an object."""


class DamagedError(EverfreshError, ValueError):
    """An object is not what was written: cut short, altered, or of things that no longer exist."""


class OtherFormatError(DamagedError):
    """An object of another format: whole, perhaps, but not to be read by this everfresh."""


class NewerFormatError(EverfreshError, OSError):
    """The cache belongs to a newer everfresh, and is left as it is."""


class UnknownPolicyError(EverfreshError, ValueError):
    """No replacement policy has this name."""


class CacheWarning(UserWarning):
    """The cache had trouble: something is computed again, or not kept. The answers are right all the same."""


class NotMemoizedWarning(CacheWarning):
    """A function ran, and its answer was not kept; the message says why."""


class ImpureWarning(CacheWarning):
    """A function may depend on what is not watched; its answers are kept all the same."""


class SettingsError(EverfreshError, ValueError):
    """A setting is unknown, or its value is not understood."""


class UnseenError(EverfreshError, ValueError):
    """The code depends on what cannot be seen; in strict mode, also where it only may."""


class NotCachedError(EverfreshError, LookupError):
    """No answer is kept for the call."""
