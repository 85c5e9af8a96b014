"""Classes, instances and wrappers: which code a thing brings along."""

from __future__ import annotations

import pytest
from everfresh_callgraph import late, trace


@pytest.mark.cases("classes", "instances", "wrappers")
def test_object_brings_its_code_along(project, text, reached, not_reached):
    """A class, an instance or a wrapper leads to all the code that using it can run."""
    names = {node.name for node in trace(project.load(text).f).nodes}
    assert reached <= names
    assert names.isdisjoint(not_reached)


def test_bases_keep_their_order(project):
    """The edges of a class are its attributes by name, its type, and its bases in their order."""
    app = project.load(
        "class A: ...\nclass B: ...\nclass M(type): ...\nclass C(B, A, metaclass=M):\n z = 1\n a = 2\ndef f(): return C"
    )
    graph = trace(app.f)
    (node,) = (node for node in graph.nodes if node.name == "app.C")
    assert [one.name for one in graph.under(node)] == ["app.C.a", "app.B", "app.A", "app.M", "app.C.z"]


def test_order_of_definitions_in_a_class_is_layout(project):
    """Two classes that differ in the order of their methods only have the same own description."""
    app = project.load(
        "class C:\n def a(self): ...\n def b(self): ...\nfirst = C\nclass C:\n def b(self): ...\n def a(self): ...\n"
    )
    assert trace(app.first).root.own == trace(app.C).root.own


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1", "b = 1"),
        ("a: int", "a: str"),
        ("a: int\n b: int", "b: int\n a: int"),
        ("@property\n def a(self): ...", "def a(self): ..."),
        ("@staticmethod\n def a(self): ...", "@classmethod\n def a(self): ..."),
        ("__slots__ = ('a',)", "a = 1"),
    ],
)
def test_shape_of_a_class_is_its_own(project, one, other):
    """Attribute names, their roles and the annotated fields in their order describe a class."""
    app = project.load(f"class C:\n {one}\nfirst = C\nclass C:\n {other}\n")
    assert trace(app.first).root.own != trace(app.C).root.own


def shape(root):
    return [(node.kind, node.own, node.edges, node.labels) for node in trace(root, _by_repr).nodes]


def _by_repr(value, name):
    from everfresh_callgraph import Scanned

    return Scanned(repr(value), (), immutable=True)


def test_none_among_class_attributes(project):
    """Which of two class attributes is None, and which holds a value, shows in the graph."""
    app = project.load("class C: x, y = None, 3\nfirst = C\nclass C: x, y = 3, None\n")
    assert shape(app.first) != shape(app.C)


def test_setter_is_no_deleter(project):
    """The functions of a property show in their roles: a setter is told from a deleter."""
    app = project.load(
        "def g(s): ...\ndef h(s, *a): ...\nclass C: p = property(g, h)\nfirst = C\nclass C: p = property(g, None, h)\n"
    )
    assert shape(app.first) != shape(app.C)


def test_names_of_function_attributes(project):
    """The names of a function's attributes show in the graph, not only their values."""
    app = project.load("def g(): ...\ng.a, g.b = 1, 2\nfirst = g\ndef g(): ...\ng.b, g.a = 1, 2\n")
    assert shape(app.first) != shape(app.g)


def test_attribute_of_a_function_is_no_default(project):
    """A function's attribute is told from its parameter defaults."""
    app = project.load("def g(a): ...\ng.k = (1,)\nfirst = g\ndef g(a=1): ...\n")
    assert shape(app.first) != shape(app.g)


def test_names_read_off_a_module(project):
    """Of a module that is passed around shows which of the names that are read it has."""
    text = "import lib\ndef f():\n m = lib\n return getattr(m, 'alpha', 0) - getattr(m, 'beta', 0)\n"
    app = project.load(text + "#: lib.py\nalpha = 1")
    first = shape(app.f)
    project.forget()
    assert shape(project.load(text + "#: lib.py\nbeta = 1").f) != first


def test_chain_of_modules_that_are_passed_on(project, monkeypatch):
    """Each of many modules, passed on from one to the next, is looked through once; what is read off them counts."""
    link = "#: lib{0}.py\nimport lib{1}\ndef go{0}(m): return m.go{1}(lib{1}) + m.x{1}\nx{0} = {0}\n"
    text = "import lib0\ndef f(): return pick(lib0)\ndef pick(m): return m.go0(m)\n"
    text += "".join(link.format(number, number + 1) for number in range(20)) + "#: lib20.py\ngo20 = len\nx20 = 1\n"
    looks = []
    wanted = late.Late.wanted
    monkeypatch.setattr(late.Late, "wanted", lambda self, draft: looks.append(draft.index) or wanted(self, draft))
    names = {node.name for node in trace(project.load(text).f).nodes}
    assert len(looks) == len(set(looks)) == 21
    assert {f"lib{number}.x{number}" for number in range(1, 21)} <= names
