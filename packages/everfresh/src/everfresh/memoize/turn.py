"""A miss takes its turn: it waits while another thread or process computes the same, and may find the answer then."""

from __future__ import annotations

from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from everfresh.effects.files import Recorder
    from everfresh.memoize.memoized import Memo
    from everfresh.memoize.question import Question
    from everfresh.model import Found, Reason
    from everfresh.storage.flight import Lease


class Turn:
    """Around a computation: `with turn as found`, or `async with`. It gives the answer, where there is one by then."""

    def __init__(self, memo: Memo, question: Question, reason: Reason) -> None:
        self.memo, self.question, self.reason = memo, question, reason
        self.lease: Lease | None = None
        self.kept, self.unlock = False, True

    def __enter__(self) -> Found | Reason:
        flights = self.memo.flights(self.reason)
        if flights is None:
            return self.missed()
        self.lease = flights.take(self.memo.flight_name(self.question))
        return self.looked_again()

    async def __aenter__(self) -> Found | Reason:
        flights = self.memo.flights(self.reason)
        if flights is None:
            return self.missed()
        self.lease = await flights.taken(self.memo.flight_name(self.question))
        return self.looked_again()

    def looked_again(self) -> Found | Reason:
        """Between the first look and the lease another process may have come and gone."""
        try:
            found = self.memo.appeared(self.question)
        except BaseException:
            self.end("broken off")
            raise
        if found is None:
            return self.missed()
        self.kept = True
        return found

    def missed(self) -> Reason:
        self.memo.missed(self.question, self.reason)
        return self.reason

    def keep(self, value: object, cost: float, recorder: Recorder) -> None:
        """Store the answer."""
        # Other processes see the answer when the writer has kept it; until then they wait.
        later = self.lease if self.memo.writes == "background" else None
        then = partial(self.memo.stored, self.question, later)
        self.kept = self.memo.keep(self.question, self.reason, value, cost, recorder, then)
        self.unlock = later is None or not self.kept

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        known = kind is None or issubclass(kind, Exception)  # else: interrupted, cancelled
        self.end("kept" if self.kept else "failed" if known else "broken off")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def end(self, outcome: str) -> None:
        if self.lease:
            self.lease.end(outcome, self.unlock)
