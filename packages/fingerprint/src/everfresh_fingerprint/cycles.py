"""A value that contains itself -> one part of a digest: its parts numbered, each naming its own by number.

Sharing shows here: in a circle it cannot be told from repetition. Sets in a circle are put in an order first, by
colours that are refined until they tell apart all that they can. What they cannot tell apart is mostly alike;
where it is not, two processes may number it differently, and compute again needlessly. The numbering itself leaves
nothing out, so it cannot make two values one.
"""

from __future__ import annotations

from everfresh_callgraph.contents import is_code
from everfresh_callgraph.naming import qualified

from everfresh_fingerprint.digest import digest, seal
from everfresh_fingerprint.encoder import form_of
from everfresh_fingerprint.leaves import DIGEST, NODE, leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.encoder import Encoder
    from everfresh_fingerprint.form import Form

    Forms = dict[int, tuple[object, Form]]
    Colours = dict[int, bytes]


def encode_cyclic(encoder: Encoder, root: object) -> bytes:
    """The part for a value that contains itself."""
    forms = _collect(root)
    colours = _colours(forms)
    numbers = {id(root): 0}
    met = [root]
    rows = []
    for one in met:
        form = forms[id(one)][1]
        row = []
        for item in form.parts if form.ordered else sorted(form.parts, key=lambda part: _rank(part, colours)):
            part = encoder.simple(item)
            if part is None:
                if id(item) not in numbers:
                    numbers[id(item)] = len(met)
                    met.append(item)
                part = NODE + numbers[id(item)].to_bytes(8, "little")
            row.append(part)
        rows.append(seal(form.tag, row))
    return DIGEST + seal("cyclic", rows)


def _collect(root: object) -> Forms:
    """Every value in reach that must be taken apart, with its form; both are kept alive, since they go by their ids."""
    forms: Forms = {}
    pending = [root]
    while pending:
        value = pending.pop()
        if id(value) not in forms:
            forms[id(value)] = value, form_of(value)
            pending += [part for part in forms[id(value)][1].parts if leaf(part) is None and not is_code(part)]
    return forms


def _colours(forms: Forms) -> Colours:
    """Colours to sort unordered parts by: each refined by those of its parts until no more are told apart."""
    if all(form.ordered for _, form in forms.values()):
        return {}
    colours: Colours = {one: digest(form.tag.encode()) for one, (_, form) in forms.items()}
    kinds = 0
    while kinds < len(set(colours.values())):
        kinds = len(set(colours.values()))
        colours = {one: _refined(form, colours) for one, (_, form) in forms.items()}
    return colours


def _refined(form: Form, colours: Colours) -> bytes:
    ranks = [_rank(part, colours) for part in form.parts]
    return seal(form.tag, ranks if form.ordered else sorted(ranks))


def _rank(part: object, colours: Colours) -> bytes:
    return leaf(part) or (qualified(part).encode() if is_code(part) else colours[id(part)])
