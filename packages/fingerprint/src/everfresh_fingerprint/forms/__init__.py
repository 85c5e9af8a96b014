"""Rules by family of types: the core ones load at once, those of other packages when a value of theirs is met."""

from everfresh_fingerprint.forms import containers, descriptors

__all__ = ["containers", "descriptors"]
