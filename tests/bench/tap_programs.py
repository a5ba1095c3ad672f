"""The programs of our taps, in an environment of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.environments import make_environment
from tests.bench.project import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

TAPS = ("tap-salesforce", "tap-marketo", "tap-zuora", "tap-facebook-ads", "tap-gitlab")


def tap_programs(cache: Path) -> Path:
    """Make the environment of all taps; return the folder of its programs."""
    requirements = [str(CHECKOUT / "taps" / name) for name in ("reading-kit", *TAPS)]
    return make_environment("taps", requirements, cache / "environments")
