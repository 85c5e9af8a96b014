"""Everything behind one memoized function. A call is a question, answered from the cache or computed."""

from __future__ import annotations

from time import perf_counter

from everfresh_fingerprint.errors import UnfingerprintableError

from everfresh.effects.files import Paused, Recorder, UnsteadyError
from everfresh.effects.keeping import Keeping
from everfresh.errors import CacheWarning, NotCachedError, NotMemoizedWarning, UnseenError
from everfresh.events import Bypassed, Hit, Invalidated, Miss, Stored
from everfresh.memoize.group import default_group
from everfresh.memoize.learned import Learned, find, to_learn, with_names
from everfresh.memoize.question import Asker
from everfresh.memoize.said import serializer
from everfresh.memoize.yielded import Yielded
from everfresh.model import Found, How, Reason
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from everfresh_fingerprint.walked import CodeFingerprint

    from everfresh.effects.files import Name
    from everfresh.memoize.group import Group
    from everfresh.memoize.options import Options
    from everfresh.memoize.question import Question
    from everfresh.model import Entry
    from everfresh.observe.statistics import Stats
    from everfresh.storage.flight import Flights, Lease
    from everfresh.storage.queue import Then

    Args = tuple[object, ...]
    Kwargs = Mapping[str, object]

UNKNOWN = Reason("unknown")  # the cache had trouble, and said so
HIT = Reason("hit")
PICKLE = "pickle"
CHANGED = "the call changed what it depends on"
# How many names a warning lists.
MOST_TOLD = 3


class Memo:
    """One function, its group and its options: the steps of a call, which the wrappers put together."""

    def __init__(self, function: Callable[..., Any], group: Group | None, options: Options) -> None:
        self.function, self.own_group, self.options = function, group, options
        self.asker = Asker(function, options)
        options.checked(self.name, self.asker.binding.names)

    @property
    def name(self) -> str:
        return self.asker.name

    @property
    def group(self) -> Group:
        return self.own_group or default_group()

    def ask(self, args: Args, kwargs: Kwargs) -> Question | None:
        """The question that the call is, or None where the function is to be called straight through."""
        group = self.group
        if group.disabled:
            return None
        self.asker.settings = self.options.fingerprints or group.fingerprints
        group.open()
        try:
            given = self.asker.binding(args, kwargs)
        except TypeError:
            return None  # the call does not fit, and the function will say so itself
        try:
            return self.asker.ask(given, args, kwargs, self.strict)
        except (UnfingerprintableError, UnseenError) as error:
            self.bypass(str(error))
        except Exception as error:  # whatever the user's classes raise when they are looked at: compute
            self.bypass(f"{type(error).__name__}: {error}")
        return None

    @property
    def strict(self) -> bool:
        return bool(self.says("strict"))

    def question(self, args: Args, kwargs: Kwargs) -> Question:
        return self.asker.ask(self.asker.binding(args, kwargs), args, kwargs, self.strict)

    def says(self, what: str) -> Any:
        """What holds for this function: its own word, or the group's, or that of the settings."""
        mine = getattr(self.options.said, what)
        return self.group.says(what) if mine is None else mine

    @property
    def writes(self) -> str:
        return str(self.says("writes"))

    def how(self, value: object) -> How:
        """How to write an answer. What stands around it, or leads to it, is everfresh's own, and always pickled."""
        own = isinstance(value, Learned | Yielded)
        chosen = PICKLE if own else serializer(self.says("serializer"))
        return How(chosen, self.says("compression"), self.says("durable"))

    def look(self, question: Question) -> Found | Reason:
        """The kept answer, which is a hit, or why there is none."""
        found = self.group.attempt("look up", lambda _: find(self.group.answers, question))
        if isinstance(found, Found):
            self.group.emit(Hit(question.key, found.entry, perf_counter() - question.asked))
        return found or UNKNOWN

    def missed(self, question: Question, reason: Reason) -> None:
        self.group.emit(Miss(question.key, reason))
        if reason.kind == "damaged":
            problem = "; ".join(change.after for change in reason.changes)
            warn_once(f"a kept answer of {self.name} is not used ({problem}): it is computed again", CacheWarning)

    def flights(self, reason: Reason) -> Flights | None:
        """Who else computes; None where nobody is to wait for anybody."""
        return self.group.flights if reason is not UNKNOWN and self.says("single_flight") else None

    def flight_name(self, question: Question) -> bytes:
        from everfresh.storage.serialize import object_name

        return object_name(question.key, question.trace.version)

    def appeared(self, question: Question) -> Found | None:
        """The answer, if one has come since the look."""
        answers = self.group.answers
        with Paused():
            there = answers.contains(question.key, question.trace)
        found = self.look(question) if there else None
        return found if isinstance(found, Found) else None

    def keep(
        self, question: Question, reason: Reason, value: object, cost: float, recorder: Recorder, then: Then
    ) -> bool:
        """Store the answer, provided that what it depends on is what it was when the question was asked."""
        if reason is UNKNOWN:
            return False  # the cache is out of reach, which was told already
        try:
            self.check_unchanged(question)
            names = recorder.names()
            with Paused():
                self.record(question, names, value, cost, then)
        except UnsteadyError as error:
            self.bypass(str(error))
        except Exception as error:  # full disk, no permission, a value that cannot be pickled: the answer stands
            self.not_stored(error)
        else:
            return True
        return False

    def record(self, question: Question, names: tuple[Name, ...], value: object, cost: float, then: Then) -> None:
        """Keep an answer; one that depends on what was read stands under that, and the way to it under the question."""
        from everfresh.storage.prepared import prepare

        key, trace = question.key, question.trace
        if names:
            learned = to_learn(self.group.answers, question, names)
            if learned is not None:
                way = prepare(key, trace, learned, cost, self.how(learned))
                self.group.home.keep(way, self.writes, lambda *_: None)
            trace = with_names(trace, names)
        with Keeping():
            prepared = prepare(key, trace, value, cost, self.how(value))
        self.group.home.keep(prepared, self.writes, then)

    def stored(self, question: Question, lease: Lease | None, entry: Entry | None, error: Exception | None) -> None:
        """The answer stands in the cache now, or will never."""
        if lease is not None:
            lease.unlock()
        if error is not None:
            self.not_stored(error)
        elif entry is not None:  # else it was refused, with a warning
            self.group.emit(Stored(question.key, entry))

    def not_stored(self, error: Exception) -> None:
        self.bypass(f"its answer could not be stored ({type(error).__name__}: {error})")

    def check_unchanged(self, question: Question) -> None:
        if changed := self.changed(question):
            raise UnsteadyError(f"{CHANGED}: {changed}. Its answer is kept if you say assume_pure=True")

    def changed(self, question: Question) -> str | None:
        """Name what no longer is as it was when the call began. Time of check: an answer made of two states is none."""
        try:
            if self.asker.defaults() != question.defaults:
                return "its own parameter defaults"
            if question.code is None or self.options.assume_pure:
                return None
            code = self.asker.code(question.code.asked)
        except Exception as error:  # what could be fingerprinted before cannot be any more
            return str(error)
        if code.digest == question.code.digest:
            return None
        return _difference(question.code, code)

    def bypass(self, problem: str) -> None:
        self.group.emit(Bypassed(self.name, problem))
        warn_once(f"{self.name} is not memoized: {problem}", NotMemoizedWarning)

    # The operations that a memoized function carries as attributes.

    def would_hit(self, args: Args, kwargs: Kwargs) -> bool:
        question = self.ask(args, kwargs)
        if question is None:
            return False
        return bool(self.group.attempt("look up", lambda _: isinstance(find(self.group.answers, question), Found)))

    def call_if_cached(self, args: Args, kwargs: Kwargs) -> object:
        question = self.ask(args, kwargs)
        found = self.look(question) if question else UNKNOWN
        if isinstance(found, Found):
            return found.value.again() if isinstance(found.value, Yielded) else found.value
        if question:
            self.missed(question, found)
        raise NotCachedError(f"{self.name} has no answer kept for this call: {found}")

    def clear_entry(self, args: Args, kwargs: Kwargs) -> int:
        key = self.question(args, kwargs).key
        self.group.home.settle()
        entries = self.group.attempt("clear", lambda cache: cache.forget(key)) or 0
        self.group.emit(Invalidated(self.name, entries))
        return int(entries)

    def why(self, args: Args, kwargs: Kwargs) -> Reason:
        try:
            question = self.question(args, kwargs)
        except (UnfingerprintableError, UnseenError) as error:
            return Reason(f"not memoized: {error}")
        found = self.group.attempt("look up", lambda _: find(self.group.answers, question)) or UNKNOWN
        return HIT if isinstance(found, Found) else found

    def __reduce__(self) -> tuple[type[Memo], tuple[object, ...]]:
        """Where a memoized function is pickled by value (cloudpickle), what it knows of its code stays behind."""
        return Memo, (self.function, self.own_group, self.options)

    def __determ_hash__(self) -> Callable[..., Any]:
        """To other functions, this one is what it memoizes: where they meet it among copied attributes, say."""
        return self.function

    def stats(self) -> Stats:
        return self.group.statistics.of(self.name)


def _difference(before: CodeFingerprint, after: CodeFingerprint) -> str:
    """Name what two walks of one function saw differently, nearest first. (What it was before is gone.)"""
    known = {(node.name, own) for node, own in zip(before.graph.nodes, before.own, strict=True)}
    now = zip(after.graph.nodes, after.own, strict=True)
    names = [*dict.fromkeys(node.name for node, own in now if (node.name, own) not in known)]
    more = [f"and {len(names) - MOST_TOLD} more"] if len(names) > MOST_TOLD else []
    return ", ".join([*names[:MOST_TOLD], *more]) or "what its names mean"
