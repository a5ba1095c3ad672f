"""What every part of the simulation looks up: parameters, team, running campaigns."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.moments import day_end, day_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from bizops_sandbox.world.parameters import Channel, Parameters


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as planned: its true days and budget (USD).

    `is_undated` and `is_open_ended` say which dates the CRM record lacks;
    `deleted_at` is when the record was deleted as a mistake.
    """

    key: str
    index: int
    name: str
    channel: Channel
    start: date
    end: date
    budget: Decimal
    is_undated: bool = False
    is_open_ended: bool = False
    deleted_at: datetime | None = None

    @property
    def days(self) -> int:
        """How many days it runs."""
        return (self.end - self.start).days + 1

    def exists_at(self, moment: datetime) -> bool:
        """Whether its record can be used at that moment."""
        return self.deleted_at is None or moment < self.deleted_at

    @property
    def expected_leads(self) -> Decimal:
        """How many leads the whole budget should bring."""
        return self.budget * self.channel.leads_per_usd()


@dataclass(frozen=True, slots=True)
class DayChoice:
    """The campaigns of one day with cumulated weights, to draw one by its pull."""

    campaigns: tuple[Campaign, ...]
    cumulated: tuple[int, ...]

    def pick(self, draws: Draws) -> Campaign:
        """One campaign, likely in proportion to the leads it brings that day."""
        place = bisect_right(self.cumulated, draws.below(self.cumulated[-1]))
        return self.campaigns[place]


@dataclass(frozen=True, slots=True)
class Team:
    """The keys of the employees by what they do."""

    reps: tuple[str, ...]
    developers: tuple[str, ...]
    marketer: str
    operations: str
    integration: str


@dataclass(frozen=True, slots=True)
class Market:
    """The world around one organisation."""

    params: Parameters
    team: Team
    campaigns: tuple[Campaign, ...]
    by_day: Mapping[date, DayChoice]

    @property
    def start(self) -> datetime:
        """The first second of the window."""
        return day_start(self.params.start_date)

    @property
    def end(self) -> datetime:
        """The last second of the window."""
        return day_end(self.params.as_of)

    def draws(self, *purpose: object) -> Draws:
        """The stream of draws for one entity and purpose."""
        return Draws(self.params.seed, *purpose)

    def campaign_on(self, day: date, draws: Draws) -> Campaign | None:
        """A campaign that runs on this day, or None when none does."""
        choice = self.by_day.get(day)
        return choice.pick(draws) if choice else None


def campaigns_by_day(
    campaigns: Sequence[Campaign], last_day: date
) -> dict[date, DayChoice]:
    """For each day the campaigns that run on it."""
    running: dict[date, list[tuple[Campaign, int]]] = {}
    for campaign in campaigns:
        pull = max(int(campaign.expected_leads * 1_000_000 / campaign.days), 1)
        for offset in range(campaign.days):
            day = campaign.start + timedelta(days=offset)
            if day <= last_day and campaign.exists_at(day_end(day)):
                running.setdefault(day, []).append((campaign, pull))
    return {
        day: DayChoice(
            campaigns=tuple(campaign for campaign, _ in pulls),
            cumulated=tuple(accumulate(pull for _, pull in pulls)),
        )
        for day, pulls in sorted(running.items())
    }
