"""The workloads, in the order in which they are reported. A new one is a file here and a name in the list."""

from __future__ import annotations

NAMES = ("arrays", "lists", "frames", "small", "functions", "scale", "results", "misses", "entries", "bounds")
