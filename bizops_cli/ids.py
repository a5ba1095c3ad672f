"""Identities as values with fields: runs and pipeline states."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def check_name(name: str, *, what: str) -> str:
    """Return the name if it may stand in ids and folder names.

    Raises:
        ConfigError: The name has other characters than a-z, 0-9, _ and -.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{what} {name!r} is not a valid name",
            "Use lower-case letters, digits, - and _, starting with a letter or digit.",
        )
    return name


@dataclass(frozen=True, slots=True)
class StateKey:
    """Which pipeline a state belongs to; printed `project:environment:tap`."""

    project: str
    environment: str
    tap: str

    def __str__(self) -> str:
        """Return the key as it stands in `bizops.state.state_id`."""
        return f"{self.project}:{self.environment}:{self.tap}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a printed key.

        Raises:
            ConfigError: The text has not exactly three valid parts.
        """
        parts = text.split(":")
        if len(parts) != 3:
            raise ConfigError(
                f"state id {text!r} is not of the form project:environment:tap",
                "See `bizops state list` for the ids there are.",
            )
        return cls(*(check_name(part, what="state id part") for part in parts))


def new_run_id(now: datetime) -> str:
    """Return a run id that sorts by start time, e.g. `20260131T020000123Z-4f2a9c`."""
    milliseconds = now.microsecond // 1000
    return f"{now:%Y%m%dT%H%M%S}{milliseconds:03}Z-{secrets.token_hex(3)}"
