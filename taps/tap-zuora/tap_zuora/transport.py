"""What a way to run queries has to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from reading_kit.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reading_kit.pages import Page
    from tap_zuora.queries import JobStatus, Query, Result, Submission


class JobRefusedError(TapError):
    """A job that was not taken on, with Zuora's code and text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {' '.join(message.split())}")
        self.code = code
        self.message = message


class JobGoneError(TapError):
    """A job the service does not know (any more)."""


class FileGoneError(TapError):
    """A result that was purged."""


class FileTooLargeError(TapError):
    """A result larger than may be downloaded."""


class Transport(Protocol):
    """Runs queries by jobs and fetches their results.

    Attributes:
        api: Its name, part of a query's fingerprint.
        queries_per_job: How many queries one job takes.
    """

    api: str
    queries_per_job: int

    def submit(self, queries: Sequence[Query]) -> Submission:
        """Start a job.

        Raises:
            JobRefusedError: it is not taken on.
            TapError: the service cannot be asked.
        """

    def look(self, submission: Submission, queries: Sequence[Query]) -> JobStatus:
        """Look at a job; each look of a finished one gives all outcomes.

        Raises:
            JobGoneError: there is no such job.
            TapError: the service cannot be asked.
        """

    def cancel(self, job_id: str) -> None:
        """Cancel a job, if it can be."""

    def fetch(self, result: Result, number: int, path: Path) -> tuple[Page, str]:
        """Load a file of a result and give its rows as a page, and the last row's Id.

        Raises:
            FileGoneError: it was purged.
            FileTooLargeError: it is too large.
            IncompleteDataError: it is cut, or not what was asked for.
        """
