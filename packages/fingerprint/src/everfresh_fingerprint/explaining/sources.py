"""Function or class -> its text, cut from the file by line numbers alone: cheap enough to be kept with every answer."""

from __future__ import annotations

import os
import sys
from types import FunctionType

from everfresh_callgraph.bytecode import nested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import TypeAlias

    Source: TypeAlias = tuple[str, int, str]  # file without its folder, first line, text

LONGEST = 4_000
CLOSING = " \t\r\n)]},"


def source_of(subject: object) -> Source | None:
    """The text of a function or class, or a value that is a text of several lines; None where there is no sure one."""
    if type(subject) is FunctionType:
        return _of_function(subject)
    if issubclass(type(subject), type):
        return _of_class(subject)  # type: ignore[arg-type]
    if type(subject) is str and len(subject) <= LONGEST and "\n" in subject:
        return "", 1, subject
    return None


def _of_function(function: FunctionType) -> Source | None:
    code = function.__code__
    lines = _lines(code.co_filename)
    first, last = code.co_firstlineno, _last_line(code)
    while last < len(lines) and lines[last].strip() and not lines[last].strip(CLOSING):
        last += 1
    text = "".join(lines[first - 1 : last])
    # The file may have been edited since it was imported.
    wanted = "lambda" if code.co_name == "<lambda>" else f"def {code.co_name}"
    return (os.path.basename(code.co_filename), first, text) if wanted in text else None


def _last_line(code: CodeType) -> int:
    own = max((line for _, _, line in code.co_lines() if line is not None), default=code.co_firstlineno)
    return max(own, *map(_last_line, nested(code)), 0)


def _of_class(cls: type) -> Source | None:
    """The class statement, found by its name where Python does not say the line, and all that is indented below it."""
    file = getattr(sys.modules.get(str(vars(cls).get("__module__"))), "__file__", None)
    lines = _lines(file) if isinstance(file, str) else []
    starts = [place for place, line in enumerate(lines) if _opens(line, cls.__name__)]
    if not isinstance(file, str) or len(starts) != 1:
        return None
    first = starts[0]
    depth = _indent(lines[first])
    last = next((at for at in range(first + 1, len(lines)) if _ends(lines[at], depth)), len(lines))
    return os.path.basename(file), first + 1, "".join(lines[first:last]).rstrip() + "\n"


def _opens(line: str, name: str) -> bool:
    head, _, rest = line.strip().partition(name)
    return head == "class " and rest[:1] in ("(", ":", "[", " ")


def _ends(line: str, depth: int) -> bool:
    return bool(line.strip(CLOSING)) and not line.lstrip().startswith("#") and _indent(line) <= depth


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _lines(file: str) -> list[str]:
    import linecache

    linecache.checkcache(file)
    return linecache.getlines(file)
