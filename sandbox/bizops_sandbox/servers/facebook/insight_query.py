"""What an insights call asks for, checked as the service checks it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.facebook_fields import INSIGHT_FIELDS
from bizops_sandbox.servers.facebook.breakdowns import check_breakdowns
from bizops_sandbox.servers.facebook.filtering import Condition, read_conditions
from bizops_sandbox.servers.facebook.graph_errors import (
    GraphError,
    bad_parameter,
    invalid_insight_field,
    nonexisting_field,
    not_one_of,
)
from bizops_sandbox.world.moments import add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator

LEVELS = ("account", "campaign", "adset", "ad")
LEVEL_OF_KIND = {
    "AdAccount": "account",
    "Campaign": "campaign",
    "AdSet": "adset",
    "Ad": "ad",
}
REPORT_TIMES = ("impression", "conversion", "mixed", "lifetime")
WINDOWS = frozenset(
    [
        "1d_click",
        "7d_click",
        "28d_click",
        "1d_view",
        "7d_view",
        "28d_view",
        "1d_ev",
        "default",
        "dda",
        "skan_click",
        "skan_view",
        "skan_click_second_postback",
        "skan_click_third_postback",
        "skan_view_second_postback",
        "skan_view_third_postback",
    ]
)
ACTION_BREAKDOWNS = frozenset(
    [
        "action_type",
        "action_device",
        "action_destination",
        "action_target_id",
        "action_reaction",
        "action_video_sound",
        "action_video_type",
        "action_carousel_card_id",
        "action_carousel_card_name",
        "action_canvas_component_name",
        "conversion_destination",
    ]
)
DEFAULT_FIELDS = ("impressions", "spend")
HISTORY_MONTHS = 37
_PRESET_DAYS = {
    "last_3d": 3,
    "last_7d": 7,
    "last_14d": 14,
    "last_28d": 28,
    "last_30d": 30,
    "last_90d": 90,
}


@dataclass(frozen=True, slots=True)
class InsightQuery:
    """One report: what of, in which periods, at which level, broken down how.

    `periods` are (first, last) days, none later than today in the account's zone.
    """

    scope: Node
    level: str
    fields: tuple[str, ...]
    breakdowns: tuple[str, ...]
    action_breakdowns: tuple[str, ...]
    windows: tuple[str, ...]
    report_time: str
    periods: tuple[tuple[date, date], ...]
    since: date
    until: date
    today: date
    conditions: tuple[Condition, ...]
    sort: str

    @property
    def weight_per_row(self) -> int:
        """How much a row costs of the budget."""
        return max(len(self.fields), 1) * (1 + len(self.breakdowns))


def read_query(call: Call, scope: Node, simulator: Simulator) -> InsightQuery:
    """Read the parameters of an insights call.

    Raises:
        GraphError: for whatever the service would refuse.
    """
    account = simulator.business.account(scope.account_id)
    if account is None or scope.kind not in LEVEL_OF_KIND:
        raise bad_parameter("Unsupported object for insights.")
    today = simulator.clock.now().astimezone(account.zone).date()
    level = _word(call, "level", LEVEL_OF_KIND[scope.kind], LEVELS)
    if LEVELS.index(level) < LEVELS.index(LEVEL_OF_KIND[scope.kind]):
        raise bad_parameter(f"level {level} is above the object.")
    ranges = _ranges(call, today)
    for first, last in ranges:
        _check_range(first, last, today, simulator)
    breakdowns = call.listed("breakdowns")
    check_breakdowns(breakdowns)
    return InsightQuery(
        scope=scope,
        level=level,
        fields=_fields(call, simulator),
        breakdowns=breakdowns,
        action_breakdowns=_words(call, "action_breakdowns", ACTION_BREAKDOWNS),
        windows=_words(call, "action_attribution_windows", WINDOWS),
        report_time=_word(call, "action_report_time", "mixed", REPORT_TIMES),
        periods=tuple(
            period
            for first, last in ranges
            for period in _periods(call, first, min(last, today))
        ),
        since=min(first for first, _ in ranges),
        until=max(last for _, last in ranges),
        today=today,
        conditions=read_conditions(call),
        sort=next(iter(call.listed("sort")), ""),
    )


def _word(call: Call, name: str, default: str, allowed: Sequence[str]) -> str:
    word = call.params.get(name, "").strip().lower() or default
    if word not in allowed:
        raise not_one_of(name, list(allowed))
    return word


def _words(call: Call, name: str, allowed: frozenset[str]) -> tuple[str, ...]:
    words = call.listed(name)
    for number, word in enumerate(words):
        if word not in allowed:
            raise not_one_of(f"{name}[{number}]", list(allowed))
    return words


def _fields(call: Call, simulator: Simulator) -> tuple[str, ...]:
    removed = {
        str(fault.parameters["field"])
        for fault in simulator.faults.lasting("field_removed")
        if str(fault.parameters["object"]).lower() == "insights"
    }
    fields = call.listed("fields") or DEFAULT_FIELDS
    for name in fields:
        if name not in INSIGHT_FIELDS - removed:
            if simulator.settings.unknown_insight_field == "not_valid":
                raise invalid_insight_field(name)
            raise nonexisting_field(name, "AdsInsights")
    return tuple(dict.fromkeys(fields))


def _ranges(call: Call, today: date) -> tuple[tuple[date, date], ...]:
    """The ranges asked for: one as a rule, several by `time_ranges`."""
    several: Any = call.json("time_ranges")
    if several is not None:
        if not isinstance(several, list) or not several:
            raise bad_parameter("param time_ranges must be an array.")
        return tuple(_range(given) for given in several)
    given: Any = call.json("time_range")
    if given is None:
        preset = call.params.get("date_preset", "last_30d").lower()
        return (_preset(preset, today),)
    return (_range(given),)


def _range(given: Any) -> tuple[date, date]:  # noqa: ANN401
    try:
        since = date.fromisoformat(str(given["since"]))
        until = date.fromisoformat(str(given["until"]))
    except (KeyError, TypeError, ValueError) as error:
        raise bad_parameter(
            "param time_range must be an object with since and until in the format "
            "YYYY-MM-DD."
        ) from error
    return since, until


def _preset(name: str, today: date) -> tuple[date, date]:
    yesterday = today - timedelta(days=1)
    if name in _PRESET_DAYS:
        return today - timedelta(days=_PRESET_DAYS[name]), yesterday
    month, year = month_start(today), date(today.year, 1, 1)
    quarter = add_months(month, -((today.month - 1) % 3))
    monday = today - timedelta(days=today.weekday())
    day, week = timedelta(days=1), timedelta(days=7)
    ranges = {
        "today": (today, today),
        "yesterday": (yesterday, yesterday),
        "this_week_mon_today": (monday, today),
        "last_week_mon_sun": (monday - week, monday - day),
        "this_month": (month, today),
        "last_month": (add_months(month, -1), month - day),
        "this_quarter": (quarter, today),
        "last_quarter": (add_months(quarter, -3), quarter - day),
        "this_year": (year, today),
        "last_year": (add_months(year, -12), year - day),
        "maximum": (oldest_day(today), today),
    }
    if name not in ranges:
        raise not_one_of("date_preset", [*_PRESET_DAYS, *ranges])
    return ranges[name]


def oldest_day(today: date) -> date:
    """The first day that insights still know."""
    return add_months(today, -HISTORY_MONTHS)


def _check_range(since: date, until: date, today: date, simulator: Simulator) -> None:
    if since > until:
        raise bad_parameter(
            "The start date of the time range must be before the end date "
            f"(since {since}, until {until})."
        )
    if since < oldest_day(today):
        code = simulator.settings.old_range_code
        raise GraphError(
            code,
            f"(#{code}) The start date of the time range cannot be beyond "
            f"{HISTORY_MONTHS} months from the current date",
        )


def _periods(call: Call, since: date, until: date) -> tuple[tuple[date, date], ...]:
    """The range cut as `time_increment` says."""
    text = call.params.get("time_increment", "all_days").strip().lower()
    if since > until:
        return ()
    if text == "all_days":
        return ((since, until),)
    if text == "monthly":
        return _months(since, until)
    if not text.isdigit() or not 1 <= int(text) <= 90:
        raise bad_parameter(
            "param time_increment must be a number of days from 1 to 90, or monthly, "
            "or all_days."
        )
    step = int(text)
    starts = range(0, (until - since).days + 1, step)
    return tuple(
        (
            since + timedelta(days=start),
            min(since + timedelta(days=start + step - 1), until),
        )
        for start in starts
    )


def _months(since: date, until: date) -> tuple[tuple[date, date], ...]:
    periods = []
    start = since
    while start <= until:
        following = add_months(month_start(start), 1)
        periods.append((start, min(following - timedelta(days=1), until)))
        start = following
    return tuple(periods)
