"""What programs put into installed modules, classes and functions, as an imprint writes it down: what a walk reads."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

from everfresh_callgraph import classes
from everfresh_callgraph.installed import DATA, is_put, loaded
from everfresh_callgraph.naming import qualified
from everfresh_callgraph.resolve import Resolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from everfresh_callgraph.scope import Scope


class Put:
    """Looks for what counts in installed things, where code asks for `attributes`."""

    def __init__(self, scope: Scope, attributes: frozenset[str]) -> None:
        self.scope, self.attributes = scope, attributes
        self.resolver = Resolver(scope)
        self.opened: list[type] = []  # classes that anybody can change
        self.namespaces: list[object] = []  # of functions

    def under(self, name: str) -> tuple[object, ...]:
        """In what stands under a dotted name, if it is loaded; whether it is makes no difference by itself."""
        subject = sys.modules.get(name) or loaded(name)
        return self(subject) if self.scope.pin(subject) is not None else ()

    def __call__(self, subject: object) -> tuple[object, ...]:
        """In an installed thing: names and what stands under them."""
        if issubclass(type(subject), type):
            return tuple(self.into_class(subject))
        if type(subject) is FunctionType:
            return tuple(self.into_function(subject))
        return tuple(self.into_module(subject)) if type(subject) is ModuleType else ()

    def into_class(self, cls: Any) -> Iterator[object]:
        self.opened += classes.open_bases(cls)
        yield from classes.patched(cls, self.scope)
        for name in (*sorted(self.attributes & classes.doubtful(cls)), *classes.odd_specials(cls)):
            yield from ((qualified(base), name, value) for base, value in classes.put_into(cls, name))
        if "_abc_impl" in vars(cls):
            yield from sorted(qualified(one) for one in classes.registered_below(cls) if self.scope.pin(one) is None)

    def into_module(self, module: ModuleType) -> Iterator[object]:
        names = vars(module)
        for name in sorted(self.attributes & names.keys()):
            if self.counts(module, name, names[name]):
                yield name, names[name]

    def counts(self, module: object, name: str, value: object) -> bool:
        """Whether what an installed module holds is not its own."""
        return self.resolver.is_users(value) or (type(module) is ModuleType and is_put(module, name, value))

    def into_function(self, function: FunctionType) -> Iterator[object]:
        names = vars(function)
        self.namespaces.append(names)
        for name in sorted(self.attributes & names.keys() - classes.COPIED):
            if type(names[name]) in DATA or self.resolver.is_users(names[name]):
                yield name, names[name]
