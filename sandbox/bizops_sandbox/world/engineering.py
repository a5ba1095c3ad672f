"""How the product is written: issues, merge requests, reviews, releases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import (
    CommitPicked,
    DeveloperJoined,
    Event,
    IssueClosed,
    IssueOpened,
    MergeRequestClosed,
    MergeRequestMerged,
    MergeRequestOpened,
    MergeRequestReady,
    NoteWritten,
    ProjectCreated,
    ReleasePublished,
)
from bizops_sandbox.world.instances import version_of
from bizops_sandbox.world.moments import (
    add_months,
    day_end,
    day_start,
    later,
    office_moment,
)
from bizops_sandbox.world.names import person_name, slug

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.market import Market
    from bizops_sandbox.world.roster import Member

PROJECTS = (("core", "Core"), ("runner", "Runner"), ("handbook", "Handbook"))
_PROJECT_WEIGHTS = tuple(Decimal(w) for w in (70, 20, 10))
_MAIN_PROJECT = "core"
_BOT = "dv.bot"
_NEW_CONTRIBUTOR_OF_TEN = 4
_RECENT_CONTRIBUTORS = 300
_BUG_TITLES = ("Fix race in", "Fix broken link of", "Do not crash on", "Repair")
_WORK_TITLES = ("Add filter to", "Speed up", "Document", "Refactor", "Show totals in")
_SUBJECTS = ("boards", "pipelines", "search", "merge view", "imports", "the runner")
_REVIEW_MEDIAN_DAYS = Decimal("0.7")
_SIGMA = Decimal("0.9")


def sha_of(market: Market, *parts: str) -> str:
    """A commit's id: forty hexadecimal digits."""
    text = "|".join((str(market.params.seed), *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def release_moments(market: Market) -> list[tuple[str, datetime]]:
    """Tag and moment of each month's release, in time order."""
    params = market.params
    moments = []
    for number in range(params.months):
        month = add_months(params.start_date, number)
        day = month.replace(day=params.engineering.release_day)
        at = datetime.combine(day, time(10), tzinfo=UTC)
        moments.append((f"v{version_of(day)}.0", at))
    return moments


@dataclass(slots=True)
class _Workshop:
    """Those who write the product, and what they did."""

    market: Market
    members: Sequence[Member]
    events: list[Event] = field(default_factory=list)
    community: list[tuple[datetime, str]] = field(default_factory=list)
    _teams: dict[date, list[str]] = field(default_factory=dict)

    def team_at(self, at: datetime) -> list[str]:
        """The developers who are in the team that whole day; one at least."""
        day = at.date()
        if day not in self._teams:
            first, last = day_start(day), day_end(day)
            there = [
                f"dv.{member.key}"
                for member in self.members
                if member.username is not None
                and member.is_there(first)
                and member.is_there(last)
            ]
            self._teams[day] = there or [_BOT]
        return self._teams[day]

    def contributor(self, at: datetime, draws: Draws) -> str:
        """Somebody of the community, often for the first time."""
        recent = self.community[-_RECENT_CONTRIBUTORS:]
        known = [key for since, key in recent if since <= at]
        if known and draws.below(10) >= _NEW_CONTRIBUTOR_OF_TEN:
            return draws.pick(known)
        key = f"dv.c{len(self.community) + 1}"
        joined = at - timedelta(days=draws.between(1, 20))
        joined = max(joined, self.market.start + timedelta(hours=7, minutes=50))
        first, last = person_name(self.market.draws(key, "name"))
        name = key.removeprefix("dv.")
        self.events.append(
            DeveloperJoined(
                at=min(joined, at),
                developer_key=key,
                username=f"{slug(first)}-{name}",
                name=f"{first} {last}",
                email=f"{slug(first)}.{slug(last)}.{name}@inbox.test",
                kind="community",
            )
        )
        self.community.append((at, key))
        return key


def _joined(market: Market, members: Sequence[Member]) -> list[Event]:
    """The projects, the bot, and the team's developers."""
    opening = market.start + timedelta(hours=7, minutes=40)
    events: list[Event] = [
        ProjectCreated(at=opening, project_key=key, name=name, path=f"brightloom/{key}")
        for key, name in PROJECTS
    ]
    events.append(
        DeveloperJoined(
            at=opening,
            developer_key=_BOT,
            username="ci-bot",
            name="CI Bot",
            email="ci-bot@brightloom.example",
            kind="bot",
        )
    )
    events += (
        DeveloperJoined(
            at=max(member.started_at, opening) + timedelta(minutes=1),
            developer_key=f"dv.{member.key}",
            username=member.username,
            name=f"{member.first_name} {member.last_name}",
            email=member.email,
            kind="team",
            member_key=member.key,
        )
        for member in members
        if member.username is not None
    )
    return events


def _opened(
    shop: _Workshop, key: str, at: datetime, draws: Draws
) -> MergeRequestOpened:
    """The proposal; a bug has an issue, written down before."""
    engineering = shop.market.params.engineering
    is_bug = draws.chance(engineering.bug_share)
    project = draws.weighted([key for key, _ in PROJECTS], _PROJECT_WEIGHTS)
    labels: tuple[str, ...] = ("bug",) if is_bug else ("feature",)
    if draws.chance(engineering.community_share):
        author = shop.contributor(at, draws)
        labels += ("Community contribution",)
    else:
        author = draws.pick(shop.team_at(at))
    title = draws.pick(_BUG_TITLES if is_bug else _WORK_TITLES)
    title = f"{title} {draws.pick(_SUBJECTS)}"
    issue_key = f"{key}.issue" if is_bug else None
    if issue_key is not None:
        reported = max(
            at - timedelta(days=draws.between(1, 30)),
            shop.market.start + timedelta(hours=7, minutes=55),
        )
        shop.events.append(
            IssueOpened(
                at=min(reported, at),
                issue_key=issue_key,
                project_key=project,
                developer_key=draws.pick(shop.team_at(reported)),
                title=title,
                labels=("bug",),
            )
        )
    return MergeRequestOpened(
        at=at,
        merge_request_key=key,
        project_key=project,
        developer_key=author,
        title=title,
        labels=labels,
        source_branch=f"{slug(title)}-{key}",
        target_branch="master",
        is_draft=draws.chance(engineering.draft_rate),
        issue_key=issue_key,
    )


def _note(key: str, number: int, at: datetime, by: str, kind: str) -> NoteWritten:
    return NoteWritten(
        at=at,
        note_key=f"{key}.n{number}",
        merge_request_key=key,
        developer_key=by,
        kind=kind,
    )


def _reviewed(
    shop: _Workshop, opened: MergeRequestOpened, ready: datetime, draws: Draws
) -> tuple[datetime, str]:
    """The bot at once, the author at times, then somebody else; who and when."""
    key, author = opened.merge_request_key, opened.developer_key
    shop.events.append(_note(key, 1, opened.at + timedelta(minutes=2), _BOT, "comment"))
    wait = draws.lognormal(_REVIEW_MEDIAN_DAYS, _SIGMA)
    at = ready + timedelta(seconds=int(wait * 86_400) + 60)
    others = [key for key in shop.team_at(at) if key != author] or [_BOT]
    reviewer = draws.pick(others)
    if draws.below(3) == 0:
        middle = ready + (at - ready) / 2
        shop.events.append(
            _note(key, 2, middle.replace(microsecond=0), author, "comment")
        )
    shop.events.append(_note(key, 3, at, reviewer, "comment"))
    return at, reviewer


def _end(
    shop: _Workshop,
    opened: MergeRequestOpened,
    reviewed: datetime,
    reviewer: str,
    draws: Draws,
) -> None:
    """Merged, picked into a stable branch at times, or given up."""
    key, engineering = opened.merge_request_key, shop.market.params.engineering
    wait = draws.lognormal(engineering.cycle_days_median, _SIGMA)
    at = reviewed + timedelta(seconds=int(wait * 86_400) + 300)
    if draws.chance(engineering.closed_rate):
        shop.events.append(
            MergeRequestClosed(at=at, merge_request_key=key, by=opened.developer_key)
        )
        return
    sha = sha_of(shop.market, key, "merge")
    shop.events += [
        _note(key, 4, at - timedelta(minutes=3), reviewer, "approval"),
        MergeRequestMerged(at=at, merge_request_key=key, commit_sha=sha, by=reviewer),
    ]
    if opened.issue_key is not None:
        closed = at + timedelta(seconds=5)
        shop.events.append(
            IssueClosed(at=closed, issue_key=opened.issue_key, by=reviewer)
        )
    released = [tag for tag, moment in release_moments(shop.market) if moment <= at]
    can_pick = opened.project_key == _MAIN_PROJECT and "bug" in opened.labels
    if can_pick and released and draws.chance(engineering.pick_rate):
        major, minor = released[-1].removeprefix("v").split(".")[:2]
        shop.events.append(
            CommitPicked(
                at=later(at, draws, days=draws.between(0, 4)),
                merge_request_key=key,
                commit_sha=sha_of(shop.market, key, "pick"),
                picked_from=sha,
                branch=f"{major}-{minor}-stable",
                by=reviewer,
            )
        )


def _moments(month: date, number: int, market: Market) -> list[datetime]:
    params = market.params
    draws = market.draws("merge requests", number)
    growth = (1 + params.monthly_growth) ** number
    expected = params.engineering.merge_requests_monthly * params.size_factor * growth
    days = (add_months(month, 1) - month).days
    return sorted(
        max(
            office_moment(month + timedelta(days=draws.below(days)), draws),
            market.start + timedelta(hours=8, minutes=5),
        )
        for _ in range(draws.rounded(expected))
    )


def engineering_events(market: Market, members: Sequence[Member]) -> list[Event]:
    """Everything of the engineering department."""
    shop = _Workshop(market=market, members=members)
    shop.events += _joined(market, members)
    for tag, at in release_moments(market):
        shop.events.append(
            ReleasePublished(
                at=at, release_key=f"rel.{tag}", project_key=_MAIN_PROJECT, tag=tag
            )
        )
    for number in range(market.params.months):
        month = add_months(market.params.start_date, number)
        for n, at in enumerate(_moments(month, number, market), start=1):
            key = f"mr{number:02d}x{n}"
            draws = market.draws(key, "merge request")
            opened = _opened(shop, key, at, draws)
            ready = at
            if opened.is_draft:
                ready = later(at, draws, days=draws.between(1, 4))
                shop.events.append(MergeRequestReady(at=ready, merge_request_key=key))
            shop.events.append(opened)
            reviewed, reviewer = _reviewed(shop, opened, ready, draws)
            _end(shop, opened, reviewed, reviewer, draws)
    return shop.events
