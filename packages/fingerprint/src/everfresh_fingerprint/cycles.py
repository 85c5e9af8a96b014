"""A value that contains itself -> one part of a digest: what is in a circle is numbered, each part naming its own.

Sharing shows within a circle: there it cannot be told from repetition. Parts beside the circle are digested bottom up
as anywhere else. Sets are put in an order first, by colours that are refined until they tell apart all that they can.
What they cannot tell apart is mostly alike; where it is not, two processes may number it differently, and compute
again needlessly. The numbering itself leaves nothing out, so it cannot make two values one.
"""

from __future__ import annotations

from everfresh_callgraph.contents import is_code

from everfresh_fingerprint.components import components
from everfresh_fingerprint.digest import digest, seal
from everfresh_fingerprint.encoder import form_of
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form
from everfresh_fingerprint.leaves import DIGEST, NODE, leaf
from everfresh_fingerprint.paths import spelled
from everfresh_fingerprint.references import order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.encoder import Encoder

    Forms = dict[int, Form]
    Colours = dict[int, bytes]

# After so many rounds colours are as good as they need to be.
ROUNDS = 100


def encode_cyclic(encoder: Encoder, root: object) -> bytes:
    """The part for a value that contains itself."""
    forms = _Collected(encoder).everything(root)
    colours = _colours(forms)
    for one, form in forms.items():
        if not form.ordered:
            forms[one] = Form(form.tag, sorted(form.parts, key=lambda part: _rank(part, colours)), ordered=False)
    inner = {one: [id(part) for part in form.parts if id(part) in forms] for one, form in forms.items()}
    for component in components(id(root), inner):
        if len(component) == 1 and component[0] not in inner[component[0]]:
            form = forms[component[0]]
            parts = [_known(encoder, part) for part in form.parts]
            encoder.known[component[0]] = DIGEST + seal(form.tag, parts if form.ordered else sorted(parts))
        else:
            _encode_circle(encoder, forms, component)
    return encoder.known[id(root)]


def _known(encoder: Encoder, value: object) -> bytes:
    part = encoder.simple(value)
    assert part is not None  # parts come before what they are parts of
    return part


def _encode_circle(encoder: Encoder, forms: Forms, component: list[int]) -> None:
    """Number the members as they are met from the first, seal them together, and know each by its number."""
    numbers = {component[0]: 0}
    members = set(component)
    rows = []
    for one in (met := [component[0]]):
        row = []
        for item in forms[one].parts:
            if id(item) in members and id(item) not in numbers:
                numbers[id(item)] = len(met)
                met.append(id(item))
            number = numbers.get(id(item))
            row.append(_known(encoder, item) if number is None else NODE + number.to_bytes(8, "little"))
        rows.append(seal(forms[one].tag, row))
    whole = seal("cyclic", rows)
    for one, number in numbers.items():
        encoder.known[one] = DIGEST + seal("in cyclic", [whole, number.to_bytes(8, "little")])


class _Collected:
    """Every value in reach that must be taken apart, with its form; both are kept alive, since they go by their ids."""

    def __init__(self, encoder: Encoder) -> None:
        self.alive = encoder.alive
        self.forms: Forms = {}
        self.found_in: dict[int, tuple[int, int]] = {}

    def everything(self, root: object) -> Forms:
        pending = [root]
        while pending:
            value = pending.pop()
            if id(value) not in self.forms:
                self.alive.append(value)
                self.forms[id(value)] = self.form(value)
                pending += self.parts(id(value))
        return self.forms

    def form(self, value: object) -> Form:
        try:
            return form_of(value)
        except UnfingerprintableError as error:
            raise error.within(self.path(id(value))) from error.__cause__

    def parts(self, one: int) -> list[object]:
        found = []
        for place, part in enumerate(self.forms[one].parts):
            if id(part) not in self.forms and leaf(part) is None and not is_code(part):
                self.found_in.setdefault(id(part), (one, place))
                found.append(part)
        return found

    def path(self, one: int) -> str:
        steps = []
        while one in self.found_in:
            one, place = self.found_in[one]
            steps.append((self.forms[one], place))
        return spelled(reversed(steps))


def _colours(forms: Forms) -> Colours:
    """Colours to sort unordered parts by: each refined by those of its parts until no more are told apart."""
    if all(form.ordered for form in forms.values()):
        return {}
    colours: Colours = {one: digest(form.tag.encode()) for one, form in forms.items()}
    kinds = 0
    for _ in range(ROUNDS):
        if kinds == len(set(colours.values())):
            break
        kinds = len(set(colours.values()))
        colours = {one: _refined(form, colours) for one, form in forms.items()}
    return colours


def _refined(form: Form, colours: Colours) -> bytes:
    ranks = [_rank(part, colours) for part in form.parts]
    return seal(form.tag, ranks if form.ordered else sorted(ranks))


def _rank(part: object, colours: Colours) -> bytes:
    return leaf(part) or (repr(order(part)).encode() if is_code(part) else colours[id(part)])
