"""The same through `memoize`: one cache folder, and a process of its own for every question."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mutants.packages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mutants.choose import Mutant

    Said = dict[str, Any]


@contextmanager
def in_place(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The mutant on disk in place of the file, for a while."""
    file = tree / mutant.file
    before = file.read_bytes()
    file.write_bytes(mutant.text)
    try:
        yield
    finally:
        file.write_bytes(before)


def asked(tree: Path, cache: Path, **environment: str) -> Said:
    """What a new process says that asks the memoized scenario; nothing if it fails before."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERFRESH")}
    done = subprocess.run(
        [sys.executable, "-m", "mutants.process", str(tree), str(cache)],
        cwd=ROOT,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    last = done.stdout.splitlines()[-1:]
    return dict(json.loads(last[0])) if last and not done.returncode else {"answer": None, "events": [done.stderr]}


def end_to_end(tree: Path, cache: Path, answer: str, rows: list[tuple[Mutant, str]], count: int, seed: str) -> Said:
    """Keep the old answer, then ask as `count` mutants that give another; the old program hits before and after."""
    if not count:
        return {"asked": 0, "old": [], "failed": [], "hits": []}
    shutil.rmtree(cache, ignore_errors=True)
    mixed = random.Random(f"{seed}/end to end").sample(rows, len(rows))
    mixed.sort(key=lambda row: row[1].startswith("raised"))  # another answer tells more than an error
    chosen = mixed[:count]
    first, again = asked(tree, cache), asked(tree, cache)
    old: list[str] = []
    failed: list[str] = []
    for mutant, expected in chosen:
        with in_place(tree, mutant):
            said = asked(tree, cache)
        (old if said["answer"] == answer else failed if said["answer"] != expected else []).append(mutant.where)
    last = asked(tree, cache)
    hits = [said["events"] for said in (first, again, last)]
    return {"asked": len(chosen), "old": old, "failed": failed, "hits": hits, "warnings": first.get("warnings")}
