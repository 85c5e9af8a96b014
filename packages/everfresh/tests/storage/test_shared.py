"""A folder that several machines share: objects are shared, each machine has an index of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap

import pytest
from everfresh.model import Reason
from everfresh.storage import filesystems
from everfresh.storage.filesystems import is_shared, kind_of, local_folder
from everfresh.storage.place import open_cache

MB = 1 << 20
CACHED = "attr_timeout=5,entry_timeout=5,negative_timeout=5"


@pytest.fixture(autouse=True)
def own_cache_folder(tmp_path, monkeypatch):
    """Indexes of shared folders go where the test can see them."""
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def hosts(tmp_path):
    """Give two caches on one folder as two machines would have them, with 64 MB each."""
    (tmp_path / "elsewhere").symlink_to(tmp_path / "shared")
    caches = [open_cache(tmp_path / "shared", "gdsf", 64 * MB, shared=True)]
    here = os.environ["XDG_CACHE_HOME"]
    os.environ["XDG_CACHE_HOME"] = here + "2"
    caches.append(open_cache(tmp_path / "shared", "gdsf", 64 * MB, shared=True))
    os.environ["XDG_CACHE_HOME"] = here
    yield caches
    for cache in caches:
        cache.close()


def test_file_systems():
    """The type is that of the innermost mount, the last one where several are on top of each other."""
    mounts = [("/", "ext4"), ("/data", "nfs4"), ("/data/fast", "xfs"), ("/over", "nfs"), ("/over", "tmpfs")]
    paths = ["/home/x", "/data", "/data/x", "/data/fast/x", "/database", "/over/x"]
    assert [kind_of(path, mounts) for path in paths] == ["ext4", "nfs4", "nfs4", "xfs", "ext4", "tmpfs"]


def test_mounts_are_read(tmp_path, monkeypatch):
    """Names with blanks and other letters are understood; where the list is missing, no folder is shared."""
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "36 22 0:33 / /my\\040d\u00e4ta rw - fuse.sshfs host:/ rw\n"
        "37 22 0:34 / /win rw shared:2 master:3 - fuseblk /dev/sdb rw\n"
    )
    monkeypatch.setattr(filesystems, "MOUNTS", str(table))
    assert [is_shared(path) for path in ("/my d\u00e4ta/x", "/win", "/home")] == [True, True, False]
    monkeypatch.setattr(filesystems, "MOUNTS", str(tmp_path / "absent"))
    assert not is_shared("/my d\u00e4ta")


def test_a_home_on_the_network(monkeypatch):
    """Where the user's cache folder is shared, too, the index goes to the folder of temporary files."""
    monkeypatch.setattr(filesystems, "is_shared", lambda path: True)
    folder = local_folder()
    assert os.stat(folder).st_mode & 0o077 == 0 or os.name != "posix"
    assert "home" not in os.path.basename(os.path.dirname(folder))


def test_no_index_in_a_shared_folder(hosts, tmp_path):
    """The folder holds objects alone; each machine keeps its index on a disk of its own."""
    one, other = hosts
    assert sorted(os.listdir(tmp_path / "shared")) == [".gitignore", "CACHEDIR.TAG", "objects"]
    assert one.index.path != other.index.path
    assert str(tmp_path / "home") in one.index.path


def test_a_folder_has_one_index_by_whatever_name(tmp_path):
    """The index belongs to the folder, not to the way by which it is reached."""
    (tmp_path / "link").symlink_to(tmp_path / "shared")
    caches = [open_cache(tmp_path / name, "lru", MB, shared=True) for name in ("shared", "link")]
    assert caches[0].index.path == caches[1].index.path
    for cache in caches:
        cache.close()


def test_what_one_machine_records_the_other_finds(hosts, key, trace):
    """An answer of another machine is a hit, and then in the index, too."""
    one, other = hosts
    entry = one.record(key(), trace(f=1), "value", 1.0)
    assert other.lookup(key(), trace(f=1)).value == "value"
    other.commit()
    assert other.index.find(key(), entry.version) == entry._replace(hits=0)


def test_what_one_machine_removes_the_other_misses(hosts, key, trace):
    """An entry whose object another machine removed costs a computation, and nothing else."""
    one, other = hosts
    one.record(key(), trace(f=1), "value", 1.0)
    other.clear()
    assert one.lookup(key(), trace(f=1)) == Reason("lost")
    one.record(key(), trace(f=1), "value", 1.0)
    assert other.lookup(key(), trace(f=1)).value == "value"


def test_objects_of_other_machines_are_no_orphans(hosts, key, trace):
    """Whatever one machine collects, what another wrote stays."""
    one, other = hosts
    one.record(key(), trace(f=1), "value", 1.0)
    assert other.collect(grace=-1) == 0
    assert other.lookup(key(), trace(f=1)).value == "value"


def test_damage_is_not_removed_but_replaced(hosts, key, trace):
    """What looks damaged may be new, and its size old: it is a miss, and stays until it is recorded again."""
    one, other = hosts
    entry = one.record(key(), trace(f=1), "value", 1.0)
    one.objects.put(entry.object, [b"half of"])
    assert other.lookup(key(), trace(f=1)).kind == "damaged"
    assert list(one.objects) == [entry.object]
    other.record(key(), trace(f=1), "again", 1.0)
    assert one.lookup(key(), trace(f=1)).value == "again"


def test_the_bound_holds_for_all_machines(hosts, key, trace):
    """A machine that writes counts by and by what others wrote."""
    for host in hosts:
        host.size = 8 * MB
    for number in range(60):
        hosts[number % 2].record(key(number), trace(f=1), os.urandom(MB // 2), 1.0)
    taken = sum(map(hosts[0].objects.size, hosts[0].objects))
    assert 3 * MB < taken <= 10 * MB


def test_clear_takes_what_others_wrote(hosts, key, trace):
    """To clear a function removes its answers whoever wrote them."""
    one, other = hosts
    one.record(key(1, "f"), trace(f=1), "value", 1.0)
    one.record(key(1, "g"), trace(f=1), "value", 1.0)
    other.clear("f")
    assert [one.lookup(key(1, name), trace(f=1)).__class__.__name__ for name in "fg"] == ["Reason", "Found"]


def _mounted(folder, back):
    os.makedirs(folder)
    return subprocess.run(["bindfs", "-o", CACHED, back, folder], capture_output=True, check=False).returncode == 0


@pytest.fixture
def mounts(tmp_path):
    """Give two mounts of one folder, each of which believes for five seconds what it saw: two machines, near enough."""
    back, folders = tmp_path / "back", [str(tmp_path / name) for name in ("host0", "host1")]
    back.mkdir()
    if not shutil.which("bindfs") or not all(_mounted(folder, back) for folder in folders):
        pytest.skip("bindfs is not installed, or may not mount here")
    yield folders
    for folder in folders:
        subprocess.run(["umount", "-l", folder], check=False)


WORK = """
    import os, random, sys, time
    from everfresh import MemoizedGroup, subscribe
    from everfresh.events import Stored
    os.chdir(sys.argv[1])
    group = MemoizedGroup("cache", size="64 MB")
    assert group.cache.shared, "no network folder"
    stored = []
    group.subscribe(lambda event: stored.append(event.entry.object.hex()) if isinstance(event, Stored) else None)
    @group.memoize
    def f(n):
        return [n] * (10 if n % 5 else 200_000)
    @group.memoize
    def read(n):
        with open(f"data{n % 3}") as file:
            return file.read() + str(n)
    order = [n % 60 for n in range(240)]
    random.Random(sys.argv[2]).shuffle(order)
    wrong = 0
    for n in order:
        wrong += f(n) != [n] * (10 if n % 5 else 200_000)
        wrong += read(n) != f"content {n % 3}" + str(n)
    group.close()
    print(wrong, f.stats().misses + read.stats().misses, *stored)
"""


@pytest.mark.slow
def test_two_machines(mounts, tmp_path):
    """Two machines at once see no error and no wrong value; no object is lost, and then every call hits."""
    for number in range(3):
        (tmp_path / f"back/data{number}").write_text(f"content {number}")
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(WORK)]
    children = [subprocess.Popen([*command, each, each], stdout=-1, stderr=-1, text=True) for each in mounts]
    stored = set()
    for child in children:
        printed, errors = child.communicate(timeout=300)
        assert (errors, child.returncode) == ("", 0)
        wrong, _, *names = printed.split()
        assert wrong == "0"
        stored |= set(names)
    again = subprocess.run([*command, *mounts], capture_output=True, text=True, check=True)
    assert again.stdout.split() == ["0", "0"]
    objects = tmp_path / "back/cache/objects"
    assert {path.parent.name + path.name for path in objects.rglob("*") if path.is_file()} >= stored
    third = open_cache(tmp_path / "back/cache", "gdsf", 64 * MB, shared=True)
    third.rebuild()
    assert third.verify().trouble == 0
    assert not list(objects.rglob("*.tmp"))
    third.close()
