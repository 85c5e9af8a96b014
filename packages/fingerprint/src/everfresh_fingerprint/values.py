"""Value -> what it is, in sixteen bytes, and the code that it holds. Functions and classes are left to whoever asks."""

from __future__ import annotations

from everfresh_callgraph.model import Scanned

from everfresh_fingerprint.cycles import encode_cyclic
from everfresh_fingerprint.digest import DIGEST_VERSION, digest
from everfresh_fingerprint.encoder import CycleError, Encoder
from everfresh_fingerprint.leaves import LEAVES, leaf

HEAD = b"value %d:" % DIGEST_VERSION


def describe(value: object, *, unordered: bool = False) -> Scanned:
    """Digest a value: equal for equal values in every process, different for different ones.

    `summary` is the digest, in which the code that the value holds (functions, classes, modules) stands by name and
    by its place in `references`. Sharing does not count: a list twice and two equal lists are the same. With
    `unordered`, nor does the order of the keys of dictionaries.
    """
    part = leaf(value) if type(value) in LEAVES or not unordered else None
    if part is not None:
        return Scanned(digest(HEAD + part), (), immutable=type(value) in LEAVES)
    encoder = Encoder(unordered)
    try:
        part = encoder.encode(value)
    except CycleError:
        encoder = Encoder()
        part = encode_cyclic(encoder, value)
    return Scanned(digest(HEAD + part), encoder.references.met(), immutable=False)
