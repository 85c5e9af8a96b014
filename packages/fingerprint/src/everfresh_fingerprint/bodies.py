"""What code is made of, as an imprint writes it down: all that a walk could read of it, and how it is pinned."""

from __future__ import annotations

import copyreg
from types import FunctionType, ModuleType

from everfresh_callgraph import classes
from everfresh_callgraph.expand import DISPATCHER
from everfresh_callgraph.late import READS_ANNOTATIONS, function_notes, names_for, types_named
from everfresh_callgraph.naming import qualified
from everfresh_callgraph.stated import STATED, stated_version
from everfresh_callgraph.walk import kind_of

from everfresh_fingerprint.addresses import address_of, is_plain_object
from everfresh_fingerprint.put import Put
from everfresh_fingerprint.texts import READS_TEXT, spelled_notes, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from everfresh_callgraph.scope import Scope


class Bodies:
    """Tells of a function, class or module what it is made of. `attributes` are the names that code asks for."""

    def __init__(self, scope: Scope, attributes: frozenset[str]) -> None:
        self.scope, self.attributes = scope, attributes
        self.asks_texts = not READS_TEXT.isdisjoint(attributes)
        self.asks_notes = not READS_ANNOTATIONS.isdisjoint(attributes)
        self.named: dict[tuple[int, object], list[type]] = {}
        self.plain: list[object] = []  # of all code in the order in which it was met: what is plain text
        self.held: list[tuple[object, object]] = []  # code, and values in it, which are watched from then on
        self.beside: list[object] = [copyreg.dispatch_table]  # dictionaries of which what counts is written
        self.namespaces: dict[int, dict[str, object]] = {}  # by id, of functions that read no module's
        self.names: list[tuple[Any, Any, object]] = []  # what was read that stands at no address
        self.functions: list[FunctionType] = []
        self.classes: list[type] = []
        self.put = Put(scope, attributes)
        self.kinds: dict[str, Callable[[Any], tuple[object, ...]]] = {
            "function": self.function,
            "class": self.class_,
            "module": self.module,
            "constant": self.constant,
            "stated": self.stated,
        }

    def __call__(self, code: object) -> tuple[object, ...]:
        """What is to be written of some code; of most functions that is nothing beyond its plain part."""
        if type(code) is FunctionType and STATED not in vars(code) and self.scope.pin(code) is None:
            return self.function(code)
        kind = kind_of(code, self.scope)
        self.plain.append(kind)
        return self.kinds[kind](code)

    def function(self, function: FunctionType) -> tuple[object, ...]:
        """All but its code, which is written beside."""
        self.functions.append(function)
        carried = function.__defaults__, function.__kwdefaults__, vars(function), function.__closure__
        self.beside.append(carried[2])
        code, names = function.__code__, (function.__name__, function.__qualname__)
        given = names if names != (code.co_name, code.co_qualname) else None
        where = address_of(function.__globals__)
        notes = function_notes(function) if self.asks_texts else {}
        texts = self.asks_texts and function.__doc__
        written = (function.__module__, where, texts, notes, given) if _is_text(texts, notes) else (where, given)
        self.plain.append(written)
        rest = self.rest(function, notes, where is None, plain=len(written) > 2)
        if any(carried):
            self.held += [(function, one) for one in carried if one]
            return (*carried, *rest)
        return rest

    def rest(
        self, function: FunctionType, notes: dict[str, object], own_names: bool, plain: bool
    ) -> tuple[object, ...]:
        """What of a function is not plain text."""
        noted = self.noted(function, notes) if notes and self.asks_notes else []
        if plain and not noted and not own_names:
            return ()
        spelled = spelled_notes(function) if self.asks_notes else None
        texts = None if plain else (function.__module__, function.__doc__, notes, spelled)
        return (noted, texts, self.globals(function) if own_names else None)

    def noted(self, code: object, notes: dict[str, object]) -> list[type]:
        """The classes that annotations name; many annotations are alike."""
        names = names_for(code)
        found: list[type] = []
        for note in notes.values():
            key = id(names), note if type(note) is str else id(note)
            if key not in self.named:
                self.named[key] = types_named([note], names)
            found += self.named[key]
        return found

    def class_(self, cls: type) -> tuple[object, ...]:
        self.classes.append(cls)
        body = classes.attributes(cls)
        self.held += [(cls, one) for one in body.values() if is_plain_object(one)]
        asked: object = type.__subclasses__(cls) if "__subclasses__" in self.attributes else None
        head = qualified(cls), cls.__name__, type(cls), cls.__bases__, classes.registered(cls), asked
        return (*head, *self.known_elsewhere(cls), classes.annotated(cls), *self.texts(cls), body)

    def known_elsewhere(self, cls: type) -> tuple[object, ...]:
        """What was registered below an abstract class, and how copyreg was told to take instances apart."""
        registered = classes.registered_below(cls) if "_abc_impl" in vars(cls) else ()
        table = tuple(copyreg.dispatch_table.items())
        return sorted(map(qualified, registered)), [made for one, made in table if one is cls]

    def texts(self, cls: type) -> tuple[object, ...]:
        """Texts, and the classes that annotations name, where somebody asks for them."""
        if not self.asks_texts:
            return ()
        noted = self.noted(cls, classes.notes(cls)) if self.asks_notes else None
        return noted, text(cls, self.attributes)

    def module(self, module: ModuleType) -> tuple[object, ...]:
        """What it holds is told name by name, at its address."""
        return qualified(module), None if type(module) is ModuleType else type(module)

    def constant(self, code: Any) -> tuple[object, ...]:
        """What pins it, and what of the user's was put into it, or wrapped with it."""
        pin = self.scope.pin(code)
        if type(code) is FunctionType:
            within = _registry(code) if code.__code__.co_qualname == DISPATCHER else code.__closure__
            self.held.append((code, within))
            return qualified(code), pin, code.__code__.co_firstlineno, within, self.put(code)
        return qualified(code), pin, self.put(code)

    def stated(self, code: object) -> tuple[object, ...]:
        self.names.append((vars(code), STATED, vars(code)[STATED]))
        return qualified(code), stated_version(code)

    def globals(self, function: FunctionType) -> object:
        """The names that a function reads, where they are no module's."""
        names = function.__globals__
        found = {one: value for one, value in names.items() if one != "__builtins__"}
        if id(names) not in self.namespaces:
            self.namespaces[id(names)] = names
            self.names += [(names, name, value) for name, value in found.items()]
            self.held.append((function, list(found.values())))
        return found


def _is_text(doc: object, notes: dict[str, object]) -> bool:
    return isinstance(doc, str | None | bool) and all(type(note) is str for note in notes.values())


def _registry(function: FunctionType) -> object:
    """What functions are registered with a dispatcher."""
    return vars(function).get("registry")
