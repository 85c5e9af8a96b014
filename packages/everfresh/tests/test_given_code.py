"""Code that comes with the arguments: what it asks of the function, what the function asks of it, what is in doubt."""

from __future__ import annotations

import sys
import time
import types
import warnings

import pytest
from everfresh import ImpureWarning, NotMemoizedWarning


def program(text, name="given_program"):
    """The globals of a module made of a text, with a module `conf` at hand that holds `scale`."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(text, vars(module))
    return module


def conf(scale):
    return program(f"'''Text {scale}.'''\nscale = {scale}\ndef thing(): return {scale}", "given_conf")


CASES = {
    "a function that reads off a module it is given": (
        "import given_conf as conf\ndef g(m): return m.scale\ndef f(k): return k(conf)",
        lambda app: app.g,
    ),
    "a function that hands out a module": (
        "import given_conf as conf\ndef g(): return conf\ndef f(k): return k().scale",
        lambda app: app.g,
    ),
    "an object that hands out a module": (
        "import given_conf as conf\nclass C:\n def settings(self): return conf\ndef f(k): return k.settings().thing()",
        lambda app: app.C(),
    ),
}


@pytest.mark.parametrize(("text", "argument"), CASES.values(), ids=CASES)
def test_what_meets_in_the_call_counts(group, text, argument):
    """A name in the one and the object in the other, the function or what it is given: a change to it is seen."""
    answers = []
    for scale in (1, 2):
        conf(scale)
        app = program(text)
        answers.append(group.memoize(app.f)(argument(app)))
    assert answers == [1, 2]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("k.__doc__", "def g():\n '''{}'''"),
        ("k.__annotations__", "def g(x: '{}'): ..."),
        ("[one.m() for one in k.__subclasses__()]", "class g: ...\nclass D(g):\n def m(): return {}"),
        ("type(k).__doc__", "class C:\n '''{}'''\ng = C()"),
    ],
)
def test_what_is_asked_of_given_code_counts(group, asked, given):
    """Docstrings, annotations and subclasses of what is given count where the function asks for them."""
    answers = []
    for number in (1, 2):
        app = program(f"{given.format(number)}\ndef f(k): return {asked}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answers.append(group.memoize(app.f)(app.g))
    assert answers[0] != answers[1]


def test_what_is_not_asked_does_not_count(group, events):
    """A docstring of given code that nobody reads makes no difference."""
    for text in ("One.", "Two."):
        app = program(f"def g():\n '''{text}'''\n return 1\ndef f(k): return k()")
        assert group.memoize(app.f)(app.g) == 1
    assert [type(event).__name__ for event in events] == ["Miss", "Stored", "Hit"]


class Clock:
    def now(self):
        return time.time_ns()


def test_given_code_that_looks_outside_is_told(group):
    """An argument whose code asks the time is told in a warning; strict mode refuses it; assume_pure accepts it."""

    def f(clock):
        return 1

    with pytest.warns(ImpureWarning, match=r"the time .*Clock\.now"):
        assert group.memoize(f)(Clock()) == 1
    with pytest.warns(NotMemoizedWarning, match="the time"):
        assert group.memoize(strict=True)(f)(Clock()) == 1
    assert group.memoize(assume_pure=True)(f)(Clock()) == 1
