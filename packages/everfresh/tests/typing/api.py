"""Never run, only checked: what type checkers make of memoized functions."""

from __future__ import annotations

from typing import assert_type

from everfresh import Memoized, MemoizedGroup, memoize


@memoize
def bare(x: int, y: str = "") -> float:
    return float(x)


@memoize(ignore="y", version=1)
def options(x: int, y: str = "") -> float:
    return float(x)


group = MemoizedGroup("x", size="1 GiB", policy="lru")


@group.memoize
def grouped(x: int) -> list[int]:
    return [x]


@group.memoize(ignore="x")
def grouped_with_options(x: int) -> list[int]:
    return [x]


class Thing:
    @memoize
    def method(self, x: int) -> str:
        return str(x)

    @classmethod
    @memoize
    def built(cls, x: int) -> str:
        return str(x)


@memoize
async def waits(x: int) -> bytes:
    return bytes(x)


async def use() -> None:
    assert_type(await waits(1), bytes)


kept: Memoized[[int], list[int]] = grouped

assert_type(bare(1, y="a"), float)
assert_type(options(1), float)
assert_type(grouped(1), list[int])
assert_type(grouped_with_options(1), list[int])
assert_type(bare.would_hit(1), bool)
assert_type(bare.call_if_cached(1), float)
assert_type(bare.function(1), float)
assert_type(Thing().method(1), str)

bare("1")  # type: ignore[arg-type]
bare(1, z=2)  # type: ignore[call-arg]
bare.would_hit("1")  # type: ignore[arg-type]
Thing().method("1")  # type: ignore[arg-type]
