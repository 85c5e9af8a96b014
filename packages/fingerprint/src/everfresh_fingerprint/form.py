"""Rules that say of a value, in plain terms, what it is: a rule for a type is one line and needs no digest to test."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    Rule: TypeAlias = Callable[[Any], "Form"]


@record
class Form:
    """What a value is made of: a tag that names its kind, and its parts.

    Unordered parts are put in an order of their own. A part may be anything that has a form itself, or a form; a
    `Digest` among the parts stands for bytes that were digested apart.
    """

    tag: str
    parts: Sequence[object]
    ordered: bool = True


RULES: dict[type, Rule] = {Form: lambda form: form}

# Rules for all subclasses of a type that do not say themselves how they are taken apart.
FAMILIES: dict[type, Rule] = {}

# Packages and modules, and where their rules are: loaded when the first value of one of their types is met.
LAZY: dict[str, tuple[str, ...]] = {
    name: (f"everfresh_fingerprint.forms.{name}",)
    for name in ("numpy", "pandas", "polars", "pyarrow", "scipy", "torch", "tqdm", "xarray")
}
LAZY["numpy.ma"] = ("everfresh_fingerprint.forms.masked",)
LAZY |= dict.fromkeys(
    "concurrent _io logging mmap _thread threading".split(), ("everfresh_fingerprint.forms.resources",)
)
LAZY |= dict.fromkeys(
    "array contextlib contextvars _contextvars dataclasses pathlib pickle _struct weakref _weakrefset".split(),
    ("everfresh_fingerprint.forms.rare",),
)

LAZY["typing"] = ("everfresh_fingerprint.forms.generic",)

# A subclass that defines one of these says itself what it is made of.
STATED = ("__determ_hash__", "__cache_key__", "__reduce__", "__reduce_ex__", "__getstate__")


def register(*types: type) -> Callable[[Rule], Rule]:
    """Make the decorated function the rule for exactly these types: a subclass may carry what its base does not."""

    def add(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(types, rule))
        return rule

    return add


def register_family(base: type) -> Callable[[Rule], Rule]:
    """Make the decorated function the rule for subclasses of a type: it must look at class and attributes, too."""

    def add(rule: Rule) -> Rule:
        FAMILIES[base] = rule
        _LOADED.clear()
        return rule

    return add


def register_lazy(package: str, module: str) -> None:
    """Import a module, which registers rules, as soon as the first value of one of the package's types is met."""
    LAZY[package] = (*LAZY.get(package, ()), module)
    _LOADED.clear()


def rule_for(cls: type) -> Rule | None:
    """The rule for exactly this type, once the rules of its package, and of those of its bases, are loaded."""
    try:
        rule = RULES.get(cls)
        if rule is not None:
            return rule
        if cls not in _LOADED:
            _load(cls)
        return RULES.get(cls) or _LOADED[cls]
    except Exception:  # a metaclass that will not be compared or hashed: there is no rule for such a type
        return None


def _load(cls: type) -> None:
    _LOADED[cls] = None
    for base in cls.__mro__:
        package, _, inner = str(base.__module__).partition(".")
        for name in (package, f"{package}.{inner.partition('.')[0]}"):
            for module in LAZY.get(name, ()):
                __import__(module)  # importlib is not imported for this
    _LOADED[cls] = _rule_of_family(cls)


def _rule_of_family(cls: type) -> Rule | None:
    for base in cls.__mro__:
        if base in FAMILIES:
            return FAMILIES[base]
        if any(name in vars(base) for name in STATED):
            return None
    return None


# Types whose packages' rules are loaded, with the rule of their family. Weak, so that a class made in a function can
# go again.
_LOADED: WeakKeyDictionary[type, Rule | None] = WeakKeyDictionary()
