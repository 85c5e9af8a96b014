"""What code is made of, as an imprint writes it down: all that a walk could read of it, and how it is pinned."""

from __future__ import annotations

from types import FunctionType, ModuleType

from everfresh_callgraph import classes
from everfresh_callgraph.expand import DISPATCHER
from everfresh_callgraph.late import READS_ANNOTATIONS, annotation_types, function_notes
from everfresh_callgraph.naming import qualified
from everfresh_callgraph.stated import stated_version
from everfresh_callgraph.walk import kind_of

from everfresh_fingerprint.addresses import address_of, is_plain_object
from everfresh_fingerprint.texts import READS_TEXT, text

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
        self.held: list[tuple[object, object]] = []  # code, and values in it, which are watched from then on
        self.namespaces: list[object] = []  # of functions that read no module's
        self.functions: list[FunctionType] = []
        self.classes: list[type] = []
        self.opened: list[type] = []  # installed classes, which anybody can change
        self.kinds: dict[str, Callable[[Any], tuple[object, ...]]] = {
            "function": self.function,
            "class": self.class_,
            "module": self.module,
            "constant": self.constant,
            "stated": self.stated,
        }

    def __call__(self, code: object) -> tuple[object, ...]:
        kind = kind_of(code, self.scope)
        return (kind, *self.kinds[kind](code))

    def function(self, function: FunctionType) -> tuple[object, ...]:
        """All but its code, which is written beside."""
        self.functions.append(function)
        carried = function.__defaults__, function.__kwdefaults__, vars(function), function.__closure__
        if any(carried):
            self.held += [(function, one) for one in carried if one]
        code, names = function.__code__, (function.__name__, function.__qualname__)
        given = names if names != (code.co_name, code.co_qualname) else None
        where = function.__module__, self.globals(function)
        return (given, *where, carried if any(carried) else vars(function), *self.texts(function))

    def class_(self, cls: type) -> tuple[object, ...]:
        self.classes.append(cls)
        body = classes.attributes(cls)
        self.held += [(cls, one) for one in body.values() if is_plain_object(one)]
        asked: object = type.__subclasses__(cls) if "__subclasses__" in self.attributes else None
        head = qualified(cls), type(cls), cls.__bases__, classes.registered(cls), asked
        return (*head, classes.annotated(cls), *self.texts(cls), body)

    def texts(self, code: Any) -> tuple[object, ...]:
        """Texts, and the classes that annotations name, where somebody asks for them."""
        noted = list(annotation_types(code)) if self.asks_notes else None
        if not self.asks_texts:
            return (noted,)
        if isinstance(code, type):
            return noted, text(code, self.attributes)
        return noted, code.__doc__, function_notes(code)

    def module(self, module: ModuleType) -> tuple[object, ...]:
        """What it holds is told name by name, at its address."""
        return qualified(module), None if type(module) is ModuleType else type(module)

    def constant(self, code: Any) -> tuple[object, ...]:
        """What pins it, and what of the user's was put into it, or wrapped with it."""
        pin = self.scope.pin(code)
        if type(code) is FunctionType:
            within = _registry(code) if code.__code__.co_qualname == DISPATCHER else code.__closure__
            self.held.append((code, within))
            return qualified(code), pin, code.__code__.co_firstlineno, within
        if issubclass(type(code), type):
            self.opened += classes.open_bases(code)
            return qualified(code), pin, classes.patched(code, self.scope)
        return qualified(code), pin

    def stated(self, code: object) -> tuple[object, ...]:
        return qualified(code), stated_version(code)

    def globals(self, function: FunctionType) -> object:
        """The module whose names a function reads, or those names where they are no module's."""
        names = function.__globals__
        where = address_of(names)
        if where is not None:
            return where
        self.namespaces.append(names)
        return {one: value for one, value in names.items() if one != "__builtins__"}


def _registry(function: FunctionType) -> object:
    """What functions are registered with a dispatcher."""
    return vars(function).get("registry")
