"""What functions of the library read of the environment by themselves."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_callgraph.walk import Draft, Walk

EXPANDING = frozenset({"posixpath.expandvars", "ntpath.expandvars", "os.path.expandvars"})
HOMES = """posixpath.expanduser ntpath.expanduser os.path.expanduser pathlib.Path pathlib.PosixPath pathlib.WindowsPath
    pathlib._local.Path pathlib._local.PosixPath pathlib._local.WindowsPath"""
# Variables of the environment that functions of the library read.
VARIABLES: dict[str, tuple[str, ...]] = dict.fromkeys(HOMES.split(), ("HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH"))
VARIABLES |= dict.fromkeys(("tempfile.gettempdir", "tempfile.gettempdirb"), ("TMPDIR", "TEMP", "TMP"))


def read_by(walk: Walk, draft: Draft) -> None:
    """What a function of the library reads of the environment."""
    walk.variables.update(VARIABLES.get(draft.name, ()))
    walk.whole_environment |= draft.name in EXPANDING
    if draft.name in VARIABLES or draft.name in EXPANDING or draft.subject is os.getenv:
        draft.refer("reads", walk.meet(os.environ, "", "environment"))
