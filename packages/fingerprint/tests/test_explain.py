"""Why two fingerprints differ: the smallest parts are named, by this process or a later one, and no other part is."""

from __future__ import annotations

import copy
import marshal
import os
import textwrap
from collections import Counter, OrderedDict, deque
from itertools import pairwise

import fingerprint_kinds as kinds
import fingerprint_makers as makers
import fingerprint_rows
import numpy as np
import pandas as pd
import pytest
from everfresh_fingerprint import code_fingerprint, explain, fingerprint, outline, outline_code
from everfresh_fingerprint.explaining.outline import WIDTH, from_plain, plain
from hypothesis import given
from hypothesis import strategies as st

FRAME = pd.DataFrame({"age": [1, 2, 3], "size": [1.5, 2.5, 3.5]})
LINE = np.arange(10_000.0)


def lines(old, new):
    return [str(one) for one in explain(old, new)]


def replaced(values, place, value):
    made = copy.copy(values)
    made[place] = value
    return made


VALUES = [
    # Plain values, and what looks alike.
    (3, 4, ["3 -> 4"]),
    (1, True, ["1 -> True"]),
    (None, "None", ["None -> 'None'"]),
    ([1], (1,), ["[1] -> (1,)"]),
    ({1}, frozenset({1}), ["{1} -> frozenset({1})"]),
    # Containers, by index and key.
    ([1, 2, 3], [1, 5, 3], ["[1]: 2 -> 5"]),
    ([1, 2, 3], [0, 1, 2, 3], ["[0] appeared: 0"]),
    ([1, 2, 3], [1, 3], ["[1] vanished: 2"]),
    ({"a": 1, "b": [2]}, {"a": 1, "b": [3]}, ["['b'][0]: 2 -> 3"]),
    ({"a": 1, "b": 2}, {"a": 3, "c": 4}, ["['a']: 1 -> 3", "['c'] appeared: 4", "['b'] vanished: 2"]),
    ({1: "a"}, {True: "a"}, ["[True] appeared: 'a'", "[1] vanished: 'a'"]),
    ({1, 2}, {2, 3}, ["{3} appeared", "{1} vanished"]),
    (deque([1, 2]), deque([1, 3]), ["[1]: 2 -> 3"]),
    (Counter("aab"), Counter("abb"), ["['a']: 2 -> 1", "['b']: 1 -> 2"]),
    ((1, 2, 3), (1, 2, 4), ["(1, 2, 3) -> (1, 2, 4)"]),
    # Objects, by attribute.
    (kinds.Plain(1), kinds.Plain(2), [".value: 1 -> 2"]),
    (kinds.Slotted(1), kinds.Slotted(2), [".value: 1 -> 2"]),
    (kinds.Half(1, 2), kinds.Half(1, 3), [".other: 2 -> 3"]),
    (kinds.Data(1, [1]), kinds.Data(1, [2]), [".b[0]: 1 -> 2"]),
    (kinds.Point(1, 2), kinds.Point(1, 3), [".y: 2 -> 3"]),
    (kinds.Plain(1), kinds.Other(1), ["fingerprint_kinds.Plain -> fingerprint_kinds.Other"]),
    (kinds.MyDict(a=1, tag=1), kinds.MyDict(a=2, tag=1), ["['a']: 1 -> 2"]),
    (kinds.MyList([1], tag=1), kinds.MyList([1], tag=2), [".tag: 1 -> 2"]),
    (kinds.Stated(1, 2), kinds.Stated(3, 2), [".__determ_hash__(): 1 -> 3"]),
    ({"pool": [kinds.Plain({"lock": 1})]}, {"pool": [kinds.Plain({"lock": 2})]}, ["['pool'][0].value['lock']: 1 -> 2"]),
    (range(3), range(4), ["range(0, 3) -> range(0, 4)"]),
    (kinds.Plain(1).method, kinds.Plain(2).method, [".__self__.value: 1 -> 2"]),
    # Arrays and tables, by type, shape, rows, columns.
    (LINE, LINE.astype("f4"), [".dtype: float64 -> float32"]),
    (LINE, LINE.reshape(100, 100), [".shape: (10000,) -> (100, 100)"]),
    (LINE, replaced(LINE, 777, -1.0), ["[777]: float64 777.0 -> float64 -1.0"]),
    (np.zeros((3, 2)), replaced(np.zeros((3, 2)), (2, 1), 5), ["[2][1]: float64 0.0 -> float64 5.0"]),
    (FRAME, FRAME.assign(age=[1, 2, 4]), ["column 'age'[2]: int64 3 -> int64 4"]),
    (FRAME, FRAME.assign(age=[1.0, 2.0, 3.0]), ["column 'age'.dtype: int64 -> float64"]),
    (FRAME, FRAME[["age"]], ["column 'size' vanished: ndarray float64 (3,)"]),
    (FRAME, FRAME[["size", "age"]], ["order: column 'age', column 'size' -> column 'size', column 'age'"]),
    (FRAME, FRAME[:2], ["rows: 3 -> 2"]),
    (FRAME.age, FRAME.age.rename("years"), [".name: 'age' -> 'years'"]),
    ({"df": FRAME}, {"df": FRAME.assign(age=0)}, None),
]


@pytest.mark.parametrize(("old", "new", "expected"), VALUES, ids=[str(number) for number in range(len(VALUES))])
def test_the_smallest_part_is_named(old, new, expected):
    """A difference is told at the smallest part that has it, live or from outlines."""
    told = lines(old, new)
    assert told == (expected or told)
    assert all("column 'age'" in line for line in told if expected is None)
    if type(old) is not np.ndarray:  # of an outlined array a stretch of rows may be all that is known
        assert lines(outline(old), outline(new)) == lines(outline(old), new) == lines(old, outline(new)) == told


def test_rows_are_named_as_far_as_they_were_noted():
    """Of a long array that was outlined, the stretch of rows with the change is named."""
    told = lines(outline(LINE), replaced(LINE, 777, -1.0))
    assert len(told) == 1
    first, last = map(int, told[0].partition("]")[0].removeprefix("[").split(":"))
    assert first <= 777 < last < first + 1_000
    assert lines(outline(LINE), LINE[::-1])[0].startswith("ndarray float64 (10000,) [")


def test_order_of_keys_is_told_with_its_usual_cause():
    """Two dicts with the same pairs in another order differ in just that, and a hint says where that comes from."""
    (told,) = explain({"a": 1, "b": 2, "c": 3}, {"b": 2, "a": 1, "c": 3})
    assert str(told).startswith("order of keys: 'a', 'b' -> 'b', 'a' (a dict that is filled from a set")
    (told,) = explain({"x": OrderedDict(a=1, b=2)}, {"x": OrderedDict(b=2, a=1)})
    assert told.path == "['x'] order of keys"


def test_text_of_several_lines_has_a_diff():
    """A prompt or a template that changed shows which line did."""
    (told,) = explain({"text": "one\ntwo\n"}, outline({"text": "one\nthree\n"}))
    assert told.diff.splitlines()[3:] == [" one", "-two", "+three"]
    assert told.report() == f"{told}\n{told.diff}"


# Programs before and after an edit.
PROGRAM = """
    import math
    from collections import OrderedDict
    scale = 3
    table = {"a": 1, "b": [2]}
    def helper(x):
        return x * scale
    def other(x):
        return x + 5
    class Model:
        limit = 10
        def run(self, x):
            return min(x, self.limit)
    def f(x, n=1):
        return g(x) + Model().run(n) + table["a"] + math.floor(x)
    g = helper
"""
EDITS = [
    ("scale = 3", "scale = 4", ["global app.scale: 3 -> 4"]),
    ("[2]", "[7]", ["global app.table['b'][0]: 2 -> 7"]),
    ("x * scale", "x * scale + 1", ["function app.helper changed (app.py:6)"]),
    ("limit = 10", "limit = 20", ["attribute app.Model.limit: 10 -> 20"]),
    ("min(x, self", "max(x, self", ["function app.Model.run changed (app.py:12)"]),
    ("n=1", "n=2", ["variable app.f.__defaults__: (1,) -> (2,)"]),
    (
        "limit = 10",
        "limit = 10\n        more = 1",
        ["class app.Model changed (app.py:10)", "attribute app.Model.more appeared: 1"],
    ),
    (
        "g = helper",
        "g = other",
        ["function app.f: g now means app.other, not app.helper", "global app.scale vanished: 3"],
    ),
    (
        "g = helper",
        "g = math.ceil",
        ["function app.f: g now means math.ceil, not app.helper", "global app.scale vanished: 3"],
    ),
    ("g = helper", "g = 7", ["function app.f: g now means app.g (7), not app.helper", "global app.scale vanished: 3"]),
    ("scale = 3", "", ["global app.scale: 3 -> missing"]),
    ("scale = 3", "scale = OrderedDict(a=1)", ["global app.scale: 3 -> collections.OrderedDict"]),
    (
        "return x * scale",
        "return x * 3  # scale",
        ["function app.helper changed (app.py:6)", "global app.scale vanished: 3"],
    ),
    ("x + 5", "x + 6", []),
    ("return x * scale", "# a comment\n        return x * scale", []),
]


@pytest.mark.parametrize(("before", "after", "expected"), EDITS, ids=[f"{one}-{two}" for one, two, _ in EDITS])
def test_an_edit_is_named(load, before, after, expected):
    """Of all that a function reaches, exactly what was edited is named, and a name that means something else."""
    app = load(PROGRAM)
    recorded = outline_code(code_fingerprint(app.f)), outline(app.f)
    edited = load(PROGRAM.replace(before, after))
    for old in recorded:
        assert lines(old, edited.f) == lines(old, code_fingerprint(edited.f)) == expected
    assert lines(recorded[0], outline_code(code_fingerprint(edited.f))) == expected
    assert lines(recorded[1], outline(edited.f)) == lines(recorded[0], outline(edited.f)) == expected


def test_source_of_what_changed_is_compared(load):
    """A function that changed comes with a unified diff of its text, closing brackets and decorators included."""
    text = "import functools\n\n@functools.cache\ndef f(x):\n    return sum([\n        x,\n    ])\n\nlast = 1\n"
    app = load(text)
    recorded = outline_code(code_fingerprint(app.f))
    (told,) = explain(recorded, load(text.replace("x,", "x, 1,")).f)
    assert told.diff == textwrap.dedent("""\
        --- app.py
        +++ app.py
        @@ -1,5 +1,5 @@
         @functools.cache
         def f(x):
             return sum([
        -        x,
        +        x, 1,
             ])""")


def test_moved_code_is_no_difference(load):
    """A helper that moved to another module is not told, only what changed beside it."""
    app = load("def h(): return g() + 1\ndef g(): return 1\ndef f(): return h()")
    recorded = outline_code(code_fingerprint(app.f))
    load("def g(): return 1", "lib")
    moved = load("from lib import g\ndef h(): return g() + 2\ndef f(): return h()")
    assert lines(recorded, moved.f) == ["function app.h changed (app.py:2)"]


def test_where_a_function_stands_counts_for_a_value(load):
    """Two functions that do the same and stand in two modules differ as values, and the modules are told."""
    one, other = load("def f(): return 1"), load("def f(): return 1", "lib")
    assert lines(one.f, other.f) == ["function app.f -> function lib.f"]
    assert explain(code_fingerprint(one.f), code_fingerprint(other.f)) == ()


def test_code_within_values_is_followed(load):
    """A change to a method of an argument's class, or to a function in a list, is named as that method or function."""
    text = "class C:\n    def run(self): return 1\ndef f(): return 1\n"
    app = load(text)
    recorded = outline({"model": app.C()}), outline([app.f])
    edited = load(text.replace("1", "2"))
    assert lines(recorded[0], {"model": edited.C()}) == ["function app.C.run changed (app.py:2)"]
    assert lines(recorded[1], [edited.f]) == ["function app.f changed (app.py:3)"]


WRAPPED = """
    import functools
    def deco(function):
        @functools.wraps(function)
        def wrapper(*args): return function(*args)
        return wrapper
    @deco
    def helper(x): return x
    @functools.lru_cache
    def kept(x): return x * 2
    def first(): return 1
    def second(): return 2
    handlers = {"x": first}
    def f(x): return helper(kept(x)) + handlers["x"]()
"""
WRAPPED_EDITS = [
    ("function(*args)", "function(*args) + 1", ["function app.helper (deco.<locals>.wrapper) changed (app.py:4)"]),
    ("return x\n", "return x + 1\n", ["function app.helper changed (app.py:7)"]),
    ("x * 2", "x * 3", ["function app.kept changed (app.py:9)"]),
    ("return 1", "return 3", ["function app.first changed (app.py:11)"]),
    (
        '"x": first',
        '"x": second',
        [
            "global app.handlers['x']: function app.first -> function app.second",
            "function app.second appeared (app.py:12)",
            "function app.first vanished (app.py:11)",
        ],
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), WRAPPED_EDITS)
def test_wrappers_are_told_from_what_they_wrap(load, before, after, expected):
    """A decorator's wrapper, what it wraps, a cached function and one in a dict have names of their own."""
    recorded = outline_code(code_fingerprint(load(WRAPPED).f))
    assert lines(recorded, load(WRAPPED.replace(before, after)).f) == expected


def test_a_class_without_source_says_what_changed():
    """Of a class whose text is not known, attributes and annotations that came or went are named."""
    old, new = {"__name__": "app"}, {"__name__": "app"}
    exec("class C:\n x: int\ndef f(): return C()", old)
    exec("class C:\n x: float\n def m(self): return 1\ndef f(): return C()", new)
    assert lines(old["f"], new["f"]) == [
        "class app.C.m (method) appeared",
        "class app.C annotation x: float appeared",
        "function app.C.m appeared",
        "class app.C annotation x: int vanished",
    ]


def test_an_environment_variable_is_named(load, monkeypatch):
    """A variable of the environment that is read goes by its name."""
    monkeypatch.setenv("APP_MODE", "fast")
    app = load("import os\ndef f(): return os.environ.get('APP_MODE')")
    recorded = outline_code(code_fingerprint(app.f))
    monkeypatch.setenv("APP_MODE", "slow")
    assert lines(recorded, app.f) == ["environment variable APP_MODE: b'fast' -> b'slow'"]


def test_a_stated_version_is_told_as_such(load):
    """Where a version was stated for a function, the two versions are named, and nothing behind them."""
    text = "from everfresh_callgraph import code_version\n@code_version('1')\ndef g(): return 1\ndef f(): return g()"
    recorded = outline_code(code_fingerprint(load(text).f))
    assert lines(recorded, load(text.replace("'1'", "'2'").replace("1\n", "3\n")).f) == ["version of app.g: '1' -> '2'"]


def of_version(noted, name, version):
    """The outline as it would be with another version of a package."""
    parts = []
    for part in noted.parts:
        package, _, now = part.text.partition(" ")
        if part.kind == "constant" and package == name and now:
            part = part._replace(text=f"{name} {version}", digest=bytes(fingerprint((version, part.name))))
        parts.append(part)
    return noted._replace(parts=tuple(parts), digest=b"?" * 16)


def test_a_package_is_told_once(load):
    """However many functions of a package are reached, its new version is one difference."""
    now = outline_code(code_fingerprint(load("import numpy as np\ndef f(x): return np.sum(np.sort(np.abs(x)))").f))
    assert lines(of_version(now, "numpy", "0.1"), now) == [f"package numpy 0.1 -> {np.__version__}"]
    without = load("def f(x): return x").f
    assert f"package numpy {np.__version__} vanished" in lines(now, without)


def test_another_interpreter_explains_other_code(load):
    """What only was compiled anew, by another Python, is not told beside the interpreter itself."""
    app = load("def f(x): return g(len(x))\ndef g(x): return x")
    now = outline_code(code_fingerprint(app.f))
    name, _, version = now.parts[-1].text.partition(" ")
    old = of_version(now, name, "3.1.4f")
    old = old._replace(parts=tuple(one._replace(digest=b"!" * 16) if one.source else one for one in old.parts))
    assert lines(old, now) == [f"python {name} 3.1.4f -> {version}"]


# Laws.

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, -0.0, 1.5, "", "a", "b", b"a"])
KEYS = st.sampled_from(["a", "b", 1, 2, True, 1.0, (1, "a"), frozenset({1})])


def containers(part):
    return (
        st.lists(part, max_size=4)
        | st.lists(part, max_size=3).map(tuple)
        | st.dictionaries(KEYS, part, max_size=3)
        | st.frozensets(KEYS, max_size=3)
        | part.map(kinds.Plain)
        | part.map(kinds.Slotted)
        | st.lists(st.integers(), min_size=1, max_size=40).map(lambda items: np.array(items, object))
        | st.lists(st.floats(), max_size=40).map(np.array)
    )


DRAWN = st.recursive(SCALARS, containers, max_leaves=15)


@given(DRAWN, DRAWN)
def test_something_is_told_exactly_where_fingerprints_differ(one, other):
    """No difference between equal values, at least one between others; recorded or not makes no difference in that."""
    same = fingerprint(one) == fingerprint(other)
    noted, noted_other = outline(one), outline(other, width=5)
    for old, new in [(one, other), (noted, other), (one, noted_other), (noted, noted_other)]:
        assert (explain(old, new) == ()) == same
        assert all(str(told) for told in explain(old, new))
    assert explain(one, one) == explain(one, copy.deepcopy(one)) == explain(noted, one) == ()


@given(DRAWN, st.integers(0, 4), st.integers(1, 100))
def test_an_outline_survives_being_written(value, depth, width):
    """An outline is the same after marshal wrote and read it, and fields that a later version adds are left out."""
    noted = outline(value, "argument x", depth=depth, width=width)
    written = marshal.dumps(plain(noted))
    assert from_plain(marshal.loads(written)) == noted
    assert from_plain((*marshal.loads(written), "new", 1)) == noted
    assert from_plain(plain(noted)[:4]).parts == ()


STEPS = {
    "list": ("[1]", lambda part: [0, part, 2]),
    "dict": ("['k']", lambda part: {"a": 0, "k": part}),
    "keyed": ("[(1, 'a')", lambda part: {(1, "a"): part}),
    "object": (".value", kinds.Plain),
    "slots": (".value", kinds.Slotted),
    "data": (".b", lambda part: kinds.Data(1, part)),
    "named": (".y", lambda part: kinds.Point([], part)),
    "mine": ("[0]", lambda part: kinds.MyList([part])),
    "boxed": ("[0]", makers.boxed),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_the_path_leads_to_the_part(steps):
    """However deep, one part that differs is one difference, and its path is how one gets there."""
    one, other, path = 1, 2, ""
    for step in steps:
        name, make = STEPS[step]
        one, other, path = make(one), make(other), name + path
    (told,) = explain(one, other)
    assert (told.before, told.after) == ("1", "2")
    if "keyed" not in steps:
        assert told.path == path
        assert (eval(f"one{told.path}"), eval(f"other{told.path}")) == (1, 2)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("number", range(0, len(fingerprint_rows.rows()), 10))
def test_every_kind_of_value_can_be_outlined(number):
    """Every value of the tables has an outline with its fingerprint, agrees with itself, and differs from the next."""
    values = [
        fingerprint_rows.make(spellings[0])
        for _, fault, spellings in fingerprint_rows.rows()[number:][:11]
        if not fault
    ]
    for value, after in pairwise(values):
        noted = outline(value)
        assert noted.digest == fingerprint(value)
        assert from_plain(marshal.loads(marshal.dumps(plain(noted)))) == noted
        assert explain(noted, value) == explain(value, value) == ()
        assert explain(noted, after)
        assert explain(value, outline(after))


# Limits.


def test_an_outline_is_bounded():
    """However large a value is, its outline is small, and what changed beyond it shows as the whole."""
    value = {"numbers": list(range(10_000)), "deep": makers.deep(list, 5_000), "wide": {n: [n] for n in range(1_000)}}
    noted = outline(value)
    assert count(noted) <= WIDTH + 1
    assert len(marshal.dumps(plain(noted))) < 40_000
    changed = {**value, "numbers": [*range(9_999), -1]}
    (told,) = explain(noted, changed)
    assert told.path == "['numbers']"


def count(noted):
    return 1 + sum(map(count, noted.parts))


def test_what_is_near_is_kept_first():
    """Where not all can be kept, all keys of the outermost dict are, before anything further in."""
    value = {n: list(range(100)) for n in range(10)}
    assert [part.name for part in outline(value, width=15).parts] == [f"[{n}]" for n in range(10)]


def test_shared_parts_are_looked_into_once():
    """Forty levels of shared lists are explained at once, and each further place points to the first."""
    told = lines(wrapped(1), wrapped(2))
    assert len(told) == 41
    assert told[0].endswith(": 1 -> 2")
    assert all(": the same change as in [0]" in line for line in told[1:])


def wrapped(leaf):
    made = [leaf]
    for _ in range(40):
        made = [made, made]
    return made


def test_circles_are_explained():
    """A difference inside a circle is named once, and one in the wiring alone is told as a whole."""
    one, other = ([1, {"x": k}] for k in (2, 3))
    one.append(one)
    other.append(other)
    assert lines(one, other) == ["[1]['x']: 2 -> 3"]
    one, other = makers.ring([]), [makers.ring([])]
    other[0][0] = other
    assert len(lines(one, other)) == 1


def test_many_differences_are_cut():
    """Of thousands of differences a hundred are told."""
    assert len(explain(list(range(5_000)), list(range(1, 5_001)))) == 100


class Silent:
    """A class whose instances do not want to be looked at."""

    def refuse(self, *_):
        raise SystemExit

    __repr__ = __str__ = __eq__ = __bool__ = __len__ = __iter__ = __getitem__ = refuse
    __hash__ = object.__hash__


def test_no_code_of_the_users_is_run():
    """No __repr__, __eq__ or the like of a user's class is called to say what differs."""
    one, other = Silent(), Silent()
    one.lock, other.lock = {"a": one}, {"a": other, "b": 1}
    assert lines({"x": [one]}, {"x": [other]}) == ["['x'][0].lock['b'] appeared: 1"]


def test_values_that_look_alike_are_told_apart():
    """Where the texts agree, the digests are told beside them."""
    (told,) = explain("a" * 100 + "x" + "a" * 100, "a" * 100 + "y" + "a" * 100)
    assert told.before != told.after
    (told,) = explain(10**6_000, 10**6_000 + 1)
    assert told.before.startswith("int of 19932 bits [")


def test_the_name_of_the_whole_comes_first():
    """An outline that was given a name, such as that of an argument, is told by it."""
    noted = outline(FRAME, "argument df")
    (told,) = explain(noted, outline(FRAME.assign(age=[1, 2, 4]), "argument df"))
    assert str(told) == "argument df column 'age'[2]: int64 3 -> int64 4"
    assert explain(noted, FRAME.assign(age=[1, 2, 4])) == (told,)


# Other processes.

RECORD = """
    import marshal, app
    from everfresh_fingerprint import code_fingerprint, outline, outline_code
    from everfresh_fingerprint.explaining.outline import plain
    noted = outline_code(code_fingerprint(app.f)), outline(app.config, "argument config")
    with open("noted", "wb") as file:
        marshal.dump(tuple(map(plain, noted)), file)
"""
EXPLAIN = """
    import marshal, app
    from everfresh_fingerprint import code_fingerprint, explain, outline
    from everfresh_fingerprint.explaining.outline import from_plain
    with open("noted", "rb") as file:
        code, config = map(from_plain, marshal.load(file))
    for told in explain(code, code_fingerprint(app.f)) + explain(config, outline(app.config, "argument config")):
        print(told.report())
"""


APP = """\
scale = 3
config = {'names': {'a', 'b', ('c', 1)}, 'rate': 1}
def f(x):
    return g(x) * scale
def g(x):
    return x + 1
"""


def test_a_later_process_explains(in_process, tmp_path):
    """What one process recorded, another explains after an edit, under another hash seed."""
    app = tmp_path / "app.py"
    app.write_text(APP)
    in_process(RECORD, seed="1")
    assert in_process(EXPLAIN, seed="2") == ""
    app.write_text("# moved\n" + app.read_text().replace("x + 1", "x + 2").replace("'rate': 1", "'rate': 2"))
    assert in_process(EXPLAIN, seed="3").splitlines() == [
        "function app.g changed (app.py:6)",
        "--- app.py",
        "+++ app.py",
        "@@ -1,2 +1,2 @@",
        " def g(x):",
        "-    return x + 1",
        "+    return x + 2",
        "argument config['rate']: 1 -> 2",
    ]


def test_the_same_value_is_written_alike_everywhere(in_process, tmp_path):
    """The outline that two processes write of the same is the same, byte for byte, so that entries can share it."""
    (tmp_path / "app.py").write_text("config = {'x': {'a', 'b', 'c', ('d', 1)}}\ndef f(x): return config, len(x)\n")
    written = []
    for seed in "12":
        in_process(RECORD, seed=seed)
        written.append((tmp_path / "noted").read_bytes())
    assert written[0] == written[1]


def test_explanations_are_loaded_when_they_are_needed(in_process):
    """Who takes fingerprints does not pay for explanations."""
    script = """
        import sys, everfresh_fingerprint
        print(any("explaining" in name for name in sys.modules), *everfresh_fingerprint.explain(1, 2))
    """
    assert in_process(script) == "False 1 -> 2"


def test_files_are_told_without_their_folders(load, tmp_path):
    """What is recorded names no folder of this machine."""
    noted = outline_code(code_fingerprint(load("def f(): return 1").f))
    assert noted.parts[0].source == ("app.py", 1, "def f(): return 1\n")
    assert os.fsencode(tmp_path) not in marshal.dumps(plain(noted))
