"""What does this function reach? Everything that a Python function can call or read, found without running it."""

from everfresh_callgraph.draw import as_dot, as_json, as_text
from everfresh_callgraph.model import BlindSpot, CallGraph, Node, Reads, Scanned
from everfresh_callgraph.purity import Impurity, impurities
from everfresh_callgraph.scope import Scope
from everfresh_callgraph.stated import code_version
from everfresh_callgraph.trace import trace

__all__ = [
    "BlindSpot",
    "CallGraph",
    "Impurity",
    "Node",
    "Reads",
    "Scanned",
    "Scope",
    "as_dot",
    "as_json",
    "as_text",
    "code_version",
    "impurities",
    "trace",
]
__version__ = "0.1.0"
