"""Any value -> one digest: what it is, and what the code that it holds does."""

from __future__ import annotations

from types import FunctionType

from everfresh_callgraph import scope
from everfresh_callgraph.naming import module_name, qualified

from everfresh_fingerprint.digest import Digest, seal
from everfresh_fingerprint.form import Form, register, register_lazy
from everfresh_fingerprint.functions import code_fingerprint
from everfresh_fingerprint.settings import DEFAULT
from everfresh_fingerprint.values import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from everfresh_fingerprint.settings import FingerprintSettings


def fingerprint(value: object, settings: FingerprintSettings = DEFAULT) -> Digest:
    """Digest any value so that it can be told again in every process, on every machine.

    Sixteen bytes, the same for equal values and different for different ones: `1`, `1.0`, `True` and `"1"` differ, a
    set in two orders does not. Functions and classes count by what their code does and reaches; `settings` says whose.

    >>> fingerprint({"a": [1, 2]}) == fingerprint({"a": [1, 2]})
    True
    >>> fingerprint(1) == fingerprint(True)
    False

    Raises UnfingerprintableError, a TypeError that names the path to the part, for what cannot be told again: a
    generator, a socket, a file that is open for reading.
    """
    described = describe(value)
    if not described.references:
        return described.summary  # type: ignore[return-value]
    return seal("with code", [described.summary, *(_code(one, settings) for one in described.references)])  # type: ignore[list-item]


def _code(subject: object, settings: FingerprintSettings) -> bytes:
    """The standard library's types go by name alone: every code fingerprint holds the interpreter's version already."""
    pin = settings.scope.pin(subject)
    if pin == scope.PYTHON and (type(subject) is not FunctionType or subject.__closure__ is None):
        return qualified(subject).encode()
    # Where it stands counts here, unlike for a function that is called: a value can be compared, and given back.
    module = module_name(str(getattr(subject, "__module__", "")))
    return seal("code", [module.encode(), code_fingerprint(subject, settings=settings).digest])


def _register(*types: type) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Register a function that says what to fingerprint in place of a value of exactly these types."""

    def add(rule: Callable[[Any], object]) -> Callable[[Any], object]:
        register(*types)(lambda value: Form("registered", [type(value), rule(value)]))
        return rule

    return add


fingerprint.register = _register  # type: ignore[attr-defined]
fingerprint.register_lazy = register_lazy  # type: ignore[attr-defined]
