"""Arrow data by type and values: neither slices, chunks and offsets nor what lies behind a null count."""

from __future__ import annotations

import pyarrow  # type: ignore[import-not-found, import-untyped, unused-ignore]
import pyarrow.compute  # type: ignore[import-not-found, import-untyped, unused-ignore]
from pyarrow import types  # type: ignore[import-not-found, import-untyped, unused-ignore]

from everfresh_fingerprint.digest import Digest, digest, digest_pieces
from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Literal


def _subclasses(*bases: type) -> list[type]:
    """The types that pyarrow itself makes, one for each kind of data."""
    return [one for one in vars(pyarrow.lib).values() if isinstance(one, type) and issubclass(one, bases)]


@register(*_subclasses(pyarrow.Array))
def _array(value: pyarrow.Array) -> Form:
    return Form("Array", [value.type, *content([value], value.type)])


@register(pyarrow.ChunkedArray)
def _chunked(value: pyarrow.ChunkedArray) -> Form:
    return Form("ChunkedArray", [value.type, *content(value.chunks, value.type)])


@register(pyarrow.Table, pyarrow.RecordBatch)
def _table(value: Any) -> Form:
    return Form(type(value).__name__, [value.schema, value.num_rows, Form("items", list(value.itercolumns()))])


@register(pyarrow.Schema)
def _schema(value: pyarrow.Schema) -> Form:
    return Form("Schema", [list(value), dict(value.metadata or {})])


@register(pyarrow.Field)
def _field(value: pyarrow.Field) -> Form:
    return Form("Field", [value.name, value.type, value.nullable, dict(value.metadata or {})])


@register(*_subclasses(pyarrow.DataType))
def _type(value: pyarrow.DataType) -> Form:
    if isinstance(value, pyarrow.BaseExtensionType):
        return Form("extension type", [value.extension_name, value.storage_type, str(value)])
    return Form("DataType", [str(value), [value.field(place) for place in range(value.num_fields)]])


@register(*_subclasses(pyarrow.Scalar))
def _scalar(value: pyarrow.Scalar) -> Form:
    return Form("Scalar", [value.type, *content([pyarrow.repeat(value, 1)], value.type)])


@register(pyarrow.Buffer, pyarrow.ResizableBuffer)
def _buffer(value: pyarrow.Buffer) -> Form:
    return Form("Buffer", [digest(memoryview(value))])


def content(chunks: list[Any], kind: Any) -> list[object]:
    """Length, which elements are null, and the elements that are not."""
    if not types.is_dictionary(kind):  # of an empty one the dictionary counts
        chunks = [chunk for chunk in chunks if len(chunk)]
    if not chunks:
        return [0]
    if types.is_string_view(kind) or types.is_binary_view(kind):  # few functions take these
        kind = pyarrow.large_string() if types.is_string_view(kind) else pyarrow.large_binary()
        chunks = [chunk.cast(kind) for chunk in chunks]
    length = sum(map(len, chunks))
    if not any(chunk.null_count for chunk in chunks):
        return [length, None, *_elements(chunks, kind)]
    valid = _fixed(_booleans(chunk.is_valid() for chunk in chunks), 1)
    return [length, valid, *_elements([chunk.drop_null() for chunk in chunks], kind)]


def _elements(chunks: list[Any], kind: Any) -> list[object]:
    for applies, elements in BY_KIND:
        if applies(kind):
            return elements(chunks, kind)
    try:
        return [_fixed(chunks, kind.bit_width // 8)]
    except ValueError:  # it has no fixed width, and is of a kind that is rare: unions, views of lists
        return [one for chunk in chunks for one in chunk.to_pylist()]


def _fixed(chunks: Iterable[Any], width: int) -> Digest:
    return digest_pieces(
        memoryview(chunk.buffers()[1])[chunk.offset * width : (chunk.offset + len(chunk)) * width]
        for chunk in chunks
        if len(chunk)
    )


def _booleans(chunks: Iterable[Any]) -> Iterator[Any]:
    return (chunk.cast("uint8") for chunk in chunks)


def _boolean(chunks: list[Any], kind: object) -> list[object]:
    return [_fixed(_booleans(chunks), 1)]


def _text(chunks: list[Any], kind: Any) -> list[object]:
    wide = types.is_large_string(kind) or types.is_large_binary(kind)
    lengths = (pyarrow.compute.binary_length(chunk) for chunk in chunks)
    return [_fixed(lengths, 8 if wide else 4), digest_pieces(_letters(chunk, "q" if wide else "i") for chunk in chunks)]


def _letters(chunk: Any, code: Literal["i", "q"]) -> memoryview | bytes:
    _, offsets, letters = chunk.buffers()
    if letters is None or not len(chunk):
        return b""
    places = memoryview(offsets).cast("B").cast(code)
    return memoryview(letters)[places[chunk.offset] : places[chunk.offset + len(chunk)]]


def _list(chunks: list[Any], kind: Any) -> list[object]:
    if types.is_map(kind):
        pairs = pyarrow.list_(pyarrow.struct([kind.key_field, kind.item_field]))
        chunks = [chunk.cast(pairs) for chunk in chunks]
    lengths = pyarrow.chunked_array([pyarrow.compute.list_value_length(chunk) for chunk in chunks])
    return [lengths, pyarrow.chunked_array([chunk.flatten() for chunk in chunks])]


def _struct(chunks: list[Any], kind: Any) -> list[object]:
    fields = [chunk.flatten() for chunk in chunks]
    return [pyarrow.chunked_array(column) for column in zip(*fields, strict=True)]


def _dictionary(chunks: list[Any], kind: Any) -> list[object]:
    unified = pyarrow.chunked_array(chunks).unify_dictionaries().chunks
    return [pyarrow.chunked_array([chunk.indices for chunk in unified]), unified[0].dictionary]


def _storage(chunks: list[Any], kind: Any) -> list[object]:
    return content([chunk.storage for chunk in chunks], kind.storage_type)


def _run_ends(chunks: list[Any], kind: Any) -> list[object]:
    return content([pyarrow.compute.run_end_decode(chunk) for chunk in chunks], kind.value_type)


def _is_text(kind: Any) -> bool:
    checks = (types.is_string, types.is_binary, types.is_large_string, types.is_large_binary)
    return any(check(kind) for check in checks)


def _is_list(kind: Any) -> bool:
    checks = (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_map)
    return any(check(kind) for check in checks)


def _is_extension(kind: Any) -> bool:
    return isinstance(kind, pyarrow.BaseExtensionType)


BY_KIND: list[tuple[Callable[[Any], bool], Callable[[list[Any], Any], list[object]]]] = [
    (_is_extension, _storage),
    (types.is_null, lambda chunks, kind: []),
    (types.is_boolean, _boolean),
    (_is_text, _text),
    (_is_list, _list),
    (types.is_struct, _struct),
    (types.is_dictionary, _dictionary),
    (types.is_run_end_encoded, _run_ends),
]
