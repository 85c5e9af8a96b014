"""What is the user's, and what is a constant with a version."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from everfresh_callgraph import distributions, scope, trace


@pytest.fixture
def site(project, monkeypatch):
    """A site-packages folder with a map of files, and nothing kept from other folders."""
    for kept in (distributions._listings, distributions._owners, scope._PINS):
        kept.clear()
    folder = project.folder / "lib" / "site-packages"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(folder)

    def install(**distributions: str) -> None:
        for name, files in distributions.items():
            info = folder / f"{name}-1.5.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.5\n")
            (info / "RECORD").write_text("".join(f"{file},,\n" for file in files.split()))

    project.site, project.install = "lib/site-packages", install
    return project


@pytest.mark.parametrize("subject", [len, json, json.dumps, json.JSONEncoder, int, sys, type, subprocess.Popen])
def test_standard_library_is_pinned_by_the_version_of_python(subject):
    """Everything of the standard library is pinned by the full version of the interpreter."""
    assert scope.pin(subject) == scope.PYTHON
    assert ".".join(map(str, sys.version_info[:3])) in scope.PYTHON


def test_installed_package_is_pinned_by_its_version():
    """An installed package is pinned by distribution and version."""
    installed = pytest
    assert scope.pin(installed) == f"pytest {installed.__version__}"


def test_users_module_is_not_pinned(project):
    """Functions, classes and modules outside the library and site-packages are the user's."""
    app = project.load("def f(): ...\nclass C: ...")
    assert [scope.pin(one) for one in (app, app.f, app.C)] == [None, None, None]


def test_installed_code_is_a_constant_and_not_followed(site):
    """An installed function is one constant node; what it calls itself is not looked at."""
    site.install(lib="lib/__init__.py")
    app = site.load(
        f"import lib\ndef f(): return lib.g()\n#: {site.site}/lib/__init__.py\ndef g(): return h()\ndef h(): ..."
    )
    assert [(node.kind, node.name) for node in trace(app.f).nodes] == [("function", "app.f"), ("constant", "lib.g")]
    assert trace(app.f).nodes[1].own.startswith("lib 1.5 lib.g")


def test_distribution_of_another_name_is_found_by_its_record(site):
    """A module whose distribution has another name is pinned by the distribution that lists it."""
    site.install(PyThing="thing/__init__.py", Other="other.py")
    thing = site.load(f"#: {site.site}/thing/__init__.py\n#: {site.site}/other.py\n", "thing")
    assert scope.pin(thing) == "PyThing 1.5"


def test_single_file_module_is_pinned(site):
    """A distribution of one file is pinned like any other."""
    site.install(single="single.py")
    assert scope.pin(site.load(f"#: {site.site}/single.py\n", "single")) == "single 1.5"


def test_file_that_no_distribution_owns_is_the_users(site):
    """A file that was copied into site-packages by hand is followed like any other of the user's."""
    site.install(lib="lib/__init__.py")
    app = site.load(
        f"import lib, lone\ndef f(): return lone.g()\n#: {site.site}/lone.py\ndef g(): return h()\ndef h(): ...\n"
        f"#: {site.site}/lib/__init__.py\n"
    )
    assert scope.pin(app.lone) is None
    assert scope.pin(app.lib) == "lib 1.5"
    assert "lone.h" in {node.name for node in trace(app.f).nodes}


def test_distributions_that_share_a_namespace_are_told_apart(site):
    """Of a namespace package each part is pinned by the distribution that owns that part."""
    site.install(ns_a="ns/a.py", ns_b="ns/b.py")
    site.write(f"#: {site.site}/ns/a.py\n#: {site.site}/ns/b.py\n")
    assert scope.pin(site.load(name="ns.b")) == "ns_b 1.5"


def test_users_function_in_an_installed_module_is_followed(project, monkeypatch):
    """A function that the user put into an installed module is code again."""
    app = project.load("import json\ndef mine(x): return helper(x)\ndef helper(x): ...\ndef f(): return json.dumps(1)")
    monkeypatch.setattr(json, "dumps", app.mine)
    assert {"app.mine", "app.helper"} <= {node.name for node in trace(app.f).nodes}


def test_users_function_imported_from_an_installed_module_is_followed(project, monkeypatch):
    """The same where the function imports it by name when it runs."""
    app = project.load("def mine(x): ...\ndef f():\n from json import dumps\n return dumps(1)")
    monkeypatch.setattr(json, "dumps", app.mine)
    assert "app.mine" in {node.name for node in trace(app.f).nodes}


@pytest.mark.parametrize(
    "body",
    [
        "import json\n return json.dumps(1)",
        "j = json\n return j.dumps(1)",
    ],
)
def test_users_function_in_an_installed_module_that_is_a_variable(project, monkeypatch, body):
    """The same where the installed module is in a local variable."""
    app = project.load(f"import json\ndef mine(x): ...\ndef f():\n {body}")
    monkeypatch.setattr(json, "dumps", app.mine)
    assert "app.mine" in {node.name for node in trace(app.f).nodes}


def test_users_method_in_an_installed_class_is_followed(project, monkeypatch):
    """A method that the user put into an installed class is code again."""
    app = project.load("import json\ndef mine(self, x): ...\ndef f(): return json.JSONEncoder().default(1)")
    monkeypatch.setattr(json.JSONEncoder, "default", app.mine)
    assert "app.mine" in {node.name for node in trace(app.f).nodes}


CLASS_WITHOUT_HOME = "class C:\n rate = 3\n @property\n def p(self): ...\ndef f(): return C.rate"


def test_class_of_a_module_that_is_not_registered(project):
    """A class from a file that was run without registering a module is the user's."""
    names = {"__name__": "unregistered"}
    exec(compile(CLASS_WITHOUT_HOME, str(project.folder / "file.py"), "exec"), names)
    assert scope.pin(names["C"]) is None


def test_class_made_by_exec_with_bare_globals(project):
    """A class that was made by `exec` with globals of its own is the user's."""
    names: dict[str, object] = {}
    exec(compile("class C:\n def m(self): ...", str(project.folder / "file.py"), "exec"), names)
    assert scope.pin(names["C"]) is None


def test_class_made_by_a_function_of_the_library(project):
    """A class that `types.new_class` made from the user's parts is the user's."""
    app = project.load("import types\nC = types.new_class('C', (), {}, lambda body: body.update(x=1))")
    assert scope.pin(app.C) is None


def test_nothing_of_ours_is_in_reach(project):
    """Our own code is a constant for every graph, whatever way it is installed."""
    app = project.load("from everfresh_callgraph import trace\ndef f(): return trace(f)")
    assert [node.kind for node in trace(app.f).nodes] == ["function", "constant"]


def test_editable_install_is_the_users(project, monkeypatch):
    """A package that lies outside site-packages, as editable installs do, is code."""
    source = project.folder / "elsewhere" / "src"
    source.mkdir(parents=True)
    monkeypatch.syspath_prepend(source)
    app = project.load(
        "import lib\ndef f(): return lib.g()\n#: elsewhere/src/lib/__init__.py\ndef g(): return h()\ndef h(): ..."
    )
    assert "lib.h" in {node.name for node in trace(app.f).nodes}
