"""The optional stream DeletedRecord: which records were deleted, purged ones too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from reading_kit.errors import ApiError, SettingsError
from reading_kit.record_stream import RecordStream
from reading_kit.timestamps import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from singer_sdk.helpers import types

    from tap_salesforce.client import SalesforceClient
    from tap_salesforce.tap import TapSalesforce

STREAM_NAME = "DeletedRecord"
#: Salesforce answers for 15 days back; the margin covers the time a run takes.
LONGEST_REACH = timedelta(days=15) - timedelta(hours=1)
#: Seconds are ignored in the bounds, so that anything shorter would be empty.
SHORTEST_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Deletions:
    """An answer: ids with the instant of their deletion, and what it covers."""

    records: tuple[tuple[str, str], ...]
    covered_until: datetime


def read_deletions(answer: dict[str, Any]) -> Deletions:
    """Read an answer of ``/sobjects/X/deleted/``."""
    return Deletions(
        records=tuple(
            (str(entry["id"]), format_instant(parse_instant(entry["deletedDate"])))
            for entry in answer.get("deletedRecords", [])
        ),
        covered_until=parse_instant(answer["latestDateCovered"]),
    )


def fetch_deletions(
    client: SalesforceClient, name: str, *, start: datetime, end: datetime
) -> Iterator[Deletions]:
    """Ask for the deletions of a window, in parts where there are too many.

    Raises:
        ApiError: the object does not tell, or a minute holds too many.
    """
    path = f"{client.settings.data_path}/sobjects/{name}/deleted/"
    params = {"start": format_instant(start), "end": format_instant(end)}
    try:
        answer = client.get_json(path, params=params)
    except ApiError as error:
        is_too_much = error.problem.code == "EXCEEDED_ID_LIMIT"
        if not is_too_much or end - start < 2 * SHORTEST_WINDOW:
            raise
        middle = (start + (end - start) / 2).replace(second=0, microsecond=0)
        yield from fetch_deletions(client, name, start=start, end=middle)
        yield from fetch_deletions(client, name, start=middle, end=end)
    else:
        yield read_deletions(answer)


class DeletedRecordStream(RecordStream):
    """One row per deleted record of the selected objects.

    A stream of its own: a partial record in the object's stream would null the other
    columns downstream. Its state holds one instant per object.
    """

    name = STREAM_NAME
    primary_keys: ClassVar[Sequence[str]] = ["sobject_type", "id"]
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("sobject_type", th.StringType, required=True),
        th.Property("id", th.StringType, required=True),
        th.Property("deleted_date", th.DateTimeType),
    ).to_dict()

    def __init__(self, tap: TapSalesforce) -> None:
        self._org = tap
        super().__init__(tap)

    def get_records(
        self,
        context: types.Context | None,  # noqa: ARG002
    ) -> Iterable[dict[str, Any]]:
        """Give the deletions since the last run, object by object."""
        for name in self._org.deletable_objects():
            now = self._org.client.server_time()
            start = self._start(name, now)
            if now - start < SHORTEST_WINDOW:
                continue
            self.time_extracted = now
            try:
                yield from self._object_records(name, start=start, end=now)
            except ApiError as error:
                if error.problem.status != 404:
                    raise
                self.logger.warning("%s does not tell its deletions: %s", name, error)
            self._org.client.quota.check()

    def _object_records(
        self, name: str, *, start: datetime, end: datetime
    ) -> Iterator[dict[str, Any]]:
        for part in fetch_deletions(self._org.client, name, start=start, end=end):
            for identity, deleted_date in part.records:
                yield {
                    "sobject_type": name,
                    "id": identity,
                    "deleted_date": deleted_date,
                }
            self._note_covered(name, part.covered_until)

    def _objects_state(self) -> dict[str, str]:
        state: dict[str, str] = self.stream_state.setdefault("objects", {})
        return state

    def _start(self, name: str, now: datetime) -> datetime:
        earliest = now - LONGEST_REACH
        text = self._objects_state().get(name)
        if text is None:
            return earliest
        try:
            covered = parse_instant(text)
        except (ValueError, AttributeError, TypeError):
            msg = f"state: the bookmark of {STREAM_NAME} for {name} cannot be read"
            raise SettingsError(msg) from None
        if covered < earliest:
            self.logger.warning(
                "%s: deletions from %s to %s cannot be known any more",
                name,
                format_instant(covered),
                format_instant(earliest),
            )
        return max(covered, earliest)

    def _note_covered(self, name: str, covered_until: datetime) -> None:
        if self.ABORT_AT_RECORD_COUNT is None:
            self._objects_state()[name] = format_instant(covered_until)
            self.write_state()
