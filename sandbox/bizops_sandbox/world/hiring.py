"""How the company hires: applicants, interviews, offers, first days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    ApplicantRejected,
    ApplicationReceived,
    Event,
    InterviewHeld,
    OfferDecided,
    OfferSent,
    ScorecardFilled,
    SurveyAnswered,
)
from bizops_sandbox.world.moments import add_months, any_moment, later, office_moment
from bizops_sandbox.world.roster import (
    Member,
    department_of,
    first_team,
    make_member,
    plan_leaving,
    respondent,
    survey_events,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Market

_OTHER_SOURCES = ("referral", "sourced", "agency")
_CRITERIA = (
    ("technical_skill", "requirement"),
    ("experience", "requirement"),
    ("collaboration", "value"),
    ("transparency", "value"),
)
_SCREENED_OUT = Decimal("0.62")
_DECLINED_ANSWER_RATE = Decimal("0.3")
_NO_SHOW = Decimal("0.04")
_MOST_OFFERS = 3


@dataclass(slots=True)
class _Job:
    """One open seat while it is filled."""

    key: str
    department: str
    market: Market
    events: list[Event] = field(default_factory=list)


def _count(expected: Decimal, draws: Draws) -> int:
    return draws.rounded(expected)


def _reject(job: _Job, applicant: str, at: datetime, draws: Draws) -> None:
    """The company says no; some of them tell how they were treated."""
    job.events.append(ApplicantRejected(at=at, applicant_key=applicant))
    if draws.chance(_DECLINED_ANSWER_RATE):
        score = min(max(int(7 + draws.normal() * 3), 0), 10)
        job.events.append(
            SurveyAnswered(
                at=later(at, draws, days=draws.between(2, 9)),
                survey_type="declined_applicant",
                respondent_hash=respondent(job.market, applicant, "declined"),
                score=score,
            )
        )


def _interview(job: _Job, applicant: str, at: datetime, draws: Draws) -> datetime:
    """One to three interviews, each with scores; when the last one was."""
    for number in range(1, draws.between(1, 3) + 1):
        at = later(at, draws, days=draws.between(2, 8))
        job.events.append(
            InterviewHeld(
                at=at,
                interview_key=f"{applicant}.i{number}",
                applicant_key=applicant,
            )
        )
        for criterion, kind in _CRITERIA:
            job.events.append(
                ScorecardFilled(
                    at=at + timedelta(minutes=50),
                    applicant_key=applicant,
                    criterion=criterion,
                    kind=kind,
                    score=draws.between(1, 4),
                )
            )
    return at


def _offer(
    job: _Job, applicant: str, at: datetime, draws: Draws
) -> tuple[str, datetime]:
    """An offer and what becomes of it: the decision and its moment."""
    people = job.market.params.people
    sent = later(at, draws, days=draws.between(1, 6))
    decided = later(sent, draws, days=draws.between(2, 12))
    decision = "declined"
    if draws.chance(people.offer_withdrawn_rate):
        decision = "withdrawn"
    elif draws.chance(people.offer_accept_rate):
        decision = "accepted"
    key = f"{applicant}.o1"
    job.events += [
        OfferSent(at=sent, offer_key=key, applicant_key=applicant),
        OfferDecided(at=decided, offer_key=key, decision=decision),
    ]
    return decision, decided


def _fill(job: _Job, opened: datetime) -> Member | None:
    """The seat from the first application to the first day of who gets it."""
    draws = job.market.draws(job.key, "job")
    people = job.market.params.people
    count = max(draws.negative_binomial(Decimal(people.applicants_per_hire), 3), 1)
    finalists: list[tuple[datetime, str, Draws]] = []
    for number in range(1, count + 1):
        applicant = f"{job.key}.a{number}"
        own = job.market.draws(applicant, "application")
        applied = any_moment(opened.date() + timedelta(days=own.below(25)), own)
        source = (
            "inbound" if own.chance(people.inbound_share) else own.pick(_OTHER_SOURCES)
        )
        job.events.append(
            ApplicationReceived(
                at=applied,
                applicant_key=applicant,
                job_key=job.key,
                department=job.department,
                source=source,
            )
        )
        if own.chance(_SCREENED_OUT):
            _reject(job, applicant, later(applied, own, days=own.between(1, 9)), own)
        else:
            finalists.append((_interview(job, applicant, applied, own), applicant, own))
    return _decide(job, sorted(finalists, key=lambda item: item[:2]))


def _decide(
    job: _Job, finalists: Sequence[tuple[datetime, str, Draws]]
) -> Member | None:
    """Offers in turn until one accepts; the rest are rejected then."""
    free_from: datetime | None = None
    hired: tuple[str, datetime, Draws] | None = None
    for number, (interviewed, applicant, own) in enumerate(finalists, start=1):
        at = interviewed if free_from is None else max(interviewed, free_from)
        if hired is not None or number > _MOST_OFFERS:
            _reject(job, applicant, later(at, own, days=own.between(1, 5)), own)
            continue
        decision, free_from = _offer(job, applicant, at, own)
        if decision == "accepted":
            hired = (applicant, free_from, own)
    if hired is None or hired[2].chance(_NO_SHOW):
        return None
    applicant, accepted, own = hired
    first_day = office_moment(
        accepted.date() + timedelta(days=own.between(14, 60)), own
    )
    member_key = f"t{job.key}"
    return make_member(
        member_key, job.department, first_day, job.market, applicant_key=applicant
    )


def _jobs(market: Market) -> list[tuple[str, datetime]]:
    params = market.params
    opened: list[tuple[str, datetime]] = []
    for number in range(params.months):
        month = add_months(params.start_date, number)
        draws = market.draws("jobs", number)
        growth = (1 + params.monthly_growth) ** number
        expected = params.people.hires_monthly * params.size_factor * growth
        for n in range(1, _count(expected, draws) + 1):
            at = office_moment(month + timedelta(days=draws.below(27)), draws)
            opened.append((f"j{number:02d}x{n}", at))
    return opened


def people_events(
    market: Market, team: Sequence[Event]
) -> tuple[list[Event], list[Member]]:
    """Everything of the people department, and all who ever are members.

    Args:
        market: The world.
        team: The events of those who work with the CRM.
    """
    members = first_team(market, team)
    events: list[Event] = []
    for key, opened in _jobs(market):
        job = _Job(key, department_of(key, market), market)
        member = _fill(job, opened)
        events += job.events
        if member is not None:
            members.append(member)
    whole: list[Member] = []
    for member in members:
        final, career = plan_leaving(member, market)
        whole.append(final)
        events += [final.started(), *career]
    return events + survey_events(whole, market), whole
