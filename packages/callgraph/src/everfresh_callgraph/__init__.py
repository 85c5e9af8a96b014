"""What does this function reach? Everything that a Python function can call or read, found without running it."""

from everfresh_callgraph.model import BlindSpot, CallGraph, Node, Reads, Scanned
from everfresh_callgraph.purity import Impurity, impurities
from everfresh_callgraph.trace import trace

__all__ = ["BlindSpot", "CallGraph", "Impurity", "Node", "Reads", "Scanned", "impurities", "trace"]
__version__ = "0.1.0"
