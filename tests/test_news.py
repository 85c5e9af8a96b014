"""The news is ready to be put into the changelog."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

NEWS = Path(__file__).resolve().parent.parent / "changelog.d"
FRAGMENTS = sorted(file for file in NEWS.iterdir() if file.name != "README.md")
NAME = re.compile(r"(\d+|\+[a-z0-9-]+)\.(added|changed|removed|fixed)(\.\d+)?\.md")


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda file: file.name)
def test_a_fragment_is_well_formed(fragment: Path) -> None:
    """A fragment is named for its issue and kind, and is one paragraph of whole sentences."""
    text = fragment.read_text(encoding="utf-8").strip()
    assert NAME.fullmatch(fragment.name)
    assert text.endswith(".")
    assert "\n\n" not in text
