"""A real process that tells the nodes of a fingerprint: `python -m mutants.rows TREE`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from everfresh_fingerprint.functions import code_fingerprint

from mutants.child import SETTINGS, Row, forked, program, rows
from mutants.packages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from mutants.child import Say


def in_fork() -> frozenset[Row]:
    """The nodes of the program, as a fork of this process sees them."""

    def tell(say: Say) -> None:
        say(rows=[(name, own.hex()) for name, own in rows(code_fingerprint(program(), settings=SETTINGS))])

    return _read(forked(tell)["rows"])


def in_process(tree: Path) -> frozenset[Row]:
    """The same from a process of its own, where everything has another address."""
    command = [sys.executable, "-m", "mutants.rows", str(tree)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return _read(json.loads(done.stdout.splitlines()[-1]))


def unsteady(tree: Path, base: frozenset[Row]) -> frozenset[str]:
    """The nodes of the unchanged program that differ between processes of one hash seed: there should be none."""
    return frozenset(name for other in (in_process(tree), in_process(tree)) for name, _ in base ^ other)


def _read(pairs: list[list[str]]) -> frozenset[Row]:
    return frozenset((name, bytes.fromhex(own)) for name, own in pairs)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    print(json.dumps([(name, own.hex()) for name, own in rows(code_fingerprint(program(), settings=SETTINGS))]))
