"""A fingerprint that an earlier process took, where everything that was read for it is as it was then.

Sound since the imprint is of all that the walk read: `covers` looks for each thing that was read among
those that were written down. Equal imprints mean that a walk would read the same, step by step, and end the same.
"""

from __future__ import annotations

import sys
from types import ModuleType

from everfresh_callgraph.classes import Members
from everfresh_callgraph.model import BlindSpot, Reads
from everfresh_callgraph.purity import Impurity
from everfresh_callgraph.resolve import Unimported, pin_unimported
from everfresh_callgraph.stated import STATED
from everfresh_callgraph.trees import SourceTree

from everfresh_fingerprint.addresses import LostError, address_of, addresses, are_loaded, pinned
from everfresh_fingerprint.digest import Digest
from everfresh_fingerprint.guards import Guard
from everfresh_fingerprint.imprint import Imprint
from everfresh_fingerprint.modules import codes_of, have_same_code
from everfresh_fingerprint.receipts import RECEIPTS, Receipt, receipt_name
from everfresh_fingerprint.texts import READS_TEXT
from everfresh_fingerprint.walked import CodeFingerprint, Walked, walked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_callgraph.model import CallGraph
    from everfresh_callgraph.scope import Scope

    from everfresh_fingerprint.settings import FingerprintSettings


class Recalled(CodeFingerprint):
    """Taken over from an earlier process; the graph is walked through only if somebody asks for it."""

    __slots__ = ("_walked", "defaults", "receipt", "root", "settings")

    def __init__(
        self, receipt: Receipt, root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str]
    ) -> None:
        super().__init__(asked)
        self.root, self.defaults, self.settings = root, defaults, settings
        self.digest, self.hands_out = Digest(receipt.digest), receipt.hands_out
        self.attributes = frozenset(receipt.attributes)
        self.receipt = receipt
        self.blind_spots = tuple(BlindSpot(*one) for one in receipt.blind_spots)
        self._walked: Walked | None = None

        def look() -> Reads | None:
            imprint = _imprint(receipt, root, settings)
            return imprint.reads() if imprint is not None else None

        self.guard = Guard(look, settings.describing, not READS_TEXT.isdisjoint(self.attributes))

    @property
    def impurities(self) -> tuple[Impurity, ...]:
        return tuple(Impurity(what, tuple(chain)) for what, chain in self.receipt.impurities)

    @property
    def walked(self) -> Walked:
        if self._walked is None:
            self._walked = walked(self.root, self.settings, defaults=self.defaults, asked=self.asked)
        return self._walked

    @property
    def graph(self) -> CallGraph:
        return self.walked.graph

    @property
    def own(self) -> tuple[Digest, ...]:
        return self.walked.own


def recall(root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str]) -> Recalled | None:
    """The fingerprint that an earlier process took, if it still stands. Asked once for each root by its name."""
    try:
        receipt = RECEIPTS.first(receipt_name(root, defaults, settings, asked))
        found = receipt is not None and _imprint(receipt, root, settings) is not None
    except Exception:  # a module that is gone, a value that lost its fingerprint: walk, and say it there
        return None
    return Recalled(receipt, root, defaults, settings, asked) if receipt is not None and found else None


def _imprint(receipt: Receipt, root: object, settings: FingerprintSettings) -> Imprint | None:
    """The imprint as it is now, if it is what it was."""
    pins = all(_pin(name, settings.scope) == pin for name, pin in receipt.pins)
    if not pins or any(SourceTree(folder, whole).digest() != digest for folder, whole, digest in receipt.trees):
        return None
    places = receipt.places()
    if not are_loaded(places, settings.scope) and not have_same_code(root, receipt.codes):
        return None  # nothing is imported for code that may not ask for it any more
    installed = [name for name, _ in receipt.pins]
    imprint = Imprint(root, places, installed, settings, frozenset(receipt.attributes))
    return imprint if imprint.digest == receipt.imprint else None


def remember(code: Walked, root: object, defaults: bool, settings: FingerprintSettings) -> None:
    """Leave a receipt for later processes, where all that was read can be found and written down."""
    try:
        name = receipt_name(root, defaults, settings, code.asked)
        receipt = _receipt(code, root, settings) if RECEIPTS.is_due(name) else None
        if receipt is not None and code.holds():  # else the imprint may be of another state than the walk
            RECEIPTS.keep(name, receipt)
    except Exception:  # whatever cannot be told again by its imprint: the next process walks
        return


def _receipt(code: Walked, root: object, settings: FingerprintSettings) -> Receipt:
    """Raises LostError where not all that the walk read is in the imprint."""
    graph = code.graph
    places = addresses(graph, settings.scope)
    pins = _pins(graph, settings.scope)
    imprint = Imprint(root, places, [name for name, _ in pins], settings, code.attributes)
    if not covers(imprint, graph.reads):
        raise LostError("not all that was read is written down")
    return Receipt(
        tuple((one.name, one.names, one.glanced, one.whole) for one in places),
        codes_of(root, (one.name for one in places if pinned(one.name, settings.scope) is None)),
        pins,
        _trees(graph),
        imprint.digest,
        bytes(code.digest),
        tuple(code.attributes),
        code.hands_out,
        tuple((one.what, one.chain) for one in code.impurities),
        tuple((one.where, one.what) for one in code.blind_spots),
    )


def covers(imprint: Imprint, reads: Reads) -> bool:
    """Whether all that was read is among what the imprint says."""
    known = imprint.known() | {id(())}  # the empty tuple is one object, and needs no writing
    named = (names for names, name, _ in reads.names if name != STATED)
    namespaces = (names for names in (*named, *(names for names, _ in reads.modules)) if address_of(names) is None)
    code = {id(one) for one in imprint.met}
    read = [*(row[0] for row in reads.functions), *(row[0] for row in reads.classes)]
    values = (row[0].by_name if type(row[0]) is Members else row[0] for row in (*reads.cells, *reads.values))
    return known.issuperset(map(id, (*namespaces, *values))) and (code | imprint.opened).issuperset(map(id, read))


def _pins(graph: CallGraph, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Installed modules, and what functions import from them: by name, and what pins them."""
    pins = {(node.subject.name, node.subject.pin) for node in graph.nodes if type(node.subject) is Unimported}
    modules = [node.subject for node in graph.nodes if node.kind == "constant" and type(node.subject) is ModuleType]
    pins |= {(module.__name__, str(scope.pin(module))) for module in modules}
    if any(_pin(name, scope) != pin for name, pin in pins):
        raise LostError("packages that are not imported")
    return tuple(sorted(pins))


def _pin(name: str, scope: Scope) -> str | None:
    module = sys.modules.get(name)
    return scope.pin(module) if module is not None else scope.chosen(pin_unimported(name), name)


def _trees(graph: CallGraph) -> tuple[tuple[str, bool, str | None], ...]:
    trees = [node.subject for node in graph.nodes if type(node.subject) is SourceTree]
    return tuple((tree.folder, tree.whole, tree.digest()) for tree in trees)
