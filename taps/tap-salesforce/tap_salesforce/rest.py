"""REST queries: rows of one answer at a time, as the cells of a CSV would be."""

from __future__ import annotations

import decimal
import logging
import urllib.parse
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import ApiError, ApiProblem, IncompleteDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_salesforce.client import SalesforceClient

logger = logging.getLogger(__name__)

BATCH_ROWS = 2000
#: Longer URLs go as part of a composite request: 16,384 bytes with headers is the end.
LONGEST_URL_BYTES = 12_000


class RestApi:
    """The query endpoints of one org."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._base = client.settings.data_path

    def query(
        self, soql: str, *, is_deleted_included: bool
    ) -> Iterator[list[dict[str, Any]]]:
        """Give the records of each answer until Salesforce says done.

        Raises:
            ApiError: the query was refused, or its cursor has expired.
            IncompleteDataError: another number of rows came than announced.
        """
        resource = "queryAll" if is_deleted_included else "query"
        answer = self._first(resource, soql)
        announced = answer.get("totalSize")
        count = 0
        while True:
            records = answer.get("records", [])
            count += len(records)
            following = answer.get("nextRecordsUrl")
            is_done = answer.get("done", True) or not following
            if is_done and announced is not None and count != announced:
                msg = f"{count} rows came where {announced} were announced"
                raise IncompleteDataError(msg)
            yield records
            if is_done:
                return
            answer = self._client.get_json(str(following))

    def _first(self, resource: str, soql: str) -> dict[str, Any]:
        query = urllib.parse.urlencode({"q": soql}, quote_via=urllib.parse.quote)
        path = f"{self._base}/{resource}?{query}"
        if len(path) <= LONGEST_URL_BYTES:
            options = {"Sforce-Query-Options": f"batchSize={BATCH_ROWS}"}
            return self._client.get_json(path, headers=options)  # type: ignore[no-any-return]
        answers = self.batch([path])
        return read_sub_result(answers[0])  # type: ignore[no-any-return]

    def batch(self, paths: Sequence[str]) -> list[dict[str, Any]]:
        """Get up to 25 paths in one call; each result has statusCode and result."""
        answer = self._client.post_json(
            f"{self._base}/composite/batch",
            {
                "haltOnError": False,
                "batchRequests": [{"method": "GET", "url": path} for path in paths],
            },
        )
        results = answer.get("results", [])
        if len(results) != len(paths):
            msg = f"{len(results)} answers came for {len(paths)} requests of a batch"
            raise IncompleteDataError(msg)
        return list(results)


def read_sub_result(entry: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Give the value of one answer of a batch.

    Raises:
        ApiError: that request was refused.
    """
    status = int(entry.get("statusCode", 0))
    result = entry.get("result")
    if 200 <= status < 300:
        return result
    first = result[0] if isinstance(result, list) and result else result
    fields = first if isinstance(first, dict) else {}
    raise ApiError(
        ApiProblem(
            status,
            str(fields.get("errorCode", f"HTTP_{status}")),
            str(fields.get("message", "")),
        )
    )


def to_cells(record: dict[str, Any], names: Sequence[str]) -> list[str]:
    """Give the values of a record as the text of CSV cells."""
    return [_to_cell(record.get(name)) for name in names]


def _to_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | decimal.Decimal():
            return str(value)
        case _:
            return _COMPOUND.encode(value).decode()


_COMPOUND = msgspec.json.Encoder(decimal_format="number")
