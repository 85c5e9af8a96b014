"""What each kind of reference leads to."""

from __future__ import annotations

import pytest
from everfresh_callgraph import trace


@pytest.mark.cases("globals", "modules", "imports", "relative", "closures")
def test_reference_leads_to_what_it_means(project, text, reached, not_reached):
    """A reference leads to exactly the function, class, module or value that it means when the code runs."""
    names = {node.name for node in trace(project.load(text).f).nodes}
    assert reached <= names
    assert names.isdisjoint(not_reached)


def test_missing_name_is_a_node(project):
    """A name that is not there yet is a dependency as well: it can appear."""
    graph = trace(project.load("def f(): return nowhere").f)
    assert [(node.kind, node.name) for node in graph.nodes[1:]] == [("missing", "app.nowhere")]


def test_empty_cell_is_a_node(project):
    """A captured variable that has no value yet is a dependency of the kind `missing`."""
    app = project.load("def make():\n def f(): return later\n if f is None: later = 1\n return f\nf = make()")
    assert [node.kind for node in trace(app.f).nodes[1:]] == ["missing"]


def test_edges_go_by_their_labels(project):
    """`under` gives what a node refers to directly, in the order of the names by which it does, each once."""
    app = project.load("def a(): return c()\ndef b(): ...\ndef c(): ...\ndef f(): return b(), a(), b()")
    graph = trace(app.f)
    assert [node.name for node in graph.under(graph.root)] == ["app.a", "app.b"]


def test_one_function_is_one_node(project):
    """A function that is reached over several names is one node."""
    app = project.load("def g(): ...\nh = g\ndef f(): return g(), h()")
    assert [node.name for node in trace(app.f).nodes].count("app.g") == 1


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n from pkg import sub\n return sub.g()\n#: pkg/__init__.py\n#: pkg/sub.py\ndef g(): ...",
        "import pkg\ndef f():\n from pkg import sub\n return sub.g()\n#: pkg/__init__.py\n#: pkg/sub.py\ndef g(): ...",
    ],
)
def test_submodule_imported_by_from(project, text):
    """`from pkg import sub` leads into the submodule, even where nothing has imported it yet."""
    assert "pkg.sub.g" in {node.name for node in trace(project.load(text).f).nodes}


def test_module_that_exits_at_import(project):
    """A module that exits when it is imported does not end the program that merely looks at it."""
    app = project.load("def f():\n import script\n#: script.py\nraise SystemExit('gone')")
    try:
        graph = trace(app.f)
    except SystemExit:
        graph = None
    assert graph is not None


def test_only_the_module_that_is_named_is_imported(project):
    """A string that merely stands in a function that uses `import_module` is not imported."""
    app = project.load(
        "import importlib\ndef f(how):\n if how == 'bystander': return importlib.import_module('json')\n"
        "#: bystander.py\nimport app\napp.touched = True"
    )
    trace(app.f)
    assert not hasattr(app, "touched")


STATEMENTS = [
    "import xml.dom.domreg",
    "import concurrent.futures.process",
    "import wave\n return wave.open, wave.WAVE_FORMAT_PCM, wave.nowhere",
    "from wave import open, Wave_read, WAVE_FORMAT_PCM",
    "import wave\n return [(m.open, m.Wave_read, m.WAVE_FORMAT_PCM, m.struct) for m in [wave]], getattr(wave, 'Error')",
    "import wave\n return [getattr(m, n) for m in [wave] for n in dir(m)]",
    "import colorsys as c\n return c.ONE_THIRD, c.rgb_to_hls.__name__",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_same_graph_before_and_after_the_import(project, monkeypatch, statement):
    """A function that imports an installed module has the same graph before the first import as after it."""
    import importlib
    import sys

    name = statement.split()[1]
    app = project.load(f"def f():\n {statement}")
    monkeypatch.delitem(sys.modules, name, raising=False)
    before = [(node.kind, node.own) for node in trace(app.f).nodes]
    importlib.import_module(name)
    assert [(node.kind, node.own) for node in trace(app.f).nodes] == before
