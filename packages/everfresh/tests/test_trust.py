"""Who can write the cache: a key by which answers are signed, and folders that others may write to."""

from __future__ import annotations

import os
import pickle
import shutil

import pytest
from everfresh import CacheWarning, MemoizedGroup, configure, memoize, warn
from everfresh.settings import settings

KEY = "a key of no less than 16 bytes"


@pytest.fixture(autouse=True)
def _warnings_anew():
    """A warning that another test got is given here, too."""
    warn._given.clear()


@pytest.fixture
def key(monkeypatch):
    """Give a function that sets the key, or takes it away."""

    def put(value):
        monkeypatch.setattr("everfresh.settings._configured", {"key": None})
        configure(key=value)

    yield put
    monkeypatch.undo()
    configure()


class Trap:
    """Unpickled, it makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def answer(x):
    """Give something that is right."""
    return [x] * 3


def objects(folder):
    return sorted((folder / "objects").glob("??/*"))


def rewritten(path, data):
    path.chmod(0o600)
    path.write_bytes(data)


def planted(tmp_path, key):
    """A cache whose one object would run code, put there by somebody without the key."""
    key(None)
    own = MemoizedGroup(tmp_path / "cache").memoize(answer)
    own(1)
    (path,) = objects(tmp_path / "cache")
    from everfresh.storage.serialize import describe, dumps

    facts = describe(path.read_bytes())
    rewritten(path, b"".join(dumps(facts, Trap(str(tmp_path / "sprung")))))


def test_without_a_key_who_writes_the_cache_runs_code(tmp_path, key):
    """That is why there are keys, and why docs/trust.md says it."""
    planted(tmp_path, key)
    MemoizedGroup(tmp_path / "cache").memoize(answer)(1)
    assert (tmp_path / "sprung").exists()


def test_with_a_key_what_is_not_signed_is_never_unpickled(tmp_path, key):
    """It is a miss with a warning, is computed again, and from then on signed."""
    planted(tmp_path, key)
    key(KEY)
    group = MemoizedGroup(tmp_path / "cache")
    f = group.memoize(answer)
    with pytest.warns(CacheWarning, match="not used .it is not signed.: it is computed again"):
        assert f(1) == [1] * 3
    assert not (tmp_path / "sprung").exists()
    assert MemoizedGroup(tmp_path / "cache").memoize(answer).would_hit(1)
    assert f(1) == [1] * 3
    assert f.stats().hits == 1


@pytest.mark.parametrize("compression", ["none", "zlib"])
@pytest.mark.parametrize("where", [0, 8, 60, -100, -1])
def test_what_was_altered_is_a_miss(tmp_path, key, where, compression):
    """One byte, wherever it is."""
    key(KEY)
    group = MemoizedGroup(tmp_path, compression=compression)
    f = group.memoize(answer)
    f(list(range(3000)))
    (path,) = objects(tmp_path)
    data = bytearray(path.read_bytes())
    data[where] ^= 1
    rewritten(path, data)
    with pytest.warns(CacheWarning, match="altered, or signed with another key|not signed"):
        assert f(list(range(3000))) == [list(range(3000))] * 3


def test_an_answer_cannot_pass_for_another(tmp_path, key):
    """The name is signed along: a signed object under another name is a miss."""
    key(KEY)
    f = MemoizedGroup(tmp_path).memoize(answer)
    f(1), f(2)
    one, other = objects(tmp_path)
    data = one.read_bytes()
    rewritten(other, data)
    with pytest.warns(CacheWarning, match="signature"):
        assert [f(1), f(2)] == [[1] * 3, [2] * 3]


def test_another_key_reads_nothing(tmp_path, key):
    """Who has another key computes for himself."""
    key(KEY)
    MemoizedGroup(tmp_path).memoize(answer)(1)
    key("b" + KEY)
    f = MemoizedGroup(tmp_path).memoize(answer)
    with pytest.warns(CacheWarning, match="another key"):
        assert f(1) == [1] * 3


def test_without_a_key_signed_answers_are_read(tmp_path, key):
    """A signature stands in nobody's way."""
    key(KEY)
    MemoizedGroup(tmp_path).memoize(answer)(1)
    key(None)
    assert MemoizedGroup(tmp_path).memoize(answer).would_hit(1)
    f = MemoizedGroup(tmp_path).memoize(answer)
    assert f(1) == [1] * 3
    assert f.stats().hits == 1


def test_an_explanation_that_is_not_signed_is_lost(tmp_path, key, monkeypatch):
    """What code was is read with marshal: unsigned, it is not read, and the next one is written in its place."""
    key(None)
    MemoizedGroup(tmp_path).memoize(answer)(1)
    (path,) = (tmp_path / "manifests").glob("??/*")
    unsigned, version = path.read_bytes(), bytes.fromhex(path.parent.name + path.name)
    key(KEY)
    group = MemoizedGroup(tmp_path)
    assert group.cache.manifests.find(version).read() == b""
    f = group.memoize(answer)
    f(2)
    assert group.cache.manifests.find(version).read() == unsigned
    assert path.read_bytes() != unsigned


def test_what_is_known_of_code_is_kept_elsewhere(tmp_path, key, monkeypatch):
    """It is read with marshal as well, and says which code is which: with a key it is in the user's own folder."""
    from everfresh_fingerprint import facts

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    key(KEY)
    MemoizedGroup(tmp_path / "cache").memoize(answer)(1)
    assert facts.FACTS.folder.startswith(str(tmp_path / "home"))
    assert not (tmp_path / "cache" / "code").exists()
    key(None)
    MemoizedGroup(tmp_path / "other").memoize(answer)(1)
    assert facts.FACTS.folder == str(tmp_path / "other" / "code")


def test_verify_finds_what_is_not_signed(tmp_path, key):
    """`verify` tells altered objects, and `rebuild` enters none of them."""
    key(KEY)
    group = MemoizedGroup(tmp_path)
    f = group.memoize(answer)
    f(1), f(2)
    path, _ = objects(tmp_path)
    rewritten(path, path.read_bytes()[:-1] + b"!")
    assert group.cache.verify(repair=False).trouble == 1
    group.close()
    for name in os.listdir(tmp_path):
        if name.startswith("index"):
            os.unlink(tmp_path / name)
    assert len(MemoizedGroup(tmp_path).cache.index) == 1


def test_the_key_is_not_told(key, tmp_path):
    """It stands neither in what settings and groups print nor in their pickles."""
    key(KEY)
    group = MemoizedGroup(tmp_path)
    group.memoize(answer)(1)
    for told in (repr(settings()), repr(group), repr(vars(group)), repr(pickle.dumps(group))):
        assert KEY not in told


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("short", r"configure\(key=...\): a key of 5 bytes can be guessed: give at least 16"),
        (b"x" * 15, "15 bytes"),
        (3, "bytes or text, not int"),
    ],
)
def test_wrong_keys_are_named(value, message):
    """The error says what a key is to be, and does not tell it."""
    with pytest.raises(ValueError, match=message) as error:
        configure(key=value)
    assert "short" not in str(error.value)


MAIN = "from everfresh import memoize\n@memoize\ndef f():\n    return 1\ndef main():\n    return f()\n"


def test_the_environment_gives_the_key(program):
    """Processes with EVERFRESH_KEY share answers; without it, theirs can be read, but one's own are not trusted."""
    program.write(main=MAIN)
    keyed = {"EVERFRESH_KEY": KEY, "XDG_CACHE_HOME": str(program.folder / "home")}
    assert [program.run(**keyed).names for _ in range(2)] == ["Miss Stored", "Hit"]
    assert program.run().names == "Hit"
    shutil.rmtree(program.environment["EVERFRESH_DIR"])
    assert program.run().names == "Miss Stored"
    done = program.run(**keyed)
    assert done.names == "Miss Stored"
    assert "not signed" in done.stderr


def test_the_project_holds_no_key(program):
    """pyproject.toml is read by others: a key there is an error with the remedy."""
    program.write(main=MAIN)
    (program.folder / "pyproject.toml").write_text(f"[tool.everfresh]\nkey = '{KEY}'\n")
    done = program.run(check=False)
    assert "it holds no key: set EVERFRESH_KEY" in done.stderr
    assert KEY not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="rights are other things there")
def test_a_folder_that_others_may_write_to(tmp_path, key):
    """It is used, with one warning; with a key without."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    key(KEY)
    MemoizedGroup(folder).memoize(answer)(1)
    key(None)
    f = MemoizedGroup(folder).memoize(answer)
    with pytest.warns(CacheWarning, match="others may write .* can run code .*EVERFRESH_KEY") as warned:
        f(2), f(3), MemoizedGroup(folder).memoize(answer)(4)
    assert len(warned) == 1


@pytest.mark.skipif(os.name != "posix", reason="rights are other things there")
def test_what_is_made_is_private(tmp_path):
    """The folder that everfresh makes is for its user alone, whatever the umask."""
    before = os.umask(0)
    try:
        memoize(group=MemoizedGroup(tmp_path / "cache"))(answer)(1)
    finally:
        os.umask(before)
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
