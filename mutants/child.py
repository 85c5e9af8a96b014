"""What happens in a forked process: import the program anew, fingerprint its function, run it; and how it is heard."""

from __future__ import annotations

import importlib
import json
import os
import random
import re
import resource
import signal
import sys
import traceback
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from everfresh_fingerprint import facts
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.functions import code_fingerprint
from everfresh_fingerprint.recalled import recall, remember
from everfresh_fingerprint.settings import FingerprintSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from everfresh_fingerprint.functions import CodeFingerprint

    Say = Callable[..., None]

# Some packages fill tables from sets of classes, which have another order in every process.
SETTINGS = FingerprintSettings(unordered=("sqlglot", "networkx"))

MEMORY = 3 << 30
FILE_SIZE = 50 << 20
WALL_SECONDS = 90

Row = tuple[str, bytes]


def forked(task: Callable[[Say], None], cpu_seconds: float = 60) -> dict[str, Any]:
    """Everything that a task said, run in a child of its own; what it did not come to say is not there."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _live(task, writer, cpu_seconds)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        lines = stream.read().split(b"\n")[:-1]  # what was being written when it ended is no line
    os.waitpid(child, 0)
    said: dict[str, Any] = {}
    for line in lines:
        said |= json.loads(line)
    return said


def _live(task: Callable[[Say], None], writer: int, cpu_seconds: float) -> None:
    """Never returns. A mutant may loop, eat memory or end the process: nothing of that may reach the parent."""
    try:
        _confine(cpu_seconds)

        def say(**facts: object) -> None:
            os.write(writer, json.dumps(facts).encode() + b"\n")

        task(say)
    except BaseException:
        os.write(writer, json.dumps({"trouble": traceback.format_exc()[-2000:]}).encode() + b"\n")
    finally:
        os._exit(0)


def _confine(cpu_seconds: float) -> None:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # processor time: a busy machine makes no mutant slow
    signal.alarm(WALL_SECONDS)


def program() -> Callable[[], object]:
    """The function to be memoized, freshly imported. What differs by nature from process to process is set before."""
    random.seed(0)
    sys.argv[:] = ["program"]
    return importlib.import_module("scenario").scenario  # type: ignore[no-any-return]


def ask(say: Say, base: frozenset[Row], noise: frozenset[str], receipts: str, leave: bool = False) -> None:
    """The steps of a memoized call: import, fingerprint, run. Each is told as soon as it is done.

    `receipts` is the folder of what the unchanged program leaves for later processes, which is asked as well.
    """
    try:
        scenario = program()
    except BaseException as error:
        say(broken=_error(error))
        return
    say(broken=None)
    try:
        found = code_fingerprint(scenario, settings=SETTINGS)
    except UnfingerprintableError as error:
        say(refused=str(error))
    else:
        changed = [name for name, own in rows(found) if (name, own) not in base and name not in noise]
        say(digest=digest_of(found, noise), changed=changed[:20])
        say(walked=found.digest.hex(), recalled=_recalled(scenario, found, receipts, leave))
        say(nodes=len(found.graph.nodes), blind=[str(spot) for spot in found.graph.blind_spots])
    say(answer=answer_of(scenario))


def _recalled(scenario: Callable[[], object], found: CodeFingerprint, receipts: str, leave: bool) -> str | None:
    """What the unchanged program left for later processes, where it still stands; it is left first, if `leave`."""
    facts.use(receipts)
    if leave:
        remember(found, scenario, True, SETTINGS)  # type: ignore[arg-type]
    kept = recall(scenario, True, SETTINGS, frozenset())
    return kept.digest.hex() if kept is not None else None


def answer_of(scenario: Callable[[], object]) -> str:
    """What the call returns, or the error that it raises, as text; without the addresses that a mutant may print."""
    try:
        return ADDRESS.sub("0x", f"returned {scenario()!r}")
    except BaseException as error:
        return f"raised {_error(error)}"


def _error(error: BaseException) -> str:
    try:
        return ADDRESS.sub("0x", f"{type(error).__name__}: {error}"[:500])
    except BaseException:
        return type(error).__name__


ADDRESS = re.compile("0x[0-9a-f]+")


def rows(found: CodeFingerprint) -> list[Row]:
    """The nodes of a fingerprint: name and own digest."""
    return [(node.name, bytes(own)) for node, own in zip(found.graph.nodes, found.own, strict=True)]


def digest_of(found: CodeFingerprint, noise: frozenset[str]) -> str:
    """The fingerprint; where nodes differ from process to process, one over the others, in no order.

    That sees less than the fingerprint does: where it differs, the fingerprint does. So noise hides nothing.
    """
    if not noise:
        return found.digest.hex()
    names = [node.name for node in found.graph.nodes]
    kept = [
        f"{node.name} {bytes(own).hex()} {sorted(names[edge] for edge in node.edges)}"
        for node, own in zip(found.graph.nodes, found.own, strict=True)
        if node.name not in noise
    ]
    return sha256("\n".join(sorted(kept)).encode(errors="surrogatepass")).hexdigest()


sys.dont_write_bytecode = True
