"""The sample company's own people, who own and change the records."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.events import EmployeeHired, EmployeeLeft, Event
from bizops_sandbox.world.market import Team
from bizops_sandbox.world.names import person_name, slug

if TYPE_CHECKING:
    from bizops_sandbox.world.parameters import Parameters

COMPANY_DOMAIN = "brightloom.example"
_OPENING = time(7)


def make_team(params: Parameters) -> Team:
    """The keys of everybody who works with the systems."""
    developers = (params.sales.reps + 1) // 2
    return Team(
        reps=tuple(f"e.rep{n}" for n in range(1, params.sales.reps + 1)),
        developers=tuple(f"e.sdr{n}" for n in range(1, developers + 1)),
        marketer="e.marketing",
        operations="e.operations",
        integration="e.integration",
    )


def _technical(at: datetime, key: str, title: str) -> EmployeeHired:
    return EmployeeHired(
        at=at,
        employee_key=key,
        first_name="Integration",
        last_name="User",
        email=f"integration@{COMPANY_DOMAIN}",
        title=title,
    )


def _person(
    at: datetime, params: Parameters, key: str, title: str, manager: str | None
) -> EmployeeHired:
    first, last = person_name(Draws(params.seed, key, "name"))
    # The key makes the address unique when two employees share a name.
    local = f"{slug(first)}.{slug(last)}.{key.removeprefix('e.')}"
    return EmployeeHired(
        at=at,
        employee_key=key,
        first_name=first,
        last_name=last,
        email=f"{local}@{COMPANY_DOMAIN}",
        title=title,
        manager_key=manager,
    )


def team_events(params: Parameters, team: Team) -> list[Event]:
    """Everybody is hired before the first office hour; one developer leaves later."""
    opening = datetime.combine(params.start_date, _OPENING, tzinfo=UTC)
    manager = "e.manager"
    roles = [
        (manager, "VP Sales", None),
        (team.operations, "Sales Operations", manager),
        (team.marketer, "Marketing Operations", None),
        *((key, "Account Executive", manager) for key in team.reps),
        *((key, "Sales Development", manager) for key in team.developers),
    ]
    events: list[Event] = [_technical(opening, team.integration, "API user")]
    for number, (key, title, boss) in enumerate(roles, start=1):
        moment = opening + timedelta(minutes=number)
        events.append(_person(moment, params, key, title, boss))
    leaving = opening + timedelta(days=400, hours=9)
    events.append(EmployeeLeft(at=leaving, employee_key=team.developers[-1]))
    return events
