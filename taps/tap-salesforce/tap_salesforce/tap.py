"""The tap: its parts, its streams, and what surrounds a run over them."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NoReturn

from reading_kit.call_metrics import CallsMade
from reading_kit.command import ReadingTap, run_as_process
from reading_kit.errors import ApiError, CredentialsError
from tap_salesforce.bulk import BulkApi
from tap_salesforce.client import SalesforceClient
from tap_salesforce.config_schema import CONFIG_SCHEMA
from tap_salesforce.deleted_records import STREAM_NAME, DeletedRecordStream
from tap_salesforce.discovering import describe_objects, discover
from tap_salesforce.limits import read_bulk_jobs_left
from tap_salesforce.rest import RestApi
from tap_salesforce.settings import IGNORED_SETTINGS, Settings, parse_settings
from tap_salesforce.streams import SalesforceStream
from tap_salesforce.submitting import JobBoard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream

    from reading_kit.record_stream import RecordStream


class TapSalesforce(ReadingTap):
    """Singer tap for Salesforce, on Bulk API 2.0 and REST."""

    name = "tap-salesforce"
    package_name = "bizops-tap-salesforce"
    config_jsonschema = CONFIG_SCHEMA
    ignored_settings: ClassVar[frozenset[str]] = IGNORED_SETTINGS

    is_bulk_exhausted = False
    _missing: Sequence[str] = ()

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        return parse_settings(self.config, version=self.plugin_version)

    @cached_property
    def client(self) -> SalesforceClient:
        """Give the connection to the org; nothing is asked before its first use."""
        return SalesforceClient(self.settings, clock=self.clock)

    @cached_property
    def bulk(self) -> BulkApi:
        """Give the org's bulk jobs."""
        return BulkApi(self.client)

    @cached_property
    def rest(self) -> RestApi:
        """Give the org's queries."""
        return RestApi(self.client)

    @cached_property
    def board(self) -> JobBoard:
        """Give the jobs submitted ahead."""
        return JobBoard(limit=self.settings.max_workers)

    def worker_count(self) -> int:
        """Give how many jobs and pages are under way at once."""
        return self.settings.max_workers

    # Catalog

    def discover_streams(self) -> Sequence[RecordStream]:
        """Ask the org: for the catalog's selected streams, or else for all."""
        catalog = self.input_catalog
        if catalog is None:
            specs = discover(self.client, self.rest)
        else:
            names = [
                entry.tap_stream_id
                for entry in catalog.streams
                if entry.tap_stream_id != STREAM_NAME
                and entry.metadata.resolve_selection().get((), True)
            ]
            specs = describe_objects(self.client, self.rest, names)
            self._missing = sorted(set(names) - {spec.name for spec in specs})
        streams: list[RecordStream] = [SalesforceStream(self, spec) for spec in specs]
        if self.settings.are_hard_deletes_detected:
            streams.append(DeletedRecordStream(self))
        return streams

    def missing_streams(self) -> Sequence[str]:
        """Give the objects the catalog selects that the user cannot read."""
        return self._missing

    def deletable_objects(self) -> list[str]:
        """Give the selected objects whose deletions Salesforce tells."""
        return [
            stream.name
            for stream in self.streams.values()
            if isinstance(stream, SalesforceStream)
            and stream.selected
            and stream.spec.is_replicateable
            and "Id" in stream.primary_keys
        ]

    # The run

    def prepare_run(self, streams: Sequence[Stream]) -> None:
        """Hold the org's limits against the run, then submit the first jobs."""
        bulk_streams = [
            stream
            for stream in streams
            if isinstance(stream, SalesforceStream) and stream.is_bulk
        ]
        self._check_limits(job_count=len(bulk_streams))
        self.board.plan(
            (stream.name, stream.submit_ahead)
            for stream in bulk_streams
            if stream.is_submittable()
        )

    def end_stream(self, stream: Stream) -> None:
        """Make room for the job of the next stream."""
        self.board.finish(stream.name)

    def calls_made(self) -> CallsMade | None:
        """Give the API calls so far, and those of all clients of the org today."""
        if "client" not in self.__dict__:
            return None
        quota = self.client.quota
        usage = quota.usage
        told = {} if usage is None else {"used": usage.used, "allowed": usage.allowed}
        return CallsMade(quota.own_calls, told)

    def finish_run(self) -> None:
        """Tell the API calls made."""
        quota = self.client.quota
        if quota.usage is not None:
            self.logger.info(
                "API calls: %d by this run; %d of %d used by the org today",
                quota.own_calls,
                quota.usage.used,
                quota.usage.allowed,
            )

    def abandon_run(self) -> None:
        """Abort the jobs nobody will read; those that are done wait to be resumed."""
        if "bulk" not in self.__dict__ or isinstance(sys.exception(), CredentialsError):
            # Nothing runs, or nothing can be asked any more.
            return
        self.board.stop()
        self.bulk.abort_running()

    def _check_limits(self, *, job_count: int) -> None:
        """Read the org's limits once: calls against the quotas, jobs left today."""
        try:
            limits = self.client.get_json(f"{self.settings.data_path}/limits")
        except ApiError as error:
            self.logger.info("the org does not tell its limits: %s", error)
            limits = {}
        self.client.quota.check()
        left = read_bulk_jobs_left(limits)
        if left is not None and job_count > left:
            self.logger.warning("only %d bulk jobs are left today: using REST", left)
            self.is_bulk_exhausted = True


def main() -> NoReturn:
    """Run as a process."""
    run_as_process(TapSalesforce)


if __name__ == "__main__":
    main()
