"""A function that reaches 30 others in 3 modules. The yardstick is to call them: they do a few operations each.

*Never seen*: all code objects are new to the process, as at its start. *Seen*: the function is new, the code that it
reaches was looked at before. *After an edit*: one function in the middle was replaced by another; the guard fails, and
all is walked again. The guard is what a memoized call pays; `code_fingerprint` finds the fingerprint, and asks it.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from everfresh_fingerprint import code_fingerprint
from xxhash import xxh3_128_digest

from benchmarks.measure import calls, prepared
from benchmarks.programs import BUILD, FUNCTION, MAIN, MODULES, three_modules
from benchmarks.workload import Case, Effort, Required

TITLE = "A function and 30 that it reaches"
RUN, UNSEEN, SEEN, EDITED = "call them", "fingerprint, code never seen", "fingerprint, code seen", "after an edit"
GUARD, KEPT, MARSHAL = "guard", "code_fingerprint, unchanged", "marshal + xxh3_128 of the 31 code objects"
EDIT = 15  # of the second module


def cases(effort: Effort) -> Iterator[Case]:
    tree = three_modules(BUILD / "programs" / "three")
    load = _loader(tree)
    root = load()
    found = code_fingerprint(root)
    codes = list(found.codes())
    sources = (
        calls(RUN, lambda: root(1.5)),
        calls(MARSHAL, lambda: _digested(codes)),
        prepared(UNSEEN, load, code_fingerprint),
        prepared(SEEN, lambda: _copy(root), code_fingerprint),
        prepared(EDITED, _noticed(_editor(load(), tree)), code_fingerprint),
        calls(GUARD, found.holds),
        calls(KEPT, lambda: code_fingerprint(root)),
    )
    required = (
        Required(UNSEEN, most=1e-3),
        Required(SEEN, most=1e-3),
        Required(EDITED, most=1e-3),
        Required(GUARD, most=10e-6),
        *(Required(of, to) for of in (UNSEEN, SEEN) for to in (RUN, MARSHAL)),
        Required(GUARD, RUN),
    )
    yield Case(f"{len(codes)} functions", sources, required, about={"functions": len(codes)})


def _loader(tree: Path) -> Callable[[], Any]:
    """What imports the program anew at each call, and returns its main function."""
    files = {name: tree / f"{name}.py" for name in (*reversed(MODULES), MAIN)}
    kept = {name: marshal.dumps(compile(file.read_bytes(), file, "exec")) for name, file in files.items()}

    def load() -> Any:
        for name, code in kept.items():
            module = sys.modules[name] = ModuleType(name)
            module.__file__ = str(files[name])
            exec(marshal.loads(code), vars(module))
        return vars(sys.modules[MAIN])["root"]

    return load


def _copy(function: FunctionType) -> FunctionType:
    return FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)


def _editor(root: Any, tree: Path) -> Callable[[], Any]:
    """What replaces one of the functions by a new one at each call, and returns the main function."""
    first, second = (sys.modules[name] for name in MODULES[:2])
    text = FUNCTION.format(number=EDIT, then=f"step_{EDIT + 10}(total)")
    numbers = count(1000)

    def edit() -> Any:
        edited = text.replace(f"+ {EDIT}", f"+ {next(numbers)}")
        exec(compile(edited, tree / "second.py", "exec"), vars(second))
        vars(first)[f"step_{EDIT}"] = vars(second)[f"step_{EDIT}"]
        return root

    return edit


def _noticed(edit: Callable[[], Any]) -> Callable[[], Any]:
    """The same, after a look whether the edits are edits."""
    if code_fingerprint(edit()).digest == code_fingerprint(edit()).digest:
        raise AssertionError("an edit was not noticed")
    return edit


def _digested(codes: list[CodeType]) -> list[bytes]:
    return [xxh3_128_digest(marshal.dumps(code)) for code in codes]
