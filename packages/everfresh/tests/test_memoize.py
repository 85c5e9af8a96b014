"""The call: what is one question, what is answered, what comes back."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import warnings

import pytest
from everfresh import MemoizedGroup, NotCachedError, NotMemoizedWarning, memoize
from everfresh.events import Bypassed, Hit, Miss, Stored

FACTOR = 2


def scaled(x, y=2):
    """Scale."""
    return x * y * FACTOR


def test_a_second_call_is_answered_from_the_cache(group, events):
    """The same call hits after the first one ran."""
    f = group.memoize(scaled)
    assert f(3) == f(3) == 12
    assert events.names == "Miss Stored Hit"


@pytest.mark.parametrize("call", [lambda f: f(1, 2), lambda f: f(1, y=2), lambda f: f(x=1, y=2), lambda f: f(y=2, x=1)])
def test_spelling_of_arguments_does_not_matter(group, events, call):
    """Positional, by keyword, in another order and left to the default are one entry."""
    f = group.memoize(scaled)
    assert call(f) == f(1) == 4
    assert events.names == "Miss Stored Hit"


def test_star_arguments_are_told_apart(group, events):
    """f(1, 2), f((1, 2)), f(1, a=2) and f(1, b=2) are four questions."""

    @group.memoize
    def f(*args, **kwargs):
        return repr((args, kwargs))

    assert len({f(1, 2), f((1, 2)), f(1, a=2), f(1, b=2)}) == 4
    assert "Hit" not in events.names


def test_none_is_an_answer_like_any_other(group, events):
    """A function that returns None is not run again."""
    f = group.memoize(lambda: None)
    assert f() is f() is None
    assert events.names == "Miss Stored Hit"


def test_what_comes_back_is_a_real_function():
    """Signature, name, documentation and kind are those of the original; pickled it is found by its name."""

    async def wait(x):
        return x

    f = memoize(scaled)
    assert inspect.isfunction(f)
    assert (f.__name__, f.__doc__, inspect.signature(f)) == ("scaled", "Scale.", inspect.signature(scaled))
    assert f.function is f.__wrapped__ is scaled
    assert inspect.iscoroutinefunction(memoize(wait))
    assert inspect.isgeneratorfunction(memoize(numbers))


def numbers(n):
    """Count."""
    yield from range(n)
    return "end"


@memoize
def pickled(x):
    """Be found by name."""
    return x


def test_pickled_by_reference():
    """A memoized function of a module pickles to its name, as any function does."""
    import sys
    import types

    module = types.ModuleType(__name__)
    module.pickled = pickled
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, __name__, module)
        assert pickle.loads(pickle.dumps(pickled)) is pickled


def test_bad_calls_fail_as_the_function_would(group):
    """A call that does not fit raises the TypeError that names what is missing."""
    f = group.memoize(scaled)
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'x'"):
        f()


def test_exceptions_pass_and_are_not_kept(group, events):
    """An exception is the user's, each time anew."""

    @group.memoize
    def f(x):
        raise ValueError(x)

    for _ in range(2):
        with pytest.raises(ValueError, match="boom"):
            f("boom")
    assert events.names == "Miss Miss"


def test_a_caller_may_change_what_it_got(group):
    """Each hit gives an object of its own, so changing one changes no later one."""
    f = group.memoize(lambda: [1, 2])
    f().append(3)
    f().append(4)
    assert f() == [1, 2]


class Account:
    """Has every kind of method."""

    rate = 3

    def __init__(self, amount):
        self.amount = amount

    @memoize
    def grown(self, by):
        """Use the state."""
        return self.amount * by

    @classmethod
    @memoize
    def below(cls, x):
        """Memoize under classmethod."""
        return x * cls.rate

    @staticmethod
    @memoize
    def apart(x):
        """Memoize under staticmethod."""
        return x + 1

    @memoize
    @staticmethod
    def around(x):
        """Memoize over staticmethod."""
        return x + 2


@pytest.fixture
def default(tmp_path, monkeypatch):
    """The default group in a folder of its own."""
    from everfresh import configure

    configure(location=tmp_path / "default")
    from everfresh.memoize.group import default_group

    yield default_group
    configure(location=None)


def test_methods_of_every_kind(default):
    """Instance, class and static methods work, on the class and on instances; the instance's state counts."""
    seen = []
    default().subscribe(lambda event: seen.append(type(event).__name__))
    assert [Account(1).grown(2), Account(5).grown(2), Account(1).grown(by=2)] == [2, 10, 2]
    assert seen == ["Miss", "Stored", "Miss", "Stored", "Hit"]
    assert (Account.below(2), Account(1).below(2), Account.apart(1), Account.around(1)) == (6, 6, 2, 3)
    assert seen[5:] == ["Miss", "Stored", "Hit", "Miss", "Stored", "Miss", "Stored"]


def test_coroutine_functions_keep_what_they_return(group, events):
    """A coroutine function runs once; each call gives a coroutine of its own."""

    @group.memoize
    async def f(x):
        await asyncio.sleep(0)
        return x + 1

    assert asyncio.run(f(1)) == asyncio.run(f(1)) == 2
    assert events.names == "Miss Stored Hit"


def test_generator_functions_keep_what_they_yield(group, events):
    """A generator function hits with all its items and its return value."""
    f = group.memoize(numbers)

    def drained(generator):
        result = yield from generator
        yield result

    assert list(drained(f(3))) == list(drained(f(3))) == [0, 1, 2, "end"]
    assert events.names == "Miss Stored Hit"


def test_a_generator_left_early_is_not_kept(group, events):
    """Half of the items are not an answer."""
    f = group.memoize(numbers)
    generator = f(3)
    next(generator)
    generator.close()
    assert events.names == "Miss"
    assert list(f(3)) == [0, 1, 2]


def test_a_generator_that_is_sent_to_is_not_kept(group, events):
    """What was sent into a generator is no argument of the call, so its answer is not kept."""

    @group.memoize
    def echo():
        got = yield 1
        yield got

    generator = echo()
    assert (next(generator), generator.send("sent")) == (1, "sent")
    assert list(generator) == []
    assert list(echo()) == [1, None]
    assert events.names == "Miss Miss Stored"


def test_what_is_thrown_into_a_generator_reaches_it(group, events):
    """An exception thrown by the caller arrives inside, and the run is not kept."""

    @group.memoize
    def forgiving():
        try:
            yield 1
        except KeyError:
            yield "caught"

    generator = forgiving()
    next(generator)
    assert generator.throw(KeyError()) == "caught"
    assert list(generator) == []
    assert events.names == "Miss"


def test_asynchronous_generators_are_refused():
    """The error says what to write instead."""

    async def f():
        yield 1

    with pytest.raises(TypeError, match="coroutine function that returns a list"):
        memoize(f)


def test_would_hit_runs_nothing(group, events):
    """would_hit tells the truth before and after, and neither runs nor counts as a call."""
    f = group.memoize(scaled)
    assert not f.would_hit(1)
    f(1)
    assert f.would_hit(x=1, y=2)
    assert not f.would_hit(2)
    assert events.names == "Miss Stored"


def test_call_if_cached(group):
    """It gives the kept answer and raises LookupError where there is none."""
    f = group.memoize(scaled)
    with pytest.raises(NotCachedError, match="absent"):
        f.call_if_cached(1)
    f(1)
    assert f.call_if_cached(1) == 4


def test_clear_entry_forgets_one_call(group, events):
    """The call runs again, others do not."""
    f = group.memoize(scaled)
    f(1), f(2)
    assert f.clear_entry(1) == 1
    f(1), f(2)
    assert events.names == "Miss Stored Miss Stored Invalidated Miss Stored Hit"


def test_why_names_what_changed(group, monkeypatch):
    """The reason names the dependency, from what to what."""
    f = group.memoize(scaled)
    assert str(f.why(1)) == "absent"
    f(1)
    assert str(f.why(1)) == "hit"
    monkeypatch.setitem(globals(), "FACTOR", 5)
    assert str(f.why(1)) == f"stale (global {__name__}.FACTOR: 2 -> 5)"


def test_memoized_functions_compose(group, events):
    """An inner memoized function keeps its own answers, and a change of it reaches the outer one."""
    inner = group.memoize(scaled)

    @group.memoize
    def outer(x):
        return inner(x) + 1

    assert outer(1) == 5
    assert events.names == "Miss Miss Stored Stored"
    assert outer(1) == 5
    assert events.names.endswith("Hit")


def test_the_inner_functions_code_belongs_to_the_outer_answer(group, monkeypatch):
    """What the inner function reaches is watched by the outer one."""
    inner = group.memoize(scaled)
    outer = group.memoize(lambda x: inner(x) + 1)
    assert outer(1) == 5
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert outer(1) == 7


def test_recursive_functions_keep_every_level(group, events):
    """A memoized function that calls itself hits below."""

    @group.memoize
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    assert fib(20) == 6765
    assert len(events.of(Stored)) == 21


def test_ignored_parameters_do_not_matter(group, events):
    """Calls that differ in an ignored parameter alone are one entry."""

    @group.memoize(ignore="verbose")
    def f(x, verbose=False):
        return x

    assert f(1) == f(1, verbose=True) == 1
    assert events.names == "Miss Stored Hit"


def test_ignoring_an_unknown_parameter_is_an_error(group):
    """The message names the option, the parameter and those that there are."""
    with pytest.raises(ValueError, match=r"ignore=\('quiet',\).*no parameter 'quiet'; it has x, y"):
        group.memoize(ignore="quiet")(scaled)


def test_memoizing_what_is_no_function_is_an_error():
    """The message shows how the decorator is written."""
    with pytest.raises(TypeError, match="@memoize"):
        memoize("name")


def test_key_replaces_the_arguments(group, events):
    """What `key` gives is all that tells calls apart."""
    f = group.memoize(key=lambda x, y=2: x % 10)(scaled)
    assert f(1) == f(11) == 4
    assert events.names == "Miss Stored Hit"


def test_a_stated_version_stands_for_the_code(group, monkeypatch):
    """With `version` nothing that the code reaches counts, until the version changes."""
    f = group.memoize(version=1)(scaled)
    assert f(1) == 4
    monkeypatch.setitem(globals(), "FACTOR", 5)
    assert f(1) == 4
    assert str(group.memoize(version=2)(scaled).why(1)) == f"stale (version of {__name__}.scaled: 1 -> 2)"


def test_depends_on_is_asked_at_each_call(group, events):
    """A change of what `depends_on` gives means computing again."""
    state = {"day": 1}
    f = group.memoize(depends_on=lambda: state["day"])(scaled)
    f(1)
    state["day"] = 2
    f(1)
    assert str(events.of(Miss)[1].reason) == "stale (depends_on[0]: 1 -> 2)"


def test_builtin_functions_and_partials_can_be_memoized(group, events):
    """Anything callable can be memoized, with its keywords bound where it has a signature."""
    from functools import partial

    by_three = group.memoize(partial(scaled, y=3))
    assert by_three(1) == by_three(x=1) == 6
    assert group.memoize(sorted)([2, 1]) == [1, 2]
    assert events.names == "Miss Stored Hit Miss Stored"


def test_an_argument_without_fingerprint_means_running_uncached(group, events):
    """The function runs, and one warning names the argument and the path to the part."""

    @group.memoize
    def f(x):
        return len(x)

    with pytest.warns(NotMemoizedWarning, match=r"argument x\['a'\]\[1\]: builtins.generator"):
        assert f({"a": [1, (i for i in ())]}) == 1
    assert f({"a": [1, (i for i in ())]}) == 1  # a second warning would be an error here
    assert events.names == "Bypassed Bypassed"


def test_code_without_fingerprint_means_running_uncached(group, events, tmp_path):
    """A global that cannot be told again is named with its path."""
    with open(__file__) as file:
        f = group.memoize(lambda: file.name)
        with pytest.warns(NotMemoizedWarning, match=r"\.file: .*open for reading"):
            assert f() == __file__
    assert [type(event) for event in events] == [Bypassed]


def test_an_answer_that_cannot_be_pickled_is_given_all_the_same(group, events):
    """One warning says why it is not kept."""
    f = group.memoize(lambda: (number for number in [1]))
    with pytest.warns(NotMemoizedWarning, match="could not be stored"):
        assert list(f()) == [1]
    assert list(f()) == [1]
    assert events.names == "Miss Bypassed Miss Bypassed"


def test_a_call_that_changes_what_it_depends_on_is_not_kept(group, events):
    """An answer made of two states of the program is no answer; the warning names what changed."""
    counts = []

    @group.memoize
    def f(x):
        counts.append(x)
        return len(counts)

    with pytest.warns(NotMemoizedWarning, match=r"changed what it depends on: .*counts"):
        assert f(1) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert f(1) == 2
    assert Hit not in map(type, events)


def test_a_warning_lists_a_few_names(group):
    """Where very much changed, the warning names the nearest and says how many more there are."""
    tables = [[] for _ in range(9)]
    a, b, c, d, e = tables[:5]

    @group.memoize
    def f(x):
        for one in (a, b, c, d, e):
            one.append(x)

    with pytest.warns(NotMemoizedWarning, match=r"changed what it depends on: [^,]*, [^,]*, [^,]*, and 2 more\."):
        f(1)


def test_strict_refuses_blind_spots(group, events):
    """What cannot be followed is named, and the function runs uncached."""
    f = group.memoize(strict=True)(lambda name: eval(name))
    with pytest.warns(NotMemoizedWarning, match="cannot see: .* uses eval"):
        assert f("1 + 1") == 2
    assert events.names == "Bypassed"


def test_stats_count_what_happened(group):
    """Hits and misses are counted; the time of misses is the cost."""
    f = group.memoize(scaled)
    f(1), f(1), f(2)
    stats = f.stats()
    assert (stats.hits, stats.misses, stats.bypassed) == (1, 2, 0)
    assert stats.cost > 0


def test_threads_share_a_function(group):
    """Many threads that call at once get right answers."""
    from concurrent.futures import ThreadPoolExecutor

    f = group.memoize(scaled)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(f, [n % 10 for n in range(200)])) == [n % 10 * 4 for n in range(200)]


def test_two_functions_of_one_name_keep_apart(group):
    """Functions that differ in a closure alone never share an answer."""

    def factory(n):
        @group.memoize
        def f():
            return n

        return f

    assert [factory(1)(), factory(2)(), factory(1)()] == [1, 2, 1]


def test_another_group_is_another_cache(tmp_path):
    """An answer of one group is unknown to another."""
    f = MemoizedGroup(tmp_path / "one").memoize(scaled)
    g = MemoizedGroup(tmp_path / "two").memoize(scaled)
    f(1)
    assert f.would_hit(1)
    assert not g.would_hit(1)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_decorator_around_a_memoized_function_counts(group, wrapped):
    """A wrapper around the wrapper is code of its own, though functools.wraps copies every attribute to it."""
    from functools import wraps

    bonus = {"is": 1}

    def plus(function):
        @wraps(function)
        def inner(*args):
            return function(*args) + bonus["is"]

        return inner

    decorated = plus(group.memoize(scaled))
    outer = group.memoize(lambda x: decorated(x))
    assert outer(1) == 5
    bonus["is"] = 2
    assert outer(1) == 6
