"""Rows of the inputs about the web site, social posts, and experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_metrics import COUNTER_PATHS
from bizops_sandbox.world import events as log
from bizops_sandbox.world.instances import FEATURES, feature_launches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

Cells = tuple[object, ...]


def web_daily(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a day and channel."""
    for event in events:
        if isinstance(event, log.WebDayCounted):
            yield (
                event.day,
                event.site,
                event.channel,
                event.visitors,
                event.sessions,
                event.downloads_ce,
                event.downloads_ee,
                event.trials,
            )


def web_monthly(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a whole month and channel."""
    for event in events:
        if isinstance(event, log.WebMonthCounted):
            yield (event.month, event.site, event.channel, event.visitors)


def features(params: Parameters) -> Iterator[Cells]:
    """One row a feature, from the first that customers take up to the last."""
    launches = feature_launches(params.start_date)
    for level, feature in enumerate(FEATURES, start=1):
        yield (feature, level, launches[feature], COUNTER_PATHS[feature])


def social_posts(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a count; `release` is the tag."""
    posts: dict[str, log.SocialPosted] = {}
    for event in events:
        if isinstance(event, log.SocialPosted):
            posts[event.post_key] = event
        elif isinstance(event, log.SocialCounted):
            post = posts[event.post_key]
            yield (
                event.post_key,
                post.network,
                post.release_key.removeprefix("rel."),
                post.at,
                event.at.date(),
                event.retweets,
            )


def experiments(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a visitor who saw a variant."""
    exposed: list[log.ExperimentExposed] = []
    converted: dict[str, log.ExperimentConverted] = {}
    for event in events:
        if isinstance(event, log.ExperimentExposed):
            exposed.append(event)
        elif isinstance(event, log.ExperimentConverted):
            converted[event.unit_key] = event
    for unit in exposed:
        done = converted.get(unit.unit_key)
        yield (
            unit.experiment,
            unit.variant,
            unit.unit_key,
            unit.at,
            0 if done is None else 1,
            0 if done is None else done.value,
        )


def lift_tests(events: Iterable[Event]) -> Iterator[Cells]:
    """One row a week and cell."""
    for event in events:
        if isinstance(event, log.LiftWeekCounted):
            yield (
                event.channel,
                event.week_start,
                event.cell,
                event.people,
                event.conversions,
            )
