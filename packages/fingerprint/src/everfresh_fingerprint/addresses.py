"""Where a walk read names, in terms that another process understands."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from everfresh_callgraph.contents import is_code
from everfresh_callgraph.model import MISSING
from everfresh_callgraph.record import record
from everfresh_callgraph.resolve import Resolver, is_submodule
from everfresh_callgraph.stated import STATED

from everfresh_fingerprint.leaves import LEAVES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from everfresh_callgraph.model import CallGraph
    from everfresh_callgraph.scope import Scope

# Namespaces that are not those of one module.
MODULES, ENVIRONMENT = "<modules>", "<environment>"


class LostError(Exception):
    """What was read cannot be found again, or not be written down."""


@record
class Address:
    """The names that were read off one namespace, `whole` if all of its names were looked at.

    Under `glanced` names of installed modules stood nothing that counts, since it was not the user's.
    """

    name: str
    names: tuple[Any, ...]
    glanced: tuple[Any, ...]
    whole: bool


def addresses(graph: CallGraph, scope: Scope) -> tuple[Address, ...]:
    """Where names were read. Namespaces that have no address count with the object that they belong to."""
    reads = graph.reads
    described = {id(node.subject) for node in graph.nodes if node.kind == "value"}
    rows: dict[str, dict[object, bool]] = {}
    for names, name, value in reads.names:
        where = address_of(names)
        if where is not None and name != STATED:
            glanced = pinned(where, scope) is not None and id(value) not in described and is_plain_object(value)
            rows.setdefault(where, {})[name] = glanced
    whole = {where for where in map(address_of, (names for names, _ in reads.modules)) if where is not None}
    return tuple(_address(name, rows.get(name, {}), name in whole) for name in rows | dict.fromkeys(whole))


def _address(name: str, rows: dict[object, bool], whole: bool) -> Address:
    names, glanced = (tuple(one for one, is_glanced in rows.items() if is_glanced == way) for way in (False, True))
    return Address(name, names, glanced, whole)


def are_loaded(places: Iterable[Address], scope: Scope) -> bool:
    """Whether nothing has to be imported to look there."""
    return all(_is_loaded(place, scope) for place in places)


def _is_loaded(place: Address, scope: Scope) -> bool:
    if place.name == MODULES:
        return all(name in sys.modules for name in place.names)
    if place.name == ENVIRONMENT:
        return True
    module = sys.modules.get(place.name)
    return module is not None and not any(
        _would_be_loaded(vars(module), place.name, name, scope) for name in place.names
    )


def pinned(name: str, scope: Scope) -> str | None:
    """What pins the module at an address."""
    module = sys.modules.get(name)
    return scope.pin(module) if module is not None else None


def is_plain_object(value: object) -> bool:
    """Whether a value is neither code nor a leaf: something that has to be described."""
    return type(value) not in LEAVES and not is_code(value)


def address_of(names: Mapping[Any, object]) -> str | None:
    """The name of the module whose namespace it is, None where it is no module's."""
    if names is sys.modules:
        return MODULES
    if names is os.environ._data:  # type: ignore[attr-defined]
        return ENVIRONMENT
    name = names.get("__name__")
    return name if isinstance(name, str) and getattr(sys.modules.get(name), "__dict__", None) is names else None


def namespace(address: Address, scope: Scope) -> Mapping[Any, object]:
    """The namespace at an address. A module of the user's is imported for it, as a walk does; no installed one."""
    if address.name == ENVIRONMENT:
        return os.environ._data  # type: ignore[attr-defined, no-any-return]
    if address.name == MODULES:
        return _modules(address.names, scope)
    resolver = Resolver(scope)
    resolver.module(address.name)
    names = vars(sys.modules[address.name])
    for name in address.names:
        if _would_be_loaded(names, address.name, name, scope):
            resolver.load(f"{address.name}.{name}")
    return names


def put_into(name: str, attributes: frozenset[str], resolver: Resolver) -> Iterator[object]:
    """What the user put into an installed module, or under a name in it; nothing while it is not loaded."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        module = sys.modules.get(".".join(parts[:end]))
        if module is not None:
            yield from _of_users(_below(module, parts[end:]), resolver)
    if type(module) is ModuleType:
        for one in sorted(attributes & vars(module).keys()):
            yield from _of_users(vars(module)[one], resolver)


def _below(one: object, path: list[str]) -> object:
    for name in path:
        if type(one) is not ModuleType:
            break
        one = vars(one).get(name, MISSING)
    return one


def _of_users(one: object, resolver: Resolver) -> list[object]:
    if one is os.environ or one is os.getenv:
        return [ENVIRONMENT]
    return [one] if resolver.is_users(one) else []


def _modules(names: tuple[str, ...], scope: Scope) -> Mapping[str, object]:
    """Modules that functions import: one that was not there may be there now."""
    resolver = Resolver(scope)
    for name in names:
        resolver.module(name)
    return sys.modules


def _would_be_loaded(names: Mapping[str, object], module: str, name: str, scope: Scope) -> bool:
    """Whether a walk would import a submodule for a name that is not there."""
    if names.get(name, MISSING) is not MISSING or "__path__" not in names or name in BUILTINS:
        return False
    return scope.pin(sys.modules[module]) is None and is_submodule(sys.modules[module], name)


BUILTINS = frozenset(dir(sys.modules["builtins"]))
