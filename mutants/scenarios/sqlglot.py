"""Translate queries from one dialect to another, and simplify one."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.optimizer import optimize

QUERY = """
    WITH recent AS (SELECT a, b, ts FROM t WHERE ts > CURRENT_DATE - INTERVAL '7' DAY)
    SELECT a, COUNT(*) AS n, SUM(CASE WHEN b > 1 THEN b ELSE 0 END) AS total
    FROM recent JOIN u USING (a) WHERE u.x + 1 > 2 AND y IN (1, 2) AND NOT (FALSE OR u.z IS NULL)
    GROUP BY a HAVING n > 2 ORDER BY total DESC LIMIT 10
"""
TABLES = {"t": {"a": "int", "b": "int", "ts": "date"}, "u": {"a": "int", "x": "int", "y": "int", "z": "text"}}


def scenario():
    # A dialect by its name is a computed import: all source files of the package count (docs/mutants.md).
    tree = sqlglot.parse_one(QUERY, read="duckdb")
    return [
        sqlglot.transpile(QUERY, read="duckdb", write="spark", pretty=True),
        tree.sql(dialect="tsql"),
        sorted(column.sql() for column in tree.find_all(exp.Column)),
        optimize(tree, schema=TABLES, dialect="duckdb").sql(pretty=True),
    ]
