"""Instructions are read as the `dis` module reads them, on real code."""

from __future__ import annotations

import ast
import dis
import functools
import importlib
import pickle
from types import CodeType

import pytest
from everfresh_callgraph import Reads, Scanned
from everfresh_callgraph.bytecode import (
    HAS_JUMP,
    HAS_NAME,
    exceptions,
    instructions,
    jump_target,
    name_of,
    split,
    steps,
)
from everfresh_callgraph.record import record

MODULES = "argparse asyncio.base_events ast collections dataclasses enum typing zipfile".split()


@functools.cache
def codes(name):
    """All code objects of a module, the innermost included."""
    with open(importlib.import_module(name).__file__, encoding="utf-8") as stream:
        todo = [compile(ast.parse(stream.read()), name, "exec")]
    for code in todo:
        todo += [one for one in code.co_consts if isinstance(one, CodeType)]
    return todo


@pytest.mark.parametrize("module", MODULES)
def test_instructions_are_those_of_dis(module):
    """Offset, name and argument of every instruction agree with `dis`."""
    for code in codes(module):
        expected = [
            (one.offset, one.opname, one.arg or 0)
            for one in dis.get_instructions(code)
            if one.opname not in ("EXTENDED_ARG", "CACHE")
        ]
        found = [(offset, op, argument if argument else 0) for offset, op, argument in instructions(code)]
        assert found == [(offset, op, argument) for offset, op, argument in expected]


@pytest.mark.parametrize("module", MODULES)
def test_quick_way_reads_the_same(module):
    """Code without long arguments and fused instructions is read in a quicker way, with the same result."""
    for code in codes(module):
        assert steps(code) == list(split(instructions(code))) == steps(code)


@pytest.mark.parametrize("module", MODULES)
def test_names_and_jumps_are_those_of_dis(module):
    """What an instruction names and where it jumps to agree with `dis`."""
    for code in codes(module):
        expected = {one.offset: one for one in dis.get_instructions(code)}
        for offset, op, argument in instructions(code):
            if op in HAS_NAME:
                assert name_of(code, op, argument) in str(expected[offset].argval)
            if op in HAS_JUMP:
                assert jump_target(code.co_code, offset, op, argument) == expected[offset].argval


@pytest.mark.parametrize("module", MODULES)
def test_exception_table_is_that_of_dis(module):
    """The rows of the exception table agree with `dis`."""
    for code in codes(module):
        expected = [
            (row.start, row.end, row.target, row.depth << 1 | row.lasti) for row in dis.Bytecode(code).exception_entries
        ]
        assert list(exceptions(code)) == expected


@record
class Pair:
    """Two fields, one with a default."""

    left: int
    right: int = 0


@record
class Other:
    """The same fields under another name."""

    left: int
    right: int = 0


def test_record_is_frozen_and_compares_by_type_and_fields():
    """A record cannot be changed, and two of different types differ even where their fields agree."""
    assert Pair(1) == Pair(1, 0) != Pair(1, 1)
    assert not Pair(1) == Other(1)
    assert hash(Pair(1)) == hash(Pair(1))
    with pytest.raises(AttributeError):
        Pair(1).left = 2


def test_records_of_two_types_are_unequal_in_both_spellings():
    """`!=` says the opposite of `==`."""
    assert Pair(1) != Other(1)


def test_records_of_a_graph_can_be_pickled():
    """A record that a module holds comes back equal from a pickle."""
    made = Scanned("x", (1,), immutable=True)
    assert pickle.loads(pickle.dumps(made)) == made
    assert Reads.__doc__
