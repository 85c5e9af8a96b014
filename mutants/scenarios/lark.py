"""Parse by a grammar of one's own, and compute what was parsed."""

from __future__ import annotations

from lark import Lark, Transformer, UnexpectedInput, v_args

GRAMMAR = r"""
    start: line+
    line: [NAME "="] sum ";"
    ?sum: product | sum "+" product -> add | sum "-" product -> sub
    ?product: atom | product "*" atom -> mul | product "/" atom -> div
    ?atom: NUMBER -> number | "-" atom -> neg | NAME -> name | "(" sum ")"
    %import common.CNAME -> NAME
    %import common.NUMBER
    %import common.WS
    %ignore WS
"""


@v_args(inline=True)
class Calculator(Transformer):
    from operator import add, mul, neg, sub

    number = float

    def __init__(self):
        super().__init__()
        self.names = {}

    def div(self, left, right):
        return left / right if right else 0.0

    def name(self, name):
        return self.names[str(name)]

    def line(self, name, value):
        if name is not None:
            self.names[str(name)] = value
        return value


def scenario():
    text = "a = 1 + 2 * (3 - 4) / -5; b = a * a; (a + b) / 2;"
    lalr = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)
    earley = Lark(GRAMMAR, parser="earley", propagate_positions=True)
    tree = earley.parse(text)
    answers = [Calculator().transform(lalr.parse(text)).children, tree.pretty(), tree.children[0].meta.end_column]
    try:
        lalr.parse("a = = 1;")
    except UnexpectedInput as error:
        answers.append((type(error).__name__, error.line, error.column, error.get_context("a = = 1;")))
    return answers
