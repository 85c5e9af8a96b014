"""Arrow and Parquet: for frames that other programs shall read. What they would change, they refuse."""

from __future__ import annotations

from functools import cache
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from everfresh.storage.serializers import Serializer

# Says in the file whose frame it was.
KIND = b"everfresh"


@cache
def arrow(module: str = "pyarrow") -> Any:
    """A module of pyarrow: imported with the first frame, so that this file can be read without it."""
    return import_module(module)


class Arrow:
    """A frame of pandas or polars, or a table of pyarrow, in the Arrow file format."""

    name = "arrow"

    def dump(self, value: object, file: BinaryIO) -> None:
        table = to_table(value)
        check_same(value, table, table.slice(0, 0))
        with arrow("pyarrow.ipc").new_file(file, table.schema) as writer:
            writer.write_table(table)

    def load(self, file: BinaryIO) -> object:
        return from_table(arrow("pyarrow.ipc").open_file(arrow().py_buffer(file.read())).read_all())


class Parquet:
    """The same as a Parquet file: smaller, slower."""

    name = "parquet"

    def dump(self, value: object, file: BinaryIO) -> None:
        parquet, table = arrow("pyarrow.parquet"), to_table(value)
        written = arrow().BufferOutputStream()
        parquet.write_table(table, written)
        data = written.getvalue()
        # Read back whole: categories stand with the rows.
        check_same(value, table, parquet.read_table(arrow().BufferReader(data)).slice(0, 0))
        file.write(data)

    def load(self, file: BinaryIO) -> object:
        return from_table(arrow("pyarrow.parquet").read_table(arrow().BufferReader(file.read())))


def to_table(value: object) -> Any:
    """The frame as a table that says whose it was."""
    package = type(value).__module__.partition(".")[0]
    if type(value).__name__ not in ("DataFrame", "Table") or package not in WAYS:
        raise TypeError(f"{type(value).__qualname__} is no frame of pandas or polars, and no table of pyarrow")
    table = WAYS[package][0](value)
    return table.replace_schema_metadata({**(table.schema.metadata or {}), KIND: package.encode()})


def from_table(table: Any) -> object:
    """The frame that it was."""
    metadata = dict(table.schema.metadata or {})
    package = metadata.pop(KIND).decode()
    return WAYS[package][1](table.replace_schema_metadata(metadata or None))


def check_same(value: object, table: Any, empty: Any) -> None:
    """Raise TypeError where the frame would come back as another; `empty` is what was written, without its rows."""
    package = table.schema.metadata[KIND].decode()
    if not WAYS[package][2](from_table(empty), value, table):
        raise TypeError(
            "columns, index, attributes or types would come back as others than they are; the serializer 'pickle' "
            "keeps all of them"
        )


def _from_pandas(frame: Any) -> Any:
    return arrow().Table.from_pandas(frame)


def _to_pandas(table: Any) -> Any:
    return table.to_pandas()


def _same_pandas(empty: Any, frame: Any, table: Any) -> bool:
    """Whether all is as it was that a frame of no rows shows; cells that hold objects are looked at one by one."""
    first = frame.iloc[:0]
    if (
        not _alike(empty.columns, first.columns)
        or not empty.columns.equals(first.columns)
        or empty.attrs != frame.attrs
    ):
        return False
    if not _alike(empty.index, first.index) or list(empty.dtypes) != list(first.dtypes):
        return False
    objects = object in [*frame.dtypes, frame.index.dtype]
    return getattr(frame.index, "freq", None) is None and (not objects or _same_objects(table.to_pandas(), frame))


def _alike(labels: Any, others: Any) -> bool:
    same_type = type(labels) is type(others) and labels.dtype == others.dtype
    return same_type and list(labels.names) == list(others.names)


def _same_objects(frame: Any, other: Any) -> bool:
    return _kinds(frame) == _kinds(other) and bool(frame.equals(other))


def _kinds(frame: Any) -> list[list[type]]:
    columns = [frame.index, *(frame.iloc[:, at] for at in range(frame.shape[1]))]
    return [list(map(type, each)) for each in columns if each.dtype == object]


def _from_polars(frame: Any) -> Any:
    return frame.to_arrow()


def _to_polars(table: Any) -> Any:
    import polars

    return polars.from_arrow(table)


def _same_polars(empty: Any, frame: Any, table: Any) -> bool:
    return bool(empty.schema == frame.schema)


def _itself(table: Any) -> Any:
    return table


def _same_table(empty: Any, frame: Any, table: Any) -> bool:
    return KIND not in (frame.schema.metadata or {}) and bool(empty.schema.equals(frame.schema))


WAYS: dict[str, Any] = {
    "pandas": (_from_pandas, _to_pandas, _same_pandas),
    "polars": (_from_polars, _to_polars, _same_polars),
    "pyarrow": (_itself, _itself, _same_table),
}
BY_NAME: dict[str, Serializer] = {"arrow": Arrow(), "parquet": Parquet()}
