"""Highlight a snippet for a page and for a terminal."""

from __future__ import annotations

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.formatters.terminal256 import Terminal256Formatter
from pygments.lexers.python import PythonLexer

SNIPPET = '''
@decorated
def grow(capital: float, years=10) -> float:
    """Text."""
    if years <= 0x1F and not None:
        return f"{capital!r:>{years}}"  # a comment
    raise ValueError('\\\\n', 1.5e3) from None
'''


def scenario():
    # A style by its name is a computed import: all source files of the package count (docs/mutants.md).
    page = HtmlFormatter(full=True, linenos="table", hl_lines=[3], style="monokai")
    tokens = [(str(kind), text) for kind, text in PythonLexer(stripall=True).get_tokens(SNIPPET)]
    shell = Terminal256Formatter(style="monokai")
    return [tokens, highlight(SNIPPET, PythonLexer(), page), highlight(SNIPPET, PythonLexer(), shell)]
