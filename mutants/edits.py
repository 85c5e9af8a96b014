"""Source -> edits: small changes of meaning, each a stretch of bytes and what takes its place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mutants.places import Def, Place, Source

    Found = tuple[str, tuple[int, int], str]  # what kind of edit, where, and the new text
    Rule = Callable[[Any, Place, Source], Iterator[Found]]


@dataclass(frozen=True)
class Edit:
    """One change to a file."""

    kind: str
    start: int
    end: int
    text: str
    place: Place

    def applied(self, source: bytes) -> bytes:
        """The source with the change."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def edits(source: Source) -> list[Edit]:
    """Every edit that we know for a file, each once. Some make it no program any more."""
    found: dict[tuple[int, int, str], Edit] = {}
    for node, place in source.nodes:
        for rule in RULES.get(type(node), ()):
            for kind, (start, end), text in rule(node, place, source):
                found.setdefault((start, end, text), Edit(kind, start, end, text, place))
    return list(found.values())


def parses(text: bytes) -> bool:
    """Whether the text still is a program."""
    try:
        compile(text, "mutant.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


OPERATORS: dict[type, str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "+",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.Pow: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.BitXor: "|",
    ast.LShift: ">>",
    ast.RShift: "<<",
}
COMPARISONS: dict[type, tuple[str, ...]] = {
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<"),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}


def others(value: object) -> Iterator[tuple[str, str]]:
    """What could stand in place of a constant."""
    if isinstance(value, bool):
        yield "boolean", repr(not value)
    elif isinstance(value, int):
        yield from (("off by one", repr(value + 1)), ("off by one", f"({value - 1})"))
    elif isinstance(value, float):
        yield "constant", repr(value + 1.5)
    elif isinstance(value, str):
        yield "string", f"({value + 'x'!r})"
        if value:
            yield "string", "('')"
    elif isinstance(value, bytes):
        yield "string", f"({value + b'x'!r})"
    elif value is None:
        yield "constant", "(0)"


def another(word: str, words: list[str]) -> str:
    """The next other word of those that the code uses, so that the edit often still runs."""
    known = sorted({*words, word})
    return known[(known.index(word) + 1) % len(known)] if len(known) > 1 else f"{word}_x"


def constant(node: ast.Constant, place: Place, source: Source) -> Iterator[Found]:
    for kind, text in others(node.value):
        yield kind, source.span(node), text


def joined(node: ast.JoinedStr, place: Place, source: Source) -> Iterator[Found]:
    yield "string", source.span(node), f"({source.of(node)} 'x')"


def between(source: Source, left: ast.AST, right: ast.AST, text: str) -> Iterator[Found]:
    """Replace what stands between two operands, where that is nothing but the operator."""
    start, end = source.span(left)[1], source.span(right)[0]
    if not set(source.text[start:end].decode()) & set("()#\\\n"):
        yield "", (start, end), f" {text} "


def arithmetic(node: ast.BinOp, place: Place, source: Source) -> Iterator[Found]:
    for _, span, text in between(source, node.left, node.right, OPERATORS.get(type(node.op), "+")):
        yield "arithmetic", span, text


def augmented(node: ast.AugAssign, place: Place, source: Source) -> Iterator[Found]:
    for _, span, text in between(source, node.target, node.value, f"{OPERATORS.get(type(node.op), '+')}="):
        yield "arithmetic", span, text


def comparison(node: ast.Compare, place: Place, source: Source) -> Iterator[Found]:
    for new in COMPARISONS[type(node.ops[0])]:
        for _, span, text in between(source, node.left, node.comparators[0], new):
            yield "comparison", span, text


def boolean(node: ast.BoolOp, place: Place, source: Source) -> Iterator[Found]:
    new = "or" if isinstance(node.op, ast.And) else "and"
    for _, span, text in between(source, node.values[0], node.values[1], new):
        yield "boolean", span, text


def negation(node: ast.UnaryOp, place: Place, source: Source) -> Iterator[Found]:
    if isinstance(node.op, ast.Not):
        yield "inverted", source.span(node), f"({source.of(node.operand)})"


def condition(node: ast.If | ast.While | ast.IfExp, place: Place, source: Source) -> Iterator[Found]:
    kind = "branches" if node.orelse else "inverted"
    yield kind, source.span(node.test), f" (not ({source.of(node.test)}))"


def filtered(node: ast.comprehension, place: Place, source: Source) -> Iterator[Found]:
    for test in node.ifs:
        yield "inverted", source.span(test), f"(not ({source.of(test)}))"


def attribute(node: ast.Attribute, place: Place, source: Source) -> Iterator[Found]:
    end = source.span(node)[1]
    yield "attribute", (end - len(node.attr.encode()), end), another(node.attr, source.attributes)


def name(node: ast.Name, place: Place, source: Source) -> Iterator[Found]:
    if isinstance(node.ctx, ast.Load):
        yield "name", source.span(node), another(node.id, source.names[place.function])


def call(node: ast.Call, place: Place, source: Source) -> Iterator[Found]:
    if len(node.args) > 1:
        (start, middle), (again, end) = map(source.span, node.args[:2])
        left, right = (source.of(one) for one in node.args[:2])
        yield "arguments", (start, end), right + source.text[middle:again].decode() + left
        yield "arguments", (source.span(node.args[-2])[1], source.span(node.args[-1])[1]), ""


def keyword(node: ast.keyword, place: Place, source: Source) -> Iterator[Found]:
    if node.arg is not None:
        start = source.span(node)[0]
        yield "argument name", (start, start + len(node.arg.encode())), f"{node.arg}_x"


def parameter(node: ast.arg, place: Place, source: Source) -> Iterator[Found]:
    start = source.span(node)[0]
    yield "argument name", (start, start + len(node.arg.encode())), f"{node.arg}_x"


def default(node: ast.arguments, place: Place, source: Source) -> Iterator[Found]:
    for value in (*node.defaults, *filter(None, node.kw_defaults)):
        news = [text for _, text in others(value.value)] if isinstance(value, ast.Constant) else ["None"]
        for new in news:
            yield "default", source.span(value), new


def decorator(node: Def, place: Place, source: Source) -> Iterator[Found]:
    for one in node.decorator_list:
        yield "decorator", source.span(one), "(lambda undecorated: undecorated)"


def deleted(node: ast.stmt, place: Place, source: Source) -> Iterator[Found]:
    yield "deleted", source.span(node), "pass"


def returned(node: ast.Return, place: Place, source: Source) -> Iterator[Found]:
    if node.value is not None:
        yield "returned", source.span(node.value), " None"


def loop_end(node: ast.Break | ast.Continue, place: Place, source: Source) -> Iterator[Found]:
    yield "branches", source.span(node), "continue" if isinstance(node, ast.Break) else "break"


def element(node: ast.List | ast.Tuple | ast.Set, place: Place, source: Source) -> Iterator[Found]:
    if len(node.elts) > 2:
        yield "element", (source.span(node.elts[-2])[1], source.span(node.elts[-1])[1]), ""


def item(node: ast.Dict, place: Place, source: Source) -> Iterator[Found]:
    if len(node.values) > 1:
        yield "element", (source.span(node.values[-2])[1], source.span(node.values[-1])[1]), ""


def handler(node: ast.ExceptHandler, place: Place, source: Source) -> Iterator[Found]:
    if node.type is not None:
        yield "handler", source.span(node.type), " ZeroDivisionError"


RULES: dict[type, tuple[Rule, ...]] = {
    ast.Constant: (constant,),
    ast.JoinedStr: (joined,),
    ast.BinOp: (arithmetic,),
    ast.AugAssign: (augmented, deleted),
    ast.Compare: (comparison,),
    ast.BoolOp: (boolean,),
    ast.UnaryOp: (negation,),
    ast.If: (condition,),
    ast.While: (condition,),
    ast.IfExp: (condition,),
    ast.comprehension: (filtered,),
    ast.Attribute: (attribute,),
    ast.Name: (name,),
    ast.Call: (call,),
    ast.keyword: (keyword,),
    ast.arg: (parameter,),
    ast.arguments: (default,),
    ast.FunctionDef: (decorator,),
    ast.AsyncFunctionDef: (decorator,),
    ast.Expr: (deleted,),
    ast.Assign: (deleted,),
    ast.Raise: (deleted,),
    ast.Assert: (deleted,),
    ast.Delete: (deleted,),
    ast.Return: (returned, deleted),
    ast.Break: (loop_end, deleted),
    ast.Continue: (loop_end, deleted),
    ast.List: (element,),
    ast.Tuple: (element,),
    ast.Set: (element,),
    ast.Dict: (item,),
    ast.ExceptHandler: (handler,),
}


def commented(source: Source) -> bytes:
    """The same program with a comment above every statement that begins a line, and the whole moved down."""
    lines = source.text.splitlines(keepends=True)
    firsts = {_first_line(node) for node, _ in source.nodes if isinstance(node, ast.stmt)}
    out = [b"# moved\n\n\n"]
    for number, line in enumerate(lines, 1):
        if number in firsts and lines[number - 2][-2:] != b"\\\n":
            out.append(b"# a comment\n")
        out.append(line)
    return b"".join(out)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno
