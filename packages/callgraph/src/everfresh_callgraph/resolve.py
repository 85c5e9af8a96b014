"""A name, as a function sees it -> the object that it means now, with every dictionary that was read on the way."""

from __future__ import annotations

import os
import sys
from types import FunctionType, ModuleType

from everfresh_callgraph import scope
from everfresh_callgraph.contents import is_code
from everfresh_callgraph.installed import is_put
from everfresh_callgraph.model import MISSING, Missing
from everfresh_callgraph.naming import module_name
from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from everfresh_callgraph.references import Reference
    from everfresh_callgraph.scope import Scope

    Reads = tuple[tuple[Mapping[str, object], str, object], ...]


@record
class Resolved:
    """What a name means: the object, what to call it, and the reads (dictionary, name, object seen) that led there.

    `pin` is what pins the module that the object was read off, where that is an installed one.
    """

    name: str
    subject: object
    reads: Reads
    pin: str | None = None


@record
class Unimported:
    """An installed module, by name: whether something has imported it already makes no difference."""

    name: str
    pin: str


# Who reads one of these off a module may read anything off it.
WHOLE = frozenset({"__dict__", "__getattribute__", "__class__"})


class Resolver:
    """Finds what names mean, where the user's own code ends as the scope says."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.imports = scope, 0
        self.modules: list[ModuleType] = []  # the user's that names were read off

    def __call__(self, function: FunctionType, reference: Reference) -> Iterator[Resolved]:
        """Find what a name in the function's code means; an import can mean several things."""
        if reference.kind == "import":
            yield from self.imported(function, reference)
        elif reference.kind == "module":
            self.module(reference.name)  # `import a.b` loads a.b, and leaves a
            yield from self.from_module(self.module(reference.name.partition(".")[0]), reference.path)
        else:
            yield self.global_(function, reference)

    def global_(self, function: FunctionType, reference: Reference) -> Resolved:
        names, name = function.__globals__, reference.name
        subject = names.get(name, MISSING)
        reads: Reads = ((names, name, subject),)
        where = module_name(str(names.get("__name__", "")))
        if subject is MISSING:
            builtins: dict[str, object] = getattr(function, "__builtins__")  # noqa: B009  (not in every type stub)
            subject = builtins.get(name, MISSING)
            reads = (*reads, (builtins, name, subject))
            where = where if subject is MISSING else "builtins"
        return self.follow(Resolved(f"{where}.{name}", subject, reads), reference.path)

    def follow(self, found: Resolved, path: tuple[str, ...]) -> Resolved:
        """Go down attributes as long as they are read off modules; functions carry attributes of their own, too."""
        for attribute in path:
            subject = found.subject
            if type(subject) is ModuleType:
                if attribute in WHOLE:
                    break
                found = self.attribute(found, subject, attribute)
            elif type(subject) is FunctionType and not attribute.startswith("__"):
                value = vars(subject).get(attribute, MISSING)
                reads = (*found.reads, (vars(subject), attribute, value))
                if value is MISSING:
                    return Resolved(found.name, subject, reads)
                found = Resolved(f"{found.name}.{attribute}", value, reads)
            else:
                break
        return found

    def attribute(self, found: Resolved, module: ModuleType, attribute: str) -> Resolved:
        """One attribute of a module; a module-level `__getattr__` (PEP 562) stands for those that are not there."""
        names = vars(module)
        pin = self.scope.pin(module)
        if not pin:
            self.modules.append(module)
        if attribute not in names and not pin and is_submodule(module, attribute):
            self.load(f"{module.__name__}.{attribute}")  # whether somebody has imported it yet must make no difference
        subject = names.get(attribute, MISSING)
        reads = (*found.reads, (names, attribute, subject))
        if subject is MISSING and pin:
            return Resolved(found.name, module, reads)  # made on demand: the package's version pins it
        if subject is MISSING and "__getattr__" in names:
            return Resolved(f"{module_name(module.__name__)}.__getattr__", names["__getattr__"], reads)
        return Resolved(f"{module_name(module.__name__)}.{attribute}", subject, reads, pin)

    def imported(self, function: FunctionType, reference: Reference) -> Iterator[Resolved]:
        name = _absolute(function, reference)
        found = self.module(name)
        if not reference.path:
            yield found
            top = name.partition(".")[0]
            if top != name:
                yield self.module(top)
        for attribute in reference.path:
            yield from self.from_module(found, (attribute,))

    def from_module(self, found: Resolved, path: tuple[str, ...]) -> Iterator[Resolved]:
        """What attributes off an imported module mean. Of a pinned one the spelled name says all, unless patched."""
        module = found.subject
        if type(module) is Unimported:
            loaded = sys.modules.get(module.name)
            end = self.follow(Resolved(found.name, loaded, ()), path) if loaded is not None else found
            if self.counts(end):
                yield end
            name = ".".join((module.name, *path))
            yield Resolved(name, Unimported(name, module.pin), end.reads)  # the reads: it may be patched later
        elif type(module) is ModuleType:
            yield self.follow(found, path)
        else:
            yield found

    def module(self, name: str) -> Resolved:
        """The module of that name. One of the user's own is imported now: what it holds cannot be known otherwise.

        The call would import it anyway. An installed package is not imported for this; its version says enough.
        """
        module: object = sys.modules.get(name, MISSING)
        pin = self.scope.pin(module) if module is not MISSING else self.scope.chosen(pin_unimported(name), name)
        if pin == scope.PYTHON and not issubclass(type(module), ModuleType | type | Missing):
            pin = None  # an object of a type of the library that somebody put in place of a module
        if pin:
            # Once it is imported it can be patched, which is looked for then.
            reads: Reads = ((sys.modules, name, module),) if module is MISSING else ()
            return Resolved(module_name(name), Unimported(name, pin), reads)
        if module is MISSING:
            module = self.load(name)
        return Resolved(module_name(name), module, ((sys.modules, name, module),))

    def load(self, name: str) -> object:
        from importlib import import_module

        before = len(sys.modules)
        try:
            return import_module(name)
        except (Exception, SystemExit):  # whatever a module does on import: the call will meet it, if it comes that far
            return sys.modules.get(name, MISSING)
        finally:
            self.imports += len(sys.modules) != before

    def counts(self, found: Resolved) -> bool:
        """Whether what was read off an installed module is more than its version says."""
        subject = found.subject
        if type(subject) is Unimported or subject is MISSING:
            return False
        if self.is_users(subject) or subject is os.environ or subject is os.getenv or _is_put(found):
            return True
        # Read off something of the user's that was put there, or off a function: functions carry attributes.
        return bool(found.reads) and found.pin is None and not is_code(subject)

    def is_users(self, subject: object) -> bool:
        """Whether something of the user's was put where an installed package had its own."""
        kind = type(subject)
        if issubclass(kind, Unimported | Missing):
            return False
        code = subject if issubclass(kind, FunctionType | type | ModuleType) else kind
        return self.scope.pin(code) is None


def _is_put(found: Resolved) -> bool:
    """Whether an installed module holds something there that it does not make itself."""
    if found.pin is None or not found.reads:
        return False
    names, name, subject = found.reads[-1]
    module = sys.modules.get(str(names.get("__name__")))
    return type(module) is ModuleType and vars(module) is names and is_put(module, name, subject)


def is_submodule(package: ModuleType, name: str) -> bool:
    folders = vars(package).get("__path__")  # getattr would ask a __getattr__ of the module's own
    if folders is None:
        return False
    from importlib.machinery import PathFinder

    return PathFinder.find_spec(f"{package.__name__}.{name}", folders) is not None


def _absolute(function: FunctionType, reference: Reference) -> str:
    if not reference.level:
        return reference.name
    names = function.__globals__
    package = str(names.get("__package__") or str(names.get("__name__", "")).rpartition(".")[0])
    base = package.rsplit(".", reference.level - 1)[0]
    return f"{base}.{reference.name}" if reference.name else base


def pin_unimported(name: str) -> str | None:
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return scope.PYTHON
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(top)
    return scope.pin_of_file(spec.origin, top) if spec and spec.origin else None
