"""code_version: the stated version stands for the code."""

from __future__ import annotations

import types
from functools import wraps

from everfresh import code_version

PROGRAM = """
def helper(x):
    return x + 1

@code_version("1")
def step(x):
    return helper(x)

def f(x):
    return step(x)
"""


def f_of(text):
    module = types.ModuleType("stated_program")
    module.code_version = code_version
    exec(compile(text, "stated_program.py", "exec", dont_inherit=True), vars(module))
    return module.f


def test_edits_below_a_stated_version_do_not_matter(group, events):
    """Neither the function's own code nor what it reaches counts, until the version changes."""
    assert group.memoize(f_of(PROGRAM))(1) == 2
    assert group.memoize(f_of(PROGRAM.replace("x + 1", "x + 2")))(1) == 2
    assert group.memoize(f_of(PROGRAM.replace("return helper(x)", "return helper(x) * 2")))(1) == 2
    changed = group.memoize(f_of(PROGRAM.replace("x + 1", "x + 2").replace('"1"', '"2"')))
    assert str(changed.why(1)) == "stale (version of stated_program.step: '1' -> '2')"
    assert changed(1) == 3
    assert events.names == "Miss Stored Hit Hit Miss Stored"


def test_edits_around_a_stated_version_matter(group):
    """What calls the function is code as ever."""
    assert group.memoize(f_of(PROGRAM))(1) == 2
    assert group.memoize(f_of(PROGRAM.replace("return step(x)", "return -step(x)")))(1) == -2


def test_a_wrapper_does_not_inherit_the_version(group):
    """functools.wraps copies the attribute, but the version was stated for the function inside."""

    def times(n):
        def decorate(function):
            @wraps(function)
            def inner(x):
                return function(x) * n

            return inner

        return decorate

    @code_version(1)
    def step(x):
        return x

    two, three = times(2)(step), times(3)(step)
    assert group.memoize(lambda x: two(x))(1) == 2
    assert group.memoize(lambda x: three(x))(1) == 3


def test_a_class_can_state_a_version(group):
    """A subclass is code of its own."""

    def program(by, extra):
        @code_version(1)
        class Base:
            def times(self, x):
                return x * by

        class Child(Base):
            def more(self, x):
                return self.times(x) + extra

        return lambda x: Child().more(x)

    assert group.memoize(program(2, 0))(1) == 2
    assert group.memoize(program(3, 0))(1) == 2
    assert group.memoize(program(2, 1))(1) == 3
