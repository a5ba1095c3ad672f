"""Rows of the people department's inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world import events as log
from bizops_sandbox.world.moments import add_months, day_end, month_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.world.events import Event

Cells = tuple[object, ...]


@dataclass(slots=True)
class _Application:
    received: log.ApplicationReceived
    rejected_at: datetime | None = None
    decision: str | None = None

    @property
    def status(self) -> str:
        if self.decision == "accepted":
            return "hired"
        if self.decision == "declined":
            return "declined_offer"
        if self.decision == "withdrawn":
            return "withdrawn"
        return "open" if self.rejected_at is None else "rejected"


@dataclass(slots=True)
class Team:
    """Members, plans and applications of a log, by key, in order."""

    started: dict[str, log.TeamMemberStarted] = field(default_factory=dict)
    left: dict[str, log.TeamMemberLeft] = field(default_factory=dict)
    plans: dict[str, log.ImprovementPlanStarted] = field(default_factory=dict)
    plans_ended: dict[str, log.ImprovementPlanEnded] = field(default_factory=dict)
    applications: dict[str, _Application] = field(default_factory=dict)
    offers: dict[str, log.OfferSent] = field(default_factory=dict)
    decisions: dict[str, log.OfferDecided] = field(default_factory=dict)


def read_team(events: Iterable[Event]) -> Team:
    """Fold the people events."""
    team = Team()
    for event in events:
        match event:
            case log.TeamMemberStarted():
                team.started[event.member_key] = event
            case log.TeamMemberLeft():
                team.left[event.member_key] = event
            case log.ImprovementPlanStarted():
                team.plans[event.plan_key] = event
            case log.ImprovementPlanEnded():
                team.plans_ended[event.plan_key] = event
            case log.ApplicationReceived():
                team.applications[event.applicant_key] = _Application(event)
            case log.ApplicantRejected():
                team.applications[event.applicant_key].rejected_at = event.at
            case log.OfferSent():
                team.offers[event.offer_key] = event
            case log.OfferDecided():
                team.decisions[event.offer_key] = event
                applicant = team.offers[event.offer_key].applicant_key
                team.applications[applicant].decision = event.decision
            case _:
                pass
    return team


def team_members(team: Team) -> Iterator[Cells]:
    """Everybody who started until now."""
    for key, event in team.started.items():
        left = team.left.get(key)
        yield (
            key,
            f"{event.first_name} {event.last_name}",
            event.email,
            event.username,
            event.department,
            event.title,
            event.at.date(),
            None if left is None else left.at.date(),
            event.applicant_key,
        )


def headcount_monthly(team: Team, first_month: date, as_of: date) -> Iterator[Cells]:
    """Who is there at each month's end."""
    month = month_start(first_month)
    while (last := add_months(month, 1) - timedelta(days=1)) <= as_of:
        end = day_end(last)
        counts: dict[str, int] = {}
        for key, event in team.started.items():
            left = team.left.get(key)
            if event.at <= end and (left is None or left.at > end):
                counts[event.department] = counts.get(event.department, 0) + 1
        yield from ((month, name, counts[name]) for name in sorted(counts))
        month = add_months(month, 1)


def terminations(team: Team) -> Iterator[Cells]:
    """Everybody who left."""
    for key, event in team.left.items():
        yield (key, event.at.date(), event.kind)


def pips(team: Team) -> Iterator[Cells]:
    """Every improvement plan."""
    for key, event in team.plans.items():
        ended = team.plans_ended.get(key)
        yield (
            key,
            event.member_key,
            event.at.date(),
            None if ended is None else ended.at.date(),
            None if ended is None else ended.outcome,
        )


def applicants(team: Team) -> Iterator[Cells]:
    """Every application as it stands."""
    for key, application in team.applications.items():
        received = application.received
        yield (
            key,
            received.job_key,
            received.department,
            received.at,
            received.source,
            application.status,
            application.rejected_at,
        )


def offers(team: Team) -> Iterator[Cells]:
    """Every offer as it stands."""
    for key, sent in team.offers.items():
        decided = team.decisions.get(key)
        yield (
            key,
            sent.applicant_key,
            sent.at,
            None if decided is None else decided.at,
            None if decided is None else decided.decision,
        )


def interviews(events: Iterable[Event]) -> Iterator[Cells]:
    """Every interview."""
    for event in events:
        if isinstance(event, log.InterviewHeld):
            yield (event.interview_key, event.applicant_key, event.at)


def scorecards(events: Iterable[Event]) -> Iterator[Cells]:
    """Every score."""
    for event in events:
        if isinstance(event, log.ScorecardFilled):
            yield (
                event.applicant_key,
                event.criterion,
                event.kind,
                event.score,
                event.at,
            )


def surveys(events: Iterable[Event]) -> Iterator[Cells]:
    """Every answer."""
    for event in events:
        if isinstance(event, log.SurveyAnswered):
            yield (event.survey_type, event.respondent_hash, event.at, event.score)
