"""SOQL over REST: `/query`, `/queryAll` and the cursor pages after them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.compressing import compressed
from bizops_sandbox.servers.salesforce.access import simulator_of, version_of
from bizops_sandbox.servers.salesforce.answers import Refused, json_answer
from bizops_sandbox.servers.salesforce.describing import UNQUERYABLE
from bizops_sandbox.servers.salesforce.formats import rest_record
from bizops_sandbox.servers.salesforce.selection import Selection, bind
from bizops_sandbox.servers.salesforce.soql import SoqlError, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.salesforce_org import FieldSpec, ObjectTable, Row
    from bizops_sandbox.servers.salesforce.simulator import Simulator

_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)")
_LARGEST_BATCH, _SMALLEST_BATCH = 2_000, 200
_MOST_OFFSET = 2_000


def select(simulator: Simulator, text: str) -> Selection:
    """Parse a statement and bind it to the org.

    Raises:
        Refused: 400 with the errorCode of the fault in the statement.
    """
    try:
        statement = parse(text)
        if statement.object.text in UNQUERYABLE:
            raise SoqlError(
                "INVALID_TYPE_FOR_OPERATION",
                f"entity type {statement.object.text} does not support query",
            )
        return bind(statement, simulator.table(statement.object.text))
    except SoqlError as error:
        raise Refused(400, error.code, error.message) from error


async def query(request: Request) -> Response:
    """Answer `GET /query?q=..`: rows that are not deleted."""
    return _first_page(request, include_deleted=False)


async def query_all(request: Request) -> Response:
    """Answer `GET /queryAll?q=..`: deleted rows too."""
    return _first_page(request, include_deleted=True)


async def next_page(request: Request) -> Response:
    """Answer `GET /query/<cursor>-<offset>`."""
    version_of(request)
    simulator = simulator_of(request)
    cursor_id, _, offset = str(request.path_params["cursor"]).rpartition("-")
    cursor = simulator.cursor(cursor_id)
    if cursor is None or not offset.isdecimal() or int(offset) > len(cursor.rows):
        raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(
        request,
        cursor.table,
        cursor.fields,
        cursor.rows,
        cursor_id=cursor_id,
        offset=int(offset),
    )


def _first_page(request: Request, *, include_deleted: bool) -> Response:
    version_of(request)
    simulator = simulator_of(request)
    text = request.query_params.get("q", "")
    if not text:
        raise Refused(400, "MALFORMED_QUERY", "A query string has to be specified")
    selection = select(simulator, text)
    if selection.statement.offset > _MOST_OFFSET:
        raise Refused(
            400,
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"Maximum SOQL offset allowed is {_MOST_OFFSET}",
        )
    rows = selection.rows(include_deleted=include_deleted)
    if selection.statement.is_count:
        return json_answer({"totalSize": len(rows), "done": True, "records": []})
    return _page(request, selection.table, selection.fields, rows)


def _page(
    request: Request,
    table: ObjectTable,
    fields: tuple[FieldSpec, ...],
    rows: Sequence[Row],
    *,
    cursor_id: str | None = None,
    offset: int = 0,
) -> Response:
    simulator, version = simulator_of(request), version_of(request)
    end = offset + _page_rows(request, most=simulator.settings.page_rows)
    answer: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows)}
    if end < len(rows):
        cursor_id = cursor_id or simulator.open_cursor(table, fields, rows)
        answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{cursor_id}-{end}"
    answer["records"] = [
        rest_record(fields, row, object_name=table.name, version=version)
        for row in rows[offset:end]
    ]
    return compressed(json_answer(answer), request)


def _page_rows(request: Request, *, most: int) -> int:
    match = _BATCH_SIZE.search(request.headers.get("sforce-query-options", ""))
    asked = int(match.group(1)) if match else _LARGEST_BATCH
    return min(most, max(_SMALLEST_BATCH, min(_LARGEST_BATCH, asked)))
