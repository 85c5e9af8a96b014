"""`python -m mutants`: make mutants of real packages, and fail if one answers differently under the old fingerprint."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from mutants.packages import BUILD, ROOT, STDLIB, VERSIONS
from mutants.report import noticed, tables, wrong


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("--seed", default="0", help="the choice of mutants, and the hash seeds (default: 0)")
    parser.add_argument(
        "--count", type=int, default=100, help="mutants of functions that run, a package (default: 100)"
    )
    parser.add_argument("--package", action="append", choices=[*VERSIONS, STDLIB], help="default: all but stdlib")
    parser.add_argument("--inert", type=int, default=10, help="files to write anew unchanged, a package (default: 10)")
    parser.add_argument("--end-to-end", type=int, default=10, help="mutants asked through memoize (default: 10)")
    parser.add_argument("--build", type=Path, default=BUILD, help="where everything is made (default: build/mutants)")
    return parser.parse_args(arguments)


def tried(package: str, options: argparse.Namespace) -> dict[str, Any]:
    """What a worker found: in a process of its own, since its hash seed is set from outside."""
    result = options.build / f"{package}.json"
    counts = {"called": options.count, "imported": options.count // 3}
    counts |= {"reached": options.count // 6, "unreached": options.count // 6}
    told = vars(options) | {"package": package, "build": str(options.build), "counts": counts, "result": str(result)}
    chosen = str(random.Random(f"{options.seed}/{package}").randrange(1, 2**32))
    worker = [sys.executable, "-W", "ignore", "-m", "mutants.worker", json.dumps(told)]
    subprocess.run(worker, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": chosen}, check=True)
    return dict(json.loads(result.read_text(encoding="utf-8")))


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    options.build = options.build.resolve()
    options.build.mkdir(parents=True, exist_ok=True)
    results = [tried(package, options) for package in options.package or VERSIONS]
    print(f"Python {sys.version.split()[0]}, --seed {options.seed} --count {options.count}\n\n{tables(results)}")
    for line in (line for result in results for line in noticed(result)):
        print("look:", line)
    failed = [line for result in results for line in wrong(result)]
    for line in failed:
        print("WRONG:", line)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
