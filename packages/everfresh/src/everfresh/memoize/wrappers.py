"""The function that stands in for the user's: plain, a coroutine function or a generator function, as the original."""

from __future__ import annotations

from time import perf_counter

from everfresh.effects.files import Recorder
from everfresh.effects.keeping import Keeping
from everfresh.memoize.turn import Turn
from everfresh.memoize.yielded import Yielded
from everfresh.model import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from everfresh.memoize.memoized import Memo

COROUTINE, GENERATOR, ASYNC_GENERATOR = 0x80, 0x20, 0x200


def wrapper_for(memo: Memo) -> Callable[..., Any]:
    """A new function of the same kind as the original that answers through the memo."""
    flags = getattr(getattr(memo.function, "__code__", None), "co_flags", 0)
    if flags & ASYNC_GENERATOR:
        raise TypeError(
            f"{memo.name} is an asynchronous generator, which memoize does not take; "
            "memoize a coroutine function that returns a list"
        )
    make = _coroutine if flags & COROUTINE else _generator if flags & GENERATOR else _plain
    return make(memo)


def _plain(memo: Memo) -> Callable[..., Any]:
    # The whole of a call stands here, not a function further down: each frame counts in deep recursion.
    def memoized(*args: Any, **kwargs: Any) -> Any:
        question = memo.ask(args, kwargs)
        if question is None:
            return memo.function(*args, **kwargs)
        found = memo.look(question)
        if isinstance(found, Found):
            return found.value
        with (turn := Turn(memo, question, found)) as found:
            if isinstance(found, Found):
                return found.value
            clock = perf_counter()
            with Recorder() as recorder:
                value = memo.function(*args, **kwargs)
            turn.keep(value, perf_counter() - clock, recorder)
        return value

    return memoized


def _coroutine(memo: Memo) -> Callable[..., Any]:
    async def memoized(*args: Any, **kwargs: Any) -> Any:
        question = memo.ask(args, kwargs)
        if question is None:
            return await memo.function(*args, **kwargs)
        found = memo.look(question)
        if isinstance(found, Found):
            return found.value
        async with (turn := Turn(memo, question, found)) as found:
            if isinstance(found, Found):
                return found.value
            clock = perf_counter()
            with Recorder() as recorder:
                value = await memo.function(*args, **kwargs)
            turn.keep(value, perf_counter() - clock, recorder)
        return value

    return memoized


def _generator(memo: Memo) -> Callable[..., Any]:
    def memoized(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        question = memo.ask(args, kwargs)
        if question is None:
            return (yield from memo.function(*args, **kwargs))
        found = memo.look(question)
        if isinstance(found, Found):
            return (yield from found.value.again())  # type: ignore[attr-defined]
        # Nobody waits for a generator: it ends when its consumer pleases, perhaps never.
        turn = Turn(memo, question, found)
        turn.missed()
        run = _Run(memo.function(*args, **kwargs))
        result = yield from run
        if run.alone:
            turn.keep(Yielded(tuple(run.items), result), run.cost, run.recorder)
        elif run.problem:
            memo.bypass(run.problem)
        return result

    return memoized


class _Run:
    """Passes on what a generator yields, and keeps it. `alone` tells whether nothing was sent or thrown into it.

    What the consumer does between two items is neither timed nor recorded.
    """

    def __init__(self, generator: Generator[Any, Any, Any]) -> None:
        self.generator, self.alone = generator, True
        self.items: list[bytes] = []
        self.cost, self.recorder, self.problem = 0.0, Recorder(), ""

    def __iter__(self) -> Generator[Any, Any, Any]:
        step, given = self.generator.send, None
        while True:
            clock = perf_counter()
            try:
                with self.recorder:
                    item = step(given)
            except StopIteration as end:
                return end.value
            finally:
                self.cost += perf_counter() - clock
            self.keep(item)
            try:
                step, given = self.generator.send, (yield item)
                self.alone &= given is None
            except GeneratorExit:
                self.generator.close()
                raise
            except BaseException as error:  # whatever the caller throws is for the generator to catch
                step, given, self.alone = self.generator.throw, error, False

    def keep(self, item: object) -> None:
        """Write the item down now: the generator, and who consumes it, may change it later."""
        from everfresh.storage import pickles

        if self.alone:
            try:
                with Keeping():
                    self.items.append(pickles.dumps(item))
            except Exception as error:  # whatever pickling raises: the items are given all the same
                self.alone = False
                self.problem = f"what it yields cannot be kept ({type(error).__name__}: {error})"
