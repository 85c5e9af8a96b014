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
    from everfresh_fingerprint.walked import CodeFingerprint


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
    return taken(value, settings)[0]


def taken(
    value: object, settings: FingerprintSettings = DEFAULT, asked: frozenset[str] = frozenset()
) -> tuple[Digest, list[CodeFingerprint]]:
    """The fingerprint of a value, and those of the code that it holds, of which code elsewhere asks for attributes."""
    described = describe(value)
    if not described.references:
        return described.summary, []  # type: ignore[return-value]
    codes: list[CodeFingerprint] = []
    parts = [_code(one, settings, asked, codes) for one in described.references]
    return seal("with code", [described.summary, *parts]), codes  # type: ignore[list-item]


def _code(subject: object, settings: FingerprintSettings, asked: frozenset[str], codes: list[CodeFingerprint]) -> bytes:
    """The standard library's types go by name alone: every code fingerprint holds the interpreter's version already."""
    pin = settings.scope.pin(subject)
    if pin == scope.PYTHON and (type(subject) is not FunctionType or subject.__closure__ is None):
        return qualified(subject).encode()
    # Where it stands counts here, unlike for a function that is called: a value can be compared, and given back.
    module = module_name(str(getattr(subject, "__module__", "")))
    code = code_fingerprint(subject, settings=settings)
    wanted = code.wanting(asked)
    if wanted:
        code = code_fingerprint(subject, settings=settings, asked=wanted)
    codes.append(code)
    return seal("code", [module.encode(), code.digest])


def _register(*types: type) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Register a function that says what to fingerprint in place of a value of exactly these types."""

    def add(rule: Callable[[Any], object]) -> Callable[[Any], object]:
        register(*types)(lambda value: Form("registered", [type(value), rule(value)]))
        return rule

    return add


fingerprint.register = _register  # type: ignore[attr-defined]
fingerprint.register_lazy = register_lazy  # type: ignore[attr-defined]
