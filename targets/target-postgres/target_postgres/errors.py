"""Every error the target ends with, by what the reader should do.

TargetError            1  internal
  ConfigError          2  a setting is wrong
  BadInputError        3  the tap sent something that is not valid
    NoSchemaError      3  a record came before the SCHEMA of its stream
    MissingKeyError    3  a record has no value for a key property
  DatabaseRefusedError 4  the database answered and said no
  UnreachableError     5  the database did not answer after retries
  LockedError          6  another run writes the same state
  StoppedError         *  a signal ended the run: 128 + its number
  OutputClosedError    1  nobody reads the states any more

Messages never carry a record's values, only where they stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input something stood.

    Attributes:
        line: Line number of the input, from 1; None when unknown.
        stream: Name of the stream, if it is known.
        field: Name of the property, if one is to blame.
        file: The BATCH file whose line it is; None for the input.
    """

    line: int | None = None
    stream: str | None = None
    field: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        """Name what is known, for the end of a message."""
        parts = [
            f"stream {self.stream!r}" if self.stream is not None else "",
            f"field {self.field!r}" if self.field is not None else "",
            f"file {self.file}" if self.file is not None else "",
            f"line {self.line}" if self.line is not None else "",
        ]
        return ", ".join(part for part in parts if part)


class TargetError(Exception):
    """Root of all errors of the target."""

    exit_status: ClassVar[int] = 1

    @property
    def status(self) -> int:
        """Return the exit status of this very error."""
        return self.exit_status


class ConfigError(TargetError):
    """A setting is wrong, or two settings do not go together."""

    exit_status = 2


class BadInputError(TargetError):
    """The tap sent something that is not a valid Singer message."""

    exit_status = 3

    def __init__(self, message: str, place: Place | None = None) -> None:
        """Keep the message and the place apart, so that a caller can add to it.

        Args:
            message: What is wrong, without any value of the record.
            place: Where it stood.
        """
        super().__init__(message)
        self.message = message
        self.place = place or Place()

    def __str__(self) -> str:
        """Return the message with the place."""
        place = str(self.place)
        return f"{self.message} ({place})" if place else self.message


class NoSchemaError(BadInputError):
    """A record came before the SCHEMA of its stream."""


class MissingKeyError(BadInputError):
    """A record has no value for a key property."""


class DatabaseRefusedError(TargetError):
    """The database answered and said no."""

    exit_status = 4


class UnreachableError(TargetError):
    """The database did not answer, after retries."""

    exit_status = 5


class LockedError(TargetError):
    """Another run writes the same state."""

    exit_status = 6


class OutputClosedError(TargetError):
    """Nobody reads the states any more: the rows are committed, the rest is not."""


class StoppedError(TargetError):
    """A signal ended the run.

    Attributes:
        signal_number: The signal; the exit status is 128 more.
    """

    def __init__(self, signal_number: int) -> None:
        """Keep the signal.

        Args:
            signal_number: The signal that was received.
        """
        super().__init__(f"stopped by signal {signal_number}")
        self.signal_number = signal_number

    @property
    def status(self) -> int:
        """Return 128 plus the signal's number."""
        return 128 + self.signal_number
