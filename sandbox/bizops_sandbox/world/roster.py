"""Who works for the company: the team of the first day, and who leaves when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    EmployeeHired,
    EmployeeLeft,
    Event,
    ImprovementPlanEnded,
    ImprovementPlanStarted,
    SurveyAnswered,
    TeamMemberLeft,
    TeamMemberStarted,
)
from bizops_sandbox.world.moments import add_months, month_start, office_moment
from bizops_sandbox.world.names import person_name, slug
from bizops_sandbox.world.team import COMPANY_DOMAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.world.market import Market

DEPARTMENTS = ("engineering", "support", "general")
_DEPARTMENT_WEIGHTS = tuple(Decimal(w) for w in (65, 20, 15))
_TITLES = {
    "engineering": "Developer",
    "support": "Support Engineer",
    "general": "Operations Analyst",
}
_SALES_TITLES = {"Marketing Operations": "marketing"}
_PLAN_PASSED = Decimal("0.6")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team; `left_at` is None for who stays to the end."""

    key: str
    first_name: str
    last_name: str
    email: str
    department: str
    title: str
    started_at: datetime
    username: str | None = None
    applicant_key: str | None = None
    left_at: datetime | None = None
    is_sales_user: bool = False

    def is_there(self, at: datetime) -> bool:
        """Whether the member works for the company at a moment."""
        return self.started_at <= at and (self.left_at is None or at < self.left_at)

    def started(self) -> TeamMemberStarted:
        """The event of the first day."""
        return TeamMemberStarted(
            at=self.started_at,
            member_key=self.key,
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            department=self.department,
            title=self.title,
            username=self.username,
            applicant_key=self.applicant_key,
        )


def make_member(
    key: str,
    department: str,
    at: datetime,
    market: Market,
    *,
    applicant_key: str | None = None,
) -> Member:
    """A member with a name and an address of the company."""
    first, last = person_name(market.draws(key, "name"))
    local = f"{slug(first)}.{slug(last)}.{key}"
    return Member(
        key=key,
        first_name=first,
        last_name=last,
        email=f"{local}@{COMPANY_DOMAIN}",
        department=department,
        title=_TITLES[department],
        started_at=at,
        username=f"{slug(first)}{key}" if department == "engineering" else None,
        applicant_key=applicant_key,
    )


def department_of(draws_key: str, market: Market) -> str:
    """The department of a seat that is not in sales or marketing."""
    draws = market.draws(draws_key, "department")
    return draws.weighted(DEPARTMENTS, _DEPARTMENT_WEIGHTS)


def _sales_members(team: Sequence[Event]) -> list[Member]:
    """Those who work with the CRM are members, too; technical users are none."""
    left = {e.employee_key: e.at for e in team if isinstance(e, EmployeeLeft)}
    return [
        Member(
            key=event.employee_key,
            first_name=event.first_name,
            last_name=event.last_name,
            email=event.email,
            department=_SALES_TITLES.get(event.title, "sales"),
            title=event.title,
            started_at=event.at,
            left_at=left.get(event.employee_key),
            is_sales_user=True,
        )
        for event in team
        if isinstance(event, EmployeeHired) and event.title != "API user"
    ]


def first_team(market: Market, team: Sequence[Event]) -> list[Member]:
    """Everybody of the first day."""
    count = max(int(market.params.people.team_start * market.params.size_factor), 6)
    at = market.start + timedelta(hours=7, minutes=30)
    members = _sales_members(team)
    for number in range(1, count + 1):
        key = f"t{number}"
        # The first three write the product, whatever the draws say.
        department = "engineering" if number <= 3 else department_of(key, market)
        members.append(make_member(key, department, at, market))
    return members


def plan_leaving(member: Member, market: Market) -> tuple[Member, list[Event]]:
    """The member with the moment it leaves, and what happens on the way."""
    if member.is_sales_user:
        gone = member.left_at
        leaving: list[Event] = (
            []
            if gone is None
            else [TeamMemberLeft(at=gone, member_key=member.key, kind="involuntary")]
        )
        return member, leaving
    people = market.params.people
    draws = market.draws(member.key, "career")
    events: list[Event] = []
    month = add_months(month_start(member.started_at.date()), 1)
    while month <= market.params.as_of:
        at = office_moment(month + timedelta(days=draws.below(24)), draws)
        if draws.chance(people.improvement_plan_monthly):
            plan = f"{member.key}.p{month:%Y%m}"
            ends = at + timedelta(days=draws.between(30, 60))
            passed = draws.chance(_PLAN_PASSED)
            outcome = "passed" if passed else "left"
            events += [
                ImprovementPlanStarted(at=at, plan_key=plan, member_key=member.key),
                ImprovementPlanEnded(at=ends, plan_key=plan, outcome=outcome),
            ]
            if not passed:
                kind = draws.pick(("voluntary_pip", "involuntary"))
                return _leave(member, ends + timedelta(minutes=5), kind, events)
            month = add_months(month, 3)
            continue
        if draws.chance(people.attrition_monthly):
            kind = draws.pick(("voluntary_regrettable",) * 2 + ("involuntary",))
            return _leave(member, at, kind, events)
        month = add_months(month, 1)
    return member, events


def _leave(
    member: Member, at: datetime, kind: str, events: list[Event]
) -> tuple[Member, list[Event]]:
    left = TeamMemberLeft(at=at, member_key=member.key, kind=kind)
    return replace(member, left_at=at), [*events, left]


def respondent(market: Market, key: str, survey: str) -> str:
    """What an anonymous answer is told apart by."""
    text = f"{market.params.seed}|{key}|{survey}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def survey_events(members: Sequence[Member], market: Market) -> list[Event]:
    """Each quarter the team says whether it would recommend the company."""
    events: list[Event] = []
    rate = market.params.people.survey_response_rate
    for quarter in range(1, market.params.months // 3 + 1):
        day = add_months(market.params.start_date, 3 * quarter) - timedelta(days=12)
        for member in members:
            draws = market.draws(member.key, "survey", quarter)
            at = office_moment(day + timedelta(days=draws.below(5)), draws)
            if member.is_there(at) and draws.chance(rate):
                score = min(max(int(8 + draws.normal() * 2), 0), 10)
                events.append(
                    SurveyAnswered(
                        at=at,
                        survey_type="employee",
                        respondent_hash=respondent(market, member.key, f"e{quarter}"),
                        score=score,
                    )
                )
    return events
