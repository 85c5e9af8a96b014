"""Names made from strings: followed where the string stands in the code, a blind spot where it does not."""

from __future__ import annotations

import pytest
from everfresh_callgraph import trace


@pytest.mark.cases("strings")
def test_constant_string_is_a_name(project, text, reached, not_reached):
    """A string that stands in code which turns strings into names counts as that name."""
    names = {node.name for node in trace(project.load(text).f).nodes}
    assert reached <= names
    assert names.isdisjoint(not_reached)


@pytest.mark.cases("far_strings")
def test_name_from_elsewhere_is_followed_or_listed(project, monkeypatch, text, reached, not_reached):
    """A name that comes from elsewhere is followed, or the use of it is a blind spot; it is never passed over."""
    monkeypatch.setenv("EVERFRESH_TEST_A", "1")
    graph = trace(project.load(text).f)
    assert graph.blind_spots or reached <= {node.name for node in graph.nodes}


@pytest.mark.parametrize("text", ["eval('1')", "exec('1')", "_getframe()", "currentframe()"])
def test_blind_spot_names_place_and_means(project, text):
    """What cannot be followed is listed with the function that does it and the name of what it uses."""
    graph = trace(project.load(f"def inner(x): return {text}\ndef f(): return inner(1)").f)
    assert [str(spot) for spot in graph.blind_spots] == [f"app.inner uses {text.partition('(')[0]}"]


def test_import_by_a_computed_name_is_a_blind_spot(project):
    """An import whose name is an argument is listed."""
    graph = trace(project.load("import importlib\ndef f(name): return importlib.import_module(name)").f)
    assert [spot.where for spot in graph.blind_spots] == ["app.f"]


@pytest.mark.parametrize("text", ["globals()[k]", "getattr(me, k)", "vars(me)[k]", "me.__dict__[k]"])
def test_computed_name_counts_as_any_name(project, text):
    """Where a name is made at run time, all that the module holds is in reach."""
    app = project.load(
        f"import sys\nme = sys.modules[__name__]\ndef g(): ...\nclass C: ...\nK = 1\ndef f(k): return {text}"
    )
    assert {"app.g", "app.C", "app.K"} <= {node.name for node in trace(app.f).nodes}


def test_plain_code_has_no_blind_spots(project):
    """Code that names what it uses has no blind spots."""
    assert not trace(project.load("import math\ndef f(x): return math.sqrt(x.real) + len([x])").f).blind_spots


def test_method_called_eval_is_no_blind_spot(project):
    """`model.eval()` of a torch module or `frame.eval(...)` of pandas is a method, not the builtin."""
    assert not trace(project.load("def f(model): return model.eval()").f).blind_spots


def test_variable_that_is_not_set_is_missing(project, monkeypatch):
    """An environment variable that is not set is a dependency: it can be set later."""
    monkeypatch.delenv("EVERFRESH_TEST_B", raising=False)
    graph = trace(project.load("import os\ndef f(): return os.environ.get('EVERFRESH_TEST_B')").f)
    assert ("missing", "os.environ.EVERFRESH_TEST_B") in [(node.kind, node.name) for node in graph.nodes]


def test_only_named_variables_count(project, monkeypatch):
    """Environment variables that no code in reach names are left out."""
    monkeypatch.setenv("EVERFRESH_TEST_C", "1")
    graph = trace(project.load("import os\ndef f(): return os.environ['EVERFRESH_TEST_A']").f)
    assert "os.environ.EVERFRESH_TEST_C" not in {node.name for node in graph.nodes}


PLUGINS = """
import pkg
def f(name): return pkg.load(name)
#: pkg/__init__.py
import importlib
def load(name): return importlib.import_module('pkg.plugins.' + name).run()
#: pkg/plugins/__init__.py
#: pkg/plugins/a.py
def run(): return 1
"""


def owns(graph):
    return [node.own for node in graph.nodes if node.kind == "sources"]


@pytest.mark.parametrize(
    ("file", "text", "seen"),
    [
        ("pkg/plugins/a.py", "def run(): return 2\n", True),
        ("pkg/plugins/b.py", "def run(): return 2\n", True),
        ("pkg/plugins/data.txt", "2", False),
        ("elsewhere.py", "x = 1\n", False),
    ],
)
def test_files_of_the_package_count_where_an_import_is_computed(project, file, text, seen):
    """Where the name of an imported module is made at run time, every source file of the package is a dependency."""
    app = project.load(PLUGINS)
    before = owns(trace(app.f))
    assert before
    (project.folder / file).write_text(text)
    assert (owns(trace(app.f)) != before) == seen


def test_constant_import_does_not_hang_on_other_files(project):
    """An import by a name that is plain to see depends on that module alone."""
    app = project.load("import importlib\ndef f(): return importlib.import_module('lib').g()\n#: lib.py\ndef g(): ...")
    assert owns(trace(app.f)) == []
