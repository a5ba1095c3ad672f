"""A Salesforce org made by hand: rows that change and go, objects hard to read.

Run as a script it serves this org with the sandbox's server, as a process of its own.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bizops_sandbox.projections.salesforce_org import (
    FieldSpec,
    ObjectTable,
    SalesforceOrg,
)

FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(2018, 1, 31)
LEADS = 740
WIDE_FIELDS = 300
HARD_TEXT = 'Zoë, "the\nlead"\r\n\u2028 NULL #N/A 01234 :"",'
ID = FieldSpec("Id", "id", length=18, is_nillable=False)
STD = (
    ID,
    FieldSpec("IsDeleted", "boolean", is_nillable=False),
    FieldSpec("CreatedDate", "datetime", is_nillable=False),
    FieldSpec("SystemModstamp", "datetime", is_nillable=False),
)
LEAD_FIELDS = (
    *STD,
    FieldSpec("LastName", "string", length=80),
    FieldSpec("AnnualRevenue", "currency", precision=18, scale=2),
    FieldSpec("CurrencyIsoCode", "picklist", length=3),
    FieldSpec("NumberOfEmployees", "int", precision=8),
    FieldSpec("MQL_Date__c", "date", is_custom=True),
    FieldSpec("Age_Days__c", "double", precision=18, scale=0, is_calculated=True),
    FieldSpec("Street", "textarea", length=255, compound_field_name="Address"),
    FieldSpec("City", "string", length=40, compound_field_name="Address"),
    FieldSpec("Address", "address"),
)
USER_FIELDS = (
    *(field for field in STD if field.name != "IsDeleted"),
    FieldSpec("Username", "string", length=80),
)
WIDE_NAMES = [f"A_rather_long_custom_field_name_{n:03}__c" for n in range(WIDE_FIELDS)]


def identity(prefix: str, number: int) -> str:
    from bizops_sandbox.servers.salesforce.record_ids import record_id

    return record_id(prefix, number)


def end_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def make_lead(number: int, end: datetime) -> dict[str, object] | None:
    """Make a lead as it is at ``end``: created hourly, some change, some go."""
    created = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    if created > end:
        return None
    changed = created + timedelta(days=5)
    deleted = created + timedelta(days=8)
    is_changed = number % 10 == 3 and changed <= end
    is_deleted = number % 25 == 7 and deleted <= end
    stamp = deleted if is_deleted else changed if is_changed else created
    name = HARD_TEXT if number == 0 else f"Lead {number}"
    return {
        "Id": identity("00Q", number + 1),
        "IsDeleted": is_deleted,
        "CreatedDate": created,
        "SystemModstamp": stamp,
        "LastName": f"{name} changed" if is_changed else name,
        "AnnualRevenue": Decimal(number) * Decimal("12345.67"),
        "CurrencyIsoCode": "USD",
        "NumberOfEmployees": number,
        "MQL_Date__c": created.date() if number % 2 else None,
        "Age_Days__c": Decimal(number % 7),
        "Street": f"{number} High Street\nBack yard" if number % 2 else None,
        "City": "Utrecht" if number % 2 else None,
    }


def make_org(as_of: date) -> SalesforceOrg:
    """Make the org at the end of a day."""
    if not FIRST_DAY <= as_of <= LAST_DAY:
        raise ValueError(f"the hand-made org knows nothing of {as_of}")
    end = end_of_day(as_of)
    stamps = {
        "IsDeleted": False,
        "CreatedDate": datetime(2018, 1, 1, tzinfo=UTC),
        "SystemModstamp": datetime(2018, 1, 1, tzinfo=UTC),
    }
    leads = [make_lead(number, end) for number in range(LEADS)]
    user = {"Id": identity("005", 1), **stamps, "Username": "integration@acme.example"}
    documents = [
        {"Id": identity("069", n), **stamps, "Title": f"Brochure {n}"}
        for n in range(1, 451)
    ]
    links = [
        {
            "Id": identity("06A", n),
            **stamps,
            "ContentDocumentId": identity("069", n),
            "LinkedEntityId": identity("00Q", n),
        }
        for n in range(1, 451)
    ]
    wide = {
        "Id": identity("a01", 1),
        **stamps,
        **{name: f"{name} value" for name in WIDE_NAMES},
    }
    tables = [
        table("Lead", "00Q", LEAD_FIELDS, [lead for lead in leads if lead]),
        table("User", "005", USER_FIELDS, [user]),
        table("Empty__c", "a00", STD, []),
        table("Wide__c", "a01", (*STD, *texts(*WIDE_NAMES)), [wide]),
        table("TaskStatus", "01T", (ID, *texts("MasterLabel")), statuses()),
        table("ContentDocument", "069", (*STD, *texts("Title")), documents),
        table(
            "ContentDocumentLink",
            "06A",
            (*STD, *texts("ContentDocumentId", "LinkedEntityId")),
            links,
        ),
    ]
    objects = {made.name: made for made in tables}
    return SalesforceOrg(org_id=identity("00D", 1), as_of=end, objects=objects)


def statuses() -> list[dict[str, object]]:
    labels = ["Not Started", "Completed"]
    return [
        {"Id": identity("01T", n), "MasterLabel": label}
        for n, label in enumerate(labels, start=1)
    ]


def texts(*names: str) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, "string", length=255) for name in names)


def table(name, prefix, fields, rows) -> ObjectTable:
    kept = [
        {field.name: row[field.name] for field in fields if field.name in row}
        for row in rows
    ]
    return ObjectTable(name, name, prefix, tuple(fields), tuple(kept))


def main() -> None:
    """Serve the org on two free ports."""
    from bizops_sandbox.servers.salesforce import serving
    from bizops_sandbox.servers.salesforce.settings import Settings
    from bizops_sandbox.servers.salesforce.simulator import Simulator

    ports = serving.open_ports("127.0.0.1", 0, 0)
    simulator = Simulator(make_org, LAST_DAY, settings=Settings())

    def tell() -> None:
        document = serving.ready_document(simulator, ports, scale="hard")
        print(json.dumps(document), flush=True)

    sys.exit(serving.serve(simulator, ports, on_ready=tell))


if __name__ == "__main__":
    main()
