"""What can go wrong, and the exit status each cause ends the process with."""

from __future__ import annotations

import signal
from dataclasses import dataclass


class TapError(Exception):
    """Anything a tap reports in its own words; exit status 1."""

    exit_code = 1


class SettingsError(TapError):
    """The configuration cannot be used as it stands; exit status 2."""

    exit_code = 2


class CredentialsError(TapError):
    """The service rejected the credentials; exit status 2."""

    exit_code = 2


class QuotaError(TapError):
    """The run would use more API calls than it is allowed to; exit status 2."""

    exit_code = 2


class UnreachableError(TapError):
    """No usable answer came after all retries; exit status 5."""

    exit_code = 5


class HostUnreachableError(UnreachableError):
    """Not even a connection could be made after all retries; exit status 5."""


class NoAnswerError(UnreachableError):
    """Connections were made, but no answer came in time; exit status 5."""


class IncompleteDataError(TapError):
    """Fewer or other rows arrived than the service announced."""


class ReaderGoneError(TapError):
    """Nobody reads the output any more."""


class SpoolError(TapError):
    """Pages cannot be kept on disk until they are written."""


class ValueFormatError(TapError):
    """A value does not have the form its field type promises."""


class JobError(TapError):
    """A job on the server ended without a result."""


class StreamsFailedError(TapError):
    """Some streams ended without all of their data; the others are complete."""

    def __init__(self, message: str, *, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """An error answer.

    Attributes:
        status: The HTTP status.
        code: The service's own code; ``HTTP_<status>`` where there is none.
        message: The service's own words.
        retry_after_s: Seconds the service asks to wait, where it says so.
    """

    status: int
    code: str
    message: str
    retry_after_s: float | None = None

    def __str__(self) -> str:
        text = " ".join(self.message.split())
        return f"{self.code} (HTTP {self.status}): {text}"


class ApiError(TapError):
    """The service refused a request and repeating it would not help."""

    def __init__(self, problem: ApiProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Terminated(BaseException):
    """A signal asked the process to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum
