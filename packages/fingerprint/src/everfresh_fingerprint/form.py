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

    Unordered parts are put in an order of their own. A part may be anything that has a form itself; a `Digest`
    among the parts stands for bytes that were digested apart.
    """

    tag: str
    parts: Sequence[object]
    ordered: bool = True


RULES: dict[type, Rule] = {}

# Packages whose rules are loaded when the first value of one of their types is met.
LAZY = {name: f"everfresh_fingerprint.forms.{name}" for name in ("numpy", "pandas")}
LAZY |= dict.fromkeys(("_io", "_thread", "threading", "concurrent", "logging"), "everfresh_fingerprint.forms.resources")
LAZY |= dict.fromkeys(
    ("dataclasses", "_contextvars", "contextvars", "contextlib", "weakref", "_weakrefset"),
    "everfresh_fingerprint.forms.rare",
)


def register(*types: type) -> Callable[[Rule], Rule]:
    """Make the decorated function the rule for exactly these types: a subclass may carry what its base does not."""

    def add(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(types, rule))
        return rule

    return add


def rule_for(cls: type) -> Rule | None:
    """The rule for exactly this type, once the rules of its package, and of those of its bases, are loaded."""
    try:
        if cls not in RULES and cls not in _LOADED:
            _load(cls)
        return RULES.get(cls)
    except Exception:  # a metaclass that will not be compared or hashed: there is no rule for such a type
        return None


def _load(cls: type) -> None:
    _LOADED[cls] = None
    for base in cls.__mro__:
        module = LAZY.get(str(base.__module__).partition(".")[0])
        if module is not None:
            __import__(module)  # importlib is not imported for this


# Types whose packages' rules are loaded. Weak, so that a class made in a function can go again.
_LOADED: WeakKeyDictionary[type, None] = WeakKeyDictionary()
