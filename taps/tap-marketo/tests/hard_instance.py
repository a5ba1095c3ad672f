"""A Marketo instance made by hand: many rows, texts hard to carry, rows that change.

Run as a script it serves this instance with the sandbox's server, as a process.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bizops_sandbox.projections.marketo_instance import (
    Activity,
    ActivityType,
    AttributeSpec,
    Lead,
    LeadField,
    MarketoInstance,
    MemberField,
    ProgramMember,
)

FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(2018, 1, 31)
LEADS = 740
EMAILS = 450
LISTS = 700
PROGRAMS = 25
HARD_TEXT = 'Zoë, "the\nlead"\r\n\u2028\x85 漢字 null 01234 :"",\x00 😀'
LONG_TEXT = "x" * 30_000
BIG_NUMBER = 9_007_199_254_740_993_001
FIRST_LEAD = 101
CLICK, SCORE, SCAN, DELETE = 3, 22, 100_001, 37


def end_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def field(number, name, data_type, **more) -> LeadField:
    return LeadField(number, name, data_type, name, name, **more)


LEAD_FIELDS = (
    field(1, "id", "integer"),
    field(2, "email", "email", length=255),
    field(3, "createdAt", "datetime"),
    field(4, "updatedAt", "datetime"),
    field(5, "notes", "text"),
    field(6, "annualRevenue", "currency"),
    field(7, "engagement", "percent"),
    field(8, "leadScore", "score"),
    field(9, "birthday", "date"),
    field(10, "isCustomer", "boolean"),
    field(11, "bigNumber", "integer"),
    field(12, "Region", "string"),
    field(13, "region", "string"),
    field(14, "age", "formula"),
    LeadField(15, "SOAP only", "string", None, "SoapOnly"),
)
MEMBER_FIELDS = (
    MemberField("acquiredBy", "boolean"),
    MemberField("leadId", "integer"),
    MemberField("membershipDate", "datetime"),
    MemberField("program", "string", 255),
    MemberField("programId", "integer"),
    MemberField("reachedSuccess", "boolean"),
    MemberField("statusName", "string", 255),
    MemberField("updatedAt", "datetime"),
)


def attributes(*pairs: str) -> tuple[AttributeSpec, ...]:
    return tuple(AttributeSpec(*pair.split(":")) for pair in pairs)


TYPES = (
    ActivityType(
        CLICK,
        "Click Link",
        "A link is clicked",
        AttributeSpec("Link ID", "integer"),
        attributes("Query Parameters:string", "Webpage ID:integer"),
    ),
    ActivityType(
        SCORE,
        "Change Score",
        "The score changes",
        AttributeSpec("Score Name", "string"),
        attributes("New Value:score", "Old Value:score", "Reason:string"),
    ),
    ActivityType(
        DELETE,
        "Delete Lead",
        "The lead goes",
        AttributeSpec("Lead ID", "integer"),
        attributes("Campaign:string"),
    ),
    ActivityType(
        SCAN,
        "Scan Badge",
        "A badge is scanned",
        AttributeSpec("Conference Name", "string"),
        attributes(
            "Lead ID:integer",
            "Lead Id:string",
            "leadid:string",
            "Scanned On:date",
            "Rating:float:rating",
        ),
        api_name="scanBadge",
    ),
)


def make_lead(number: int, end: datetime) -> Lead | None:
    """Make a lead as it is at ``end``: created hourly, some change, some go.

    Every tenth changes visibly, another tenth behind the visible ``updatedAt``.
    """
    created = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    if created > end or (is_deleted(number) and deleted_at(number) <= end):
        return None
    changed = created + timedelta(days=5)
    is_changed = number % 10 in {3, 4} and changed <= end
    is_visible = number % 10 == 3
    return Lead(
        id=FIRST_LEAD + number,
        key=f"lead-{number}",
        person_key=f"person-{number}",
        created_at=created,
        updated_at=changed if is_changed and is_visible else created,
        changed_at=changed if is_changed else created,
        values={
            "id": FIRST_LEAD + number,
            "email": f"lead{number}@example.com",
            "createdAt": created,
            "updatedAt": changed if is_changed and is_visible else created,
            "notes": _notes(number),
            "annualRevenue": Decimal(number) * Decimal("12345.67"),
            "engagement": Decimal(number) / 8,
            "leadScore": 50 if is_changed else number,
            "birthday": created.date() if number % 2 else None,
            "isCustomer": number % 3 == 0,
            "bigNumber": BIG_NUMBER + number,
            "Region": "EMEA" if number % 2 else None,
            "region": f"r{number}",
        },
    )


def _notes(number: int) -> str | None:
    return {0: HARD_TEXT, 1: LONG_TEXT, 2: 'a "quoted" word'}.get(number)


def is_deleted(number: int) -> bool:
    return number % 25 == 7


def deleted_at(number: int) -> datetime:
    return datetime(2018, 1, 9, tzinfo=UTC) + timedelta(hours=number)


def make_activities(end: datetime) -> list[Activity]:
    """Make each lead's activities: a click and a score, a badge for some."""
    made: list[
        tuple[datetime, int, int, int | None, str | None, dict[str, object]]
    ] = []
    for number in range(LEADS):
        created = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        query = HARD_TEXT if number == 0 else f"a={number}"
        click = {"Query Parameters": query, "Webpage ID": number}
        made.append((created, number, CLICK, number, f"link {number}", click))
        score = {
            "New Value": number + 5,
            "Old Value": str(number),
            "Reason": 'a "b", c',
        }
        made.append((created, number, SCORE, 7, "Lead Score", score))
        if number % 5 == 0:
            scan = {
                "Lead ID": BIG_NUMBER + number,
                "Lead Id": "x",
                "leadid": "y",
                "Scanned On": "2018-01-05",
                "rating": "4.50",
            }
            made.append((created, number, SCAN, None, "Con\nference", scan))
        if is_deleted(number):
            gone = {"Campaign": "Clean up"}
            made.append((deleted_at(number), number, DELETE, number, None, gone))
    made.sort(key=lambda each: each[0])
    return [
        Activity(
            id=5001 + place,
            lead_id=FIRST_LEAD + number,
            at=at,
            type_id=type_id,
            campaign_id=None if place % 3 else 2001,
            primary_id=primary_id,
            primary_value=value,
            attributes=json.dumps(found, ensure_ascii=False, separators=(",", ":")),
        )
        for place, (at, number, type_id, primary_id, value, found) in enumerate(made)
        if at <= end
    ]


def make_members(end: datetime) -> list[ProgramMember]:
    members = []
    for number in range(0, LEADS, 2):
        joined = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        success = joined + timedelta(days=3)
        program = number % PROGRAMS
        if joined > end:
            continue
        members.append(
            ProgramMember(
                program_id=1001 + program,
                program_name=f"Program {program}",
                lead_id=FIRST_LEAD + number,
                status="Attended" if success <= end else "Invited",
                is_acquired_by=number % 4 == 0,
                has_success=success <= end,
                joined_at=joined,
                success_at=success if success <= end else None,
                updated_at=success if success <= end else joined,
            )
        )
    return sorted(members, key=lambda each: (each.program_id, each.lead_id))


def make_assets(end: datetime) -> dict[str, tuple[dict[str, object], ...]]:
    def rows(first: int, count: int, name: str, **more: object):
        made = []
        for number in range(count):
            at = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
            changed = at + timedelta(days=number % 20)
            made.append(
                {
                    "id": first + number,
                    "name": f"{name} {number}",
                    "description": "",
                    "createdAt": at,
                    "updatedAt": changed if changed <= end else at,
                    "workspace": "Default",
                    **more,
                }
            )
        return tuple(made)

    folder = {"type": "Folder", "value": 11, "folderName": "All"}
    costs = [{"startDate": "2018-01-01", "cost": Decimal("1234.56"), "note": ""}]
    return {
        "programs": rows(
            1001,
            PROGRAMS,
            "Program",
            url="https://app.example/#PG",
            type="Default",
            channel="Webinar",
            folder=folder,
            status="",
            headStart=False,
            tags=[{"tagType": "Region", "tagValue": "EMEA"}],
            costs=costs,
        ),
        "emails": rows(
            3001,
            EMAILS,
            "Email",
            url="https://app.example/#EM",
            folder=folder,
            subject={"type": "Text", "value": "Zoë"},
            status="approved",
            version=2,
        ),
        "static_lists": rows(
            1001, LISTS, "List", url="https://app.example/#ST", folder=folder
        ),
        "smart_campaigns": (),
    }


def make_instance(as_of: date) -> MarketoInstance:
    """Make the instance at the end of a day."""
    if not FIRST_DAY <= as_of <= LAST_DAY:
        raise ValueError(f"the hand-made instance knows nothing of {as_of}")
    end = end_of_day(as_of)
    leads = (make_lead(number, end) for number in range(LEADS))
    return MarketoInstance(
        munchkin_id="123-ABC-456",
        as_of=end,
        lead_fields=LEAD_FIELDS,
        member_fields=MEMBER_FIELDS,
        activity_types=TYPES,
        leads=tuple(lead for lead in leads if lead),
        activities=tuple(make_activities(end)),
        members=tuple(make_members(end)),
        assets=make_assets(end),
        list_members={1001: tuple(range(FIRST_LEAD + 100, FIRST_LEAD + 420))},
    )


def main() -> int:
    """Serve the instance on a free port."""
    from bizops_sandbox.servers.faults import FaultBoard
    from bizops_sandbox.servers.journal import Journal
    from bizops_sandbox.servers.listening import open_socket, run_servers
    from bizops_sandbox.servers.marketo import FAULT_KINDS, variables
    from bizops_sandbox.servers.marketo.app import build_app
    from bizops_sandbox.servers.marketo.simulator import Simulator

    listener = open_socket("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    simulator = Simulator(
        make_instance, LAST_DAY, faults=FaultBoard(FAULT_KINDS), journal=Journal()
    )

    def tell() -> None:
        document = {
            "as_of": LAST_DAY.isoformat(),
            "env": dict(variables(base_url)),
            "control_url": f"{base_url}/__sim",
        }
        print(json.dumps(document), flush=True)

    return asyncio.run(run_servers([(build_app(simulator), listener)], on_ready=tell))


if __name__ == "__main__":
    sys.exit(main())
