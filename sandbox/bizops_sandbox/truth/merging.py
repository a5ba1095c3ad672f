"""The metrics of the engineering department, from merge requests and releases."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, Part, TimedSubject
from bizops_sandbox.truth.survival import Subject, whole_days
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.truth.team import Team
    from bizops_sandbox.world.events import Event

_ONE = Fraction(1)
MAIN_PROJECT = "core"


@dataclass(slots=True)
class MergeRequest:
    """A merge request as it stands."""

    opened: log.MergeRequestOpened
    ready_at: datetime
    merged_at: datetime | None = None
    reviewed_at: datetime | None = None


@dataclass(slots=True)
class Workshop:
    """Merge requests, picked commits, developers and releases, in order."""

    as_of: date
    requests: dict[str, MergeRequest] = field(default_factory=dict)
    picks: list[log.CommitPicked] = field(default_factory=list)
    developers: dict[str, log.DeveloperJoined] = field(default_factory=dict)
    releases: list[log.ReleasePublished] = field(default_factory=list)


_KINDS = (
    log.DeveloperJoined,
    log.MergeRequestOpened,
    log.MergeRequestReady,
    log.NoteWritten,
    log.MergeRequestMerged,
    log.CommitPicked,
    log.ReleasePublished,
)


def read_workshop(events: Iterable[Event], as_of: date) -> Workshop:
    """What is known of the product's making at the end of a day."""
    shop = Workshop(as_of)
    for event in events_until(events, day_end(as_of), *_KINDS):
        match event:
            case log.DeveloperJoined():
                shop.developers[event.developer_key] = event
            case log.MergeRequestOpened():
                request = MergeRequest(event, event.at)
                shop.requests[event.merge_request_key] = request
            case log.MergeRequestReady():
                shop.requests[event.merge_request_key].ready_at = event.at
            case log.NoteWritten():
                _note(shop, event)
            case log.MergeRequestMerged():
                shop.requests[event.merge_request_key].merged_at = event.at
            case log.CommitPicked():
                shop.picks.append(event)
            case log.ReleasePublished():
                shop.releases.append(event)
            case _:
                pass
    return shop


def _note(shop: Workshop, event: log.NoteWritten) -> None:
    """The first note of somebody else who is no bot, once it may be reviewed."""
    request = shop.requests[event.merge_request_key]
    is_review = (
        event.kind in {"comment", "approval"}
        and event.developer_key != request.opened.developer_key
        and shop.developers[event.developer_key].kind != "bot"
        and event.at >= request.ready_at
    )
    if is_review and request.reviewed_at is None:
        request.reviewed_at = event.at


@dataclass(slots=True)
class _Authors:
    """Answers who is in the team, by username once looked up."""

    shop: Workshop
    team: Team
    stays: dict[str, tuple[date, date | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, event in self.team.started.items():
            if event.username is not None:
                left = self.team.left.get(key)
                ended = None if left is None else left.at.date()
                self.stays[event.username] = (event.at.date(), ended)

    def kind(self, developer_key: str, day: date) -> str:
        """Team, community or bot on a day."""
        developer = self.shop.developers[developer_key]
        if developer.kind == "bot":
            return "bot"
        stay = self.stays.get(developer.username)
        if stay is not None and stay[0] <= day and (stay[1] is None or day <= stay[1]):
            return "team"
        return "community"


def _dimensions(kind: str) -> tuple[Dimension, ...]:
    return (TOTAL, ("author_kind", kind))


def merge_requests_merged(shop: Workshop, team: Team) -> Iterator[Part]:
    """Merged requests by the day, by who wrote them."""
    authors = _Authors(shop, team)
    for request in shop.requests.values():
        if request.merged_at is not None:
            day = request.merged_at.date()
            kind = authors.kind(request.opened.developer_key, day)
            yield Part(day, _dimensions(kind), _ONE)


def merge_requests_by_release(shop: Workshop) -> Iterator[Part]:
    """Merged requests of the main project by the first release after them."""
    for request in shop.requests.values():
        if request.merged_at is None or request.opened.project_key != MAIN_PROJECT:
            continue
        later = [r for r in shop.releases if r.at >= request.merged_at]
        if later:
            day = later[0].at.date()
            yield Part(day, (TOTAL, ("release", later[0].tag)), _ONE)


def merge_request_cycle_time(shop: Workshop, team: Team) -> Iterator[TimedSubject]:
    """Days from opening to merging; all others are waited for until now."""
    authors = _Authors(shop, team)
    for request in shop.requests.values():
        start = request.opened.at.date()
        end = shop.as_of if request.merged_at is None else request.merged_at.date()
        yield _timed(
            request, authors, start, end, is_event=request.merged_at is not None
        )


def merge_request_review_time(shop: Workshop, team: Team) -> Iterator[TimedSubject]:
    """Days from being ready to the first note of somebody else."""
    authors = _Authors(shop, team)
    for request in shop.requests.values():
        start = request.ready_at.date()
        end = shop.as_of if request.reviewed_at is None else request.reviewed_at.date()
        yield _timed(
            request, authors, start, end, is_event=request.reviewed_at is not None
        )


def _timed(
    request: MergeRequest,
    authors: _Authors,
    start: date,
    end: date,
    *,
    is_event: bool,
) -> TimedSubject:
    kind = authors.kind(request.opened.developer_key, request.opened.at.date())
    days = whole_days((end - start).days) or Fraction(1, 2)
    return TimedSubject(start, _dimensions(kind), Subject(days, is_event))


def bug_fixes_picked(shop: Workshop) -> Iterator[Part]:
    """Merge requests with label bug that were picked into a stable branch."""
    for pick in shop.picks:
        if "bug" in shop.requests[pick.merge_request_key].opened.labels:
            yield Part(pick.at.date(), (TOTAL, ("branch", pick.branch)), _ONE)


def new_contributors(shop: Workshop, team: Team) -> Iterator[Part]:
    """People outside the team by the day of their first merged request."""
    authors = _Authors(shop, team)
    merged = sorted(
        (r.merged_at, key, r.opened.developer_key)
        for key, r in shop.requests.items()
        if r.merged_at is not None
    )
    seen: set[str] = set()
    for at, _, developer in merged:
        if developer in seen:
            continue
        seen.add(developer)
        if authors.kind(developer, at.date()) == "community":
            yield Part(at.date(), (TOTAL,), _ONE)
