"""User modules written for one test, and the digests that a fresh process gives."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from everfresh_fingerprint import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)  # for fingerprint_kinds, _makers and _rows, which several test files share


def run(*arguments: str, seed: str = "0", folder: str = HERE) -> str:
    """What a Python process of its own prints, with another hash seed than ours."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    """Whatever other tests of this process have set, nothing is kept between processes unless a test says so."""
    facts.use(None)


@pytest.fixture(scope="session")
def fresh_digests() -> dict[str, str]:
    """The digest of every row of the tables, as another process gives it."""
    digests: dict[str, str] = json.loads(run(os.path.join(HERE, "fingerprint_rows.py"), seed="12345"))
    return digests


@pytest.fixture
def in_process(tmp_path: Path) -> Callable[..., str]:
    """Run a script in a process of its own, in the folder that `load` writes to."""

    def start(script: str, seed: str = "0") -> str:
        return run("-c", textwrap.dedent(script), seed=seed, folder=str(tmp_path)).strip()

    return start


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Write a module and import it anew; earlier versions of it live on in whoever holds them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    loaded: set[str] = set()

    def write(text: str, name: str = "app") -> ModuleType:
        file = tmp_path / (name.replace(".", os.sep) + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        importlib.invalidate_caches()
        sys.modules.pop(name, None)
        loaded.add(name)
        return importlib.import_module(name)

    yield write
    for name in loaded:
        sys.modules.pop(name, None)
