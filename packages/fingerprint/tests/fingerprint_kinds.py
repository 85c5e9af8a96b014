"""Classes of the user's own, of every kind, for the tables of values."""

from __future__ import annotations

import collections
import dataclasses
import enum
import typing

import numpy as np
import pandas as pd


class Plain:
    def __init__(self, value: object = None) -> None:
        self.value = value

    def method(self) -> object:
        return self.value

    def other(self) -> object:
        return [self.value]


class Other:
    def __init__(self, value: object = None) -> None:
        self.value = value


class Slotted:
    __slots__ = ("value",)

    def __init__(self, *value: object) -> None:
        for one in value:
            self.value = one


class Half(Slotted):
    def __init__(self, value: object, other: object) -> None:
        self.value, self.other = value, other


class Reduced(Plain):
    def __reduce__(self) -> object:
        return Reduced, (self.value,)


class Stateful(Plain):
    def __getstate__(self) -> object:
        return {"kept": self.value}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.value = state["kept"]


class Stated:
    def __init__(self, value: object, hidden: object) -> None:
        self.value, self.hidden = value, hidden

    def __determ_hash__(self) -> object:
        return self.value


Point = collections.namedtuple("Point", "x y")


class Typed(typing.NamedTuple):
    x: int
    y: int = 0


@dataclasses.dataclass
class Data:
    a: int
    b: list[int]


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: int
    b: int


@dataclasses.dataclass(slots=True)
class Compact:
    a: int
    b: int


@dataclasses.dataclass
class NotCompared:
    a: int
    b: int = dataclasses.field(compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class CompactFrozen:
    a: int
    b: list[int]


@dataclasses.dataclass
class WithDefaults:
    a: int
    b: list[int] = dataclasses.field(default_factory=list)


class Attributed:
    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)


class Color(enum.Enum):
    RED = 1
    BLUE = 2
    CRIMSON = 1  # noqa: PIE796  (an alias)


class Shade(enum.Enum):
    RED = 1


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Letter(str, enum.Enum):  # noqa: UP042  (how it was done before StrEnum)
    A = "a"


class Bits(enum.Flag):
    A = 1
    B = 2


class IntBits(enum.IntFlag):
    A = 1
    B = 2


class Tagged:
    """Kept by subclasses of builtins beside what the builtin holds."""

    def __init__(self, *arguments: object, tag: object = None, **more: object) -> None:
        super().__init__(*arguments, **more)
        if tag is not None:
            self.tag = tag


class MyInt(int): ...


class MyFloat(float): ...


class MyStr(str): ...


class MyBytes(bytes): ...


class MyTuple(tuple): ...


class MyFrozenSet(frozenset): ...


class MyList(Tagged, list): ...


class MyDict(Tagged, dict): ...


class MySet(Tagged, set): ...


class MyOrdered(collections.OrderedDict): ...


class MyError(Tagged, Exception): ...


class MyArray(np.ndarray):
    def __new__(cls, values: object, tag: object = None) -> MyArray:
        made = np.asarray(values).view(cls)
        made.tag = tag
        return made

    def __array_finalize__(self, made_from: object) -> None:
        self.tag = getattr(made_from, "tag", None)

    def __reduce__(self) -> object:
        return MyArray, (self.tolist(), self.tag)

    def __deepcopy__(self, memo: object) -> MyArray:
        return MyArray(self.tolist(), self.tag)


class Bare(np.ndarray):
    """Without a word on how it is pickled: numpy drops its attributes then."""


class MyFrame(pd.DataFrame):
    _metadata = ["tag"]  # noqa: RUF012  (pandas adds it to a list)

    def __init__(self, *arguments: object, tag: object = None, **more: object) -> None:
        super().__init__(*arguments, **more)
        self.tag = tag

    @property
    def _constructor(self) -> type:
        return MyFrame
