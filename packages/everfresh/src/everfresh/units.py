"""Bytes and seconds as people write and read them."""

from __future__ import annotations

UNITS = {"": 1, "b": 1}
for power, letter in enumerate("kmgtp", start=1):
    UNITS |= {letter: 1000**power, f"{letter}b": 1000**power, f"{letter}i": 1024**power, f"{letter}ib": 1024**power}


def parse_size(text: int | str, name: str = "size", least: int = 1) -> int:
    """Bytes, at least `least`, from `"10 GiB"`, `"500MB"` or a number.

    >>> parse_size("1.5 kB")
    1500
    """
    if isinstance(text, int) and not isinstance(text, bool) and text >= least:
        return text
    number, unit = _split(str(text).strip().lower())
    if unit in UNITS and number >= least:
        return int(number * UNITS[unit])
    raise ValueError(f"{name}={text!r} is not a size; write a number of bytes, or for example '10 GiB' or '500 MB'")


def _split(text: str) -> tuple[float, str]:
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    try:
        return float(digits), text[len(digits) :].strip()
    except ValueError:
        return -1.0, ""


def bytes_text(size: float) -> str:
    """`1.5 MiB` from a number of bytes."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 1024:
            return f"{size:.3g} {unit}"
        size /= 1024
    return f"{size:.3g} TiB"


def seconds_text(seconds: float) -> str:
    """`3.2 ms` or `2 min 5 s` from a number of seconds."""
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1, 1e3, "ms"), (60, 1, "s")):
        if abs(seconds) < limit:
            return f"{seconds * factor:.3g} {unit}"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
