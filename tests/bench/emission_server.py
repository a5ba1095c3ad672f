"""Serves an org with many opportunities; the argument says how many.

Prints the sandbox's ready line; ends at SIGTERM.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import cycle, islice
from random import Random
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_org import (  # type: ignore[import-untyped, unused-ignore]
    FieldSpec,
    ObjectTable,
    SalesforceOrg,
)
from bizops_sandbox.servers.salesforce import serving  # type: ignore[import-untyped, unused-ignore]
from bizops_sandbox.servers.salesforce.record_ids import record_id  # type: ignore[import-untyped, unused-ignore]
from bizops_sandbox.servers.salesforce.settings import Settings  # type: ignore[import-untyped, unused-ignore]
from bizops_sandbox.servers.salesforce.simulator import Simulator  # type: ignore[import-untyped, unused-ignore]
from tests.bench import draws

if TYPE_CHECKING:
    from bizops_sandbox.projections.salesforce_org import Row

OBJECT = "Opportunity"
_LAST_DAY = date(2018, 1, 31)
_PAGE_ROWS = 10_000
_FIRST_INSTANT = datetime(2016, 2, 1, tzinfo=UTC)
_FIELDS = (
    FieldSpec("Id", "id", length=18, is_nillable=False),
    FieldSpec("IsDeleted", "boolean", is_nillable=False),
    FieldSpec("CreatedDate", "datetime", is_nillable=False),
    FieldSpec("LastModifiedDate", "datetime", is_nillable=False),
    FieldSpec("SystemModstamp", "datetime", is_nillable=False),
    FieldSpec("OwnerId", "reference", length=18, reference_to=("User",)),
    FieldSpec("AccountId", "reference", length=18, reference_to=("Account",)),
    FieldSpec("Name", "string", length=120),
    FieldSpec("Description", "textarea", length=32_000),
    FieldSpec("NextStep", "string", length=255),
    FieldSpec("StageName", "picklist", length=255),
    FieldSpec("Type", "picklist", length=255),
    FieldSpec("LeadSource", "picklist", length=255),
    FieldSpec("Amount", "currency", precision=18, scale=2),
    FieldSpec("Probability", "percent", precision=3),
    FieldSpec("FiscalYear", "int", precision=4),
    FieldSpec("FiscalQuarter", "int", precision=1),
    FieldSpec("CloseDate", "date"),
    FieldSpec("IsClosed", "boolean", is_nillable=False),
    FieldSpec("IsWon", "boolean", is_nillable=False),
)
_DRAWS = {
    "OwnerId": draws.reference("005", count=200),
    "AccountId": draws.reference("001", count=5_000),
    "Name": draws.phrase(words=4),
    "Description": draws.phrase(words=12, null_share=0.4),
    "NextStep": draws.phrase(words=3, null_share=0.6),
    "StageName": draws.choice(draws.STAGES),
    "Type": draws.choice(draws.TYPES),
    "LeadSource": draws.choice(draws.SOURCES),
    "Amount": draws.amount(null_share=0.1),
    "Probability": draws.percent(),
    "FiscalYear": draws.whole(2016, 2018),
    "FiscalQuarter": draws.whole(1, 4),
    "IsClosed": draws.truth(share=0.5),
    "IsWon": draws.truth(share=0.25),
}
_DRAWN = 1_999  # a prime, so that the columns repeat in step with nothing else


@cache
def _rows(count: int) -> tuple[Row, ...]:
    random = Random(1)  # noqa: S311
    pools = {
        name: cycle([draw(random) for _ in range(_DRAWN + index)])
        for index, (name, draw) in enumerate(_DRAWS.items())
    }
    drawn = (
        dict(zip(pools, values, strict=True))
        for values in zip(*pools.values(), strict=False)
    )
    return tuple(
        _stamps(number) | values for number, values in enumerate(islice(drawn, count))
    )


def _stamps(number: int) -> dict[str, object]:
    created = _FIRST_INSTANT + timedelta(seconds=number * 60)
    return {
        "Id": record_id("006", number + 1),
        "IsDeleted": False,
        "CreatedDate": created,
        "LastModifiedDate": created,
        "SystemModstamp": created,
        "CloseDate": (created + timedelta(days=30)).date(),
    }


def _make_org(as_of: date, *, count: int) -> SalesforceOrg:
    end = datetime(as_of.year, as_of.month, as_of.day, 23, 59, 59, tzinfo=UTC)
    table = ObjectTable(OBJECT, OBJECT, "006", _FIELDS, _rows(count))
    return SalesforceOrg(record_id("00D", 1), end, {OBJECT: table})


def main() -> int:
    """Serve until told to end."""
    count = int(sys.argv[1])
    ports = serving.open_ports("127.0.0.1", 0, 0)
    settings = Settings(page_rows=_PAGE_ROWS, job_polls=0)
    simulator = Simulator(
        lambda as_of: _make_org(as_of, count=count), _LAST_DAY, settings=settings
    )

    def tell() -> None:
        document = serving.ready_document(simulator, ports, scale="bench")
        print(json.dumps(document), flush=True)

    return int(serving.serve(simulator, ports, on_ready=tell))


if __name__ == "__main__":
    sys.exit(main())
