"""The arguments of a call in one spelling: `f(1, 2)`, `f(1, y=2)` and `f(x=1, y=2)` are the same call."""

from __future__ import annotations

from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Bind = Callable[..., tuple[object, ...]]


class Binding:
    """Binds calls of one function to its parameters, in order, with defaults filled in."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        self.names, self.bind = _generated(function) if isinstance(function, FunctionType) else _inspected(function)

    def __call__(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> tuple[object, ...]:
        """One value for each of `names`. Raises TypeError where the call does not fit, as the call itself would."""
        function = self.function
        if isinstance(function, FunctionType):
            # Copied at each call: a function's defaults can be replaced while the program runs.
            self.bind.__defaults__ = function.__defaults__
            self.bind.__kwdefaults__ = function.__kwdefaults__
        return self.bind(*args, **kwargs)


def _generated(function: FunctionType) -> tuple[tuple[str, ...], Bind]:
    """A function with the same parameters that returns them: so the interpreter itself binds, at full speed."""
    code = function.__code__
    plain, only = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    names = list(code.co_varnames)
    star = names[only] if code.co_flags & 4 else ""
    double = names[only + bool(star)] if code.co_flags & 8 else ""
    spelled = [*names[: code.co_posonlyargcount], *(["/"] if code.co_posonlyargcount else [])]
    spelled += names[code.co_posonlyargcount : plain]
    if star or only > plain:
        spelled.append(f"*{star}")
    spelled += [*names[plain:only], *([f"**{double}"] if double else [])]
    parameters = (*names[:plain], *([star] if star else []), *names[plain:only], *([double] if double else []))
    namespace: dict[str, Any] = {}
    exec(f"def bind({', '.join(spelled)}): return ({', '.join(parameters)}{',' if parameters else ''})", namespace)
    bind = namespace["bind"]
    bind.__qualname__ = function.__qualname__  # for the error that a call gets which does not fit
    return parameters, bind


def _inspected(function: Callable[..., object]) -> tuple[tuple[str, ...], Bind]:
    """For callables that are not Python functions: by their signature where they have one, else as spelled."""
    import inspect

    try:
        signature = inspect.signature(function)
    except ValueError:
        return ("args", "kwargs"), lambda *args, **kwargs: (args, kwargs)

    def bind(*args: object, **kwargs: object) -> tuple[object, ...]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    return tuple(signature.parameters), bind
