"""Laws over the tables in values/: what is the same has one digest, what is different has two."""

from __future__ import annotations

import copy
import json
import os
import pickle

import fingerprint_rows
import numpy as np
import pytest
from everfresh_fingerprint import DIGEST_VERSION, fingerprint

ROWS = fingerprint_rows.rows()
SOUND = [row for row in ROWS if not row[1]]
FAULTY = [row for row in ROWS if row[1]]
PACKAGES = fingerprint_rows.PACKAGES
make = fingerprint_rows.make

over_rows = pytest.mark.parametrize(
    ("place", "spellings"),
    [pytest.param(place, spellings, id=f"{place} {spellings[0][:40]}") for place, _, spellings in SOUND],
)


@over_rows
def test_same_for_every_spelling(place, spellings):
    """All spellings of a value have one digest, whenever they are made."""
    assert len({fingerprint(make(spelling)) for spelling in spellings * 2}) == 1


@over_rows
def test_same_twice(place, spellings):
    """Taking the digest of a value does not change it."""
    value = make(spellings[0])
    assert fingerprint(value) == fingerprint(value)


@over_rows
def test_same_after_copying(place, spellings):
    """A deep copy has the digest of the original, where the value can be copied."""
    value = make(spellings[0])
    copied = again(copy.deepcopy, value)
    assert copied is NEVER or (fingerprint(copied) == fingerprint(value)) != fingerprint_rows.loses(place)


@over_rows
def test_same_after_pickling(place, spellings):
    """A value that comes back from a pickle has the digest of the original, where the value can be pickled."""
    value = make(spellings[0])
    copied = again(through_pickle, value)
    assert copied is NEVER or (fingerprint(copied) == fingerprint(value)) != fingerprint_rows.loses(place)


@pytest.mark.parametrize("package", fingerprint_rows.PACKAGES)
def test_table_of_a_package_is_read(package):
    """The table of a package is read where the package is installed, and passed over elsewhere."""
    pytest.importorskip(package)
    assert f"{package}.txt" in fingerprint_rows.tables()


NEVER = object()


def through_pickle(value):
    return pickle.loads(pickle.dumps(value, 5))


def again(copier, value):
    """The copy, or NEVER where the type refuses to be copied."""
    try:
        return copier(value)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        if not any(word in str(error) for word in ("pickle", "copy", "local", "not found", "not the same")):
            raise
        return NEVER


def test_most_values_can_be_copied():
    """Few values refuse to be copied, so that the laws above say something."""
    refused = [spellings[0] for _, _, spellings in SOUND if again(copy.deepcopy, make(spellings[0])) is NEVER]
    assert len(refused) < 0.04 * len(SOUND), refused


@over_rows
def test_same_in_another_process(place, spellings, fresh_digests):
    """Another process under another hash seed gives the same digest."""
    assert fresh_digests[place] == fingerprint(make(spellings[0])).hex()


def test_different_rows_differ():
    """No two values of the tables share a digest."""
    seen: dict[bytes, str] = {}
    shared = []
    for place, _, spellings in SOUND:
        other = seen.setdefault(fingerprint(make(spellings[0])), place)
        if other != place:
            shared.append((other, place, spellings[0]))
    assert not shared
    assert len(seen) > 500


def test_different_rows_differ_within_containers():
    """A digest tells values apart inside a list, too, where they may be described another way."""
    digests = {fingerprint([make(spellings[0]), None]) for _, _, spellings in SOUND}
    assert len(digests) == len(SOUND)


@pytest.mark.parametrize(
    ("place", "fault", "spellings"), [pytest.param(*row, id=f"{row[0]} {row[2][0][:40]}") for row in FAULTY]
)
def test_known_faults(place, fault, spellings, fresh_digests):
    """A known fault is still one; when this fails it is mended, and the line with the `?` can go."""
    digests = {fingerprint(make(spelling)).hex() for spelling in spellings} | {fresh_digests[place]}
    others = {
        fingerprint(make(one[2][0])).hex()
        for one in ROWS
        if one[0] != place and one[0].split(":")[0] == place.split(":")[0]
    }
    copied = [again(copier, make(spellings[0])) for copier in (copy.deepcopy, through_pickle)]
    copies = {fingerprint(one).hex() for one in copied if one is not NEVER}
    if len(digests | copies) > 1 or digests & others:
        pytest.xfail(fault)
    pytest.fail(f"mended: {fault}", pytrace=False)


GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden_digests.json")


def golden():
    with open(GOLDEN, encoding="utf-8") as stream:
        return json.load(stream)


def test_golden_digests_belong_to_this_version():
    """The digests on file are those of DIGEST_VERSION."""
    assert golden()["DIGEST_VERSION"] == DIGEST_VERSION


@pytest.mark.parametrize("spelling", golden()["digests"])
def test_golden_digest(spelling):
    """A digest never changes from release to release while DIGEST_VERSION stays."""
    package = next((package for package, name in PACKAGES.items() if f"{name}." in spelling), "os")
    pytest.importorskip(package)
    if '"T"' in spelling and np.__version__.startswith("1."):
        pytest.skip("a type of numpy 2")
    kept = golden()["digests"][spelling]
    now = fingerprint(make(spelling)).hex()
    assert now == kept, f"{spelling} has another digest: raise DIGEST_VERSION, then write golden_digests.json anew"
