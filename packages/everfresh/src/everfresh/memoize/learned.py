"""The second look: an answer that depends on what its call read is found by what that holds now.

Under the question itself stands a `Learned`: lists of what calls to it were seen to read. With the content that this
has now, the question becomes the one under which the answer stands. ccache calls this its direct mode.
"""

from __future__ import annotations

from everfresh_callgraph.record import record

from everfresh.effects.files import Name, dependency, recorders
from everfresh.memoize.trace import extended
from everfresh.model import Found, Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.memoize.question import Question
    from everfresh.model import Trace
    from everfresh.storage.writer import Writer

# What a call reads may hang on what it read before, so there can be several lists; few are ever good for anything.
MOST = 8


@record
class Learned:
    """What calls to one question were seen to read, the newest first."""

    lists: tuple[tuple[Name, ...], ...]


def find(cache: Writer, question: Question) -> Found | Reason:
    """Give the answer to a question, whose trace may include what its call read, or the reason why there is none."""
    found = cache.lookup(question.key, question.trace)
    if not isinstance(found, Found) or not isinstance(found.value, Learned):
        return found
    answer: Found | Reason = Reason("absent")
    for names in found.value.lists:
        answer = cache.lookup(question.key, with_names(question.trace, names))
        if isinstance(answer, Found):
            for outer in recorders():
                outer.adopt(names)
            break
    return answer


def to_learn(cache: Writer, question: Question, names: tuple[Name, ...]) -> Learned | None:
    """What is to stand under the question, so that the answer is found; None where that stands there already."""
    before = cache.lookup(question.key, question.trace)
    lists = before.value.lists if isinstance(before, Found) and isinstance(before.value, Learned) else ()
    if names in lists[:1]:
        return None
    others = tuple(one for one in lists if one != names)
    return Learned((names, *others)[:MOST])


def with_names(trace: Trace, names: tuple[Name, ...]) -> Trace:
    """The trace together with what the files and folders hold now."""
    return extended(trace, [dependency(name) for name in names])
