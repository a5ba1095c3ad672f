"""One run over the selected streams, whatever becomes of single ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_salesforce.errors import (
    ApiError,
    CredentialsError,
    HostUnreachableError,
    QuotaError,
    ReaderGoneError,
    SettingsError,
    SpoolError,
    StreamsFailedError,
    TapError,
    UnreachableError,
)
from tap_salesforce.limits import read_bulk_jobs_left
from tap_salesforce.streams import SalesforceStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk import Stream

    from tap_salesforce.tap import TapSalesforce

#: Troubles that every further stream would meet too.
FATAL = (
    CredentialsError,
    HostUnreachableError,
    QuotaError,
    ReaderGoneError,
    SettingsError,
    SpoolError,
)


class Run:
    """Syncs stream after stream while the jobs of later ones are at work."""

    def __init__(self, tap: TapSalesforce, *, missing: Iterable[str]) -> None:
        self._tap = tap
        self._streams = [stream for stream in tap.streams.values() if stream.selected]
        self._failures: dict[str, TapError] = {
            name: TapError("gone from the org, or not readable for this user")
            for name in missing
        }

    def sync(self) -> None:
        """Sync all streams.

        Raises:
            StreamsFailedError: at the end, when some streams are not complete.
            TapError: when going on makes no sense.
        """
        self._check_limits()
        self._tap.board.plan(
            (stream.name, stream.submit_ahead)
            for stream in self._bulk_streams()
            if stream.is_submittable()
        )
        try:
            for stream in self._streams:
                self._sync_stream(stream)
        except FATAL:
            self._abandon_jobs()
            raise
        self._log_usage()
        if self._failures:
            raise combine_failures(self._failures)

    def _bulk_streams(self) -> list[SalesforceStream]:
        return [
            stream
            for stream in self._streams
            if isinstance(stream, SalesforceStream) and stream.is_bulk
        ]

    def _check_limits(self) -> None:
        """Read the org's limits once: calls against the quotas, jobs left today."""
        client = self._tap.client
        try:
            limits = client.get_json(f"{client.settings.data_path}/limits")
        except ApiError as error:
            self._tap.logger.info("the org does not tell its limits: %s", error)
            limits = {}
        client.quota.check()
        left = read_bulk_jobs_left(limits)
        if left is not None and len(self._bulk_streams()) > left:
            self._tap.logger.warning(
                "only %d bulk jobs are left today: using REST", left
            )
            self._tap.is_bulk_exhausted = True

    def _sync_stream(self, stream: Stream) -> None:
        try:
            stream.sync()
        except FATAL:
            raise
        except TapError as error:
            self._tap.logger.error("%s failed: %s", stream.name, error)  # noqa: TRY400
            self._failures[stream.name] = error
        finally:
            self._tap.board.finish(stream.name)

    def _abandon_jobs(self) -> None:
        for job in self._tap.board.stop():
            self._tap.bulk.abort(job.job_id)

    def _log_usage(self) -> None:
        quota = self._tap.client.quota
        if quota.usage is not None:
            self._tap.logger.info(
                "API calls: %d by this run; %d of %d used by the org today",
                quota.own_calls,
                quota.usage.used,
                quota.usage.allowed,
            )


def combine_failures(failures: dict[str, TapError]) -> StreamsFailedError:
    """List what failed; the status is 5 where nothing but the connection did."""
    listed = "; ".join(f"{name}: {error}" for name, error in failures.items())
    is_unreachable = all(isinstance(e, UnreachableError) for e in failures.values())
    exit_code = UnreachableError.exit_code if is_unreachable else TapError.exit_code
    return StreamsFailedError(
        f"{len(failures)} of the streams not complete: {listed}", exit_code=exit_code
    )
