"""Edits to a program: those that cannot change an answer keep its digest, all others change it."""

from __future__ import annotations

import ast
import os

import pytest
from everfresh_fingerprint import code_fingerprint

EDITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "edits")


def edits(file):
    """The cases of a file: `=== name`, perhaps `? known fault`, the program, `---`, the program after the edit."""
    with open(os.path.join(EDITS, file), encoding="utf-8") as stream:
        for block in stream.read().split("=== ")[1:]:
            name, _, text = block.partition("\n")
            fault = ""
            if text.startswith("? "):
                fault, _, text = text[2:].partition("\n")
            before, _, after = text.partition("---\n")
            yield pytest.param(
                before, after, id=name, marks=pytest.mark.xfail(strict=True, reason=fault) if fault else ()
            )


def digest(module, name="f"):
    return code_fingerprint(getattr(module, name)).digest


@pytest.mark.parametrize(("before", "after"), [*edits("same.txt")])
def test_edit_that_does_not_matter(load, before, after):
    """An edit that cannot change an answer keeps the digest."""
    assert digest(load(before)) == digest(load(after))


@pytest.mark.parametrize(("before", "after"), [*edits("different.txt")])
def test_edit_that_matters(load, before, after):
    """An edit that can change an answer changes the digest."""
    assert digest(load(before)) != digest(load(after))


ALL = [
    pytest.param(*case.values, id=case.id)
    for file in ("same.txt", "different.txt")
    for case in edits(file)
    if not case.marks
]


@pytest.mark.parametrize("read", ["co_firstlineno", "co_lines()", "replace(co_name='h')"])
def test_line_that_is_read_counts(load, read):
    """Where code asks on which line a function stands, or hands its code on, moving it matters."""
    text = f"def g(): ...\ndef f(): return g.__code__.{read}"
    assert digest(load(text)) != digest(load("\n" + text))


@pytest.mark.parametrize(("before", "after"), ALL)
def test_digest_is_one_for_one_program(load, before, after):
    """The same text, loaded again, has the same digest; so has what `ast.unparse` makes of it, lines further down."""
    for text in (before, after):
        first = load(text)
        relaid = load("\n\n\n" + ast.unparse(ast.parse(text)))
        assert digest(first) == digest(load(text)) == digest(relaid)


def test_digest_is_one_in_every_process(load, in_process, tmp_path):
    """Other processes under other hash seeds give the same digest, whatever has been loaded before."""
    texts = [case.values[0] for case in ALL]
    for number, text in enumerate(texts):
        load(text, f"app{number}")
    script = """
        import importlib
        from everfresh_fingerprint import code_fingerprint
        for number in ORDER:
            print(number, code_fingerprint(importlib.import_module(f"app{number}").f).digest.hex())
    """
    forward = in_process(script.replace("ORDER", f"range({len(texts)})"), seed="1")
    backward = in_process(
        script.replace("ORDER", f"reversed(range({len(texts)}))").replace("{{", "{").replace("}}", "}"), seed="2"
    )
    assert sorted(forward.split("\n")) == sorted(backward.split("\n"))
    assert len(forward.split("\n")) == len(texts)


FROZEN = "def f(x): return x in {'a', 'b', 'c', 'd'}, x in {('a', 1), ('b', 2)}, x in {1, '1', b'1', None, 2.5}"


def test_frozenset_constant_under_hash_seeds(load, in_process):
    """A set among the constants of a function has one digest under every hash seed."""
    load(FROZEN)
    script = (
        "from everfresh_fingerprint import code_fingerprint; import app; print(code_fingerprint(app.f).digest.hex())"
    )
    assert len({in_process(script, seed=str(seed)) for seed in range(1, 5)}) == 1


def test_same_digest_as_script_and_as_module(load, in_process):
    """A program has the same digest whether its file runs as a script or is imported."""
    load(
        "class C:\n    def m(self): return K\nK = [1]\nc = C()\ndef f(): return c.m(), C\n"
        "if __name__ == '__main__':\n    from everfresh_fingerprint import code_fingerprint\n"
        "    print(code_fingerprint(f).digest.hex())"
    )
    as_script = in_process("import runpy; runpy.run_path('app.py', run_name='__main__')")
    as_module = in_process(
        "import app; from everfresh_fingerprint import code_fingerprint as c; print(c(app.f).digest.hex())"
    )
    assert as_script == as_module
