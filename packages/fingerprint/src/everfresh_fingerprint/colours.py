"""Colours tell the parts of a value apart without numbers for code, so that they are the same wherever a part stands.

They decide in which order a set's parts are met, and from which member a circle is numbered; digests do not hold them.
"""

from __future__ import annotations

from collections import Counter

from everfresh_callgraph.contents import is_code

from everfresh_fingerprint.digest import digest, seal
from everfresh_fingerprint.form import Form
from everfresh_fingerprint.leaves import DIGEST, MEMBER, NODE, leaf
from everfresh_fingerprint.references import order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.encoder import Encoder

    Forms = dict[int, Form]
    # Of each part its colour, or the id of another member of the circle.
    Row = list[bytes | int]

# After so many rounds colours are as good as they need to be.
ROUNDS = 100


class Colours:
    """Colours of what is in reach, added innermost first; unordered forms are put in order on the way."""

    def __init__(self, encoder: Encoder, forms: Forms) -> None:
        self.encoder, self.forms = encoder, forms
        self.known: dict[int, bytes] = {}

    def of(self, part: object) -> bytes:
        colour = self.known.get(id(part)) or self.encoder.known.get(id(part)) or leaf(part)
        if colour is not None:
            return colour
        shared = self.encoder.shared.known.get(id(part)) if self.encoder.shared else None
        if shared is not None and shared.colour is not None:
            return shared.colour
        if is_code(part):
            return repr(order(part)).encode(errors="surrogatepass")
        name = self.encoder.member_name(part, type(part)) or b""
        return MEMBER + repr(order(type(part))).encode(errors="surrogatepass") + name

    def add(self, one: int) -> None:
        """The colour of what is in no circle."""
        form = self.forms[one]
        colours = [self.of(part) for part in form.parts]
        self.known[one] = DIGEST + seal(form.tag, colours if form.ordered else sorted(colours))
        self._sort(one)

    def add_circle(self, component: list[int]) -> tuple[list[int], bool]:
        """The members of a circle in the order of their numbers, and whether it is the same wherever it is entered."""
        rows = self._rows(component)
        self.known |= self._refined(rows)
        for one in component:
            self._sort(one)
        counts = Counter(self.known[one] for one in component)
        alone = [one for one in component if counts[self.known[one]] == 1]
        members = self._numbered(min(alone, key=self.known.__getitem__) if alone else component[0], set(component))
        if alone:
            self._colour(members, self._rows(members))
        return members, bool(alone)

    def _sort(self, one: int) -> None:
        form = self.forms[one]
        if not form.ordered:
            parts = sorted(form.parts, key=lambda part: (order(part), self.of(part)))
            self.forms[one] = Form(form.tag, parts, ordered=False)

    def _rows(self, component: list[int]) -> dict[int, Row]:
        inside = set(component)
        return {
            one: [id(part) if id(part) in inside else self.of(part) for part in self.forms[one].parts]
            for one in component
        }

    def _refined(self, rows: dict[int, Row]) -> dict[int, bytes]:
        """Colours refined by those of the parts, until one member is alone; where there are sets, to the end."""
        thorough = not all(self.forms[one].ordered for one in rows)
        colours = {one: DIGEST + digest(self.forms[one].tag.encode()) for one in rows}
        kinds = 0
        for _ in range(ROUNDS):
            counts = Counter(colours.values())
            if len(counts) == kinds or (not thorough and 1 in counts.values()):
                break
            kinds = len(counts)
            colours = {one: self._colour_of(one, row, colours) for one, row in rows.items()}
        return colours

    def _colour_of(self, one: int, row: Row, colours: dict[int, bytes]) -> bytes:
        form = self.forms[one]
        parts = [colours[part] if isinstance(part, int) else part for part in row]
        return DIGEST + seal(form.tag, parts if form.ordered else sorted(parts))

    def _numbered(self, start: int, inside: set[int]) -> list[int]:
        """The members in the order in which they are met from one of them."""
        members = {start: None}
        for one in (met := [start]):
            for part in self.forms[one].parts:
                if id(part) in inside and id(part) not in members:
                    members[id(part)] = None
                    met.append(id(part))
        return met

    def _colour(self, members: list[int], rows: dict[int, Row]) -> None:
        """Colour a whole circle: nothing of it is left out, so what is told apart by it need not be refined."""
        places = {one: NODE + number.to_bytes(8, "little") for number, one in enumerate(members)}
        whole = seal("cyclic", [self._colour_of(one, row, places) for one, row in rows.items()])
        for one, place in places.items():
            self.known[one] = DIGEST + seal("in cyclic", [whole, place])
