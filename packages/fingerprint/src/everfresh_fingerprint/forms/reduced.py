"""Any other value: by its own word, as a member of its enumeration, or as pickle would take it apart."""

from __future__ import annotations

import copyreg
from types import NoneType

from everfresh_callgraph import scope
from everfresh_callgraph.classes import Members

from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, register
from everfresh_fingerprint.forms.by_state import by_state, slots_of
from everfresh_fingerprint.leaves import LARGE, large

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_NEW = getattr(copyreg, "__newobj__")  # noqa: B009  (what pickle calls for every ordinary object)


def reduced(value: Any) -> Form:
    """Describe a value for whose exact type there is no rule."""
    cls = type(value)
    form = _by_own_word(value, cls)
    if form is not None:
        return form
    if issubclass(cls, set | frozenset):  # pickle writes the items in the order of their hashes
        return by_state(value, cls, TypeError("a set of its own kind"))
    form = _by_pickle(value, cls)
    if issubclass(cls, BaseException):
        return Form("exception", [form, *_raised(value)])
    return form


def is_stated(cls: type) -> bool:
    """Whether the class says itself what its instances are."""
    return any(name in vars(base) for base in cls.__mro__ for name in STATED[:2])


def _by_own_word(value: Any, cls: type) -> Form | None:
    """As the class says itself, or its enumeration. (hasattr would also ask the metaclass, which may say anything.)"""
    for base in cls.__mro__[:-1]:
        names = vars(base)
        if "__determ_hash__" in names or "__cache_key__" in names:
            return _stated(value, cls)
        if "_member_map_" in names and "_name_" in vars(value):
            return Form("member", [cls, *_of_member(value)])
    return None


MADE_BY_ENUM = frozenset({"_name_", "_value_", "_sort_order_", "__objclass__"})


def _of_member(member: Any) -> list[object]:
    added = {name: one for name, one in vars(member).items() if name not in MADE_BY_ENUM}
    return [member._name_, member._value_, added]


@register(Members)
def _members(value: Members) -> Form:
    """What the members of an enumeration are, with their other names, in the order in which they are iterated."""
    return Form("members", [value.listed, *([name, *_of_member(one)] for name, one in value.by_name.items())])


def _stated(value: Any, cls: type) -> Form:
    names = {name for base in cls.__mro__ for name in STATED if name in vars(base)}
    stated = next(name for name in STATED if name in names)
    versions = [value.__cache_ver__()] if "__cache_ver__" in names else []
    return Form(stated, [cls, getattr(value, stated)(), *versions])


STATED = ("__determ_hash__", "__cache_key__", "__cache_ver__")


def _by_pickle(value: Any, cls: type) -> Form:
    try:
        custom = copyreg.dispatch_table.get(cls)
        # With protocol 5 large buffers come as they are, in place of a copy.
        result = custom(value) if custom else value.__reduce_ex__(5)
        return _by_reduction(value, cls, result)
    except UnfingerprintableError:
        raise
    except Exception as error:  # whatever a class raises when it will not be pickled
        return by_state(value, cls, error)


def _by_reduction(value: object, cls: type, result: Any) -> Form:
    """A constructor, its arguments, the state, the items."""
    if isinstance(result, str):
        module = str(getattr(value, "__module__", None))
        return Form("global", [cls, module, result, scope.pin_of_module(module), *_held(value, cls)])
    make, arguments, *rest = result
    state, items, entries = (*rest, None, None, None)[:3]
    items, entries = _items(items), _entries(entries)
    if not state and type(state) in (dict, NoneType):  # exceptions have one as soon as somebody asked
        state = _added(value) if _is_inherited(cls) else None
    if make is getattr:  # a member or method of something else: nobody calls getattr here
        return Form("attribute", arguments)
    if make is not _NEW:
        # The class counts beside what makes the object anew: its methods are what the object does.
        by = [make] if make is cls else [cls, make]
        return Form("reduced", [*by, arguments, state, items, entries])
    if type(state) is tuple and len(state) == 2:  # attributes and slots
        state = Form("state", state)
    return Form("object", [*arguments, state, items, entries])


def _is_inherited(cls: type) -> bool:
    """Whether a class pickles by what it was built on, which knows nothing of the attributes that it adds."""
    definer = next(base for base in cls.__mro__ if "__reduce__" in vars(base) or "__reduce_ex__" in vars(base))
    return definer is not cls and definer is not object and scope.pin(definer) is not None and scope.pin(cls) is None


def _added(value: object) -> Form | None:
    attributes, slots = getattr(value, "__dict__", None), slots_of(value)
    return Form("state", [attributes, slots]) if attributes or slots else None


def _held(value: object, cls: type) -> list[Form]:
    """The state of an object that pickles by name: what it does hangs on that. One made in C, by name alone."""
    try:
        return [by_state(value, cls, TypeError("it goes by a name"))]
    except UnfingerprintableError:
        if scope.pin(cls) is None:
            raise
        return []


def _items(items: Iterable[object] | None) -> Form | None:
    """Large pieces are digested as they come, so that they need not all be in memory at once."""
    if items is None:
        return None
    return Form("items", [large(one) if type(one) is bytes and len(one) >= LARGE else one for one in items])


def _entries(entries: Iterable[tuple[object, object]] | None) -> Form | None:
    return None if entries is None else Form("entries", [part for pair in entries for part in pair])


def _raised(error: BaseException) -> list[object]:
    """What a traceback tells of how the exception came about."""
    context = None if error.__suppress_context__ else error.__context__
    return [error.__cause__, context, error.__suppress_context__]
