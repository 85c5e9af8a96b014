"""Class -> what it is made of: the attributes that shape its behaviour, with the code or value behind each."""

from __future__ import annotations

from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, NoneType

from everfresh_callgraph.installed import DATA, DESCRIPTORS, is_own_method, is_put_into_class
from everfresh_callgraph.scope import IMMUTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from everfresh_callgraph.scope import Scope

# Bookkeeping of the interpreter: made anew from the rest, or a matter of text and place.
TEXT = frozenset(
    """__doc__ __module__ __qualname__ __dict__ __weakref__ __slotnames__ __firstlineno__ __static_attributes__
    __annotations__ __annotate__ __annotate_func__ __annotations_cache__ _abc_impl __code_version__""".split()
)
# Bookkeeping of libraries, by the attribute that tells that the class is one of theirs.
MADE = {
    "_member_map_": frozenset(
        "_value2member_map_ _member_names_ _hashable_values_ _unhashable_values_ _unhashable_values_map_".split()
    ),
    "__orig_bases__": frozenset({"__parameters__"}),
    "__pydantic_fields__": frozenset(
        """__pydantic_core_schema__ __pydantic_serializer__ __pydantic_validator__ __pydantic_complete__
        __pydantic_parent_namespace__ __signature__ __parameters__""".split()
    ),
}
# Functions that the compiler makes (since 3.14).
COMPUTED = frozenset({"__annotate__", "__annotate_func__"})
# What functools.update_wrapper, and what does as it does, puts into the attributes of a wrapper.
COPIED = frozenset("__module__ __name__ __qualname__ __doc__ __wrapped__ __annotations__ __isabstractmethod__".split())
# Under a name of bookkeeping a class can have code of its own, such as a property called __doc__.
WRITTEN = (FunctionType, property, classmethod, staticmethod)


def left_out(body: Mapping[str, object]) -> set[str]:
    """The names in the body of a class that say nothing about what it does."""
    names = TEXT.union(*(made for sign, made in MADE.items() if sign in body))
    return {name for name in names & body.keys() if type(body[name]) not in WRITTEN or name in COMPUTED}


def _replaced(cls: type) -> set[str]:
    """Below a protocol typing puts a constructor of its own, and takes it away again with the first instance."""
    constructor = vars(cls).get("__init__")
    if "_is_protocol" not in vars(cls) or constructor is None:
        return set()
    inherited = [vars(base).get("__init__") for base in cls.__mro__[1:]]
    typings = getattr(constructor, "__module__", "") == "typing"
    return {"__init__"} if typings or any(one is constructor for one in inherited) else set()


class Members:
    """The members of an enumeration by name: what each of them is, where else the name of one is enough."""

    __slots__ = ("by_name", "listed")

    def __init__(self, by_name: dict[str, object], listed: object) -> None:
        self.by_name, self.listed = by_name, listed


def members(cls: type) -> dict[int, bytes]:
    """The names of the members of an enumeration by their ids; nothing for any other class."""
    by_name = vars(cls).get("_member_map_")
    if type(by_name) is not dict:
        return {}
    return {id(one): str(one._name_).encode(errors="surrogatepass") for one in by_name.values()}


def attributes(cls: type) -> dict[str, object]:
    """The attributes that count, by name in sorted order: the order of definitions is a matter of layout."""
    body = vars(cls)
    by_name = body.get("_member_map_", {})
    unused = left_out(body) | _replaced(cls)
    found = {name: body[name] for name in sorted(body) if name not in unused and name not in by_name}
    return found | {"_member_map_": Members(by_name, body.get("_member_names_"))} if by_name else found


def parts(attribute: Any) -> Iterator[tuple[str, object]]:
    """Take an attribute apart: the role each part plays, and the function or value itself. Exact types alone."""
    kind = type(attribute)
    if kind is staticmethod or kind is classmethod:
        yield kind.__name__, attribute.__func__
        if set(vars(attribute)) - COPIED:
            yield f"{kind.__name__} attributes", vars(attribute)
    elif kind is property:
        yield from (("get", attribute.fget), ("set", attribute.fset), ("delete", attribute.fdel))
    elif kind is MemberDescriptorType or kind is GetSetDescriptorType:
        yield "slot", None
    elif kind is FunctionType:
        yield "method", attribute
    else:
        yield "value", attribute


def registered(cls: type) -> list[type]:
    """Classes that were registered with an abstract base class: isinstance counts them as subclasses."""
    if "_abc_impl" not in vars(cls):
        return []
    from _abc import _get_dump  # type: ignore[import-not-found]

    found = [reference() for reference in _get_dump(cls)[0]]
    return sorted((one for one in found if one is not None), key=lambda one: (one.__module__, one.__qualname__))


def registered_below(cls: type) -> list[type]:
    """Classes that were registered with an abstract base class or with one below it. (Below ABC are all of them.)"""
    if cls.__bases__ == (object,) and cls.__module__ == "abc":
        return []
    token = registrations()
    if _registered[:1] != [token]:
        _registered[:] = [token, {}]
    kept: dict[type, list[type]] = _registered[1]
    if cls not in kept:
        kept[cls] = [one for below in _and_below(cls) for one in registered(below)]
    return kept[cls]


_registered: list[Any] = []


def _and_below(cls: type) -> list[type]:
    found = {id(cls): cls}
    pending = [cls]
    while pending:
        below: list[type] = type.__subclasses__(pending.pop())
        pending += [one for one in below if id(one) not in found]
        found |= {id(one): one for one in below}
    return list(found.values())


def registrations() -> object:
    """A token that changes whenever any class is registered with any abstract base class."""
    from abc import get_cache_token

    return get_cache_token()


def patched(cls: type, scope: Scope) -> list[object]:
    """Code of the user's that was put into an installed class, or into one of its bases: methods, accessors."""
    return [one for base in open_bases(cls) for one in _put_into(base) if scope.pin(one) is None]


def put_into(cls: type, name: str) -> Iterator[tuple[type, object]]:
    """The attributes of this name, in the class and its bases, that are no work of the classes' own code."""
    for base in open_bases(cls):
        if name in vars(base) and is_put_into_class(base, name, vars(base)[name]):
            yield base, vars(base)[name]


def doubtful(cls: type) -> set[str]:
    """The attributes that may be no work of the class's own code: all but its methods, and what it notes of itself."""
    return {
        name
        for base in open_bases(cls)
        for name, value in tuple(vars(base).items())
        if not name.startswith("__") and not is_own_method(base, name, value)
    }


def odd_specials(cls: type) -> list[str]:
    """Special methods that are neither functions nor plain data: nobody asks for them by name."""
    bodies = map(vars, open_bases(cls))
    return sorted({name for body in bodies for name in body if name.startswith("__") and type(body[name]) not in USUAL})


USUAL = DATA | {FunctionType, property, staticmethod, classmethod, NoneType, *DESCRIPTORS}


def open_bases(cls: type) -> list[type]:
    """The class and those bases of it that can be changed: not the ones made in C."""
    return [base for base in cls.__mro__ if not base.__flags__ & IMMUTABLE]


def _put_into(cls: type) -> Iterator[object]:
    for name in sorted(vars(cls)):
        for _, part in parts(vars(cls)[name]):
            for one in (part,) if type(part) is FunctionType else _held(part):
                if type(one) in (FunctionType, type):
                    yield one


def _held(part: object) -> tuple[object, ...]:
    """What an attribute carries, without asking the object: some raise at any question before they are ready."""
    try:
        return tuple(object.__getattribute__(part, "__dict__").values())
    except AttributeError:
        return ()


def annotated(cls: type) -> tuple[str, ...]:
    """Names and spelled types of annotated attributes, in order: dataclasses and their like build on them."""
    return tuple(f"{name}: {_spelled(note)}" for name, note in notes(cls).items())


def notes(cls: type) -> dict[str, object]:
    """The annotations of the class's own body, without making any that are not there."""
    body = vars(cls)
    if "__annotate_func__" in body:  # since 3.14 they are computed when asked for
        from importlib import import_module

        library = import_module("annotationlib")
        return dict(library.get_annotations(cls, format=library.Format.FORWARDREF))
    found = body.get("__annotations__")  # by getattr an empty one would be put into the class
    return found if isinstance(found, dict) else {}


def _spelled(note: object) -> str:
    if isinstance(note, type) and not hasattr(note, "__args__"):
        return note.__qualname__
    text = note if isinstance(note, str) else repr(note)
    return text if " at 0x" not in text else type(note).__qualname__
