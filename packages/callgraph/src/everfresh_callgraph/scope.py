"""Is this the user's own code, or a constant (standard library, installed package) that its version pins?"""

from __future__ import annotations

import os
import sys
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)

from everfresh_callgraph import distributions
from everfresh_callgraph.generators import hidden_generator
from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PYTHON = f"{sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))}{sys.version_info.releaselevel[0]}"
STDLIB = os.path.dirname(os.path.realpath(os.__file__)) + os.sep
STDLIB_AS_SPELLED = os.path.dirname(os.__file__) + os.sep
# Set on types that are made in C alone: nobody can change them.
IMMUTABLE = 1 << 8

# What can be the user's own code; other code is compiled.
COMPILED = (".so", ".pyd")
OWN_KINDS = (FunctionType, type, ModuleType)
# Only a class that is made in C has attributes of these types.
IN_C = frozenset({MethodDescriptorType, ClassMethodDescriptorType, WrapperDescriptorType})

SITES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

# Our own code shapes no answer; it is never the user's, not even where it is installed from a source tree.
OURSELVES = frozenset({"everfresh", "everfresh_callgraph", "everfresh_fingerprint"})


@record
class Scope:
    """Where the user's own code ends, where not by what is installed.

    `deep` names packages that are followed although they are installed, `constant` packages that are pinned although
    they are the user's; of two that fit a module the longer name counts. Compiled code is never followed.
    """

    deep: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()

    def pin(self, subject: object) -> str | None:
        """Name what pins a function, class or module; None for what is followed."""
        return self.chosen(pin(subject), _home(subject), subject) if self.deep or self.constant else pin(subject)

    def chosen(self, pinned: str | None, module: str, subject: object = None) -> str | None:
        """What pins the module of this name, given what would pin it by where it stands."""
        deep, constant = _longest(module, self.deep), _longest(module, self.constant)
        if len(constant) > len(deep):
            return pinned or f"constant {constant}"
        return None if deep and _is_followed(subject, module) else pinned


BY_PLACE = Scope()


def _longest(module: str, packages: tuple[str, ...]) -> str:
    within = (one for one in packages if module == one or module.startswith(f"{one}."))
    return max(within, key=len, default="")


def _is_followed(subject: object, module: str) -> bool:
    """Whether there is Python code to follow: not for what is compiled."""
    if type(subject) is FunctionType:
        return True
    if issubclass(type(subject), type) and subject.__flags__ & IMMUTABLE:  # type: ignore[attr-defined]
        return False
    return not _file_of(module).endswith(COMPILED)


def _home(subject: object) -> str:
    """The module in which a subject was made; functools.wraps copies `__module__` along, the globals are the truth."""
    if type(subject) is FunctionType:
        return str(subject.__globals__.get("__name__"))
    return _module_name(subject)


def pin(subject: object) -> str | None:
    """Name what pins a function, class or module: `numpy 2.4.0`, `cpython 3.11.7f`; None for the user's code."""
    module = _home(subject)
    if module.partition(".")[0] in OURSELVES:
        return "everfresh"
    if type(subject) is FunctionType:
        # The code's file is the truth; the name of the module may be anything.
        return pin_of_file(subject.__code__.co_filename, module)
    if issubclass(type(subject), type) and subject.__flags__ & IMMUTABLE:  # type: ignore[attr-defined]
        return pin_of_module(module) or "compiled"  # made by an extension, under a name that no module has
    if issubclass(type(subject), type) and not stands_in(subject, module) and not _is_theirs(subject, module):
        return None
    if type(subject) is ModuleType and _is_made_by_hand(subject):
        return None
    return pin_of_module(module)


def stands_in(cls: Any, module: str) -> bool:
    """Whether the module that the class names as its own has this class under its name."""
    found: object = sys.modules.get(module)
    for name in str(type.__getattribute__(cls, "__qualname__")).split("."):
        found = getattr(found, "__dict__", {}).get(name)
    return found is cls


def _is_theirs(cls: Any, module: str) -> bool:
    """Whether a class that its module does not hold is of that module all the same: its methods tell, or it is in C.

    It may be made within a function, or gone from the module since. A module can be named by anybody, with
    `type("K", (), {"__module__": "numpy"})`, and is by what a bare exec or dataclasses.make_dataclass makes.
    """
    parts = [getattr(one, "__func__", getattr(one, "fget", one)) for one in tuple(vars(cls).values())]
    if any(type(one) in IN_C for one in parts) or _file_of(module).endswith(COMPILED):
        return True
    files = {one.__code__.co_filename for one in parts if type(one) is FunctionType}
    written = {file for file in files if not file.startswith("<") or file.startswith("<frozen ")}
    return bool(written) and all(pin_of_file(file, module) for file in written)


def _file_of(module: str) -> str:
    return str(getattr(sys.modules.get(module), "__file__", ""))


def _is_made_by_hand(module: ModuleType) -> bool:
    """Whether a program made the module, and no import: by ModuleType("name"), under any name it likes.

    (Modules that are made in C make others below them, which know as little.)
    """
    names = vars(module)
    return "." not in module.__name__ and not any(
        names.get(one) for one in ("__spec__", "__file__", "__loader__", "__path__")
    )


def pin_of_module(name: str) -> str | None:
    """Name what pins a module by its name, or None."""
    module = sys.modules.get(name)
    if type(module) is ModuleType and _is_made_by_hand(module):
        return None
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return pin_of_file(file, name)
    if name.partition(".")[0] in sys.stdlib_module_names or name in sys.builtin_module_names:
        return PYTHON if name != "__main__" else None
    return _pin_of_namespace(module, name)


def pin_of_file(file: str, module: str) -> str | None:
    """Name what pins the code of a file, or None where it is the user's."""
    kept = _PINS.get((file, module), _UNKNOWN)
    if kept is _UNKNOWN:
        kept = _PINS[file, module] = _find_pin(file, module)
    return kept  # type: ignore[return-value]


_UNKNOWN = object()
_PINS: dict[tuple[str, str], object] = {}


def _find_pin(file: str, module: str) -> str | None:
    if file.startswith("<frozen "):
        return PYTHON
    if file.startswith("<attrs generated "):  # made from the attributes that the class holds, which count themselves
        return "attrs"
    for site in SITES:
        before, found, below = file.rpartition(site)
        owner = distributions.pin(before + found, below) if found else None
        if owner or (found and not file.endswith(COMPILED)):
            return owner
    if file.startswith((STDLIB, STDLIB_AS_SPELLED)) or os.path.realpath(file).startswith(STDLIB):
        return PYTHON
    if file.endswith(COMPILED):
        return f"{module} {distributions.content(file)}"  # a compiled module of the user's: its bytes are its code
    return None


def _pin_of_namespace(module: object, name: str) -> str | None:
    """A namespace package has no file; the first folder that it spans tells where it lives."""
    folders = list(getattr(module, "__path__", ()))
    return pin_of_file(os.path.join(folders[0], "__init__.py"), name) if folders else None


def _module_name(subject: Any) -> str:
    if issubclass(type(subject), ModuleType):
        return str(subject.__name__)
    if type(subject) is BuiltinFunctionType and type(subject.__self__) is ModuleType:
        return subject.__self__.__name__
    if type(subject) is BuiltinFunctionType and isinstance(subject.__self__, type):
        return _module_name(subject.__self__)
    name = hidden_generator(subject) or getattr(subject, "__module__", None)
    return name if isinstance(name, str) else "builtins"
