"""A name, as a function sees it -> the object that it means now, with every dictionary that was read on the way."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

from everfresh_callgraph import scope
from everfresh_callgraph.model import MISSING
from everfresh_callgraph.naming import module_name
from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from everfresh_callgraph.references import Reference


@record
class Resolved:
    """What a name means: the object, what to call it, and the reads (dictionary, name, object seen) that led there.

    `pin` is what pins the module that the object was read off, where that is an installed one.
    """

    name: str
    subject: object
    reads: tuple[tuple[Mapping[str, object], str, object], ...]
    pin: str | None = None


def resolve(function: FunctionType, reference: Reference) -> Iterator[Resolved]:
    """Find what a global name or an import in the function's code means; an import can mean several things."""
    if reference.kind == "import":
        yield from _imported(function, reference)
    else:
        yield _global(function, reference)


def _global(function: FunctionType, reference: Reference) -> Resolved:
    names, name = function.__globals__, reference.name
    subject = names.get(name, MISSING)
    reads = [(names, name, subject)]
    if subject is MISSING:
        builtins = function.__builtins__  # type: ignore[attr-defined]
        subject = builtins.get(name, MISSING)
        reads.append((builtins, name, subject))
    where = "builtins" if len(reads) > 1 and subject is not MISSING else module_name(str(names.get("__name__", "")))
    return _follow(Resolved(f"{where}.{name}", subject, tuple(reads)), reference.path)


def _follow(found: Resolved, path: tuple[str, ...]) -> Resolved:
    """Go down attributes as long as they are read off modules; functions carry attributes of their own, too."""
    for attribute in path:
        subject = found.subject
        if isinstance(subject, ModuleType):
            found = _attribute(found, subject, attribute)
        elif isinstance(subject, FunctionType) and attribute in vars(subject):
            value = vars(subject)[attribute]
            read = (vars(subject), attribute, value)
            found = Resolved(f"{found.name}.{attribute}", value, (*found.reads, read))
        else:
            break
    return found


def _attribute(found: Resolved, module: ModuleType, attribute: str) -> Resolved:
    """One attribute of a module; a module-level `__getattr__` (PEP 562) stands for those that are not there."""
    names = vars(module)
    subject = names.get(attribute, MISSING)
    reads = (*found.reads, (names, attribute, subject))
    if subject is MISSING and scope.pin(module):
        return Resolved(found.name, module, found.reads)  # made on demand: the package's version pins it
    if subject is MISSING and "__getattr__" in names:
        return Resolved(f"{module_name(module.__name__)}.__getattr__", names["__getattr__"], reads)
    return Resolved(f"{module_name(module.__name__)}.{attribute}", subject, reads, scope.pin(module))


def _imported(function: FunctionType, reference: Reference) -> Iterator[Resolved]:
    name = _absolute(function, reference)
    module = _module(name)
    read = (sys.modules, name, module)
    if not isinstance(module, ModuleType):
        yield Resolved(name, module, ())
        return
    pinned = scope.pin(module)
    here = Resolved(module_name(name), module, () if pinned else (read,))
    if pinned or not reference.path:
        yield here
    for attribute in reference.path:
        found = _attribute(here, module, attribute)
        if found.subject is MISSING and f"{name}.{attribute}" in sys.modules:
            found = Resolved(found.name, sys.modules[f"{name}.{attribute}"], found.reads)
        if not pinned or _is_users(found.subject):
            yield found
    top = name.partition(".")[0]
    if not reference.path and top != name:
        yield Resolved(module_name(top), sys.modules.get(top, MISSING), ())


def _absolute(function: FunctionType, reference: Reference) -> str:
    if not reference.level:
        return reference.name
    names = function.__globals__
    package = str(names.get("__package__") or str(names.get("__name__", "")).rpartition(".")[0])
    base = package.rsplit(".", reference.level - 1)[0]
    return f"{base}.{reference.name}" if reference.name else base


def _module(name: str) -> object:
    """The module, imported now if it is the user's own: what it holds cannot be known otherwise.

    The call would import it anyway. An installed package is not imported for this; its version says enough.
    """
    if name in sys.modules:
        return sys.modules[name]
    if _pin_unimported(name):
        return Unimported(name, _pin_unimported(name))
    from importlib import import_module

    try:
        return import_module(name)
    except Exception:  # whatever a module does on import: the call will meet it, if it comes that far
        return MISSING


@record
class Unimported:
    """An installed module that nothing has imported yet."""

    name: str
    pin: str | None


def _pin_unimported(name: str) -> str | None:
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return scope.PYTHON
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(top)
    return scope.pin_of_file(spec.origin, top) if spec and spec.origin else None


def _is_users(subject: object) -> bool:
    """Whether code of the user's was put where an installed package had its own."""
    return isinstance(subject, FunctionType | type) and scope.pin(subject) is None
