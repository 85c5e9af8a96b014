"""Modules of the standard library that were copied into the user's own package: needs no network."""

from __future__ import annotations

from copied import argparse, configparser, difflib, fractions, textwrap

SETTINGS = "[a]\nx = 1\npath = %(x)s/b\n[b]\ny: on\n"


def scenario():
    settings = configparser.ConfigParser()
    settings.read_string(SETTINGS)
    parser = argparse.ArgumentParser(prog="program", description="Does what it says.")
    parser.add_argument("--count", type=int, default=3, choices=range(9))
    parser.add_argument("names", nargs="+")
    return [
        settings.get("a", "path"),
        settings.getboolean("b", "y"),
        parser.format_help(),
        vars(parser.parse_args(["--count", "4", "one", "two"])),
        list(difflib.unified_diff(["a", "b", "c"], ["a", "c", "d"], lineterm="")),
        str(fractions.Fraction("3/4") + fractions.Fraction(1, 6)),
        textwrap.fill("A long line of words that goes on and on and on.", 20, initial_indent="* "),
    ]
