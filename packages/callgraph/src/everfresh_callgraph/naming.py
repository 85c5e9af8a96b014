"""How dependencies are called: the same whether a file runs as a script or is imported."""

from __future__ import annotations

import os
import sys

from everfresh_callgraph.generators import hidden_generator


def module_name(name: str) -> str:
    """The name under which a module would be imported: `__main__` goes by its file or by what `-m` was given."""
    if name not in ("__main__", "__mp_main__"):  # the second is the name in processes that multiprocessing spawned
        return name
    main = sys.modules.get(name)
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return str(spec.name.removesuffix(".__main__"))
    file = getattr(main, "__file__", None)
    return os.path.splitext(os.path.basename(file))[0] if file else name


def qualified(subject: object) -> str:
    """`module.Class.method` for a function, class or module."""
    generator = hidden_generator(subject)
    if generator is not None:
        return f"{generator}.{getattr(subject, '__name__', 'generator')}"
    name = getattr(subject, "__qualname__", None)
    if name is None:
        return module_name(getattr(subject, "__name__", type(subject).__name__))
    module = getattr(subject, "__module__", None) or _of_owner(subject)
    return f"{module_name(module)}.{name}" if isinstance(module, str) else str(name)


def _of_owner(subject: object) -> object:
    """What is bound to a class made in C knows its module by that class alone."""
    owner = getattr(subject, "__self__", None)
    return owner.__module__ if isinstance(owner, type) else None


def sentinels() -> dict[int, list[str]]:
    """The variables of modules that hold a bare object(), by its id, in sorted order."""
    found: dict[int, list[str]] = {}
    for name, module in tuple(sys.modules.items()):
        for variable, one in tuple(getattr(module, "__dict__", {}).items()):
            if type(one) is object:
                found.setdefault(id(one), []).append(f"{module_name(name)}.{variable}")
    return {one: sorted(names) for one, names in found.items()}
