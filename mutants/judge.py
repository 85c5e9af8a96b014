"""What became of a mutant, told from what its process said and from what the unchanged program says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mutants.choose import Mutant

    Said = dict[str, Any]

# What a memoized call would do with the old answer, and whether that is right.
OUTCOMES = {
    "stale": "the answer differs and the fingerprint does not, or an old one is recalled: an old answer would be given",
    "caught": "fingerprint and answer differ",
    "needless": "the fingerprint differs, the answer does not",
    "same": "neither differs",
    "refused": "it has no fingerprint: called straight through",
    "broken": "it cannot be imported: no call is made",
}


def outcome(base: Said, said: Said) -> str:
    """One word for a mutant."""
    if said.get("broken", "it ended in the middle of the import") is not None:
        return "broken"
    if "digest" not in said:
        return "refused"
    if said.get("recalled") not in (None, said.get("walked")):
        return "stale"
    differs = said.get("answer") != base["answer"]
    if said["digest"] == base["digest"]:
        return "stale" if differs else "same"
    return "caught" if differs else "needless"


def at_home(owner: str, changed: list[str]) -> bool:
    """Whether what differs includes the function or class that was edited, so that it was not caught by chance."""
    around = owner.rpartition(".")[0]
    return not owner or any(
        f".{owner}." in f".{name}." or (around and f".{name}".endswith(f".{around}")) for name in changed
    )


def judged(mutant: Mutant, base: Said, said: Said) -> Said:
    """The row that goes into the report."""
    return {
        "group": mutant.group,
        "where": mutant.where,
        "function": mutant.owner,
        "kind": mutant.kind,
        "before": mutant.before[:200],
        "after": mutant.after[:200],
        "outcome": outcome(base, said),
        "home": at_home(mutant.owner, said.get("changed", [])),
        "changed": said.get("changed", [])[:4],
        "recalled": said.get("recalled") is not None,
        "answer": said.get("answer", "no answer: it was ended")[:200],
        "said": {name: said[name] for name in ("broken", "refused", "trouble") if said.get(name)},
    }
