"""The metrics of the people department, from applications to the last day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, Part, TimedSubject
from bizops_sandbox.truth.periods import Period
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.truth.survival import Subject, whole_days
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import add_months, day_end, month_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bizops_sandbox.world.events import Event

FEWEST = 5
_ONE, _NONE = Fraction(1), Fraction(0)


@dataclass(slots=True)
class Team:
    """People and applications by key, in the order they came."""

    as_of: date
    started: dict[str, log.TeamMemberStarted] = field(default_factory=dict)
    left: dict[str, log.TeamMemberLeft] = field(default_factory=dict)
    plans: dict[str, tuple[log.ImprovementPlanStarted, date | None]] = field(
        default_factory=dict
    )
    applied: dict[str, log.ApplicationReceived] = field(default_factory=dict)
    interviews: Counter[str] = field(default_factory=Counter)
    scores: list[log.ScorecardFilled] = field(default_factory=list)
    offers: dict[str, str] = field(default_factory=dict)
    decisions: list[tuple[str, log.OfferDecided]] = field(default_factory=list)
    answers: list[log.SurveyAnswered] = field(default_factory=list)

    def accepted_on(self) -> dict[str, date]:
        """The day each accepted offer was accepted, by applicant."""
        return {
            applicant: event.at.date()
            for applicant, event in self.decisions
            if event.decision == "accepted"
        }

    def headcount(self, day: date) -> Counter[str]:
        """Members at the end of a day by department."""
        end = day_end(day)
        counts: Counter[str] = Counter()
        for key, event in self.started.items():
            left = self.left.get(key)
            if event.at <= end and (left is None or left.at > end):
                counts[event.department] += 1
        return counts


_KINDS = (
    log.TeamMemberStarted,
    log.TeamMemberLeft,
    log.ImprovementPlanStarted,
    log.ImprovementPlanEnded,
    log.ApplicationReceived,
    log.InterviewHeld,
    log.ScorecardFilled,
    log.OfferSent,
    log.OfferDecided,
    log.SurveyAnswered,
)


def read_team(events: Iterable[Event], as_of: date) -> Team:
    """The people of the log at the end of a day."""
    team = Team(as_of)
    for event in events_until(events, day_end(as_of), *_KINDS):
        match event:
            case log.TeamMemberStarted():
                team.started[event.member_key] = event
            case log.TeamMemberLeft():
                team.left[event.member_key] = event
            case log.ImprovementPlanStarted():
                team.plans[event.plan_key] = (event, None)
            case log.ImprovementPlanEnded():
                started, _ = team.plans[event.plan_key]
                team.plans[event.plan_key] = (started, event.at.date())
            case _:
                _add_application(team, event)
    return team


def _add_application(team: Team, event: Event) -> None:
    match event:
        case log.ApplicationReceived():
            team.applied[event.applicant_key] = event
        case log.InterviewHeld():
            team.interviews[event.applicant_key] += 1
        case log.ScorecardFilled():
            team.scores.append(event)
        case log.OfferSent():
            team.offers[event.offer_key] = event.applicant_key
        case log.OfferDecided():
            team.decisions.append((team.offers[event.offer_key], event))
        case log.SurveyAnswered():
            team.answers.append(event)
        case _:
            pass


def _departments(team: Team, applicant: str) -> tuple[Dimension, ...]:
    return (TOTAL, ("department", team.applied[applicant].department))


def applications_inbound(team: Team) -> Iterator[Part]:
    """Applications that came by themselves."""
    for key, event in team.applied.items():
        if event.source == "inbound":
            yield Part(event.at.date(), _departments(team, key), _ONE)


def interviews_per_applicant(team: Team) -> Iterator[Part]:
    """Interviews by applicants, by the day they applied."""
    for key, event in team.applied.items():
        held = Fraction(team.interviews[key])
        yield Part(event.at.date(), _departments(team, key), held, _ONE)


def interviews_per_hire(team: Team) -> Iterator[Part]:
    """Interviews by accepted offers, by the day the applicants applied."""
    accepted = team.accepted_on()
    for key, event in team.applied.items():
        held, hired = Fraction(team.interviews[key]), Fraction(int(key in accepted))
        yield Part(event.at.date(), _departments(team, key), held, hired)


def promoters(team: Team, survey_type: str) -> Iterator[Part]:
    """Percent of promoters (9, 10) less percent of detractors (0 to 6)."""
    for answer in team.answers:
        if answer.survey_type == survey_type:
            sign = (answer.score >= 9) - (answer.score <= 6)
            yield Part(answer.at.date(), (TOTAL,), Fraction(100 * sign), _ONE)


def applicant_score(team: Team) -> Iterator[Part]:
    """The mean score by criterion and kind."""
    for score in team.scores:
        yield Part(
            score.at.date(),
            (TOTAL, ("criterion", score.criterion), ("criterion_kind", score.kind)),
            Fraction(score.score),
            _ONE,
        )


def offer_accept_rate(team: Team) -> Iterator[Part]:
    """Accepted by accepted and declined, by the day of the decision."""
    for applicant, event in team.decisions:
        if event.decision in {"accepted", "declined"}:
            accepted = Fraction(int(event.decision == "accepted"))
            day = event.at.date()
            yield Part(day, _departments(team, applicant), accepted, _ONE)


def offers_accepted(team: Team) -> Iterator[Part]:
    """Accepted offers by the day of the decision."""
    for applicant, day in team.accepted_on().items():
        yield Part(day, _departments(team, applicant), _ONE)


def hires_started(team: Team) -> Iterator[Part]:
    """First days of those who applied."""
    for event in team.started.values():
        if event.applicant_key is not None:
            day = event.at.date()
            yield Part(day, (TOTAL, ("department", event.department)), _ONE)


def accepted_start_rate(team: Team) -> Iterator[Part]:
    """Those who have started by accepted offers, by the day of the decision."""
    started = {event.applicant_key for event in team.started.values()}
    for applicant, day in team.accepted_on().items():
        has_started = Fraction(int(applicant in started))
        yield Part(day, _departments(team, applicant), has_started, _ONE)


def hiring_time(team: Team) -> Iterator[TimedSubject]:
    """Days from application to accepted offer; all others are waited for until now."""
    accepted = team.accepted_on()
    for key, event in team.applied.items():
        start = event.at.date()
        days = whole_days((accepted.get(key, team.as_of) - start).days)
        if days is not None:
            subject = Subject(days, key in accepted)
            yield TimedSubject(start, _departments(team, key), subject)


def terminations(team: Team) -> Iterator[Part]:
    """Members who left, by kind."""
    for event in team.left.values():
        yield Part(event.at.date(), (TOTAL, ("termination_type", event.kind)), _ONE)


def _ended_months(first: date, as_of: date) -> Iterator[tuple[Period, date]]:
    month = month_start(first)
    while (last := add_months(month, 1) - timedelta(days=1)) <= as_of:
        yield Period("month", month), last
        month = add_months(month, 1)


def headcount(team: Team, first: date) -> Iterator[Reading]:
    """Members at the end of each month by department."""
    for period, last in _ended_months(first, team.as_of):
        counts = team.headcount(last)
        yield Reading(period, Fraction(counts.total()))
        for name, count in sorted(counts.items()):
            yield Reading(period, Fraction(count), dimension=("department", name))


def termination_rate(team: Team, first: date) -> Iterator[Reading]:
    """Twelve times a month's leavers by the members at its end."""
    for period, last in _ended_months(first, team.as_of):
        total = Fraction(team.headcount(last).total())
        kinds: Counter[str] = Counter(
            event.kind
            for event in team.left.values()
            if period.start <= event.at.date() <= last
        )
        note = "suppressed" if total < FEWEST else None
        yield Reading(period, Fraction(12 * kinds.total()), total, note=note)


def improvement_plan_share(team: Team, first: date) -> Iterator[Reading]:
    """Members on an improvement plan at the end of a month by all."""
    for period, last in _ended_months(first, team.as_of):
        total = Fraction(team.headcount(last).total())
        on_plan = sum(
            started.at.date() <= last and (ended is None or ended > last)
            for started, ended in team.plans.values()
        )
        note = "suppressed" if total < FEWEST else None
        yield Reading(period, Fraction(on_plan), total, note=note)
