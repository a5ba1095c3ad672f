"""How a day's delivery is divided: by age, place, placement, hour, asset.

The parts of a day always add up to the day: whole units are dealt out by the largest
remainder, with shares that vary a little from ad to ad and day to day.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook.graph_errors import bad_parameter, not_one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import AdDay, Node

    Cell = Mapping[str, Any]
    Shares = Sequence[tuple[Cell, int]]

_HOUR_SHARES = (1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 5, 5, 5, 5, 5, 6, 7, 7, 6, 4, 2)
_AGES = {
    "18-24": 8,
    "25-34": 32,
    "35-44": 30,
    "45-54": 18,
    "55-64": 8,
    "65+": 3,
    "Unknown": 1,
}
_SHARES: Mapping[str, Mapping[str, int]] = {
    "age": _AGES,
    "gender": {"male": 58, "female": 38, "unknown": 4},
    "comscore_market": {
        "San Francisco-Oakland-San Jose, CA": 45,
        "New York, NY": 55,
    },
}
_PLACES: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("country", "us"): {"US": 85, "CA": 15},
    ("country", "emea"): {"DE": 50, "FR": 30, "GB": 20},
    ("region", "us"): {"California": 40, "Texas": 25, "Ontario": 20, "Unknown": 15},
    ("region", "emea"): {
        "Bavaria": 40,
        "England": 30,
        "Île-de-France": 25,
        "Unknown": 5,
    },
}
_HOURS: Mapping[str, int] = {
    f"{hour:02d}:00:00 - {hour:02d}:59:59": share
    for hour, share in enumerate(_HOUR_SHARES)
}
_PLACEMENTS = (
    ("facebook", "feed", "desktop", "desktop", 25),
    ("facebook", "feed", "iphone", "mobile_app", 20),
    ("facebook", "feed", "android_smartphone", "mobile_app", 18),
    ("facebook", "right_hand_column", "desktop", "desktop", 8),
    ("facebook", "marketplace", "android_smartphone", "mobile_web", 3),
    ("instagram", "feed", "iphone", "mobile_app", 10),
    ("instagram", "instagram_stories", "iphone", "mobile_app", 6),
    ("instagram", "instagram_stories", "android_smartphone", "mobile_app", 4),
    ("audience_network", "an_classic", "android_smartphone", "mobile_app", 4),
    ("messenger", "messenger_inbox", "iphone", "mobile_app", 2),
)
_PLACEMENT_NAMES = (
    "publisher_platform",
    "platform_position",
    "impression_device",
    "device_platform",
)
_HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"
_HOURLY_AUDIENCE = "hourly_stats_aggregated_by_audience_time_zone"
ASSETS = frozenset(
    [
        "image_asset",
        "video_asset",
        "title_asset",
        "body_asset",
        "link_url_asset",
        "call_to_action_asset",
    ]
)
# Breakdowns of one group may be asked for together.
_GROUPS: tuple[frozenset[str], ...] = (
    frozenset({"age", "gender", "country"}),
    frozenset({"region"}),
    frozenset({"comscore_market"}),
    frozenset(_PLACEMENT_NAMES),
    frozenset({_HOURLY}),
    frozenset({_HOURLY_AUDIENCE}),
    *(frozenset({name, "age", "gender"}) for name in sorted(ASSETS)),
)
BREAKDOWNS = frozenset().union(*_GROUPS)
# Actions outside the platform are not known by place and hour.
_ONSITE_ONLY = frozenset({"region", "comscore_market", _HOURLY, _HOURLY_AUDIENCE})


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was delivered, all in whole units; `spend_cents` in minor units."""

    impressions: int
    clicks: int
    link_clicks: int
    outbound_clicks: int
    landing_views: int
    engagements: int
    reach: int
    spend_cents: int


def check_breakdowns(names: Sequence[str]) -> None:
    """Refuse breakdowns that do not exist or do not go together.

    Raises:
        GraphError: `dma` is among those that do not exist any more.
    """
    for number, name in enumerate(names):
        if name not in BREAKDOWNS:
            raise not_one_of(f"breakdowns[{number}]", list(BREAKDOWNS))
    if names and not any(set(names) <= group for group in _GROUPS):
        columns = ", ".join(["action_type", *names])
        raise bad_parameter(
            f"Current combination of data breakdown columns ({columns}) is invalid",
            subcode=1487533,
        )


def knows_offsite(names: Sequence[str]) -> bool:
    """Say whether actions outside the platform are divided by these breakdowns."""
    return not _ONSITE_ONLY & set(names)


def amounts_of(ad_day: AdDay) -> Amounts:
    """The whole day of one ad."""
    shown, clicks = ad_day.impressions, ad_day.clicks
    link_clicks = (clicks * 78 + 50) // 100
    seen_by = 62 + _number(ad_day.ad_id, ad_day.day, "reach") % 30
    return Amounts(
        impressions=shown,
        clicks=clicks,
        link_clicks=link_clicks,
        outbound_clicks=(link_clicks * 94 + 50) // 100,
        landing_views=(link_clicks * 81 + 50) // 100,
        engagements=clicks + shown // 150,
        reach=min(shown, shown * seen_by // 100 + 1),
        spend_cents=int(ad_day.spend * 100),
    )


def divide(
    ad_day: AdDay, names: Sequence[str], currency: str, creative: Node
) -> list[tuple[Cell, Amounts]]:
    """The parts of an ad's day, one a combination of values that has any."""
    whole = amounts_of(ad_day)
    if not names:
        return [({}, whole)]
    cells = _cells(tuple(n for n in names if n not in ASSETS), currency)
    assets = _asset_values([name for name in names if name in ASSETS], creative)
    if assets is None:
        return []
    weights = [
        share * (70 + _number(ad_day.ad_id, ad_day.day, place) % 61)
        for place, (_, share) in enumerate(cells)
    ]
    columns = [deal(amount, weights) for amount in astuple(whole)]
    parts = [Amounts(*numbers) for numbers in zip(*columns, strict=True)]
    return [
        ({**cell, **assets}, part)
        for (cell, _), part in zip(cells, parts, strict=True)
        if part.impressions or part.spend_cents or part.clicks
    ]


def deal(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of a total in proportion to weights, adding up to it."""
    of = sum(weights)
    parts = [total * weight // of for weight in weights]
    rests = [(total * weight % of, -place) for place, weight in enumerate(weights)]
    for _, place in sorted(rests, reverse=True)[: total - sum(parts)]:
        parts[-place] += 1
    return parts


def _asset_values(names: Sequence[str], creative: Node) -> Cell | None:
    """The asset an ad shows, None when it has none of the kind asked for."""
    values = creative.values
    found: dict[str, Any] = {}
    for name in names:
        match name:
            case "image_asset" if "image_hash" in values:
                digest = values["image_hash"]
                found[name] = {"hash": digest, "url": values["image_url"]}
            case "video_asset" if "video_id" in values:
                found[name] = {
                    "video_id": values["video_id"],
                    "thumbnail_url": values["thumbnail_url"],
                }
            case "title_asset" | "body_asset":
                found[name] = {"text": values[name.removesuffix("_asset")]}
            case "call_to_action_asset":
                found[name] = {"name": values["call_to_action_type"]}
            case "link_url_asset" if "image_hash" in values:
                found[name] = {"website_url": "https://www.acme.example/offers"}
            case _:
                return None
        found[name]["id"] = str(_number(creative.id, name) % 10**15)
    return found


@cache
def _cells(names: tuple[str, ...], currency: str) -> tuple[tuple[Cell, int], ...]:
    """Every combination of values of these breakdowns with its share."""
    placements = [name for name in names if name in _PLACEMENT_NAMES]
    parts: list[list[tuple[Cell, int]]] = [
        [({name: value}, share) for value, share in _shares(name, currency).items()]
        for name in names
        if name not in _PLACEMENT_NAMES
    ]
    if placements:
        parts.append(_placement_cells(placements))
    cells = []
    for combination in product(*parts):
        cell: dict[str, Any] = {}
        share = 1
        for values, weight in combination:
            cell.update(values)
            share *= weight
        cells.append((cell, share))
    return tuple(cells)


def _placement_cells(names: Sequence[str]) -> list[tuple[Cell, int]]:
    sums: dict[tuple[str, ...], int] = {}
    for *values, share in _PLACEMENTS:
        named = dict(zip(_PLACEMENT_NAMES, values, strict=True))
        key = tuple(str(named[name]) for name in names)
        sums[key] = sums.get(key, 0) + share
    return [(dict(zip(names, key, strict=True)), share) for key, share in sums.items()]


def _shares(name: str, currency: str) -> Mapping[str, int]:
    if name in _SHARES:
        return _SHARES[name]
    place = "us" if currency == "USD" else "emea"
    return _PLACES.get((name, place), _HOURS)


def _number(*parts: object) -> int:
    text = "|".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def stable_number(*parts: object) -> int:
    """A number that belongs to these words, on every machine."""
    return _number(*parts)
