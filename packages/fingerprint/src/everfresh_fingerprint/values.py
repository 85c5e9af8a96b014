"""Value -> what it is, in sixteen bytes, and the code that it holds. Functions and classes are left to whoever asks."""

from __future__ import annotations

from everfresh_callgraph.model import Scanned

from everfresh_fingerprint.cycles import encode_cyclic
from everfresh_fingerprint.digest import DIGEST_VERSION, digest
from everfresh_fingerprint.encoder import CycleError, Encoder
from everfresh_fingerprint.leaves import LEAVES, leaf
from everfresh_fingerprint.shared import MisfitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.references import References
    from everfresh_fingerprint.shared import Shared

HEAD = b"value %d:" % DIGEST_VERSION


def describe(value: object, *, unordered: bool = False, shared: Shared | None = None) -> Scanned:
    """Digest a value: equal for equal values in every process, different for different ones.

    `summary` is the digest, in which the code that the value holds (functions, classes, modules) stands by name and
    by its place in `references`. Sharing does not count: a list twice and two equal lists are the same. With
    `unordered`, nor does the order of the keys of dictionaries. `shared` keeps what several values have in common, for
    the next; the digest does not hang on it.
    """
    part = leaf(value) if type(value) in LEAVES or not unordered else None
    if part is not None:
        return Scanned(digest(HEAD + part), (), immutable=type(value) in LEAVES)
    if shared is not None:
        shared.make_room()
    part, references = _encoded(value, unordered, shared)
    return Scanned(digest(HEAD + part), references.met(), immutable=False)


def _encoded(value: object, unordered: bool, shared: Shared | None) -> tuple[bytes, References]:
    try:
        return _encoded_with(value, unordered, shared)
    except MisfitError:
        return _encoded_with(value, unordered, None)


def _encoded_with(value: object, unordered: bool, shared: Shared | None) -> tuple[bytes, References]:
    encoder = Encoder(unordered, shared)
    try:
        return encoder.encode(value), encoder.references
    except CycleError:
        encoder = Encoder(shared=shared)
        return encode_cyclic(encoder, value), encoder.references
