"""What really runs is in the static reach: every code object of the user's that a profiler sees."""

from __future__ import annotations

import sys

import pytest
from everfresh_callgraph import trace
from everfresh_callgraph.bytecode import nested

SCENARIOS = {
    "helpers and closures": """
        import functools
        def scale(k):
            def by(x): return times(x, k)
            return by
        def times(x, k): return x * k
        double = scale(2)
        triple = functools.partial(times, k=3)
        def f(): return [double(x) + triple(x) for x in range(3)]
    """,
    "classes": """
        import abc
        from dataclasses import dataclass, field
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
            def __lt__(self, other): return self.area() < other.area()
        class Named:
            @property
            def name(self): return label(self)
            def __init_subclass__(cls): cls.made = True
        def label(x): return type(x).__name__
        @dataclass
        class Square(Shape, Named):
            side: float = field(default_factory=lambda: one())
            def area(self): return self.side ** 2
            def __post_init__(self): check(self)
        def one(): return 1.0
        def check(x): assert x.side
        def f(): return sorted([Square(3), Square(), Square(2)])[0].name
    """,
    "metaclass, descriptor, __getattr__": """
        class Meta(type):
            def __call__(cls, *a): return super().__call__(*a)
            def __len__(cls): return size()
        def size(): return 3
        class Field:
            def __set_name__(self, owner, name): self.name = name
            def __get__(self, instance, owner): return read(instance, self.name)
        def read(instance, name): return vars(instance).get(name, name)
        class Model(metaclass=Meta):
            a = Field()
            def __getattr__(self, name): return fallback(name)
        def fallback(name): return name
        def f(): return Model().a, Model().zzz, len(Model)
    """,
    "wrappers": """
        import contextlib, functools
        def logged(g):
            @functools.wraps(g)
            def w(*a): return note(g(*a))
            return w
        def note(x): return x
        @logged
        @functools.lru_cache
        def cached(x): return helper(x)
        def helper(x): return x
        @contextlib.contextmanager
        def scope():
            enter()
            yield 1
        def enter(): ...
        @functools.singledispatch
        def show(x): return "any"
        @show.register
        def _(x: int): return number(x)
        def number(x): return "number"
        def f():
            with scope() as one: return cached(one), show(1), show("a")
    """,
    "dispatch": """
        import enum, operator
        class Op(enum.Enum):
            ADD = "add"
            def run(self, a, b): return TABLE[self](a, b)
        def add(a, b): return a + b
        TABLE = {Op.ADD: add}
        class Visitor:
            def visit(self, node): return getattr(self, "visit_" + node)()
            def visit_a(self): return leaf()
        def leaf(): return 1
        def f(): return Op.ADD.run(1, 2), Visitor().visit("a"), operator.methodcaller("visit", "a")(Visitor())
    """,
    "imports inside": """
        def f():
            import lib
            from pkg.sub import g as h
            import pkg.sub as s
            return lib.start(), h(), s.k()
        #: lib.py
        def start():
            from pkg import sub
            return sub.k()
        #: pkg/__init__.py
        #: pkg/sub.py
        def g(): return k()
        def k(): return 1
    """,
    "generators and coroutines": """
        class Reader:
            async def __aenter__(self): return self
            async def __aexit__(self, *a): done()
            async def __aiter__(self):
                for i in numbers(): yield i
        def done(): ...
        def numbers(): yield from (square(i) for i in range(3))
        def square(i): return i * i
        async def main():
            async with Reader() as r: return [i async for i in r]
        def f():
            try: main().send(None)
            except StopIteration as stop: return stop.value
    """,
    "module __getattr__ and callbacks": """
        import lib
        class Hook:
            def __init__(self, call): self.call = call
        hooks = [Hook(lambda: fire())]
        def fire(): return 1
        def f(): return lib.made(), [h.call() for h in hooks]
        #: lib.py
        def __getattr__(name):
            if name.startswith("__"): raise AttributeError(name)
            return build(name)
        def build(name): return made
        def made(): return 1
    """,
    "iteration, comparison and arithmetic protocols": """
        class V:
            def __init__(self, x): self.x = x
            def __add__(self, o): return V(plus(self.x, o.x))
            def __eq__(self, o): return same(self, o)
            def __hash__(self): return code(self)
            def __iter__(self): return iter_of(self)
            def __contains__(self, k): return k == self.x
            def __format__(self, spec): return shown(self)
            def __bool__(self): return truth(self)
            def __getitem__(self, k): return at(self, k)
        def plus(a, b): return a + b
        def same(a, b): return a.x == b.x
        def code(v): return v.x
        def iter_of(v): return iter([v.x])
        def shown(v): return "v"
        def truth(v): return True
        def at(v, k): return k
        ONE = V(1)
        def f(): return (ONE + ONE == ONE, {ONE}, list(ONE), 1 in ONE, f"{ONE}", not ONE, ONE[0:1])
    """,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_runs_was_foreseen(project, name):
    """Every code object of the user's that runs belongs to a node of the graph made before."""
    app = project.load(SCENARIOS[name])
    foreseen = {code for node in trace(app.f).nodes for code in codes(getattr(node.subject, "__code__", None))}
    ran = set()

    def see(frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(str(project.folder)):
            ran.add(frame.f_code)

    sys.setprofile(see)
    try:
        app.f()
    finally:
        sys.setprofile(None)
    unforeseen = {code.co_name for code in ran - foreseen if code.co_name != "<module>"}
    assert len(ran) > 2
    assert not unforeseen


def codes(code):
    """A code object and all that stand within it."""
    if code is not None:
        yield code
        for inner in nested(code):
            yield from codes(inner)
