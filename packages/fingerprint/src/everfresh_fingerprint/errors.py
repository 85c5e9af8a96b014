"""Errors of fingerprinting.

TypeError
    UnfingerprintableError
"""

from __future__ import annotations


class UnfingerprintableError(TypeError):
    """A value has no fingerprint: nothing about it tells, in every process alike, what it is.

    `path` leads to the offending part, from the outside in: `app.CONFIG`, `['pool']`, `.lock`.
    """

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem, path)
        self.problem, self.path = problem, path

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.path else self.problem

    def within(self, outer: str) -> UnfingerprintableError:
        """The same error, seen from one level further out."""
        return UnfingerprintableError(self.problem, outer + self.path)
