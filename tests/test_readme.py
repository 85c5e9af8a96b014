"""The READMEs and the docs tell the truth: their code runs, and prints what they show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = [ROOT / "README.md", *sorted(ROOT.glob("packages/*/README.md"))]
DOCS = sorted(ROOT.glob("docs/*.md"))
WITHOUT_CODE = sorted(ROOT.glob("examples/**/README.md"))  # so far; should one get a block, it runs as well


def run_blocks(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the blocks of *file* as a user would: in a fresh process, in a folder and with a cache of its own."""
    command = [sys.executable, str(ROOT / "tests" / "run_blocks.py"), str(file)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERFRESH_")}
    environment = kept | {"EVERFRESH_DIR": str(folder / "cache"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("readme", [*READMES, *DOCS, *WITHOUT_CODE], ids=lambda file: str(file.relative_to(ROOT)))
def test_every_block_runs_and_prints_what_is_shown(readme: Path, tmp_path: Path) -> None:
    """Someone who copies the blocks of a README gets what it shows."""
    finished = run_blocks(readme, tmp_path)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("readme", READMES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_readme_has_an_example(readme: Path) -> None:
    """No README goes without code, so that the test above is not empty."""
    assert "```python\n" in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```python\nprint(1)\n```\n\n```text\n1\n```\n", ""),
        ("```python\nx = 1\n```\nand\n```python\nprint(x)\n```\n```text\n1\n```\n", ""),
        ("```python\nx = 1\n```\nand\n```python\n>>> x\n1\n\n```\n", ""),
        ("```python\nprint('took 3 s')\n```\n```text\ntook ... s\n```\n", ""),
        ("```python\nprint(1)\n```\nNot its output:\n```text\n2\n```\n", ""),
        ("```sh\nfalse\n```\n", ""),
        ("no block at all\n", ""),
        ("a\n```python\nprint(1)\n```\n\n```text\n2\n```\n", "line 3: shown\n2\nbut printed\n1"),
        ("```python\n>>> 1 + 1\n3\n\n```\n", "Expected:\n    3\nGot:\n    2"),
        ("```python\n1 / 0\n```\n", "ZeroDivisionError"),
    ],
)
def test_the_check_itself_can_fail(text: str, complaint: str, tmp_path: Path) -> None:
    """A block that fails or prints something else is noticed; a block that does as shown is not."""
    file = tmp_path / "SOME.md"
    file.write_text(text, encoding="utf-8")
    finished = run_blocks(file, tmp_path)
    assert complaint in finished.stderr
    assert finished.returncode == (1 if complaint else 0), finished.stderr
