"""What parts two traces: the explanation of a stale answer."""

from __future__ import annotations

from everfresh.model import Change
from everfresh.storage.manifests import differences

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.model import Dependency, Manifest, Trace

ABSENT = "absent"


def changes(kept: Trace, now: Trace) -> tuple[Change, ...]:
    """Compare dependency by dependency: first what changed, then what appeared or vanished, which often follows."""
    return (*_stated(kept, now), *_code(kept.code, now.code))


def _code(kept: Manifest | None, now: Manifest | None) -> tuple[Change, ...]:
    if kept is None or now is None or kept == now:
        return ()
    found = differences(kept, now)
    if found is None:
        return (Change("code", kept.version.hex()[:8], now.version.hex()[:8]),)
    return tuple(Change(one.path, one.before, one.after, str(one), one.diff) for one in found)


def _stated(kept: Trace, now: Trace) -> tuple[Change, ...]:
    before = {each.name: each for each in kept.dependencies}
    after = {each.name: each for each in now.dependencies}
    shared = [name for name in after if name in before and after[name].digest != before[name].digest]
    appeared = [Change(name, ABSENT, after[name].text) for name in after if name not in before]
    vanished = [Change(name, before[name].text, ABSENT) for name in before if name not in after]
    return (*(_changed(before[name], after[name]) for name in shared), *appeared, *vanished)


def _changed(before: Dependency, after: Dependency) -> Change:
    if before.text != after.text:
        return Change(before.name, before.text, after.text)
    return Change(before.name, _distinct(before), _distinct(after))


def _distinct(dependency: Dependency) -> str:
    """Two texts alike would read as no change at all."""
    return f"{dependency.text} [{dependency.digest.hex()[:8]}]"
