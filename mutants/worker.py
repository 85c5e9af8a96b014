"""One package, in a process of its own with a hash seed of its own: `python -m mutants.worker OPTIONS`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from mutants.child import ask, forked
from mutants.choose import census, inert, mutants
from mutants.endtoend import asked, end_to_end, in_place
from mutants.judge import judged
from mutants.packages import unpacked
from mutants.rows import in_fork, unsteady
from mutants.survey import survey

if TYPE_CHECKING:
    from mutants.choose import Mutant

    Said = dict[str, Any]

HASH_SEEDS = ("0", "1", "2")


class Bench:
    """The unpacked package, what its unchanged form says, and a way to ask a mutant."""

    def __init__(self, package: str, build: Path) -> None:
        self.tree = unpacked(package, build)
        sys.path.insert(0, str(self.tree))  # before site-packages, where the same package may be installed
        scratch = build / "scratch"
        scratch.mkdir(exist_ok=True)
        os.environ |= {"HOME": str(scratch), "TMPDIR": str(scratch), "XDG_CACHE_HOME": str(scratch)}
        self.rows = in_fork()
        self.noise = unsteady(self.tree, self.rows)
        began = time.process_time() + sum(os.times()[2:4])
        self.receipts = str(build / "receipts" / package)
        rmtree(self.receipts, ignore_errors=True)
        self.base = forked(lambda say: ask(say, self.rows, self.noise, self.receipts, leave=True))
        self.seconds = time.process_time() + sum(os.times()[2:4]) - began
        if "digest" not in self.base or not self.base["answer"].startswith("returned"):
            raise SystemExit(f"{package}: the unchanged program does not run: {self.base}")

    def said(self, mutant: Mutant) -> Said:
        with in_place(self.tree, mutant):
            return forked(lambda say: ask(say, self.rows, self.noise, self.receipts), cpu_seconds=5 + 5 * self.seconds)

    def steady(self, cache: Path) -> bool:
        """Whether the answer is the same whatever the hash seed."""
        answers = {asked(self.tree, cache, EVERFRESH_DISABLE="1", PYTHONHASHSEED=one)["answer"] for one in HASH_SEEDS}
        return answers == {self.base["answer"]}


def main(options: Said) -> Said:
    bench = Bench(options["package"], build := Path(options["build"]))
    seed, package = options["seed"], options["package"]
    found = survey(bench.tree)
    rows, differing = [], []
    every = [*inert(bench.tree, found, options["inert"], seed), *mutants(bench.tree, found, options["counts"], seed)]
    for number, mutant in enumerate(every):
        said = bench.said(mutant)
        rows.append(judged(mutant, bench.base, said))
        if mutant.group == "called" and said.get("answer", bench.base["answer"]) != bench.base["answer"]:
            differing.append((mutant, said["answer"]))
        if number % 50 == 49:
            print(f"{package}: {number + 1} of {len(every)}", file=sys.stderr, flush=True)
    functions, unforeseen = census(bench.tree, found)
    cache = build / "cache" / package
    whole = end_to_end(bench.tree, cache, bench.base["answer"], differing, options["end_to_end"], seed)
    return {
        "package": package,
        "hash seed": os.environ.get("PYTHONHASHSEED"),
        "recalled": bench.base.get("recalled") == bench.base.get("walked"),
        "steady": bench.steady(cache),
        "unsteady": sorted(bench.noise),
        "blind": bench.base["blind"],
        "nodes": bench.base["nodes"],
        "functions": functions,
        "unforeseen": unforeseen,
        "end to end": whole,
        "rows": rows,
    }


if __name__ == "__main__":
    result = main(json.loads(sys.argv[1]))
    Path(json.loads(sys.argv[1])["result"]).write_text(json.dumps(result, indent=1), encoding="utf-8")
