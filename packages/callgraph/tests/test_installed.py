"""What a program puts into installed modules and classes counts; what they make themselves is pinned."""

from __future__ import annotations

import functools
import json
import string
import subprocess
import sys
import textwrap
import types

import pytest
from everfresh_callgraph import scope, trace
from everfresh_callgraph.installed import is_put_into_class

WAYS = {
    "an import within": "import json\n return json.{name}",
    "a name imported within": "from json import {name}\n return {name}",
    "a constant string": "import json\n return getattr(json, '{name}')",
    "a computed name": "import json\n return getattr(json, n)",
    "a module passed on": "import json\n return (lambda m: m.{name})(json)",
}
PUT = {
    "a new value": ("zork", lambda n: n),
    "a new list": ("zork", lambda n: [n]),
    "a partial in place of a function": ("dumps", lambda n: functools.partial(json.dumps, indent=n)),
    "another installed function": ("dumps", lambda n: (json.loads, textwrap.dedent)[n - 1]),
    "an object in place of a class": ("JSONEncoder", lambda n: types.SimpleNamespace(n=n)),
}


def values(graph):
    """All that stands in the graph, apart from where it stands."""
    return sorted(f"{node.kind} {node.name} {node.own} {node.subject!r}" for node in graph.nodes[1:])


@pytest.mark.parametrize("body", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("name", "make"), PUT.values(), ids=PUT)
def test_value_in_an_installed_module_counts(project, monkeypatch, body, name, make):
    """What was put into an installed module is part of the graph of whoever reads it by name."""
    app = project.load(f"def f(n='x'):\n {body.format(name=name)}")
    found = []
    for number in (1, 2):
        monkeypatch.setattr(json, name, make(number), raising=False)
        found.append(values(trace(app.f)))
    assert found[0] != found[1] or (body == WAYS["a computed name"] and name != "zork")


OTHERS = {
    "a module of the user's": "import json, lib\njson.mine = lib\ndef f():\n import json\n return json.mine.value",
    "an attribute of a function": "import json\njson.dumps.tag = 41\ndef f():\n import json\n return json.dumps.tag",
    "an attribute of an import": (
        "import json\njson.dumps.tag = 41\ndef f():\n from json import dumps\n return dumps.tag"
    ),
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_hangs_on_an_installed_module_counts(project, monkeypatch, text):
    """So does what is read off something of the user's that was put there."""
    monkeypatch.setattr(json, "mine", None, raising=False)
    monkeypatch.setattr(json.dumps, "tag", None, raising=False)
    app = project.load(f"{text}\n#: lib.py\nvalue = 41")
    assert ("value", 41) in [(node.kind, node.subject) for node in trace(app.f).nodes]


@pytest.mark.parametrize("name", ["zork", "width", "__init__", "wrap"])
@pytest.mark.parametrize("body", ["return T.zork", "from textwrap import TextWrapper as T\n return T.zork, T.width"])
def test_value_in_an_installed_class_counts(project, monkeypatch, name, body):
    """What was put into an installed class counts where it is read by name, or has a special meaning."""
    app = project.load(f"from textwrap import TextWrapper as T\ndef f():\n {body}, T.width, T.wrap")
    found = []
    for number in (1, 2):
        value = functools.partialmethod(textwrap.TextWrapper.fill, number) if name in ("__init__", "wrap") else number
        monkeypatch.setattr(textwrap.TextWrapper, name, value, raising=False)
        found.append(values(trace(app.f)))
    assert found[0] != found[1]


def test_constant_in_place_of_another_counts(project, monkeypatch):
    """A constant of the library that was replaced is told from the one that stands in its code."""
    app = project.load("def f():\n import string\n return string.digits")
    before = values(trace(app.f))
    monkeypatch.setattr(string, "digits", "01")
    assert values(trace(app.f)) != before


TAKEN = """
import asyncio, calendar, curses, json, logging, os, random, re, signal, socket, ssl, string, sys, tokenize, types
from everfresh_callgraph import scope
from everfresh_callgraph.installed import is_put
for name, module in tuple(sys.modules.items()):
    if type(module) is types.ModuleType and scope.pin(module) == scope.PYTHON:
        print(*(f"{name}.{key}" for key, value in tuple(vars(module).items()) if is_put(module, key, value)), end="")
"""


def test_what_modules_make_themselves_is_not_put_there():
    """Of all that modules of the library hold nothing is taken for somebody else's."""
    done = subprocess.run([sys.executable, "-c", TAKEN], capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize("cls", [json.JSONEncoder, json.JSONDecoder, textwrap.TextWrapper, string.Template])
def test_what_classes_make_themselves_is_not_put_there(cls):
    """Nor of what their classes hold."""
    assert [name for name, value in tuple(vars(cls).items()) if is_put_into_class(cls, name, value)] == []


@pytest.mark.parametrize("qualname", ["K", "JSONEncoder", "Outer.K"])
@pytest.mark.parametrize("module", ["json", "pytest", "json.decoder", "nowhere"])
def test_class_is_pinned_only_where_its_module_holds_it(module, qualname):
    """A class that names an installed module as its own, which does not hold it, is the user's."""
    body = {"__module__": module, "__qualname__": qualname, "value": 41}
    assert scope.pin(type(qualname, (), body)) is None


def test_class_within_a_function_of_the_library_is_pinned():
    """A class that a function of the library made is told by the file of its methods."""
    found = [cls for cls in type.__subclasses__(object) if "<locals>" in cls.__qualname__ and cls.__module__ == "enum"]
    assert all(scope.pin(cls) for cls in found)
    assert scope.pin(type(functools.singledispatch(len))) == scope.PYTHON


@pytest.mark.parametrize("make", [lambda n: types.SimpleNamespace(v=n), lambda n: functools.partial(int, n)])
@pytest.mark.parametrize("body", ["import stand_in\n return stand_in.v", "from stand_in import v\n return v"])
def test_object_in_place_of_a_module_counts(project, monkeypatch, make, body):
    """An object of a type of the library that stands in sys.modules is a value."""
    app = project.load(f"def f():\n {body}")
    monkeypatch.setitem(sys.modules, "stand_in", make(1))
    assert sys.modules["stand_in"] in [node.subject for node in trace(app.f).nodes if node.kind == "value"]


def test_module_made_by_hand_is_the_users(project, monkeypatch):
    """A module that a program made and put in place of one of the library's is followed."""
    made = types.ModuleType("colorsys")
    made.v = 41
    monkeypatch.setitem(sys.modules, "colorsys", made)
    app = project.load("def f():\n import colorsys\n return colorsys.v")
    assert ("value", 41) in [(node.kind, node.subject) for node in trace(app.f).nodes]
