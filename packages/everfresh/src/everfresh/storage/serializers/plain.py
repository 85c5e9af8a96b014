"""JSON and msgpack: for values that other programs shall read. What they would change, they refuse."""

from __future__ import annotations

import json

from everfresh.storage.serializers.exact import refuse_others

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from everfresh.storage.serializers import Serializer

TEXT = frozenset({str})
PLAIN = frozenset({type(None), bool, int, float, str})


class Json:
    """JSON in UTF-8: None, bool, int, finite float, str, list, and dict by str."""

    name = "json"

    def dump(self, value: object, file: BinaryIO) -> None:
        refuse_others(value, PLAIN, TEXT, "JSON")
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        file.write(text.encode())  # which refuses half characters

    def load(self, file: BinaryIO) -> object:
        return json.loads(file.read(), parse_constant=_no_number)


class Msgpack:
    """msgpack: what JSON takes and bytes, all floats, dicts by these; ints of 64 bits."""

    name = "msgpack"

    def dump(self, value: object, file: BinaryIO) -> None:
        import msgpack  # type: ignore[import-untyped, import-not-found, unused-ignore]

        refuse_others(value, PLAIN | {bytes}, PLAIN | {bytes}, "msgpack")
        file.write(msgpack.packb(value, strict_types=True))

    def load(self, file: BinaryIO) -> object:
        import msgpack  # type: ignore[import-untyped, import-not-found, unused-ignore]

        value: Any = msgpack.unpackb(file.read(), strict_map_key=False)
        return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


BY_NAME: dict[str, Serializer] = {"json": Json(), "msgpack": Msgpack()}
