"""Type parameters and type aliases, which are computed when they are first asked for (since Python 3.12)."""

from __future__ import annotations

import sys

import pytest
from everfresh_fingerprint import code_fingerprint

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="a syntax of Python 3.12")

EDITS = {
    "a type alias": "from typing import Literal\ntype S = Literal[{}]\ndef f(): return S.__value__",
    "a type alias that is passed on": "type S = list['A{}']\ndef go(s): return s.__value__\ndef f(): return go(S)",
    "an alias that names itself": "type S = dict[int, S] | 'A{}'\ndef f(): return S.__value__",
    "an alias of what is not there": "type S = nowhere[{}]\ndef f(): return S",
    "the bound of an alias": "type S[T: 'A{}'] = list[T]\ndef f(): return S.__type_params__[0].__bound__",
    "the bound of a function": "def g[T: 'A{}'](x: T): ...\ndef f(): return g.__type_params__[0].__bound__",
    "the bound of a method": "class C:\n def g[T: 'A{}'](self): ...\ndef f(): return C.g.__type_params__[0].__bound__",
    "the bound of a class": "class C[T: 'A{}']: ...\ndef f(): return C.__type_params__[0].__bound__",
    "an alias that annotates": "type S = list['A{}']\ndef g(x: S): ...\ndef f(): g.__annotations__['x'].__value__",
}


@pytest.mark.parametrize("text", EDITS.values(), ids=EDITS)
def test_edit_of_a_type_is_seen(load, text):
    """What a type alias or a type parameter stands for counts where it is read, and is the same each time."""
    digests = [code_fingerprint(load(text.format(number)).f).digest for number in (1, 2, 1)]
    assert digests[0] == digests[2] != digests[1]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="a syntax of Python 3.13")
def test_default_of_a_type_parameter_is_seen(load):
    """So does the default of a parameter."""
    text = (
        "class C[T = 'A{}', **P = [int], *R = *tuple[int, ...]]: ...\ndef f(): return C.__type_params__[0].__default__"
    )
    assert code_fingerprint(load(text.format(1)).f).digest != code_fingerprint(load(text.format(2)).f).digest
