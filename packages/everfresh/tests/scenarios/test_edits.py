"""A program is run, edited and run again, each time in a new process: it computes again exactly when it must."""

from __future__ import annotations

import pytest

PROGRAM = {
    "main": """
        import shapes
        from everfresh import memoize

        @memoize
        def area(n):
            '''Sum up.'''
            return sum(shapes.square(i) for i in range(n))

        def main():
            return area(4), area(n=4)
    """,
    "shapes": """
        import numbers_

        def square(x):
            # Times itself.
            return numbers_.times(x, x)

        def unrelated():
            return 1
    """,
    "numbers_": """
        SCALE = 1

        class Pair:
            kind = "pair"

            def product(self, x, y):
                return x * y * SCALE

        def times(x, y):
            return Pair().product(x, y)
    """,
}


@pytest.fixture
def edited(program):
    """The program after one run, in which the second call hit."""
    program.write(**PROGRAM)
    first = program.run()
    assert (first.value, first.names) == ("(14, 14)", "Miss Stored Hit")
    return program


def test_unchanged_it_only_hits(edited):
    """Nothing is computed twice, whatever the hash seed."""
    assert edited.run(seed=7).names == "Hit Hit"


@pytest.mark.parametrize(
    ("file", "old", "new", "value", "reason"),
    [
        ("main", "range(n)", "range(n + 1)", "(30, 30)", "main.area"),
        ("shapes", "(x, x)", "(x, -x)", "(-14, -14)", "shapes.square"),
        ("numbers_", "x * y * SCALE", "x + y + SCALE", "(16, 16)", "numbers_.Pair.product"),
        ("numbers_", "SCALE = 1", "SCALE = 2", "(28, 28)", "numbers_.SCALE: 1 -> 2"),
        ("numbers_", "SCALE = 1", "SCALE = 1.0", "(14.0, 14.0)", "numbers_.SCALE: 1 -> 1.0"),
    ],
)
def test_an_edit_that_matters(edited, file, old, new, value, reason):
    """The next process computes again, and says which dependency changed; undone, the old answer is back."""
    edited.edit(file, old, new)
    result = edited.run()
    assert (result.value, result.names) == (value, "Miss Stored Hit")
    assert reason in result.reasons[0]
    edited.edit(file, new, old)
    assert edited.run().names == "Hit Hit"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("shapes", "# Times itself.", "# Another\n    # comment."),
        ("main", "Sum up.", "Sum all of them up."),
        ("shapes", "return 1", "return 2"),
        ("shapes", "def square(x):", "\n\n\ndef square(x: int) -> int:"),
        ("shapes", "return numbers_.times(x, x)", "return numbers_.times(\n        x,\n        x,\n    )"),
        ("numbers_", "class Pair:", "class Pair:\n    '''A pair.'''"),
        ("main", "import shapes", "import json\nimport shapes\n\nLIMIT = 3"),
    ],
)
def test_an_edit_that_does_not_matter(edited, file, old, new):
    """Comments, docstrings, layout, annotations and what is not reached change nothing."""
    edited.edit(file, old, new)
    assert edited.run().names == "Hit Hit"


def test_disabled_by_the_environment(edited):
    """EVERFRESH_DISABLE=1 computes, and leaves the cache as it is."""
    assert edited.run(EVERFRESH_DISABLE="1").names == ""
    assert edited.run().names == "Hit Hit"


def test_an_unusable_cache_is_a_warning(edited, tmp_path):
    """Where the cache cannot be, the program computes and says so once."""
    (tmp_path / "file").write_text("")
    result = edited.run(EVERFRESH_DIR=str(tmp_path / "file"))
    assert result.value == "(14, 14)"
    assert result.stderr.count("CacheWarning: everfresh could not look up") == 1


def test_a_lost_index_costs_no_answer(edited, tmp_path):
    """The objects are the truth: without the index the next process still hits."""
    for file in (tmp_path / "program-cache").glob("index*"):
        file.unlink()
    assert edited.run().names == "Hit Hit"


def test_a_damaged_object_is_computed_again(edited, tmp_path):
    """A flipped byte is noticed; the answer is right, and the entry is whole again."""
    (path,) = (tmp_path / "program-cache" / "objects").glob("??/*")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    damaged = edited.run()
    assert (damaged.value, damaged.names) == ("(14, 14)", "Miss Stored Hit")
    assert damaged.reasons[0].startswith("damaged")
    assert edited.run().names == "Hit Hit"
