"""`action/query` and `action/queryMore`: ZOQL answered as pages of JSON records."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.servers.zuora.access import simulator_of
from bizops_sandbox.servers.zuora.answers import json_answer, read_object
from bizops_sandbox.servers.zuora.formats import json_value
from bizops_sandbox.servers.zuora.query_text import ZOQL, QueryError, parse
from bizops_sandbox.servers.zuora.scopes import zoql_scope
from bizops_sandbox.servers.zuora.selection import bind, is_living

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.zuora_tenant import Row
    from bizops_sandbox.servers.zuora.selection import Cell
    from bizops_sandbox.servers.zuora.simulator import Simulator

_MOST_CURSORS = 100
_CURSOR_LIFE = timedelta(minutes=15)


class FaultError(Exception):
    """An action the service refuses, with its FaultCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a query has found, kept for the pages after the first."""

    cells: tuple[Cell, ...]
    rows: Sequence[Row]
    page_rows: int
    opened_at: datetime


class Cursors:
    """The latest cursors; each is good for 15 minutes."""

    def __init__(self) -> None:
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()
        self._count = 0

    def open(self, cursor: Cursor) -> str:
        """Keep a cursor and return its id."""
        self._count += 1
        cursor_id = zuora_id("Cursor", str(self._count))
        self._cursors[cursor_id] = cursor
        while len(self._cursors) > _MOST_CURSORS:
            self._cursors.popitem(last=False)
        return cursor_id

    def find(self, cursor_id: str, now: datetime) -> Cursor | None:
        """Return a cursor unless it is unknown or too old."""
        cursor = self._cursors.get(cursor_id)
        if cursor is None or now - cursor.opened_at > _CURSOR_LIFE:
            return None
        return cursor


async def query(request: Request) -> Response:
    """Answer `POST /v1/action/query`."""
    simulator = simulator_of(request)
    document = await read_object(request)
    try:
        cursor = await run_in_threadpool(_run, document, simulator)
        cursor_id = simulator.cursors.open(cursor)
        return _page(simulator, cursor, cursor_id, start=0)
    except FaultError as error:
        return _fault(error)


async def query_more(request: Request) -> Response:
    """Answer `POST /v1/action/queryMore`."""
    simulator = simulator_of(request)
    document = await read_object(request)
    cursor_id, _, start = str(document.get("queryLocator") or "").rpartition("-")
    cursor = simulator.cursors.find(cursor_id, simulator.clock.now())
    if cursor is None or not start.isdigit():
        message = "invalid queryLocator, or its query has expired"
        return _fault(FaultError("INVALID_QUERY_LOCATOR", message))
    return _page(simulator, cursor, cursor_id, start=int(start))


def _run(document: dict[str, Any], simulator: Simulator) -> Cursor:
    text = str(document.get("queryString") or "")
    try:
        statement = parse(text, ZOQL)
    except QueryError as error:
        message = f"There is an error in the query syntax: {error}"
        raise FaultError("MALFORMED_QUERY", message) from error
    table = simulator.table(statement.object_name)
    if table is None or simulator.is_forbidden(table.name):
        message = f"invalid type for query: {statement.object_name}"
        raise FaultError("INVALID_TYPE", message)
    try:
        selection = bind(statement, zoql_scope(table, simulator.settings))
    except QueryError as error:
        code = "INVALID_FIELD" if "invalid field" in str(error) else "INVALID_VALUE"
        raise FaultError(code, str(error)) from error
    rows = selection.rows(filter(is_living, table.rows))
    return Cursor(
        selection.cells, rows, _page_rows(document, simulator), simulator.clock.now()
    )


def _page_rows(document: dict[str, Any], simulator: Simulator) -> int:
    conf = document.get("conf")
    wanted = conf.get("batchSize") if isinstance(conf, dict) else None
    most = simulator.settings.query_rows
    return min(wanted, most) if isinstance(wanted, int) and wanted > 0 else most


def _page(
    simulator: Simulator, cursor: Cursor, cursor_id: str, *, start: int
) -> Response:
    end = start + cursor.page_rows
    zone = simulator.settings.tenant_zone
    is_done = end >= len(cursor.rows)
    document: dict[str, Any] = {
        "size": len(cursor.rows),
        "records": [_record(cursor.cells, row, zone) for row in cursor.rows[start:end]],
        "done": is_done,
    }
    if not is_done:
        document["queryLocator"] = f"{cursor_id}-{end}"
    return json_answer(document)


def _record(cells: Sequence[Cell], row: Row, zone: str) -> dict[str, Any]:
    """A record: no field that has no value, and always the Id."""
    record: dict[str, Any] = {}
    for cell in cells:
        value = cell.read(row)
        if value is not None:
            record[cell.header] = json_value(value, zone)
    return {**record, "Id": row["Id"]}


def _fault(error: FaultError) -> Response:
    document = {"FaultCode": error.code, "FaultMessage": str(error)}
    return json_answer(document, status=400)
