"""What an earlier process found is taken over exactly where a walk would find the same."""

from __future__ import annotations

import json
import os
import shutil
import textwrap

import pytest
from everfresh_callgraph.scope import BY_PLACE
from everfresh_fingerprint import facts
from everfresh_fingerprint.settings import DEFAULT
from everfresh_fingerprint.writing import Writing
from test_code_edits import ALL

TELL = """
    import importlib, json, sys
    from everfresh_fingerprint import code_fingerprint, facts
    facts.use({folder!r})
    told = {{}}
    for name in {names!r}:
        code = code_fingerprint(importlib.import_module(name).f)
        told[name] = code.digest.hex(), type(code).__name__, code.holds(), code.holds()
    print(json.dumps(told))
"""


@pytest.fixture
def told(in_process, tmp_path):
    """The digest of `f` of each module in a new process, with what earlier ones left; and whether it was recalled."""

    def tell(*names, folder=str(tmp_path / "facts"), seed="0"):
        return json.loads(in_process(TELL.format(folder=folder, names=names), seed=seed))

    return tell


def written(load, texts):
    for number, text in enumerate(texts):
        load(text, f"app{number}")
    return [f"app{number}" for number in range(len(texts))]


def digests(told):
    return {name: digest for name, (digest, *_) in told.items()}


def test_recalled_digest_is_that_of_a_walk(load, told):
    """After any edit, and without one, what is recalled is what a walk finds; and it holds."""
    names = written(load, [case.values[0] for case in ALL])
    first = told(*names)
    again = told(*names, seed="1")
    assert digests(again) == digests(first)
    assert [name for name, (*_, holds, still) in again.items() if not (holds and still)] == []
    written(load, [case.values[1] for case in ALL])
    assert digests(told(*names, seed="2")) == digests(told(*names, folder=None))


def test_most_programs_are_recalled(load, told):
    """A second process walks through hardly any program anew."""
    names = written(load, [case.values[0] for case in ALL])
    told(*names)
    walked = [name for name, (_, kind, *_) in told(*names, seed="1").items() if kind == "Walked"]
    assert len(walked) <= len(names) // 20, [ALL[int(name[3:])].id for name in walked]


STATES = """
from everfresh_callgraph.stated import code_version
x = {}
@code_version('1')
class K:
    def __getstate__(self): return x
k = K()
"""
# Each is told by another process while nothing of the program's own text changes.
AROUND = {
    "a value put into an installed module that is imported within": (
        "import patches\ndef f():\n import shlex\n try: return shlex.mine\n except AttributeError: pass",
        "patches.py",
        "import shlex\nshlex.mine = 2",
    ),
    "a partial put into an installed module that is handed on": (
        "import shlex, patches\ndef g(m): return m.quote('a')\ndef f(): return g(shlex)",
        "patches.py",
        "import functools, shlex\nshlex.quote = functools.partial(shlex.quote)",
    ),
    "a value put into an installed module that is handed on": (
        "import shlex, patches\ndef g(m): return getattr(m, 'mine', 1)\ndef f(): return g(shlex)",
        "patches.py",
        "import shlex\nshlex.mine = 2",
    ),
    "a value put into an installed module under any name": (
        "import shlex, patches\ndef g(m, n): return getattr(m, n, 1)\ndef f(n='mine'): return g(shlex, n)",
        "patches.py",
        "import shlex\nshlex.mine = 2",
    ),
    "a value put into an installed class": (
        "import textwrap, patches\ndef f(): return getattr(textwrap.TextWrapper, 'mine', 1)",
        "patches.py",
        "import textwrap\ntextwrap.TextWrapper.mine = 2",
    ),
    "a value put into an installed class that is imported within": (
        "import textwrap, patches\ndef f():\n from textwrap import TextWrapper\n return TextWrapper.width",
        "patches.py",
        "import textwrap\ntextwrap.TextWrapper.width = 2",
    ),
    "an attribute of an installed function": (
        "import textwrap, patches\ndef f():\n from textwrap import fill\n return getattr(fill, 'mine', 1)",
        "patches.py",
        "import textwrap\ntextwrap.fill.mine = 2",
    ),
    "an object in place of a module": (
        "import patches\ndef f():\n import stand_in\n return stand_in.x",
        "patches.py",
        "import sys, types\nsys.modules['stand_in'] = types.SimpleNamespace(x=2)",
    ),
    "another class of a module": (
        "import conf, patches\ndef f(): return conf.x",
        "patches.py",
        "import conf, types\nconf.__class__ = type('M', (types.ModuleType,), {'x': property(lambda self: 2)})",
    ),
    "a class registered with one of the library": (
        "import numbers, patches\ndef f(x): return isinstance(x, numbers.Number)",
        "patches.py",
        "import numbers\nclass K: ...\nnumbers.Real.register(K)",
    ),
    "a class registered below an abstract one": (
        "import abstract, patches\ndef f(x): return isinstance(x, abstract.A)",
        "patches.py",
        "import abstract\nclass B(abstract.A): ...\nB.register(int)",
    ),
    "how copyreg takes a class apart": (
        "import base, copy, patches\ndef f(): return copy.copy(base.B())",
        "patches.py",
        "import base, copyreg\ncopyreg.pickle(base.B, lambda one: (int, ()))",
    ),
    "a module that could not be imported": (
        "def f():\n    try:\n        import late_one\n    except ImportError:\n        return 0\n    return late_one.x",
        "late_one.py",
        "x = 1",
    ),
    "a submodule that was not there": (
        "import pack\ndef f():\n  try:\n    from pack import late_two\n    return late_two.x\n  except Exception: pass",
        "pack/late_two.py",
        "x = 1",
    ),
    "a module that is imported by a computed name": (
        "import importlib\ndef f(n): return importlib.import_module(n).x",
        "beside.py",
        "x = 2",
    ),
    "what a subclass elsewhere does": (
        "import base, derived\ndef f(): return [c.x for c in base.B.__subclasses__()]",
        "derived.py",
        "import base\nclass D(base.B): x = 2",
    ),
    "a class that an annotation names": (
        "from noted import N\nimport typing\ndef g(a: 'N'): pass\ndef f(): return typing.get_type_hints(g)",
        "noted.py",
        "class N:\n    x = 2",
    ),
    "a class registered elsewhere": (
        "import abstract, derived\ndef f(): return isinstance(1, abstract.A)",
        "derived.py",
        "import abstract\nabstract.A.register(int)",
    ),
    "what was put into an installed module": (
        "import shlex, patches\ndef f(): return shlex.quote('a')",
        "patches.py",
        "import shlex\nshlex.quote = lambda x: 2",
    ),
    "what was put into an installed class": (
        "import textwrap, patches\ndef f(): return textwrap.TextWrapper().wrap('a')",
        "patches.py",
        "import textwrap\ntextwrap.TextWrapper.wrap = lambda self, x: 2",
    ),
    "a table that another module fills": (
        "import registry, derived\ndef f(): return registry.table['k']",
        "derived.py",
        "import registry\nregistry.table['k'] = 2",
    ),
    "a module that is handed on": (
        "import conf\ndef g(m): return m.x\ndef f(): return g(conf)",
        "conf.py",
        "x = 2",
    ),
    "a closure made elsewhere": (
        "import makers\nh = makers.make()\ndef f(): return h()",
        "makers.py",
        "def make():\n    k = [2]\n    def inner(): return k\n    return inner",
    ),
    "a default of a function made elsewhere": (
        "import makers\ndef f(): return makers.g()",
        "makers.py",
        "def g(k=[2]): return k",
    ),
    "an instance's slot": (
        "import conf\ndef f(): return conf.s.x",
        "conf.py",
        "class S:\n    __slots__ = ('x', 'y')\ns = S()\ns.x = 2",
    ),
    "what a class is built on": (
        "import conf\ndef f(): return conf.s[0]",
        "conf.py",
        "class S(list): pass\ns = S([2])",
    ),
    "a member's attribute": (
        "import conf\ndef f(): return conf.E.A.note",
        "conf.py",
        "import enum\nclass E(enum.Enum):\n    A = 1\nE.A.note = 2",
    ),
    "a set's member": ("import conf\ndef f(): return conf.s", "conf.py", "s = {1, 'a', (2,), None, 3}"),
    "an array": ("import conf\ndef f(): return conf.a.sum()", "conf.py", "import array\na = array.array('d', [2.0])"),
    "a docstring that is read": (
        "import conf\ndef f(): return conf.g.__doc__",
        "conf.py",
        "def g(): pass\ng.__doc__ = 'two'",
    ),
    "an installed module, patched before a function imports it": (
        "import patches\ndef f():\n    import colorsys\n    return colorsys.rgb_to_hls",
        "patches.py",
        "import colorsys\ncolorsys.rgb_to_hls = lambda *x: 2",
    ),
    "a name that is new in an installed module": (
        "import colorsys, patches\ndef g(m): return m.extra()\ndef f(): return g(colorsys)",
        "patches.py",
        "import colorsys\ncolorsys.extra = lambda: 2",
    ),
    "a value in an installed module that could not be told": (
        "import colorsys, tables\ndef f(): return colorsys.handle",
        "tables.py",
        "import colorsys\ncolorsys.handle = None",
    ),
    "a table that a module fills when a function imports it": (
        "table = {'k': 1}\ndef f():\n    import filling\n    return table['k'], filling.x",
        "filling.py",
        "import app\nx = 1\napp.table['k'] = 2",
    ),
    "how an annotation reads": (
        "from noted import N\ndef g(a: N()): pass\ndef f(): return g.__annotations__",
        "noted.py",
        "text = '2'\nclass N:\n    def __repr__(self): return text",
    ),
    "what an object of a stated class tells of itself": (
        "from states import k\ndef f(): return k",
        "states.py",
        STATES.format(2),
    ),
    "a metaclass": (
        "import conf\ndef f(): return conf.C.x",
        "conf.py",
        "class M(type):\n    x = 2\nclass C(metaclass=M): pass",
    ),
}
BEFORE = {
    "pack/__init__.py": "",
    "base.py": "class B: pass",
    "derived.py": "",
    "noted.py": "text = '1'\nclass N:\n    x = 1\n    def __repr__(self): return text",
    "tables.py": "import colorsys\ncolorsys.handle = (one for one in ())",
    "filling.py": "x = 1",
    "states.py": STATES.format(1),
    "abstract.py": "from abc import ABC\nclass A(ABC): pass",
    "patches.py": "",
    "registry.py": "table = {'k': 1}",
    "conf.py": "x = 1\nclass S(list):\n    __slots__ = ('x', 'y')\ns = S([1])\na = 1\ndef g(): pass\nclass C: x = 1",
    "makers.py": "def make():\n    def inner(): return 1\n    return inner\ndef g(): return 1",
    "beside.py": "x = 1",
}


@pytest.mark.parametrize("case", AROUND)
def test_what_changes_around_a_program_is_not_recalled(case, tmp_path, told):
    """A change anywhere but in the program's own file is found, as a walk finds it."""
    program, file, after = AROUND[case]
    for name, text in {**BEFORE, "app.py": program}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    first = told("app")
    assert digests(told("app")) == digests(first)
    (tmp_path / file).write_text(after, encoding="utf-8")
    assert digests(told("app")) == digests(told("app", folder=None)) != digests(first)


def test_packages_of_another_version_are_not_recalled(tmp_path, told):
    """A package that a function imports, and that is not loaded yet, counts by the version that is there now."""
    site = tmp_path / "site-packages"
    (site / "lazily").mkdir(parents=True)
    (site / "lazily" / "__init__.py").write_text("x = 1", encoding="utf-8")
    text = f"import sys\nsys.path.append({str(site)!r})\ndef f():\n    import lazily\n    return lazily.x"
    (tmp_path / "app.py").write_text(text, encoding="utf-8")
    for version in ("1.0", "2.0"):
        for info in site.glob("*.dist-info/METADATA"):
            info.unlink()
            info.parent.rmdir()
        (site / f"lazily-{version}.dist-info").mkdir()
        (site / f"lazily-{version}.dist-info" / "METADATA").write_text("", encoding="utf-8")
        digest, kind, *_ = told("app")["app"]
        assert kind == "Walked"
        assert told("app")["app"][:2] == [digest, "Recalled"]
        assert told("app", folder=None)["app"][0] == digest


def test_environment_that_is_read_is_not_recalled(tmp_path, told, monkeypatch):
    """A variable that a function reads counts as it is now."""
    (tmp_path / "app.py").write_text("import os\ndef f(): return os.environ.get('ZED_KEY')", encoding="utf-8")
    kinds = []
    for value in ("1", "1", "2"):
        monkeypatch.setenv("ZED_KEY", value)
        digest, kind, *_ = told("app")["app"]
        assert told("app", folder=None)["app"][0] == digest
        kinds.append(kind)
    assert kinds == ["Walked", "Recalled", "Walked"]


def test_change_in_the_running_process_is_seen(load, in_process, tmp_path):
    """A fingerprint that was recalled is guarded like one that was walked."""
    load("x = [1]\nclass C:\n    def m(self): return 1\ndef g(): return x, C().m()\ndef f(): return g()", "app")
    script = f"""
        import app
        from everfresh_fingerprint import code_fingerprint, facts
        facts.use({str(tmp_path / "facts")!r})
        def same():
            before = code_fingerprint(app.f)
            holds = before.holds() and before.holds()
            return before, holds
        code, holds = same()
        print(type(code).__name__, holds, end=" ")
        app.x.append(2)
        print(code.holds(), end=" ")
        app.x.pop()
        print(code.holds(), code.holds(), end=" ")
        app.C.m = lambda self: 2
        print(code.holds())
    """
    assert in_process(script) == "Walked True False True True False"
    assert in_process(script) == "Recalled True False True True False"


CHANGES = {
    "a stated version": (
        "from everfresh_callgraph.stated import code_version\n@code_version('1')\ndef g(): pass\ndef f(): return g()",
        "app.g.__code_version__ = app.g, '2'",
    ),
    "a name in a namespace that is no module's": (
        "space = {'x': 1}\nexec('def g(): return x', space)\ng = space['g']\ndef f(): return g()",
        "app.space['x'] = 2",
    ),
    "a value there": (
        "space = {'x': [1]}\nexec('def g(): return x', space)\ng = space['g']\ndef f(): return g()",
        "app.space['x'].append(2)",
    ),
    "a name that was not there": (
        "space = {}\nexec('def g(): return x', space)\ng = space['g']\ndef f(): return g()",
        "app.space['x'] = 2",
    ),
    "an attribute that a function did not have": ("def g(): pass\ndef f(): return g.note", "app.g.note = 2"),
    "what a bound method is bound to": (
        "class K:\n    def m(self): return self.x\nk = K()\nk.x = 1\nf = k.m",
        "app.k.x = 2",
    ),
    "what a variable of a closure holds": (
        "def make():\n    k = bytearray(b'1')\n    return (lambda: k), k\ng, k = make()\ndef f(): return g()",
        "app.k[0] = 0",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_change_of_what_was_recalled_is_seen(case, load, in_process, tmp_path):
    """The guard of a recalled fingerprint watches all that the walk had read."""
    program, change = CHANGES[case]
    load(program, "app")
    script = f"""
        import app
        from everfresh_fingerprint import code_fingerprint, facts
        facts.use({str(tmp_path / "facts")!r})
        code = code_fingerprint(app.f)
        print(type(code).__name__, code.holds(), code.holds(), end=" ")
        {change}
        print(code.holds(), code_fingerprint(app.f).digest != code.digest)
    """
    assert in_process(script) == "Walked True True False True"
    assert in_process(script) == "Recalled True True False True"


def test_nothing_is_imported_that_a_walk_would_not(tmp_path, told):
    """A module that a function imported before an edit, and does not now, is left alone."""
    (tmp_path / "loud.py").write_text("x = 1", encoding="utf-8")
    (tmp_path / "app.py").write_text("def f():\n    import loud\n    return loud.x", encoding="utf-8")
    told("app")
    assert told("app")["app"][1] == "Recalled"
    (tmp_path / "loud.py").write_text("import os; os._exit(1)", encoding="utf-8")
    (tmp_path / "app.py").write_text("def f(): return 1", encoding="utf-8")
    assert told("app")["app"][1] == "Walked"


def test_installed_modules_are_not_imported(load, in_process, tmp_path):
    """An installed module that happened to be loaded before is not imported for what was read off it."""
    load("def f():\n    import colorsys\n    return colorsys.hls_to_rgb", "app")
    script = f"""
        import app, sys
        from everfresh_fingerprint import code_fingerprint, facts
        facts.use({str(tmp_path / "facts")!r})
        code = code_fingerprint(app.f)
        print("colorsys" in sys.modules, code.digest.hex())
    """
    loaded, first = in_process(f"import colorsys\n{textwrap.dedent(script)}").split()
    assert in_process(script).split() == ["False", first]
    assert loaded == "True"


def test_lazily_imported_modules_are_recalled(tmp_path, told):
    """A module that a function imports is imported for what was read off it, also after it was edited."""
    (tmp_path / "app.py").write_text("def f():\n    import late\n    return late.x", encoding="utf-8")
    for x in (1, 2):
        (tmp_path / "late.py").write_text(f"x = {x}", encoding="utf-8")
        assert [told("app")["app"][1] for _ in range(2)] == ["Walked", "Recalled"]


def test_modules_that_fill_tables_when_a_function_imports_them_are_recalled(tmp_path, told):
    """What an import changes is looked at after the import, as a walk does."""
    (tmp_path / "app.py").write_text("table = {}\ndef f():\n    import late\n    return table", encoding="utf-8")
    (tmp_path / "late.py").write_text("import app\napp.table['k'] = 1", encoding="utf-8")
    assert [told("app")["app"][1] for _ in range(2)] == ["Walked", "Recalled"]
    (tmp_path / "late.py").write_text("import app\napp.table['k'] = 2", encoding="utf-8")
    assert digests(told("app")) == digests(told("app", folder=None))


def test_files_do_not_gather(tmp_path, monkeypatch):
    """Names of functions can be new in each process: what lay there longest goes."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.receipt").write_bytes(b"")
        os.utime(folder / f"{number}.receipt", ns=(number, number))
    monkeypatch.setattr(facts, "MOST", 10)
    monkeypatch.setattr(facts, "_PREPARED", set())
    facts.write(str(folder / "new"), b"1")
    assert sorted(one.name for one in folder.iterdir()) == [*(f"{number}.receipt" for number in range(15, 20)), "new"]


def test_folder_that_was_removed_is_made_again(tmp_path):
    """Whoever empties the cache while a program runs does not keep it from writing."""
    folder = tmp_path / "rules"
    for _ in range(2):
        facts.write(str(folder / "new"), b"1")
        assert (folder / "new").exists()
        shutil.rmtree(folder)


def test_large_values_are_not_copied():
    """What is large is digested where it lies, flat containers in one go."""
    writing = Writing([], {}, BY_PLACE, DEFAULT.describing(), any_order=False)
    writing.dump([*map(str, range(10_000))])
    assert len([*writing.objects()]) < 10


def test_damaged_receipt_is_passed_over(load, told, tmp_path):
    """A receipt that is not whole is as none."""
    names = written(load, ["def f(): return 1"])
    first = told(*names)
    for receipt in (tmp_path / "facts").rglob("*.receipt"):
        receipt.write_bytes(receipt.read_bytes()[:-1])
    assert told(*names) == first
    assert told(*names)["app0"][1] == "Recalled"
