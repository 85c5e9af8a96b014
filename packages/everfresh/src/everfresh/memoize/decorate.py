"""memoize and MemoizedGroup: options in, a real function out, with the operations as its attributes."""

from __future__ import annotations

from functools import partial, update_wrapper

from everfresh_callgraph.trace import STANDS_FOR

from everfresh.memoize.group import Group
from everfresh.memoize.memoized import Memo
from everfresh.memoize.options import options
from everfresh.memoize.wrappers import wrapper_for
from everfresh.overloads import overload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    from everfresh.memoize.options import Options
    from everfresh.memoize.protocol import Memoized
    from everfresh.storage.serializers import Serializer

    P = ParamSpec("P")
    R = TypeVar("R")


@overload
def memoize(function: Callable[P, R], /) -> Memoized[P, R]: ...
@overload
def memoize(  # noqa: F811
    *,
    group: Group | None = None,
    version: object = None,
    ignore: str | tuple[str, ...] | list[str] = (),
    key: Callable[..., object] | None = None,
    depends_on: object = (),
    strict: bool | None = None,
    assume_pure: bool = False,
    deep: str | tuple[str, ...] = (),
    constant: str | tuple[str, ...] = (),
    unordered: str | tuple[str, ...] = (),
    writes: str | None = None,
    single_flight: bool | None = None,
    durable: bool | None = None,
    serializer: str | Serializer | None = None,
    compression: str | None = None,
) -> Callable[[Callable[P, R]], Memoized[P, R]]: ...
def memoize(  # noqa: F811
    function: Any = None,
    /,
    *,
    group: Group | None = None,
    version: object = None,
    ignore: str | tuple[str, ...] | list[str] = (),
    key: Callable[..., object] | None = None,
    depends_on: object = (),
    strict: bool | None = None,
    assume_pure: bool = False,
    deep: str | tuple[str, ...] = (),
    constant: str | tuple[str, ...] = (),
    unordered: str | tuple[str, ...] = (),
    writes: str | None = None,
    single_flight: bool | None = None,
    durable: bool | None = None,
    serializer: str | Serializer | None = None,
    compression: str | None = None,
) -> Any:
    """Keep what a function returns, on disk, and compute it again exactly when it could differ.

    Bare (`@memoize`) or with options (`@memoize(ignore="verbose")`), on functions, methods, class and static methods,
    coroutine functions and generator functions. An answer holds for equal arguments while the code and the values that
    the function reaches are what they were.

    `group` keeps the answers (default: the default group). `version` stands for the code: the answer holds until it is
    changed, whatever is edited. `ignore` names parameters that do not matter. `key` is called with the arguments and
    gives what to tell calls apart by. `depends_on` is a value, a function without parameters that gives one, or a tuple
    of them, on which answers depend besides.

    What the function reads from files is watched. A function that asks the time, the network and the like runs
    uncached, with a warning; `assume_pure` memoizes it all the same. `strict` refuses what cannot be followed, too.

    Installed packages count by their versions, other code by what it does. `deep` names packages whose code is followed
    although they are installed (one that is edited in place), `constant` packages that are taken as they are although
    they are not installed. `unordered` names packages and modules in whose tables (dictionaries in modules and classes)
    the order of keys does not count: one that is filled from a set has another order in every process. Given here, the
    three stand in place of the group's.

    >>> from everfresh import memoize
    >>> @memoize(ignore="verbose")
    ... def area(width, height, verbose=False):
    ...     return width * height
    >>> area(2, 3), area(2, height=3, verbose=True)
    (6, 6)

    `writes` says when an answer is written: `"at once"` (before the call returns; the default), `"background"` (the
    value is turned into bytes before the call returns, and a thread writes them) or `"commit"` (at the group's next
    `commit()`). What waits is found at once by this process; it is written when the interpreter ends, before a fork,
    and when 64 MiB wait. Answers above 1 MiB never wait. `os._exit` and a killed process lose what waits.

    `single_flight` (default: True) lets one computation at a time run for equal calls, among all threads, tasks and
    processes of this machine that use the cache; the others wait for its answer. Generators are not waited for. A
    function that waits for a lock which its callers hold should say `single_flight=False`. What is not said is said by
    the group.

    `serializer` writes the answers: `"pickle"` (the default), `"cloudpickle"`, `"json"`, `"msgpack"`, `"arrow"` and
    `"parquet"` (frames), or an object of your own with a `name`, `dump(value, file)` and `load(file)`. What it would
    not give back as it was, is not kept. Generators are kept by pickle. `compression` is `"zstd"`, `"lz4"`, `"zlib"`,
    `"best"` or `"none"` (the default; only then large arrays come back at once). `durable=True` waits until an answer
    is on the disk itself before it can be seen.

    Raises TypeError or ValueError, naming the option, where options do not fit the function.
    """
    given = {name: value for name, value in locals().items() if name != "function"}
    if function is None:
        return partial(memoize, **given)
    chosen = options(given)
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_memoized(function.__func__, group, chosen))
    if not callable(function):
        raise TypeError(f"memoize takes a function, not {function!r}; write @memoize or @memoize(option=...)")
    return _memoized(function, group, chosen)


def _memoized(function: Callable[..., Any], group: Group | None, options: Options) -> Any:
    memo = Memo(function, group, options)
    wrapper = update_wrapper(wrapper_for(memo), function)
    for operation in (memo.would_hit, memo.call_if_cached, memo.clear_entry, memo.why):
        setattr(wrapper, operation.__name__, _spelled_out(operation))
    attributes = {"function": function, "group": group, "stats": memo.stats, STANDS_FOR: (wrapper, function)}
    for name, attribute in attributes.items():
        setattr(wrapper, name, attribute)
    return wrapper


def _spelled_out(operation: Callable[..., Any]) -> Callable[..., Any]:
    """`f.would_hit(1, y=2)` from the method that takes the arguments as a tuple and a mapping."""

    def spelled(*args: Any, **kwargs: Any) -> Any:
        return operation(args, kwargs)

    spelled.__name__ = spelled.__qualname__ = operation.__name__
    spelled.__doc__ = operation.__doc__
    return spelled


class MemoizedGroup(Group):
    """Functions that keep their answers in one place.

    `location` is the cache's folder, made when it is first needed (default: `.everfresh` at the project's root, else
    in the user's cache folder). `size` bounds all answers together, in bytes or as `"10 GiB"`; when it is reached,
    `policy` (`"gdsf"`, `"lru"`, `"lfu"` or an object) says which go. `strict` refuses functions with blind spots, and
    `disable` calls every function straight through. `deep`, `constant` and `unordered` name packages whose code is
    followed or taken as it is, and modules whose tables have no order, as in `memoize`. `writes`, `single_flight`,
    `durable`, `serializer` and `compression` hold for functions that do not say otherwise; see `memoize`.
    `keep_versions` says how many older versions of a function's answers stay when there is a new one (default: all,
    while there is room). `shared` says that other machines use the folder, too (default: its file system is asked, on
    Linux). What is not given is taken from `configure()`, the environment and `pyproject.toml`, in this order.

    As a context manager it commits and closes at the end. Pickled, it is the same cache in another process.
    """

    @overload
    def memoize(self, function: Callable[P, R], /) -> Memoized[P, R]: ...
    @overload
    def memoize(  # noqa: F811
        self, /, **options: Any
    ) -> Callable[[Callable[P, R]], Memoized[P, R]]: ...
    def memoize(self, function: Any = None, /, **options: Any) -> Any:  # noqa: F811
        """Memoize a function in this group: `@group.memoize`, bare or with the options of `memoize`."""
        return memoize(group=self, **options) if function is None else memoize(group=self, **options)(function)
