"""Call -> Question: the key that names it and the trace that its answer must hold under."""

from __future__ import annotations

from time import perf_counter
from types import FunctionType

from everfresh_callgraph.naming import qualified
from everfresh_callgraph.record import record
from everfresh_fingerprint.digest import Digest, seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.fingerprint import fingerprint, taken
from everfresh_fingerprint.functions import code_fingerprint
from everfresh_fingerprint.leaves import LEAVES
from everfresh_fingerprint.settings import DEFAULT
from everfresh_fingerprint.values import describe

from everfresh.effects.files import Paused
from everfresh.errors import ImpureWarning, UnseenError
from everfresh.memoize.binding import Binding
from everfresh.memoize.trace import extended, trace_of, value_text
from everfresh.model import Dependency, Key, Trace
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from everfresh_fingerprint.settings import FingerprintSettings
    from everfresh_fingerprint.walked import CodeFingerprint

    from everfresh.memoize.options import Options

IGNORED = seal("ignored", [])

# Told, not refused. Much code asks whether a file exists, and its answer does not hang on it; the content is watched
# when it is opened. And bytes that nobody could foretell are as good when they are kept.
HARMLESS = frozenset({"unwatched files", "system randomness", "the working directory"})
REFUSED = (
    "it depends on what everfresh cannot see: {seen}. Pass that as an argument, or name it in depends_on=; "
    "if the answer does not hang on it, say assume_pure=True"
)
UNWATCHED = (
    "{name} may depend on what everfresh cannot see: {seen}. Its answers are kept, and may grow old unseen. "
    "Pass that as an argument (a file as FileContents(path)), or name it in depends_on=; "
    "if the answer does not hang on it, say assume_pure=True."
)


@record
class Question:
    """One call: what it asks, and what an answer to it depends on now.

    `asked` is when the call came, on the clock of `perf_counter`; `defaults` what the parameter defaults were then.
    """

    key: Key
    trace: Trace
    code: CodeFingerprint | None
    asked: float
    defaults: Digest | None


class Asker:
    """Makes the questions of one function. Not a word about caches here."""

    def __init__(self, function: Callable[..., object], options: Options) -> None:
        self.function, self.options = function, options
        self.name = qualified(function)
        self.binding = Binding(function)
        self.settings = DEFAULT

    def ask(
        self, given: tuple[object, ...], args: tuple[object, ...], kwargs: Mapping[str, object], strict: bool
    ) -> Question:
        """Name the call. Raises UnfingerprintableError where its code or an argument cannot be told again."""
        asked_at = perf_counter()
        with Paused():  # what is read to name this call is nothing that an outer call's answer hangs on
            code = None if self.options.version is not None else self.code()
            take = Taker(self.settings, code.attributes if code else frozenset())
            asked, versions = self.given(given, args, kwargs, take)
            rows = (*self.stated_dependencies(take), *versions)
            code = code and self.code(take.asked_back(code))
            reached = self.stated() if code is None else trace_of(code)
        if not self.options.assume_pure:
            self.doubt(code, take.codes, strict)
        return Question(Key(self.name, asked), extended(reached, rows), code, asked_at, self.defaults())

    def given(
        self, given: tuple[object, ...], args: tuple[object, ...], kwargs: Mapping[str, object], take: Taker
    ) -> tuple[Digest, list[Dependency]]:
        """The digest of what the arguments ask, and what they state as their version."""
        parts, versions = [], []
        for name, value in zip(self.binding.names, given, strict=True):
            if self.options.key is not None or name in self.options.ignore:
                parts.append(self.kind(value, take))
            else:
                parts.append(_argument(name, value, take))
                versions += _version(name, value)
        if self.options.key is not None:
            parts.append(take(self.options.key(*args, **kwargs)))
        return seal("arguments", parts), versions

    def kind(self, value: object, take: Taker) -> Digest:
        """Of an argument whose value does not matter, what its class does still does, where that is the user's."""
        return take(type(value)) if self.settings.scope.pin(type(value)) is None else IGNORED

    def code(self, asked: frozenset[str] = frozenset()) -> CodeFingerprint:
        return code_fingerprint(self.function, defaults=False, settings=self.settings, asked=asked)

    def defaults(self) -> Digest | None:
        """What the parameter defaults are, where they could change in place."""
        values = getattr(self.function, "__defaults__", None), getattr(self.function, "__kwdefaults__", None)
        if all(type(one) in LEAVES for one in (*(values[0] or ()), *(values[1] or {}).values())):
            return None
        return fingerprint(values, self.settings)

    def doubt(self, code: CodeFingerprint | None, given: list[CodeFingerprint], strict: bool) -> None:
        """Refuse code that looks at what changes unseen; in strict mode, also what cannot be followed.

        Of the code in arguments nobody knows how much the call uses: that is told, and refused in strict mode alone.
        """
        own = code.impurities if code else ()
        harmful = [str(one) for one in own if strict or one.what not in HARMLESS]
        codes = [code, *given] if code else given
        seen = [str(one) for each in codes for one in (*each.impurities, *each.blind_spots)]
        if harmful or (strict and seen):
            raise UnseenError(REFUSED.format(seen="; ".join(dict.fromkeys(harmful + (seen if strict else [])))))
        if seen:
            told = "; ".join(dict.fromkeys(seen))
            warn_once(UNWATCHED.format(name=self.name, seen=told), ImpureWarning)

    def stated(self) -> Trace:
        """`version=` stands for the code and all that it reaches."""
        version = self.options.version
        digest = seal("version", [fingerprint(version), *_bound(self.function)])
        return Trace(digest, (Dependency(f"version of {self.name}", digest, value_text(version, digest)),))

    def stated_dependencies(self, take: Taker) -> list[Dependency]:
        rows = []
        for number, dependency in enumerate(self.options.depends_on):
            value = dependency() if callable(dependency) else dependency
            digest = take(value)
            rows.append(Dependency(f"depends_on[{number}]", digest, value_text(value, digest)))
        return rows


class Taker:
    """Takes the fingerprints of what a call is given, and gathers those of the code in it."""

    def __init__(self, settings: FingerprintSettings, asked: frozenset[str]) -> None:
        self.settings, self.asked = settings, asked
        self.codes: list[CodeFingerprint] = []

    def __call__(self, value: object) -> Digest:
        digest, codes = taken(value, self.settings, self.asked)
        self.codes += codes
        return digest

    def asked_back(self, code: CodeFingerprint) -> frozenset[str]:
        """What the code that was given asks of what the function's own code hands out to it."""
        return frozenset().union(*(code.wanting(each.attributes) for each in self.codes))


def _argument(name: str, value: object, take: Taker) -> Digest:
    try:
        if _states(value, "__cache_key__"):
            return take((type(value), value.__cache_key__()))  # type: ignore[attr-defined]
        return take(value)
    except UnfingerprintableError as error:
        raise error.within(f"argument {name}") from error.__cause__


def _bound(function: object) -> list[bytes]:
    """The values that a function carries along beside its code: closure, partial arguments, `self`."""
    if not isinstance(function, FunctionType):
        return [describe(function).summary]  # type: ignore[list-item]
    return [describe(cell).summary for cell in function.__closure__ or ()]  # type: ignore[misc]


def _states(value: object, name: str) -> bool:
    """Whether the class or a base defines the name. (hasattr would also ask the metaclass, which may say anything.)"""
    return any(name in vars(base) for base in type(value).__mro__)


def _version(name: str, value: object) -> list[Dependency]:
    """A class with `__cache_ver__` states a version: an answer for an older one is superseded, not another answer."""
    if not _states(value, "__cache_ver__"):
        return []
    version = value.__cache_ver__()  # type: ignore[attr-defined]
    digest = fingerprint(version)
    return [Dependency(f"argument {name}", digest, value_text(version, digest))]
