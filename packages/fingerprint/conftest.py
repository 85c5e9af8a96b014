"""Where a package is not installed, the module with the rules for it cannot be imported to look for doctests."""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = ("numpy", "pandas", "polars", "pyarrow", "scipy", "torch", "tqdm", "xarray")
collect_ignore = [f"src/everfresh_fingerprint/forms/{name}.py" for name in PACKAGES if find_spec(name) is None]
