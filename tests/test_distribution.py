"""What a user installs holds what it should, and needs nothing that it does not ask for."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

PACKAGES = Path(__file__).resolve().parent.parent / "packages"
NAMES = {"callgraph": "everfresh_callgraph", "fingerprint": "everfresh_fingerprint", "everfresh": "everfresh"}

# Imported only when the user's program has imported it already, or where a Python that has it runs.
MET_NOT_NEEDED = {"annotationlib", "numpy", "pandas", "polars", "pyarrow", "scipy", "torch", "tqdm", "xarray"}

# Imported when an option asks for it that is refused, with what to install, where it is absent.
BY_CHOICE = {"cloudpickle", "msgpack"}


def build(package: str, folder: Path) -> tuple[Path, Path]:
    """Build the wheel and the source distribution of *package* without the network."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=PACKAGES / package, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def imported_by(file: Path) -> set[str]:
    """The packages that *file* imports, in functions and for types too."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {
        name.partition(".")[0]
        for name in plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    }


def declared_by(package: str) -> set[str]:
    """The packages that *package* asks for, as they are imported."""
    project = tomllib.loads((PACKAGES / package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[^\w-]", needed)[0].replace("-", "_") for needed in project["dependencies"]}


@pytest.mark.parametrize("package", NAMES)
def test_what_is_built_is_complete(package: str, tmp_path: Path) -> None:
    """The wheel holds every module, the type marker and the license; the source distribution the tests, too."""
    wheel, sources = build(package, tmp_path)
    name, source = NAMES[package], PACKAGES / package / "src"
    modules = {file.relative_to(source).as_posix() for file in source.rglob("*.py")}

    inside = set(ZipFile(wheel).namelist())
    ours = {file for file in inside if not file.split("/")[0].endswith(".dist-info")}
    assert ours == modules | {f"{name}/py.typed"}
    assert any(file.endswith("/LICENSE") for file in inside)

    with tarfile.open(sources) as archive:
        packed = {file.partition("/")[2] for file in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", f"src/{name}/py.typed"} <= packed
    assert any(file.startswith("tests/") and "/test_" in file for file in packed)


@pytest.mark.parametrize("package", NAMES)
def test_what_is_imported_is_declared(package: str) -> None:
    """A fresh environment has all that the package imports, though the one it is developed in has more."""
    imported = set().union(*map(imported_by, PACKAGES.joinpath(package, "src").rglob("*.py")))
    given = set(sys.stdlib_module_names) | declared_by(package) | MET_NOT_NEEDED | BY_CHOICE | {NAMES[package]}
    assert imported - given == set()
