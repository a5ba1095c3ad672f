"""Every error bizops shows, by what the reader should do, with its exit status.

BizopsError
  ConfigError          2  the project file, a setting or the command's words are wrong
  TapInputError        3  a tap sent something that is not a valid Singer message
  DatabaseRefusedError 4  the warehouse answered and said no
  UnreachableError     5  a server did not answer after retries
  LockedError          6  another run holds the lock
  TransformError       7  dbt models or data tests failed
  InstallError         8  a plugin could not be installed
  ReconcileError       9  source and warehouse, or two environments, differ
  PluginError          *  a plugin ended with a status of its own
  InterruptedRunError  *  a signal ended the run: 128 + its number
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(eq=False)
class BizopsError(Exception):
    """What went wrong, what to do about it, and the facts around it.

    Attributes:
        message: One sentence, without a full stop's worth of jargon.
        next_step: What the reader does now; empty when there is nothing to do.
        context: Facts printed below the message, such as file, line or stream.
    """

    message: str
    next_step: str = ""
    context: Mapping[str, object] = field(default_factory=dict)

    exit_status: ClassVar[int] = 1

    def __str__(self) -> str:
        """Return the message alone."""
        return self.message

    @property
    def status(self) -> int:
        """Return the exit status of this very error."""
        return self.exit_status


class ConfigError(BizopsError):
    """The project file, a setting or the command's words are wrong."""

    exit_status = 2


class TapInputError(BizopsError):
    """A tap sent something that is not a valid Singer message."""

    exit_status = 3


class DatabaseRefusedError(BizopsError):
    """The warehouse answered and said no."""

    exit_status = 4


class UnreachableError(BizopsError):
    """A server did not answer after retries."""

    exit_status = 5


class LockedError(BizopsError):
    """Another run holds the lock."""

    exit_status = 6


class TransformError(BizopsError):
    """Models or data tests of dbt failed."""

    exit_status = 7


class InstallError(BizopsError):
    """A plugin could not be installed."""

    exit_status = 8


class ReconcileError(BizopsError):
    """Source and warehouse, or two environments, hold different figures."""

    exit_status = 9


@dataclass(eq=False)
class PluginError(BizopsError):
    """A plugin ended with a status of its own, which becomes ours."""

    plugin_status: int = 1

    @property
    def status(self) -> int:
        """Return the plugin's status where the table knows it, else 1."""
        return self.plugin_status if self.plugin_status in range(2, 10) else 1


@dataclass(eq=False)
class InterruptedRunError(BizopsError):
    """A signal ended the run."""

    signal_number: int = 2

    @property
    def status(self) -> int:
        """Return 128 plus the signal's number, as shells do."""
        return 128 + self.signal_number
