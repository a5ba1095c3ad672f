"""Reports: what each asks for, by which keys its rows are told apart. Pure."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError
from tap_facebook_ads.fields import Field, Kind
from tap_facebook_ads.insight_fields import default_fields, insight_field
from tap_facebook_ads.slices import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

logger = logging.getLogger(__name__)

DEFAULT_WINDOWS = ("1d_click", "7d_click", "28d_click", "1d_view")
WINDOWS = frozenset(
    {
        *DEFAULT_WINDOWS,
        "1d_ev",
        "default",
        "dda",
        "skan_click",
        "skan_view",
        "skan_click_second_postback",
        "skan_view_second_postback",
        "skan_click_third_postback",
        "skan_view_third_postback",
    }
)
#: Without values since 12 January 2026.
STOPPED_WINDOWS = frozenset({"7d_view", "28d_view"})
REPORT_TIMES = ("impression", "conversion", "mixed", "lifetime")
LOOKBACK_DAYS = 28
HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"
UNKNOWN = "unknown"
_UNKNOWN_HOUR = "00:00:00 - 00:59:59"
#: Breakdowns whose values are objects; the key is the id in them.
ASSET_BREAKDOWNS = frozenset(
    {
        "body_asset",
        "call_to_action_asset",
        "image_asset",
        "link_url_asset",
        "title_asset",
        "video_asset",
    }
)
#: Fields no current version has.
GONE_FIELDS = frozenset(
    {
        "age_targeting",
        "estimated_ad_recall_rate_lower_bound",
        "estimated_ad_recall_rate_upper_bound",
        "estimated_ad_recallers_lower_bound",
        "estimated_ad_recallers_upper_bound",
        "gender_targeting",
        "labels",
        "location",
        "wish_bid",
    }
)
#: Left out of reports with breakdowns about days more than 13 months ago.
REACH_FIELDS = frozenset({"cpp", "frequency", "reach"})


@dataclass(frozen=True, slots=True)
class Report:
    """One report, read once per ad account.

    Attributes:
        stream: Name of its stream.
        fields: Fields asked for besides the keys; empty asks for the usual ones.
        windows: Attribution windows told for each action.
        period_days: Days of one row.
        lookback_days: Days before the bookmark read again each time.
    """

    stream: str
    level: str = "ad"
    breakdowns: tuple[str, ...] = ()
    action_breakdowns: tuple[str, ...] = ("action_type",)
    windows: tuple[str, ...] = DEFAULT_WINDOWS
    report_time: str = "mixed"
    period_days: int = 1
    lookback_days: int = LOOKBACK_DAYS
    fields: tuple[str, ...] = ()
    is_unified: bool | None = None
    is_default: bool = True

    @property
    def level_key(self) -> str | None:
        """Give the id field of the level; none for whole accounts."""
        return None if self.level == "account" else f"{self.level}_id"

    @property
    def key_properties(self) -> list[str]:
        """Give the columns that tell rows apart."""
        keys = ["date_start", "account_id"]
        if self.level_key:
            keys.append(self.level_key)
        return keys + [breakdown_key(name) for name in self.breakdowns]

    @property
    def columns(self) -> tuple[Field, ...]:
        """Give all columns of the stream, keys first, in a fixed order."""
        wanted = self.fields or default_fields(self.level)
        names = [*self.key_properties[:2], "date_stop"]
        if self.level_key:
            names.append(self.level_key)
        fields = {name: insight_field(name) for name in [*names, *wanted]}
        for name in self.breakdowns:
            key = breakdown_key(name)
            if key != name:
                fields[name] = Field(name, Kind.JSON)
            fields[key] = Field(key, Kind.TEXT)
        return tuple(fields.values())

    @property
    def fingerprint(self) -> str:
        """Give a hash of what decides the rows; not of names and lookback."""
        parts = asdict(self)
        for name in ("stream", "lookback_days", "is_default"):
            del parts[name]
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def breakdown_key(name: str) -> str:
    """Give the key column of a breakdown."""
    return f"{name}_id" if name in ASSET_BREAKDOWNS else name


def missing_value(name: str) -> str:
    """Give what stands for a breakdown's value that a row lacks."""
    return _UNKNOWN_HOUR if name.startswith("hourly_") else UNKNOWN


#: Reports that are there in every config, not selected by default.
PRESETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ads_insights_age_and_gender", ("age", "gender")),
    ("ads_insights_country", ("country",)),
    ("ads_insights_region", ("region",)),
    (
        "ads_insights_platform_and_device",
        ("publisher_platform", "platform_position", "impression_device"),
    ),
    ("ads_insights_comscore_market", ("comscore_market",)),
    ("ads_insights_hourly_advertiser", (HOURLY,)),
)


def make_reports(
    given: Sequence[Mapping[str, Any]], *, lookback_days: int | None
) -> tuple[Report, ...]:
    """Give the configured reports, or the default one, and the presets.

    Args:
        given: The setting ``insight_reports_list``.
        lookback_days: For reports that do not say it themselves.

    Raises:
        SettingsError: a report cannot be asked for like that.
    """
    usual_days = LOOKBACK_DAYS if lookback_days is None else lookback_days
    reports = [
        _parse_report(entry, number, usual_days) for number, entry in enumerate(given)
    ]
    if not reports:
        reports = [Report("adsinsights_default", lookback_days=usual_days)]
    reports += [
        Report(name, breakdowns=parts, lookback_days=usual_days, is_default=False)
        for name, parts in PRESETS
    ]
    names = [report.stream for report in reports]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"insight_reports_list: two reports make the stream {twice[0]}"
        raise SettingsError(msg)
    return tuple(reports)


def _parse_report(entry: Mapping[str, Any], number: int, usual_days: int) -> Report:
    name = str(entry.get("name") or "").strip()
    where = f"insight_reports_list[{number}]"
    if not name:
        raise SettingsError(f"{where}: a report needs a name")
    where = f"{where} ({name})"
    period = entry.get("time_increment_days", 1)
    lookback = entry.get("lookback_window")
    return Report(
        stream=f"adsinsights_{name}",
        level=_word(entry, "level", "ad", LEVELS, where=where),
        breakdowns=_check_breakdowns(_words(entry, "breakdowns", ()), where=where),
        action_breakdowns=_words(entry, "action_breakdowns", ("action_type",)),
        windows=_read_windows(entry, where=where),
        report_time=_word(
            entry, "action_report_time", "mixed", REPORT_TIMES, where=where
        ),
        period_days=_whole(period, 1, 90, f"{where}.time_increment_days"),
        lookback_days=usual_days
        if lookback is None
        else _whole(lookback, 0, 400, f"{where}.lookback_window"),
        fields=_without_gone(_words(entry, "fields", ()), where=where),
        is_unified=entry.get("use_unified_attribution_setting"),
    )


def _word(
    entry: Mapping[str, Any],
    key: str,
    default: str,
    allowed: Sequence[str],
    *,
    where: str,
) -> str:
    word = str(entry.get(key) or default).strip().lower()
    if word not in allowed:
        msg = f"{where}.{key}: must be one of {', '.join(allowed)}"
        raise SettingsError(msg)
    return word


def _words(
    entry: Mapping[str, Any], key: str, default: tuple[str, ...]
) -> tuple[str, ...]:
    value = entry.get(key)
    if value is None:
        return default
    items = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(str(item).strip() for item in items if str(item)))


def _whole(value: object, low: int, high: int, where: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        msg = f"{where}: must be a whole number from {low} to {high}"
        raise SettingsError(msg)
    return number


def _check_breakdowns(names: tuple[str, ...], *, where: str) -> tuple[str, ...]:
    if "dma" in names:
        msg = (
            f"{where}.breakdowns: dma was removed from the service on 22 June 2026; "
            "use comscore_market or region"
        )
        raise SettingsError(msg)
    return names


def _read_windows(entry: Mapping[str, Any], *, where: str) -> tuple[str, ...]:
    """Read the windows: a list, or the pair of one for views and one for clicks."""
    windows = _words(entry, "action_attribution_windows", ())
    if not windows:
        pair = [
            entry.get("action_attribution_windows_view", "1d_view"),
            entry.get("action_attribution_windows_click", "7d_click"),
        ]
        windows = tuple(str(window).strip() for window in pair if window)
    stopped = [window for window in windows if window in STOPPED_WINDOWS]
    if stopped:
        logger.warning(
            "%s: %s has no values since 12 January 2026; left out",
            where,
            ", ".join(stopped),
        )
    kept = tuple(window for window in windows if window not in STOPPED_WINDOWS)
    wrong = [window for window in kept if window not in WINDOWS]
    if wrong:
        known = ", ".join(sorted(WINDOWS))
        msg = f"{where}: attribution window {wrong[0]!r} is none of {known}"
        raise SettingsError(msg)
    return kept or ("default",)


def _without_gone(names: tuple[str, ...], *, where: str) -> tuple[str, ...]:
    gone = [name for name in names if name in GONE_FIELDS]
    if gone:
        logger.warning("%s: the service has no %s any more", where, ", ".join(gone))
    return tuple(name for name in names if name not in GONE_FIELDS)
