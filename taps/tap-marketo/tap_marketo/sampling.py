"""A few rows through REST, for connection tests: exports would cost quota."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading_kit.jsonlines import LineEncoder, to_page
from tap_marketo.instants import format_instant
from tap_marketo.paging import as_rows, browse_by_token
from tap_marketo.rest_specs import PROGRAMS
from tap_marketo.rest_streams import list_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reading_kit.pages import Page
    from tap_marketo.activity_stream import ActivityStream
    from tap_marketo.client import MarketoClient
    from tap_marketo.describing import FieldSpec
    from tap_marketo.marketo_stream import MarketoStream

_ACTIVITIES = "/rest/v1/activities.json"
#: Pages looked at for rows of one type.
_MOST_PAGES = 20
#: The type every lead begins with.
_NEW_LEAD = 12
_MOST_IDS = 50
_MOST_PROGRAMS = 5


def read_log(
    client: MarketoClient, path: str, params: dict[str, str], *, since: str
) -> Iterator[list[dict[str, Any]]]:
    """Give pages of an activity log; few or no rows are no end of it."""
    start = client.fetch(
        "/rest/v1/activities/pagingtoken.json", {"sinceDatetime": since}, has_rows=False
    )
    token = start.next_token
    while token is not None:
        answer = client.fetch(path, {**params, "nextPageToken": token})
        yield as_rows(answer.rows)
        token = answer.next_token if answer.has_more else None


def flatten_activity(row: dict[str, Any]) -> dict[str, Any]:
    """Give an activity of REST in the names of the exports, attributes by name."""
    attributes = row.get("attributes") or ()
    return {
        **row,
        "attributes": {
            str(each.get("name") or each.get("apiName")): each.get("value")
            for each in attributes
            if isinstance(each, dict)
        },
    }


def sample_activities(stream: ActivityStream, limit_rows: int) -> Iterator[Page]:
    """Give some activities of the stream's type."""
    params = {"activityTypeIds": str(stream.spec.type_id)}
    since = format_instant(stream.settings.start_date)
    encoder = _new_encoder(stream)
    count = 0
    pages = read_log(stream.client, _ACTIVITIES, params, since=since)
    for _, rows in zip(range(_MOST_PAGES), pages, strict=False):
        records = [stream.to_record(flatten_activity(row)) for row in rows]
        count += len(records)
        if records:
            yield to_page(encoder, records)
        if count >= limit_rows:
            return


def sample_leads(
    stream: MarketoStream, fields: Sequence[FieldSpec], limit_rows: int
) -> Iterator[Page]:
    """Give some leads, found by the activities with which they came."""
    client = stream.client
    since = format_instant(stream.settings.start_date)
    params = {"activityTypeIds": str(_NEW_LEAD)}
    pages = read_log(client, _ACTIVITIES, params, since=since)
    ids: list[str] = []
    for _, rows in zip(range(_MOST_PAGES), pages, strict=False):
        ids += [str(row["leadId"]) for row in rows if row.get("leadId")]
        if len(ids) >= min(limit_rows, _MOST_IDS):
            break
    if not ids:
        return
    wanted = {
        "filterType": "id",
        "filterValues": ",".join(dict.fromkeys(ids[:_MOST_IDS])),
        "fields": ",".join(field.api_name for field in fields),
    }
    for found in browse_by_token(client, "/rest/v1/leads.json", wanted, key="id"):
        yield _to_page(stream, fields, found)


def sample_members(
    stream: MarketoStream, fields: Sequence[FieldSpec], limit_rows: int
) -> Iterator[Page]:
    """Give some members of the first programs."""
    client = stream.client
    wanted = {
        "filterType": "reachedSuccess",
        "filterValues": "true,false",
        "fields": ",".join(field.api_name for field in fields),
    }
    count = 0
    for program_id in list_ids(client, PROGRAMS)[:_MOST_PROGRAMS]:
        path = f"/rest/v1/programs/{program_id}/members.json"
        for found in browse_by_token(client, path, wanted, key="leadId"):
            yield _to_page(stream, fields, found)
            count += len(found)
            if count >= limit_rows:
                return


def _to_page(
    stream: MarketoStream, fields: Sequence[FieldSpec], rows: list[dict[str, Any]]
) -> Page:
    records = [
        stream.fit_row(
            {field.name: row.get(field.api_name) for field in fields},
            {field.name: field.kind for field in fields},
        )
        for row in rows
    ]
    return to_page(_new_encoder(stream), records)


def _new_encoder(stream: MarketoStream) -> LineEncoder:
    return LineEncoder(stream.name, time_extracted=stream.client.server_time())
