"""Troubles of Marketo's own; the rest are the kit's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.errors import ApiError, TapError

if TYPE_CHECKING:
    from reading_kit.errors import ApiProblem


class BulkQuotaError(TapError):
    """Today's quota of export files is spent: bulk streams wait; exit status 2."""

    exit_code = 2


class FilterUnavailableError(TapError):
    """The subscription does not have the export filter asked for (code 1035)."""


class FileGoneError(TapError):
    """A finished export has no file (any more)."""


class RefusedError(ApiError):
    """Marketo refused a request; the message names its path and what to do."""

    def __init__(self, problem: ApiProblem, message: str) -> None:
        super().__init__(problem)
        self.args = (message,)
