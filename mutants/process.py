"""A real process: `python -m mutants.process TREE CACHE` asks the memoized scenario, and tells answer and events."""

from __future__ import annotations

import json
import sys
import warnings


def main(tree: str, cache: str) -> None:
    from everfresh import MemoizedGroup

    from mutants.child import SETTINGS, answer_of, program

    sys.path.insert(0, tree)
    events: list[str] = []
    with MemoizedGroup(cache) as group, warnings.catch_warnings(record=True) as told:
        group.subscribe(lambda event: events.append(type(event).__name__))
        answer = answer_of(group.memoize(assume_pure=True, unordered=SETTINGS.unordered)(program()))
    print(json.dumps({"answer": answer, "events": events, "warnings": [str(one.message) for one in told]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
