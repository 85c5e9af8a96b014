"""Three distributions, one version."""

from __future__ import annotations

import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["callgraph", "fingerprint", "everfresh"]  # from the bottom up


def project(package: str) -> dict[str, Any]:
    whole = tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(whole["project"])


PROJECTS = {package: project(package) for package in PACKAGES}
VERSION = PROJECTS["everfresh"]["version"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_have_one_version(package: str) -> None:
    """The three are released together, under one version."""
    assert PROJECTS[package]["version"] == VERSION


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_installed_is_what_is_here(package: str) -> None:
    """The tests run against the version that the sources declare."""
    name = PROJECTS[package]["name"]
    assert version(name) == VERSION
    assert import_module(name.replace("-", "_")).__version__ == VERSION


@pytest.mark.parametrize(
    ("package", "lower"), [("callgraph", []), ("fingerprint", PACKAGES[:1]), ("everfresh", PACKAGES[:2])]
)
def test_a_package_pins_the_ones_below_it(package: str, lower: list[str]) -> None:
    """A package asks for exactly the lower packages that it was released with."""
    ours = {needed for needed in PROJECTS[package]["dependencies"] if needed.startswith("everfresh")}
    assert ours == {f"{PROJECTS[name]['name']}=={VERSION}" for name in lower}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_other_dependency_has_a_lower_bound(package: str) -> None:
    """What was never tried is not claimed to work: each dependency says the oldest version."""
    extras = PROJECTS[package]["optional-dependencies"].values()
    needed = [*PROJECTS[package]["dependencies"], *(one for extra in extras for one in extra)]
    assert [one for one in needed if ">=" not in one and "==" not in one] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_license_is_the_same_everywhere(package: str) -> None:
    """Each distribution carries the license of the repository."""
    assert (ROOT / "packages" / package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
