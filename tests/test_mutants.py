"""The mutation test of `make mutants`, a small helping of it, on copied modules of the standard library."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from everfresh_fingerprint.code import code_digest

sys.path.append(str(Path(__file__).resolve().parent.parent))  # a tool of this repository is installed nowhere

from mutants.edits import commented, edits, parses
from mutants.judge import outcome
from mutants.places import Source

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = b'''
def f(a, b=2):
    """Text."""
    c = [a, b, 3]
    if a < b and not c:
        return g(a, b)
    return "no"
'''


@pytest.mark.slow
def test_mutants_of_the_standard_library(tmp_path: Path) -> None:
    """No edit that changes the answer leaves the fingerprint as it was; no comment changes it."""
    options = ["--package", "stdlib", "--count", "30", "--inert", "2", "--end-to-end", "1", "--build", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "mutants", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "stdlib.json").read_text(encoding="utf-8"))
    counts = Counter((row["group"], row["outcome"]) for row in result["rows"])
    assert counts["called", "caught"] >= 10
    assert counts["inert", "same"] == 4
    assert counts["unreached", "same"] == 5


def test_edits_are_of_many_kinds() -> None:
    """A few lines give edits of every common kind, and nearly all still are programs."""
    source = Source(PROGRAM)
    found = edits(source)
    kinds = {edit.kind for edit in found}
    assert kinds >= {"default", "off by one", "element", "comparison", "boolean", "inverted", "arguments", "returned"}
    assert sum(parses(edit.applied(PROGRAM)) for edit in found) > 0.9 * len(found)
    assert b'"""Text."""' in min(edit.applied(PROGRAM) for edit in found)


def test_comments_are_inert() -> None:
    """A comment above every statement makes another text and the same code."""
    text = commented(Source(PROGRAM))
    assert text.count(b"# a comment") == 5
    before, after = (code_digest(compile(one, "f.py", "exec")) for one in (PROGRAM, text))
    assert before == after


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"broken": None, "digest": "a", "answer": "2"}, "stale"),
        ({"broken": None, "digest": "a"}, "stale"),
        ({"broken": None, "digest": "b", "answer": "2"}, "caught"),
        ({"broken": None, "digest": "b", "walked": "b", "recalled": "a", "answer": "2"}, "stale"),
        ({"broken": None, "digest": "b", "walked": "b", "recalled": None, "answer": "2"}, "caught"),
        ({"broken": None, "digest": "b", "answer": "1"}, "needless"),
        ({"broken": None, "digest": "a", "answer": "1"}, "same"),
        ({"broken": None, "answer": "2"}, "refused"),
        ({"broken": "NameError"}, "broken"),
        ({}, "broken"),
    ],
)
def test_outcomes(said: dict, word: str) -> None:
    """A mutant that answers differently, or not at all, under the old fingerprint is stale."""
    assert outcome({"digest": "a", "answer": "1"}, said) == word
