"""The walk as a whole: roots, cycles, depth, wrappers that stand for a function, names, and what it read."""

from __future__ import annotations

import runpy
import sys

import pytest
from everfresh_callgraph import Scanned, trace


def names(root, **options):
    return [node.name for node in trace(root, **options).nodes]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [("f", "function"), ("C", "class"), ("C.m", "function"), ("3", "value"), ("[f]", "value"), ("len", "constant")],
)
def test_root_can_be_anything(project, expression, kind):
    """The root may be a function, a class, a method or any value, and is node 0."""
    app = project.load("def f(): ...\nclass C:\n def m(self): ...")
    graph = trace(eval(expression, vars(app)))
    assert graph.root is graph.nodes[0]
    assert graph.root.kind == kind


def test_module_as_root_reaches_all_that_it_holds(project):
    """With a module as root everything that it holds is in reach."""
    app = project.load("import lib\nK = 1\ndef f(): return g()\ndef g(): ...\nclass C: ...\n#: lib.py\ndef h(): ...")
    assert {"app.K", "app.f", "app.g", "app.C"} <= set(names(app))


def test_mutual_recursion_ends(project):
    """Functions that call one another are one node each."""
    app = project.load("def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return f(n) or g(n) or h(n)")
    assert names(app.f) == ["app.f", "app.g", "app.h"]


def test_classes_and_functions_that_refer_to_one_another(project):
    """A cycle through classes, methods, instances and closures ends, too."""
    app = project.load("""
        class A:
            def m(self): return B()
        class B(A):
            def n(self): return f(a)
        a = A()
        a.other = a
        def f(x=A): return a
        a.f = f
    """)
    assert {"app.A.m", "app.B.n", "app.f"} <= set(names(app.f))


def test_thousands_of_calls_deep(project):
    """A chain of calls far beyond the recursion limit is followed to its end."""
    depth = 3 * sys.getrecursionlimit()
    app = project.load("\n".join(f"def f{i}(): return f{i + 1}()" for i in range(depth)) + f"\ndef f{depth}(): ...")
    assert len(trace(app.f0).nodes) == depth + 1


def test_thousands_of_wrappers_deep(project):
    """A chain of closures far beyond the recursion limit is followed to its end."""
    depth = 3 * sys.getrecursionlimit()
    app = project.load(
        f"def wrap(g):\n def w(): return g()\n return w\ndef f(): ...\nfor _ in range({depth}): f = wrap(f)"
    )
    assert len(trace(app.f).nodes) == depth + 1


def test_deep_inheritance(project):
    """A long line of bases is followed to its end."""
    app = project.load("class C: ...\nfor i in range(400): C = type('C', (C,), {})\ndef f(): return C")
    assert sum(node.kind == "class" for node in trace(app.f).nodes) == 401


def test_transparent_wrapper_stands_for_its_function(project):
    """A wrapper that says what it stands for is passed over, as a root and in reach."""
    app = project.load("""
        def hidden(): ...
        def g(): return h()
        def h(): ...
        def wrapper(): return hidden()
        wrapper.__stands_for__ = (wrapper, g)
        def f(): return wrapper()
    """)
    assert names(app.f) == ["app.f", "app.g", "app.h"]
    assert names(app.wrapper) == ["app.g", "app.h"]


def test_wrapper_around_a_transparent_wrapper_counts(project):
    """functools.wraps copies attributes; the copy does not make the outer wrapper transparent."""
    app = project.load("""
        import functools
        def g(): ...
        def inner(): return g()
        inner.__stands_for__ = (inner, g)
        def outer_of(h):
            @functools.wraps(h)
            def outer(): return scale(h())
            return outer
        def scale(x): ...
        outer = outer_of(inner)
        def f(): return outer()
    """)
    assert {"app.scale", "app.g"} <= set(names(app.f))


def test_defaults_of_the_root_can_be_left_out(project):
    """With `defaults=False` the root's own defaults are left out, those of others are not."""
    app = project.load("def g(b=2): ...\ndef f(a=1): return g()")
    assert "app.f.__defaults__" in names(app.f)
    assert {"app.f.__defaults__", "app.g.__defaults__"} & set(names(app.f, defaults=False)) == {"app.g.__defaults__"}


def test_defaults_of_a_root_that_calls_itself_count(project):
    """A root that calls itself uses its own defaults, so they count all the same."""
    app = project.load("def g(): return f()\ndef f(a=1): return g()")
    assert "app.f.__defaults__" in names(app.f, defaults=False)


SCRIPT = """
class C:
    rate = 3
    def m(self): return self.rate
c = C()
def g(k=c): return C().m()
def f(): return [lambda: g(), c]
"""


def test_same_names_as_a_script_and_as_a_module(project, monkeypatch):
    """Nodes are called the same whether their file runs as a script or is imported."""
    app = project.load(SCRIPT)
    imported = names(app.f)
    main = type(sys)("__main__")
    main.__file__ = app.__file__
    monkeypatch.setitem(sys.modules, "__main__", main)
    exec(compile(SCRIPT, app.__file__, "exec"), vars(main))
    assert names(main.f) == imported


def test_same_names_under_dash_m(project, monkeypatch):
    """The same for a module that `python -m` runs."""
    project.write(f"#: pkg/__init__.py\n#: pkg/app.py\n{SCRIPT}\nimport sys\nsys.found = sys.modules[__name__]\n")
    monkeypatch.setattr(sys, "found", None, raising=False)
    runpy.run_module("pkg.app", run_name="__main__", alter_sys=True)
    monkeypatch.setitem(sys.modules, "__main__", sys.found)
    assert set(names(sys.found.f)) == set(names(project.load(name="pkg.app").f))


def test_scan_is_asked_for_values_only(project):
    """The `scan` that the caller gives sees values and never code; what it refers to is followed."""
    app = project.load("def g(): ...\nT = [g]\nK = 3\ndef f(): return T, K, g")
    seen = []

    def scan(value, name):
        seen.append(value)
        return Scanned("a value", (app.g,) if value is app.T else (), immutable=False)

    graph = trace(app.f, scan)
    assert seen == [app.T, 3]
    (table,) = (node for node in graph.nodes if node.name == "app.T")
    assert [node.name for node in graph.under(table)] == ["app.g"]


def test_error_of_a_scan_tells_where(project):
    """An error that `scan` raises carries the name of the value as a note."""

    def scan(value, name):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no") as caught:
        trace(project.load("K = 3\ndef f(): return K").f, scan)
    assert caught.value.__notes__ == ["app.K"]


def test_reads_hold_everything_that_was_looked_at(project):
    """`reads` lists names, functions, cells, classes and values as they were."""
    app = project.load("class C: ...\nT = [C]\ndef make(k):\n def f(): return T, k, len\n return f\nf = make(1)")
    reads = trace(app.f).reads
    assert (vars(app), "T", app.T) in reads.names
    assert [name for space, name, seen in reads.names if space is vars(app)] == ["T", "len"]
    assert (app.f, app.f.__code__, None, None, {}) in reads.functions
    assert reads.cells == ((app.f.__closure__[0], 1),)
    assert [cls for cls, _, _ in reads.classes] == [app.C]
    assert any(value is app.T for value, _, _ in reads.values)


def test_walk_runs_nothing(project):
    """Neither properties nor descriptors, `__getattr__`, `__eq__` or `__repr__` of the user's are run by a walk."""
    app = project.load("""
        class Loud:
            def _no(self, *a): raise RuntimeError("ran")
            __eq__ = __repr__ = __bool__ = __len__ = __iter__ = __getattr__ = __get__ = __call__ = _no
        class C:
            p = property(Loud._no)
            d = Loud()
        c = Loud()
        def f(x=c): return c.a, C().p, C.d
    """)
    assert "app.Loud._no" in names(app.f)


def test_large_value_is_searched_to_its_end(project):
    """Code at the far end of a large container is found."""
    app = project.load("def g(): ...\nT = [[i] for i in range(20_000)] + [g]\ndef f(): return T")
    assert "app.g" in names(app.f)


LAZY = """
import lib
def f(): return lib.look()
#: lib.py
def look():
    import plugins.a, plugins.b
    return plugins.a.g(), REGISTRY
REGISTRY = {}
#: plugins/__init__.py
#: plugins/a.py
import lib
def g(): return 1
lib.REGISTRY["a"] = g
#: plugins/b.py
import lib
def g(): return 2
lib.REGISTRY["b"] = g
"""


def drawn(graph):
    return [(node.kind, node.name, node.edges, node.labels) for node in graph.nodes]


def test_what_was_imported_before_makes_no_difference(project):
    """A walk that imports modules itself, which fill tables, finds the graph that a later walk finds."""
    app = project.load(LAZY)
    first = trace(app.f)
    assert first.steady
    assert drawn(first) == drawn(trace(app.f))
    assert {"plugins.a.g", "plugins.b.g"} <= {node.name for node in first.nodes}


def test_submodule_read_off_its_package_is_there(project):
    """`package.module` is the module, whether somebody has imported it yet or not."""
    app = project.load(
        "import plugins\ndef f(): return plugins.a.g()\n#: plugins/__init__.py\n#: plugins/a.py\ndef g(): ..."
    )
    assert "plugins.a.g" in {node.name for node in trace(app.f).nodes}
