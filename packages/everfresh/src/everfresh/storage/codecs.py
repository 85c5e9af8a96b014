"""Ways to compress, each with a checksum of its own: zstd, lz4 and zlib, where they are installed."""

from __future__ import annotations

import importlib
import sys

from everfresh.errors import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# In this order is `best` chosen. The module that each needs; 3.14 brings zstd with it.
STANDARD = sys.version_info >= (3, 14)
METHODS = {"zstd": "compression.zstd" if STANDARD else "zstandard", "lz4": "lz4.frame", "zlib": "zlib"}
# Fast, since what is computed again instead may not have taken long either.
LEVEL = 1
STEP = 1 << 20
NONE = "none"


def chosen(method: str) -> str:
    """The method, if it can be used here; raises ValueError with the remedy if not. `best` is zstd, or else zlib."""
    if method == "best":
        return "zstd" if _there("zstd") else "zlib"
    if method == NONE:
        return NONE
    if method not in METHODS:
        raise ValueError(f"compression={method!r} is not known; there are {NONE}, best, {', '.join(METHODS)}")
    if not _there(method):
        raise ValueError(f"compression={method!r} needs {METHODS[method]}: pip install everfresh[{method}]")
    return method


def packer(method: str) -> Any:
    """An object with `compress` and `flush`."""
    return PACKERS[method](importlib.import_module(METHODS[method]))


def expand(method: str, data: memoryview) -> bytearray:
    """What was compressed; raises DamagedError where it is cut short or altered, or the method is missing here."""
    if method == NONE:
        return bytearray(data)
    if method not in METHODS or not _there(method):
        raise DamagedError(f"it is compressed by {method!r}, which is not installed here")
    unpacker = UNPACKERS[method](importlib.import_module(METHODS[method]))
    found = bytearray()
    try:
        for start in range(0, len(data), STEP):
            if not unpacker.eof:  # after the end there may be a signature that nobody asked for
                found += unpacker.decompress(data[start : start + STEP])
    except Exception as error:  # each module has its own
        raise DamagedError(f"it cannot be decompressed: {error}") from error
    if not unpacker.eof:
        raise DamagedError("it is cut short")
    return found


def _there(method: str) -> bool:
    try:
        importlib.import_module(METHODS[method])
    except ImportError:
        return False
    return True


class _Lz4:
    """lz4 writes a beginning of its own before the first bytes."""

    def __init__(self, module: Any) -> None:
        self.packer = module.LZ4FrameCompressor(content_checksum=True)
        self.begun = False

    def compress(self, chunk: Any) -> bytes:
        beginning: bytes = b"" if self.begun else self.packer.begin()
        self.begun = True
        return beginning + bytes(self.packer.compress(chunk))

    def flush(self) -> bytes:
        return bytes(self.packer.flush())


def _zstd(module: Any) -> Any:
    if STANDARD:
        options = module.CompressionParameter
        return module.ZstdCompressor(options={options.compression_level: LEVEL, options.checksum_flag: 1})
    return module.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()


PACKERS: dict[str, Callable[[Any], Any]] = {
    "zstd": _zstd,
    "lz4": _Lz4,
    "zlib": lambda module: module.compressobj(LEVEL),
}
UNPACKERS: dict[str, Callable[[Any], Any]] = {
    "zstd": lambda module: module.ZstdDecompressor() if STANDARD else module.ZstdDecompressor().decompressobj(),
    "lz4": lambda module: module.LZ4FrameDecompressor(),
    "zlib": lambda module: module.decompressobj(),
}
