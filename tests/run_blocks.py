"""Run the python blocks of a Markdown file, in order, as one program; compare what they print with what it shows.

A block is fenced as `python`. What it prints is shown either after `>>>` lines, or in a block fenced as `text` or
`output` that follows with nothing but an empty line between. `...` stands for what differs from run to run.
"""

from __future__ import annotations

import doctest
import io
import re
import sys
from contextlib import redirect_stdout
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """One fenced block of python, the line of the file that its text starts on, and the output shown below it."""

    line: int
    text: str
    shown: str | None


def blocks_of(markdown: str) -> list[Block]:
    """Find the python blocks, each with the output shown for it."""
    fences = list(FENCE.finditer(markdown))
    return [
        Block(markdown.count("\n", 0, fence.start("text")), fence["text"], shown_after(fence, follower, markdown))
        for fence, follower in zip_longest(fences, fences[1:])
        if fence["language"] == "python"
    ]


def shown_after(fence: re.Match[str], follower: re.Match[str] | None, markdown: str) -> str | None:
    """Take the next block for output if it says so and stands right below."""
    if follower is None or follower["language"] not in {"text", "output"}:
        return None
    return None if markdown[fence.end() : follower.start()].strip() else follower["text"]


def run(file: Path) -> list[str]:
    """Run the blocks of *file* in one module; return what went otherwise than shown."""
    module = ModuleType(re.sub(r"\W", "_", file.stem))
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # what pickle and everfresh look functions up in
    problems: list[str] = []
    for block in blocks_of(file.read_text(encoding="utf-8")):
        check = check_session if ">>> " in block.text else check_program
        problems += check(block, file, module)
    return problems


def check_session(block: Block, file: Path, module: ModuleType) -> list[str]:
    """Run `>>>` lines as doctest does, but with one namespace for the whole file."""
    printed: list[str] = []
    session = doctest.DocTestParser().get_doctest(block.text, vars(module), file.name, str(file), block.line)
    session.globs = vars(module)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    failed = runner.run(session, out=printed.append, clear_globs=False).failed
    return ["".join(printed)] if failed else []


def check_program(block: Block, file: Path, module: ModuleType) -> list[str]:
    """Run a plain block and compare what it printed with what the file shows."""
    printed = io.StringIO()
    # The empty lines in front make tracebacks name the line of the file.
    code = compile("\n" * block.line + block.text, str(file), "exec", dont_inherit=True)
    with redirect_stdout(printed):
        exec(code, vars(module))
    if block.shown is None or doctest.OutputChecker().check_output(block.shown, printed.getvalue(), FLAGS):
        return []
    where = f"{file.name}, line {block.line + 1}"
    return [f"{where}: shown\n{block.shown}but printed\n{printed.getvalue()}"]


if __name__ == "__main__":
    found = run(Path(sys.argv[1]).resolve())
    print("\n".join(found), file=sys.stderr)
    sys.exit(bool(found))
