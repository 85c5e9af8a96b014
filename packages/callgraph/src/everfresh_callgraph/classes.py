"""Class -> what it is made of: the attributes that shape its behaviour, with the code or value behind each."""

from __future__ import annotations

from types import FunctionType, GetSetDescriptorType, MemberDescriptorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Bookkeeping of the interpreter, of abc and of enum: made anew from the rest, or a matter of text and place.
LEFT_OUT = frozenset(
    """__doc__ __module__ __qualname__ __dict__ __weakref__ __slotnames__ __firstlineno__ __static_attributes__
    __annotations__ __annotate__ __annotate_func__ __annotations_cache__ __parameters__ __orig_bases__
    __abstractmethods__ _abc_impl _value2member_map_ _member_names_ _hashable_values_ _unhashable_values_
    _unhashable_values_map_""".split()
)


def attributes(cls: type) -> dict[str, object]:
    """The attributes that count, by name in sorted order: the order of definitions is a matter of layout."""
    body = vars(cls)
    members = body.get("_member_map_", ())  # an enumeration: the map holds each member already
    return {name: body[name] for name in sorted(body) if name not in LEFT_OUT and name not in members}


def parts(attribute: object) -> Iterator[tuple[str, object]]:
    """Take an attribute apart: the role each part plays, and the function or value itself."""
    if isinstance(attribute, staticmethod | classmethod):
        yield type(attribute).__name__, attribute.__func__
    elif type(attribute) is property:
        yield from (("get", attribute.fget), ("set", attribute.fset), ("delete", attribute.fdel))
    elif isinstance(attribute, MemberDescriptorType | GetSetDescriptorType):
        yield "slot", None
    elif isinstance(attribute, FunctionType):
        yield "method", attribute
    elif type(attribute).__name__ == "cached_property" and hasattr(attribute, "func"):
        yield "cached", attribute.func
    else:
        yield "value", attribute


def annotated(cls: type) -> tuple[str, ...]:
    """Names and spelled types of annotated attributes, in order: dataclasses and their like build on them."""
    return tuple(f"{name}: {_spelled(note)}" for name, note in _notes(cls).items())


def _notes(cls: type) -> dict[str, object]:
    body = vars(cls)
    if "__annotate_func__" in body:  # since 3.14 they are computed when asked for
        from importlib import import_module

        library = import_module("annotationlib")
        return dict(library.get_annotations(cls, format=library.Format.STRING))
    notes = body.get("__annotations__")  # by getattr an empty one would be put into the class
    return notes if isinstance(notes, dict) else {}


def _spelled(note: object) -> str:
    if isinstance(note, type):
        return note.__qualname__
    text = note if isinstance(note, str) else repr(note)
    return text if " at 0x" not in text else type(note).__qualname__
