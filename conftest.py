"""What every test of the repository shares."""

from __future__ import annotations

from hypothesis import settings

# A loaded machine is slow, not wrong: no example fails for the time that it takes.
settings.register_profile("everfresh", deadline=None)
settings.load_profile("everfresh")
