"""`holds()` turns false with every change that could change an answer, and the digest follows the change."""

from __future__ import annotations

import pytest
from everfresh_fingerprint import code_fingerprint

PROGRAM = """
import abc, functools, json, numbers, os, sys
import lib
K = 1
T = [1, {"a": [2]}, (3, [4])]
S = {1, 2}
class Meta(type):
    def __len__(cls): return 1
class OtherMeta(type):
    def __len__(cls): return 2
class Base:
    rate = 1
class OtherBase:
    rate = 1
class C(Base, metaclass=Meta):
    table = {"a": 1}
    def m(self, x=1): return x
    @property
    def p(self): return 1
    @staticmethod
    def s(): return 1
    def __init__(self): self.value = 1
class Slotted:
    __slots__ = ("value", "rest")
    def __init__(self): self.value = 1
class Registry(abc.ABC): ...
c, slotted = C(), Slotted()
p = functools.partial(max, 1)
def helper(a=1, *, b=2): return a + b
helper.limit = 1
helper.__doc__ = "One."
helper.__annotations__ = {}
def alias(): return 2
def counter():
    n = 0
    def inner():
        return n
    return inner
count = counter()
def f():
    h, me = helper, lib
    getattr(h, "limit", 0), h.__doc__, h.__annotations__, me.other, getattr(me, "extra", 0)
    seen = json.JSONEncoder, K, T, S, C, c, slotted, p, helper(), count(), lib.K, lib.g()
    known = isinstance(1, (Registry, numbers.Number)), json.JSONEncoder.tag, json.tag
    return seen, os.environ.get("EVERFRESH_TEST_G"), len(T), known
"""
LIB = "K = 1\nother = 1\ndef g(): return 1\nunused = 1\n"

# Name of the change: (how to make it, how to take it back).
CHANGES = {
    "a global rebound": ("app.K = 2", "app.K = 1"),
    "a global rebound to an equal value": ("app.K = True", "app.K = 1"),
    "a global deleted": ("del app.K", "app.K = 1"),
    "a function rebound": ("app.old, app.helper = app.helper, app.alias", "app.helper = app.old"),
    "a builtin shadowed": ("app.len = max", "del app.len"),
    "a list changed": ("app.T[0] = 2", "app.T[0] = 1"),
    "a list changed to an equal value": ("app.T[0] = True", "app.T[0] = 1"),
    "a list's float of another sign": ("app.T[0] = -0.0", "app.T[0] = 1"),
    "a list grown": ("app.T.append(1)", "app.T.pop()"),
    "a nested list changed": ("app.T[1]['a'][0] = 2.0", "app.T[1]['a'][0] = 2"),
    "a list in a tuple changed": ("app.T[2][1].append(5)", "app.T[2][1].pop()"),
    "a dictionary grown": ("app.T[1]['b'] = 1", "del app.T[1]['b']"),
    "a set grown": ("app.S.add(3)", "app.S.remove(3)"),
    "a set's member of another type": ("app.S.remove(1); app.S.add(True)", "app.S.remove(1); app.S.add(1)"),
    "a default replaced": ("app.helper.__defaults__ = (2,)", "app.helper.__defaults__ = (1,)"),
    "a default of another type": ("app.helper.__defaults__ = (True,)", "app.helper.__defaults__ = (1,)"),
    "defaults taken away": ("app.helper.__defaults__ = None", "app.helper.__defaults__ = (1,)"),
    "a keyword default replaced": ("app.helper.__kwdefaults__ = {'b': 3}", "app.helper.__kwdefaults__ = {'b': 2}"),
    "a keyword default changed in place": ("app.helper.__kwdefaults__['b'] = 3", "app.helper.__kwdefaults__['b'] = 2"),
    "code replaced": (
        "app.old = app.helper.__code__; app.helper.__code__ = app.alias.__code__",
        "app.helper.__code__ = app.old",
    ),
    "its own code replaced": (
        "app.old = app.f.__code__; app.f.__code__ = app.alias.__code__",
        "app.f.__code__ = app.old",
    ),
    "a method's code replaced": (
        "app.old = app.C.m.__code__; app.C.m.__code__ = app.alias.__code__",
        "app.C.m.__code__ = app.old",
    ),
    "a method's default replaced": ("app.C.m.__defaults__ = (2,)", "app.C.m.__defaults__ = (1,)"),
    "a cell changed": ("app.count.__closure__[0].cell_contents = 1", "app.count.__closure__[0].cell_contents = 0"),
    "a cell emptied": ("del app.count.__closure__[0].cell_contents", "app.count.__closure__[0].cell_contents = 0"),
    "a class attribute set": ("app.C.table = 1; app.C.table = {'a': 2}", "app.C.table = {'a': 1}"),
    "a class attribute changed in place": ("app.C.table['a'] = True", "app.C.table['a'] = 1"),
    "a class attribute added": ("app.C.extra = 1", "del app.C.extra"),
    "a special method added": ("app.C.__getattribute__ = object.__getattribute__", "del app.C.__getattribute__"),
    "a class attribute deleted": ("app.old = app.C.p; del app.C.p", "app.C.p = app.old"),
    "a class attribute exchanged for another name": (
        "app.old = app.C.p; del app.C.p; app.C.q = app.old",
        "app.C.p = app.C.q; del app.C.q",
    ),
    "a method replaced": ("app.old = app.C.m; app.C.m = app.alias", "app.C.m = app.old"),
    "a static method replaced": ("app.old = vars(app.C)['s']; app.C.s = staticmethod(app.alias)", "app.C.s = app.old"),
    "a base's attribute set": ("app.Base.rate = 2", "app.Base.rate = 1"),
    "a metaclass's method replaced": (
        "app.old = app.Meta.__len__; app.Meta.__len__ = app.alias",
        "app.Meta.__len__ = app.old",
    ),
    "a base exchanged": ("app.C.__bases__ = (app.OtherBase,)", "app.C.__bases__ = (app.Base,)"),
    "a module's attribute patched": ("app.lib.K = 2", "app.lib.K = 1"),
    "a module's function patched": ("app.old = app.lib.g; app.lib.g = app.alias", "app.lib.g = app.old"),
    "an attribute of a module that is passed on": ("app.lib.other = 2", "app.lib.other = 1"),
    "an attribute added to such a module": ("app.lib.extra = 2", "del app.lib.extra"),
    "a variable set": (
        "import os; os.environ['EVERFRESH_TEST_G'] = 'x'",
        "import os; del os.environ['EVERFRESH_TEST_G']",
    ),
    "an instance's attribute set": ("app.c.value = 2", "app.c.value = 1"),
    "an instance's attribute of another type": ("app.c.value = True", "app.c.value = 1"),
    "an instance's attribute added": ("app.c.more = 1", "del app.c.more"),
    "an instance's attribute deleted": ("del app.c.value", "app.c.value = 1"),
    "an instance's class exchanged": ("app.c.__class__ = type('D', (app.C,), {})", "app.c.__class__ = app.C"),
    "a slot set": ("app.slotted.value = 2", "app.slotted.value = 1"),
    "an empty slot set": ("app.slotted.rest = 2", "del app.slotted.rest"),
    "a partial replaced": (
        "import functools; app.p = functools.partial(max, 2)",
        "import functools; app.p = functools.partial(max, 1)",
    ),
    "an attribute of a function set": ("app.helper.limit = 2", "app.helper.limit = 1"),
    "an attribute of a function added": ("app.helper.more = 2", "del app.helper.more"),
    "a name exchanged for another in a module that is passed on": ("del app.lib.unused; app.lib.extra = 1", None),
    "a method put into an installed class": (
        "import json; app.old = json.JSONEncoder.default; json.JSONEncoder.default = app.alias",
        "import json; json.JSONEncoder.default = app.old",
    ),
    "a metaclass exchanged": ("app.C.__class__ = app.OtherMeta", "app.C.__class__ = app.Meta"),
    "a virtual subclass registered": ("app.Registry.register(int)", None),
    "a class given another name": ("app.C.__name__ = 'D'", "app.C.__name__ = 'C'"),
    "the class of a module exchanged": (
        "import types; app.lib.__class__ = type('M', (types.ModuleType,), {'other': 7})",
        "import types; app.lib.__class__ = types.ModuleType",
    ),
    "a class registered with one of the library": ("import numbers; numbers.Real.register(app.OtherBase)", None),
    "a value put into an installed class": (
        "import json; json.JSONEncoder.tag = 1",
        "import json; del json.JSONEncoder.tag",
    ),
    "a value put into an installed module": ("import json; json.tag = 1", "import json; del json.tag"),
    "a docstring set": ("app.helper.__doc__ = 'Two.'", "app.helper.__doc__ = 'One.'"),
    "an annotation added": ("app.helper.__annotations__['a'] = int", "del app.helper.__annotations__['a']"),
}
CASES = [pytest.param(*case, id=name) for name, case in CHANGES.items()]


@pytest.fixture
def app(load, monkeypatch):
    monkeypatch.delenv("EVERFRESH_TEST_G", raising=False)
    load(LIB, "lib")
    return load(PROGRAM)


@pytest.mark.parametrize(("change", "back"), CASES)
def test_change_is_seen(app, change, back):
    """After a change the guard no longer holds and the digest is another; taken back, the digest is the first again."""
    first = code_fingerprint(app.f)
    assert first.holds()
    exec(change, {"app": app})
    assert not first.holds()
    assert code_fingerprint(app.f).digest != first.digest
    if back is not None:
        exec(back, {"app": app})
        again = code_fingerprint(app.f)
        assert again.digest == first.digest
        assert again.holds()


@pytest.mark.parametrize(
    ("change", "back"),
    [("app.K = 2", "app.K = 1"), ("app.T.append(1)", "app.T.pop()"), ("app.C.extra = 1", "del app.C.extra")],
)
def test_holds_again_when_all_is_as_before(load, change, back):
    """A guard that failed holds again once everything is as it was."""
    app = load("K = 1\nT = [1]\nclass C: ...\ndef f(): return K, T, C")
    first = code_fingerprint(app.f)
    assert first.holds()
    exec(change, {"app": app})
    assert not first.holds()
    exec(back, {"app": app})
    assert first.holds()


@pytest.mark.parametrize(
    "change",
    ["app.unread = 2", "app.Unread.k = 2", "app.unread_function.__defaults__ = (1,)", "import lib; lib.unread = 3"],
)
def test_what_is_not_read_does_not_matter(load, change):
    """A change to what the function does not reach leaves the guard alone."""
    load("K = 1\nunread = 2", "lib")
    app = load("import lib\nunread = 1\nclass Unread: k = 1\ndef unread_function(a=2): ...\ndef f(): return lib.K")
    first = code_fingerprint(app.f)
    exec(change, {"app": app})
    assert first.holds()
    assert code_fingerprint(app.f) is first


def test_guard_of_a_dispatcher_holds(load):
    """The guard of a function that calls a singledispatch function holds while nothing changes."""
    app = load("import functools\n@functools.singledispatch\ndef show(x): return 1\ndef f(): return show(1)")
    assert code_fingerprint(app.f).holds()


def test_implementation_registered_later_is_seen(load):
    """What is registered with a dispatcher later changes the digest."""
    app = load("import functools\n@functools.singledispatch\ndef show(x): return 1\ndef f(): return show(1)")
    first = code_fingerprint(app.f)
    app.show.register(int)(lambda x: 2)
    assert not first.holds()
    assert code_fingerprint(app.f).digest != first.digest


def test_installed_module_in_a_variable_is_watched(load, monkeypatch):
    """A function put into an installed module, which the code holds in a variable, is seen when it is put there."""
    import json

    app = load("import json\ndef mine(x): return 2\ndef f():\n j = json\n return j.dumps(1)")
    first = code_fingerprint(app.f)
    assert first.holds()
    monkeypatch.setattr(json, "dumps", app.mine)
    assert not first.holds()
    assert code_fingerprint(app.f).digest != first.digest


def test_subclass_made_later_is_seen(load):
    """Where code asks for subclasses, one that is made later changes the digest."""
    app = load("class C: ...\ndef f(): return [one().m() for one in C.__subclasses__()]")
    first = code_fingerprint(app.f)
    assert first.holds()
    exec("class D(C):\n def m(self): return 1", vars(app))
    assert not first.holds()
    assert code_fingerprint(app.f).digest != first.digest


def test_calling_the_function_leaves_the_guard_alone(load):
    """Running the function, filling caches and looking things up change nothing."""
    app = load("""
        import functools, re
        @functools.lru_cache
        def g(x): return x
        R = re.compile("a")
        class C:
            @functools.cached_property
            def p(self): return g(1)
        def f(): return g(2), R.match("a"), C().p, hash(C), isinstance(1, C)
    """)
    first = code_fingerprint(app.f)
    app.f()
    assert first.holds()
    assert code_fingerprint(app.f) is first


def test_guard_survives_what_lost_its_fingerprint(load):
    """A value that can no longer be described is a change, not an error."""
    app = load("T = [1]\ndef f(): return T")
    first = code_fingerprint(app.f)
    app.T.append(i for i in ())
    assert not first.holds()


def test_defaults_of_the_root_can_be_left_out(load):
    """With `defaults=False` the root's own defaults do not count; those of others do."""
    one, other = load("def f(a=1): return a"), load("def f(a=2): return a")
    assert code_fingerprint(one.f, defaults=False).digest == code_fingerprint(other.f, defaults=False).digest
    assert code_fingerprint(one.f).digest != code_fingerprint(other.f).digest


def test_class_edited_in_place_changes_its_instances(load):
    """The guard of a function sees a method of a class of which it only holds an instance."""
    app = load("class C:\n def m(self): return 1\ndef other(self): return 2\nc = [C()]\ndef f(): return c[0].m()")
    first = code_fingerprint(app.f)
    app.C.m = app.other
    assert not first.holds()
    assert code_fingerprint(app.f).digest != first.digest
