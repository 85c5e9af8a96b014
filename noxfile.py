"""Every check on every supported Python. A Python that is not there is an error, never a skip."""

from __future__ import annotations

import os

import nox

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
CALLGRAPH, FINGERPRINT, EVERFRESH = "packages/callgraph", "packages/fingerprint", "packages/everfresh"

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "virtualenv"
nox.options.envdir = "build/nox"
# To leave a Python out, name the sessions that you want: nox -s tests-3.11 tests-3.12
nox.options.error_on_missing_interpreters = True


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run every test."""
    install_all(session, "test")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=PYTHONS)
def callgraph_alone(session: nox.Session) -> None:
    """Run the tests of the call graph where nothing else of ours is installed."""
    session.install(f"{CALLGRAPH}[test]")
    alone(session, CALLGRAPH, "everfresh", "everfresh_fingerprint")


@nox.session(python=PYTHONS)
def fingerprint_alone(session: nox.Session) -> None:
    """Run the tests of the fingerprint where everfresh is not installed."""
    session.install(CALLGRAPH, f"{FINGERPRINT}[test]")
    alone(session, FINGERPRINT, "everfresh")


@nox.session(python=PYTHONS[0])
def lint(session: nox.Session) -> None:
    """Check style, layers and news fragments."""
    install_all(session, "test,dev")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")
    session.run("towncrier", "build", "--draft", "--version", "next", "--date", "unreleased")


@nox.session(python=PYTHONS[0])
def typing(session: nox.Session) -> None:
    """Check the types, on the oldest Python."""
    install_all(session, "test,dev")
    session.run("mypy")


def install_all(session: nox.Session, extras: str) -> None:
    session.install("-e", CALLGRAPH, "-e", f"{FINGERPRINT}[test]", "-e", f"{EVERFRESH}[{extras}]")


def alone(session: nox.Session, package: str, *absent: str) -> None:
    session.run("python", "-I", os.path.join("tests", "absent.py"), *absent)
    session.run("pytest", f"{package}/tests")
