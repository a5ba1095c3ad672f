"""A small Salesforce org made by hand, with values that are hard to carry.

Run as a script it serves this org; tests start it as a process of its own.
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
from bizops_sandbox.servers.clock import end_of_day
from bizops_sandbox.servers.salesforce.record_ids import record_id

LAST_DAY = date(2018, 1, 31)
LEADS = 2_345
HARD_TEXT = 'Zoë, "the\nlead"\r\n\u2028 NULL #N/A 01234'
_STD = (
    FieldSpec("Id", "id", length=18, is_nillable=False),
    FieldSpec("IsDeleted", "boolean", is_nillable=False),
    FieldSpec("CreatedDate", "datetime", is_nillable=False),
    FieldSpec("CreatedById", "reference", length=18, reference_to=("User",)),
    FieldSpec("LastModifiedDate", "datetime", is_nillable=False),
    FieldSpec("LastModifiedById", "reference", length=18, reference_to=("User",)),
    FieldSpec("SystemModstamp", "datetime", is_nillable=False),
)
_LEAD_FIELDS = (
    *_STD,
    FieldSpec("LastName", "string", length=80),
    FieldSpec("Email", "email", length=80),
    FieldSpec("Status", "picklist", length=255, picklist_values=("Open", "Closed")),
    FieldSpec("AnnualRevenue", "currency", precision=18, scale=2),
    FieldSpec("NumberOfEmployees", "int", precision=8),
    FieldSpec("MQL_Date__c", "date", is_custom=True),
    FieldSpec("Score__c", "double", precision=18, scale=4, is_custom=True),
    FieldSpec("Street", "textarea", length=255, compound_field_name="Address"),
    FieldSpec("City", "string", length=40, compound_field_name="Address"),
    FieldSpec("Address", "address"),
)
_USER_FIELDS = (
    *(field for field in _STD if field.name != "IsDeleted"),
    FieldSpec("Username", "string", length=80),
)
_USER_ID = record_id("005", 1)


def make_org(as_of: date) -> SalesforceOrg:
    """Make the org at the end of a day: a lead was made every hour until then."""
    if not date(2017, 1, 1) <= as_of <= LAST_DAY:
        raise ValueError(f"the hand-made org knows nothing of {as_of}")
    end = end_of_day(as_of)
    made = [_lead(number) for number in range(LEADS)]
    leads = tuple(lead for lead in made if lead["CreatedDate"] <= end)
    user = {
        **_stamps(_USER_ID, datetime(2017, 1, 1, tzinfo=UTC)),
        "Username": "integration@acme.example",
    }
    del user["IsDeleted"]
    return SalesforceOrg(
        org_id=record_id("00D", 1),
        as_of=end,
        objects={
            "Lead": ObjectTable("Lead", "Lead", "00Q", _LEAD_FIELDS, leads),
            "User": ObjectTable("User", "User", "005", _USER_FIELDS, (user,)),
            "Empty__c": ObjectTable("Empty__c", "Empty", "a00", _STD, ()),
        },
    )


def _stamps(identity: str, instant: datetime) -> dict[str, object]:
    return {
        "Id": identity,
        "IsDeleted": False,
        "CreatedDate": instant,
        "CreatedById": _USER_ID,
        "LastModifiedDate": instant,
        "LastModifiedById": _USER_ID,
        "SystemModstamp": instant,
    }


def _lead(number: int) -> dict[str, object]:
    created = datetime(2018, 1, 31, 23, tzinfo=UTC) - timedelta(
        hours=LEADS - 1 - number
    )
    return {
        **_stamps(record_id("00Q", number + 1), created),
        "IsDeleted": number % 100 == 7,
        "LastName": HARD_TEXT if number == 0 else f"Lead {number}",
        "Email": None if number % 3 == 0 else f"lead{number}@example.com",
        "Status": ("Open", "Closed")[number % 2],
        "AnnualRevenue": Decimal(number) * Decimal("12345.67"),
        "NumberOfEmployees": number,
        "MQL_Date__c": created.date() if number % 2 else None,
        "Score__c": Decimal("0.0001") * number,
        "Street": f"{number} High Street\nBack yard" if number % 2 else None,
        "City": "Utrecht" if number % 2 else None,
    }


def main() -> None:
    """Serve the org on two free ports; options as JSON in the first argument."""
    from bizops_sandbox.servers.salesforce import serving
    from bizops_sandbox.servers.salesforce.settings import Settings
    from bizops_sandbox.servers.salesforce.simulator import Simulator

    ports = serving.open_ports("127.0.0.1", 0, 0)
    settings = Settings(**json.loads(sys.argv[1]) if len(sys.argv) > 1 else {})
    simulator = Simulator(make_org, LAST_DAY, settings=settings)

    def tell() -> None:
        document = serving.ready_document(simulator, ports, scale="handmade")
        print(json.dumps(document), flush=True)

    sys.exit(serving.serve(simulator, ports, on_ready=tell))


if __name__ == "__main__":
    main()
