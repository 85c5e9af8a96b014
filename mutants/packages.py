"""The packages whose mutants are made, and how they come to stand there as if the user had written them."""

from __future__ import annotations

import compileall
import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "mutants"
SCENARIOS = Path(__file__).with_name("scenarios")

VERSIONS = {"lark": "1.3.1", "networkx": "3.6.1", "pygments": "2.21.0", "sqlglot": "30.30.0"}
COPIED = ("argparse", "configparser", "difflib", "fractions", "textwrap")  # each imports others of the library only
STDLIB = "stdlib"


def unpacked(package: str, build: Path) -> Path:
    """A folder with the scenario and the package beside it, fresh, with nothing that tells of an installation."""
    tree = build / "trees" / package
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    shutil.copy(SCENARIOS / f"{package}.py", tree / "scenario.py")
    if package == STDLIB:
        _copied(tree / "copied")
    else:
        shutil.copytree(_installed(package, build) / package, tree / package, ignore=shutil.ignore_patterns("*.pyc"))
    # Byte code is checked by the text itself: two edits of one length within a second are still told apart.
    compileall.compile_dir(tree, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    return tree


def _copied(folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name in COPIED:
        shutil.copy(str(importlib.import_module(name).__file__), folder)


def _installed(package: str, build: Path) -> Path:
    """Where pip put the pinned version. It is not in site-packages, and its metadata is not copied along."""
    folder = build / "downloads" / f"{package}-{VERSIONS[package]}"
    if not folder.exists():
        shutil.rmtree(half := folder.with_suffix(".half"), ignore_errors=True)
        wanted = f"{package}=={VERSIONS[package]}"
        install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", str(half)]
        subprocess.run([*install, wanted], check=True)
        half.rename(folder)
    return folder
