"""A value that contains itself -> one part of a digest: what is in a circle is numbered, each part naming its own.

Sharing shows within a circle: there it cannot be told from repetition. Parts beside the circle are digested bottom up
as anywhere else. A circle is numbered from a member that no other is like, so that it is the same circle wherever it is
entered; where there is no such member, from the one that is met first. Colours tell which members are alike; they also
put sets in an order. What they cannot tell apart is mostly alike; where it is not, two processes may number it
differently, and compute again needlessly. The numbering itself leaves nothing out, so it cannot make two values one.
"""

from __future__ import annotations

from everfresh_fingerprint.colours import Colours
from everfresh_fingerprint.components import components
from everfresh_fingerprint.digest import seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.leaves import DIGEST, NODE
from everfresh_fingerprint.paths import spelled
from everfresh_fingerprint.shared import MisfitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from everfresh_fingerprint.colours import Forms
    from everfresh_fingerprint.encoder import Encoder
    from everfresh_fingerprint.form import Form


def encode_cyclic(encoder: Encoder, root: object) -> bytes:
    """The part for a value that contains itself. Raises MisfitError where it must be found without `shared`."""
    met = _Collected(encoder)
    forms = met.everything(root)
    inner = {one: [id(part) for part in form.parts if id(part) in forms] for one, form in forms.items()}
    found = components(id(root), inner)
    colours = Colours(encoder, forms)
    circles = _circles(encoder, found, inner, colours)
    _meet_code(encoder, forms, circles, root)
    for component in found:
        members = circles.get(component[0], component)
        parts = _circle(encoder, forms, members) if component[0] in circles else [_part(encoder, forms[component[0]])]
        codes = encoder.forget_met()
        for one, part in zip(members, parts, strict=True):
            encoder.learn(met.values[one], part, codes, colours.known[one])
    return encoder.known[id(root)]


def _circles(
    encoder: Encoder, found: list[list[int]], inner: dict[int, list[int]], colours: Colours
) -> dict[int, list[int]]:
    """Colour all that was found; for each member of a circle, the members in the order of their numbers."""
    circles: dict[int, list[int]] = {}
    for component in found:
        if len(component) == 1 and component[0] not in inner[component[0]]:
            colours.add(component[0])
            continue
        members, same_everywhere = colours.add_circle(component)
        if not same_everywhere and encoder.shared is not None:
            raise MisfitError
        circles |= dict.fromkeys(members, members)
    return circles


def _meet_code(encoder: Encoder, forms: Forms, circles: dict[int, list[int]], root: object) -> None:
    """Give the code its numbers, in the order in which it is met from the root; in a circle, from where that begins."""
    seen: set[int] = set()
    stack: list[Iterator[object]] = [iter([root])]
    while stack:
        for part in stack[-1]:
            if id(part) not in forms:
                _known(encoder, part)
            elif id(part) not in seen:
                members = circles.get(id(part)) or [id(part)]
                seen.update(members)
                stack.append(iter([inner for one in members for inner in forms[one].parts]))
                break
        else:
            stack.pop()
    encoder.forget_met()


def _known(encoder: Encoder, value: object) -> bytes:
    part = encoder.simple(value)
    assert part is not None  # anything else comes before what it is part of
    return part


def _part(encoder: Encoder, form: Form) -> bytes:
    parts = [_known(encoder, part) for part in form.parts]
    return DIGEST + seal(form.tag, parts if form.ordered else sorted(parts))


def _circle(encoder: Encoder, forms: Forms, members: list[int]) -> list[bytes]:
    """Seal the members together in the order of their numbers, and name each by its own."""
    numbers = {one: number.to_bytes(8, "little") for number, one in enumerate(members)}
    rows = []
    for one in members:
        parts = forms[one].parts
        row = [NODE + numbers[id(part)] if id(part) in numbers else _known(encoder, part) for part in parts]
        rows.append(seal(forms[one].tag, row))
    whole = seal("cyclic", rows)
    return [DIGEST + seal("in cyclic", [whole, number]) for number in numbers.values()]


class _Collected:
    """Every value in reach that must be taken apart, with its form; both are kept alive, since they go by their ids."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.values: dict[int, object] = {}
        self.forms: Forms = {}
        self.found_in: dict[int, tuple[int, int]] = {}

    def everything(self, root: object) -> Forms:
        pending = [root]
        while pending:
            value = pending.pop()
            if id(value) not in self.forms:
                self.values[id(value)] = value
                self.forms[id(value)] = self.form(value)
                pending += self.parts(id(value))
        self.encoder.alive.append((self.values, tuple(self.forms.values())))
        return self.forms

    def form(self, value: object) -> Form:
        try:
            return self.encoder.form(value)
        except UnfingerprintableError as error:
            raise error.within(self.path(id(value))) from error.__cause__

    def parts(self, one: int) -> list[object]:
        found = []
        for place, part in enumerate(self.forms[one].parts):
            if id(part) not in self.forms and not self.encoder.is_simple(part):
                self.found_in.setdefault(id(part), (one, place))
                found.append(part)
        return found

    def path(self, one: int) -> str:
        steps = []
        while one in self.found_in:
            one, place = self.found_in[one]
            steps.append((self.forms[one], place))
        return spelled(reversed(steps))
