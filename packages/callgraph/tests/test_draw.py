"""The graph drawn as text, DOT and JSON."""

from __future__ import annotations

import json

from everfresh_callgraph import as_dot, as_json, as_text, trace

RATE = 2


def scaled(x):
    return x * RATE


def twice(x):
    return scaled(x) + scaled(-x) + eval("1")


class Shape:
    def area(self):
        return twice(1) + len([])


def root():
    return Shape().area() + twice(2)


def names(text):
    return text.replace(__name__ + ".", "")


def test_text_draws_each_node_once():
    """What comes up again is marked, installed code is left out, blind spots stand at the end."""
    assert names(as_text(trace(root))).splitlines() == [
        "root  function",
        "  Shape  class",
        "    Shape.area  function",
        "      twice  function",
        "        scaled  function",
        "          RATE  value",
        "  twice  function  (above)",
        "! twice uses eval",
    ]


def test_text_can_show_what_is_installed():
    """With constants, built-in and installed code stands there with what pins it."""
    assert "builtins.len  cpython 3." in as_text(trace(root), constants=True)


def test_circles_come_to_an_end():
    """Functions that call each other are drawn once each."""

    def one(n):
        return n and other(n - 1)

    def other(n):
        return n and one(n - 1)

    assert names(as_text(trace(one))).count("other") == 1


def test_dot_names_every_node_and_edge():
    """Each node has a line with its name, and each edge one with both ends."""
    dot = names(as_dot(trace(root)))
    assert dot.startswith("digraph reach {")
    assert all(f'label="{name}"' in dot for name in ("root", "Shape", "Shape.area", "twice", "scaled", "RATE"))
    assert dot.count("->") == 6


def test_json_holds_the_graph():
    """Nodes, labelled edges and blind spots come back from the text."""
    graph = json.loads(as_json(trace(root)))
    by_name = {node["name"]: node for node in graph["nodes"]}
    (edge,) = [one for one in by_name[f"{__name__}.scaled"]["edges"] if one["label"] == "RATE"]
    assert graph["nodes"][edge["to"]]["name"] == f"{__name__}.RATE"
    assert graph["blind_spots"] == [f"{__name__}.twice uses eval"]
