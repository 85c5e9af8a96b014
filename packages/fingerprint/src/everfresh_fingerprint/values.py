"""Value -> what it is, in sixteen bytes, and the code that it holds. Functions and classes are left to whoever asks."""

from __future__ import annotations

from everfresh_callgraph.model import Scanned

from everfresh_fingerprint.cycles import encode_cyclic
from everfresh_fingerprint.digest import digest, seal
from everfresh_fingerprint.encoder import CycleError, Encoder
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.leaves import LEAVES, scalar


def describe(value: object) -> Scanned:
    """Digest a value: equal for equal values in every process, different for different ones.

    `summary` is the digest, in which the code that the value holds (functions, classes, modules) stands as the first,
    second ... of `references`. Sharing does not count: a list twice and two equal lists are the same.
    """
    if type(value) in LEAVES:
        return Scanned(digest(scalar(value)), (), immutable=True)
    encoder = Encoder()
    try:
        part = encoder.encode(value)
    except CycleError:
        encoder = Encoder()
        part = encode_cyclic(encoder, value)
    except RecursionError as error:
        raise UnfingerprintableError("its sets are nested too deep") from error
    return Scanned(seal("value", [part]), tuple(encoder.references), immutable=False)
