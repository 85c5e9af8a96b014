"""All that a walk read, in one digest that is quick to take: the same imprint, the same fingerprint.

A walk asks of each thing what it does; an imprint only writes down what it is: raw code, names, attributes, values,
most of it by the serializer of the standard library, in C. It says more than a fingerprint (a moved line changes it)
and nothing less: whatever a walk looked at is written, or there is no imprint. See docs/decisions/0034.
"""

from __future__ import annotations

import marshal
import sys
from types import CellType, FunctionType, ModuleType, NoneType

from everfresh_callgraph.classes import registrations
from everfresh_callgraph.expand import MACHINERY
from everfresh_callgraph.model import MISSING, UNSEEN, Reads
from everfresh_callgraph.naming import module_name, qualified
from xxhash import xxh3_128

from everfresh_fingerprint.addresses import is_plain_object, namespace, pinned, put_into
from everfresh_fingerprint.bodies import Bodies
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.writing import Writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from everfresh_fingerprint.addresses import Address
    from everfresh_fingerprint.settings import FingerprintSettings


def _cells(carried: object) -> list[CellType]:
    return [one for one in carried if type(one) is CellType] if type(carried) is tuple else []


class Imprint:
    """The imprint of a root and of what stands at some addresses. Raises where something cannot be written down.

    `attributes` are the names that the code in reach asks for: texts count where they are among them. `pins` name
    installed modules, and what is imported from them, loaded or not: what the user put there counts.
    """

    def __init__(
        self,
        root: object,
        addresses: Iterable[Address],
        pins: Iterable[str],
        settings: FingerprintSettings,
        attributes: frozenset[str],
    ) -> None:
        self.root, self.settings, self.attributes = root, settings, attributes
        self.names: list[tuple[Mapping[Any, object], Any, object]] = []
        self.values: list[tuple[str, object]] = []
        self.modules: list[tuple[Mapping[Any, object], frozenset[Any]]] = []
        self.kinds: list[tuple[object, type]] = []
        self.met: list[object] = []
        numbers: dict[int, int] = {}
        self.describe = settings.describing()
        self.ordered = Writing(self.met, numbers, settings.scope, self.describe, any_order=False)
        self.unordered = Writing(self.met, numbers, settings.scope, self.describe, any_order=True)
        self.bodies = Bodies(settings.scope, attributes)
        places = [(address, namespace(address, settings.scope)) for address in addresses]  # it may import modules
        put = self.bodies.put
        self.ordered.dump((root, [(put.under(name), list(put_into(name, attributes, put.resolver))) for name in pins]))
        for address, names in places:
            self.look_up(address, names)
        for number, code in enumerate(self.met):  # it grows meanwhile
            body = self.bodies(code)
            if body:
                self.writing_of(code).dump((number, *body))
        self.digest = self.sealed()

    def look_up(self, address: Address, names: Mapping[Any, object]) -> None:
        """What stands under the names at one address, and which names there are, where somebody asked for those."""
        found = [(name, names.get(name, MISSING)) for name in address.names]
        glanced = [(name, names.get(name, MISSING)) for name in address.glanced]
        self.names += [(names, name, value) for name, value in found + glanced]
        if address.whole:
            self.modules.append((names, frozenset(names)))
        where = module_name(str(names.get("__name__", "")))
        # As one new text: pickle tells objects apart, and these were made elsewhere in the process that first wrote.
        head = repr((address, where, names.get("__package__"), sorted(names) if address.whole else None))
        pin = pinned(address.name, self.settings.scope)
        told = [value if pin is None else self.told(f"{where}.{name}", value, pin) for name, value in found]
        self.values += [(f"{where}.{name}", value) for (name, _), value in zip(found, told, strict=True)]
        module = sys.modules.get(address.name)
        users = [value for name, value in glanced if self.bodies.put.counts(module, name, value)]
        self.kinds.append((module, type(module)))
        kind = None if type(module) in (ModuleType, NoneType) else type(module)  # it may answer for its attributes
        self.writing(where).dump((head, told, users, kind))

    def told(self, name: str, value: object, pin: str) -> object:
        """Of what an installed package holds and cannot be told again, its version says enough."""
        if name in MACHINERY or not is_plain_object(value):
            return value if name not in MACHINERY else pin
        try:
            self.describe(value, name)
        except UnfingerprintableError:
            return pin
        return value

    def writing_of(self, code: object) -> Writing:
        return self.writing(qualified(code)) if self.settings.unordered and isinstance(code, type) else self.ordered

    def writing(self, name: str) -> Writing:
        """Where order does not count is told of tables in modules and classes alone, by the names of those."""
        unordered = any(f"{name}.".startswith(f"{one}.") for one in self.settings.unordered)
        return self.unordered if unordered else self.ordered

    def sealed(self) -> bytes:
        codes = [one.__code__ for one in self.met if type(one) is FunctionType]
        whole = xxh3_128(marshal.dumps((codes, self.bodies.plain), 2))
        for writing in (self.ordered, self.unordered):
            whole.update(writing.file.total.digest())
        return whole.digest()

    def known(self) -> set[int]:
        """The ids of all that was written down."""
        beside = (*self.bodies.beside, *self.bodies.put.namespaces, *self.bodies.namespaces.values())
        return self.ordered.known() | self.unordered.known() | set(map(id, beside))

    @property
    def opened(self) -> set[int]:
        """The ids of installed classes of which was written down what the user's code put into them."""
        return {id(cls) for cls in self.bodies.put.opened}

    def reads(self) -> Reads:
        """What was written down, to be watched from now on."""
        classes = {id(cls): cls for cls in (*self.bodies.classes, *self.bodies.put.opened)}.values()
        abstract = registrations() if any("_abc_impl" in vars(cls) for cls in classes) else None
        cells = [cell for _, carried in self.bodies.held for cell in _cells(carried)]
        below = self.bodies.classes if "__subclasses__" in self.attributes else ()
        spaces = [*map(vars, self.bodies.functions), *self.bodies.namespaces.values()]
        return Reads(
            names=(*self.names, *self.bodies.names),
            functions=tuple(
                (one, one.__code__, one.__defaults__, one.__kwdefaults__, vars(one)) for one in self.bodies.functions
            ),
            cells=tuple((cell, MISSING) for cell in cells),
            classes=tuple((cls, (), ()) for cls in classes),
            values=tuple((value, name, UNSEEN) for name, value in self.watched()),
            modules=(*self.modules, *((names, frozenset(names)) for names in spaces)),
            subclasses=tuple((cls, ()) for cls in below),
            abstract=abstract,
            kinds=tuple(self.kinds),
        )

    def watched(self) -> Iterator[tuple[str, object]]:
        """The values that can change in place, by name."""
        if is_plain_object(self.root):
            yield "root", self.root
        for code, value in self.bodies.held:
            yield f"{qualified(code)}.", value
        yield from ((name, value) for name, value in self.values if is_plain_object(value))
