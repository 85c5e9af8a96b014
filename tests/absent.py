"""Fail if one of the named packages can be imported: proof that an environment is as bare as it claims."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main(names: list[str]) -> None:
    """Say that none of *names* is there, or exit with those that are."""
    if present := [name for name in names if find_spec(name) is not None]:
        sys.exit(f"this environment was to be without {', '.join(present)}")
    print(f"Python {sys.version.split()[0]}, without {', '.join(names)}, as it should be")


if __name__ == "__main__":
    main(sys.argv[1:])
