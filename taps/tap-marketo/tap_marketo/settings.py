"""The checked settings the rest works with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reading_kit.config_validation import normalize_config
from reading_kit.endpoints import is_loopback
from reading_kit.errors import SettingsError
from tap_marketo.config_schema import ALIASES, CONFIG_SCHEMA
from tap_marketo.instants import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_MUNCHKIN_ID = re.compile(r"\d{3}-[A-Za-z]{3}-\d{3}")
_EXAMPLE = "https://123-ABC-456.mktorest.com"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Access:
    """Where the instance is and what opens it; secrets never appear in a repr."""

    base_url: str
    identity_url: str
    client_id: str
    client_secret: str = field(repr=False)
    partner_api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings; durations in seconds, sizes in bytes.

    Attributes:
        bulk_budget_bytes: Size of today's files beyond which no job is started.
        list_filter: Export filter by a list (``staticListId`` or ``smartListId``).
    """

    access: Access
    start_date: datetime
    window: timedelta = timedelta(days=30)
    lookback: timedelta = timedelta(seconds=86400)
    activity_lookback: timedelta = timedelta(seconds=3600)
    end_margin: timedelta = timedelta(seconds=120)
    end_date: datetime | None = None
    activity_type_ids: frozenset[int] = frozenset()
    leads_filter: str = "auto"
    list_filter: tuple[str, int] | None = None
    are_program_details_included: bool = False
    max_daily_calls: int = 40000
    bulk_quota_bytes: int = 500 * _MEGABYTE
    bulk_budget_bytes: int = 450 * _MEGABYTE
    is_bulk_quota_failure: bool = True
    poll_interval_s: float = 60
    job_timeout_s: float = 10800
    queue_timeout_s: float = 21600
    max_queued_jobs: int = 4
    calls_per_20_s: int = 50
    concurrent_calls: int = 5
    request_timeout_s: float = 300
    retry_delay_max_s: float = 60
    user_agent: str = "tap-marketo"
    temp_dir: str | None = None


def normalize(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a config of this or another Marketo tap into one form."""
    renamed: dict[str, Any] = {}
    for name, value in raw.items():
        known = ALIASES.get(name, name)
        if known == name or raw.get(known) in (None, ""):
            renamed[known] = value
    # A time-out of 0 or "" stands for the default in the older taps.
    if str(renamed.get("request_timeout", "")).strip() in {"0", "0.0"}:
        renamed["request_timeout"] = None
    config = normalize_config(renamed, CONFIG_SCHEMA)
    ids = config.get("activity_type_ids")
    if isinstance(ids, list):
        config["activity_type_ids"] = [
            int(each) if isinstance(each, str) and each.strip().isdecimal() else each
            for each in ids
        ]
    elif isinstance(ids, int):
        config["activity_type_ids"] = [ids]
    return config


def parse_settings(config: Mapping[str, Any], *, version: str = "") -> Settings:
    """Check a normalised config and give the settings of the run.

    Raises:
        SettingsError: a value cannot be used.
    """
    get = _with_defaults(config)
    quota_bytes = int(get("bulk_quota_mb") * _MEGABYTE)
    return Settings(
        access=_parse_access(config),
        start_date=_parse_moment(config["start_date"], name="start_date"),
        window=timedelta(days=get("max_export_days")),
        lookback=timedelta(seconds=get("lookback_window")),
        activity_lookback=timedelta(seconds=get("activity_lookback_window")),
        end_date=_parse_end_date(config.get("end_date"), start=config["start_date"]),
        end_margin=timedelta(seconds=get("export_end_margin")),
        activity_type_ids=frozenset(get("activity_type_ids")),
        leads_filter=get("leads_filter"),
        list_filter=_parse_list_filter(config),
        are_program_details_included=get("include_program_details"),
        max_daily_calls=get("max_daily_calls"),
        bulk_quota_bytes=quota_bytes,
        bulk_budget_bytes=int(quota_bytes * get("bulk_quota_percent") / 100),
        is_bulk_quota_failure=get("on_bulk_quota") == "fail",
        poll_interval_s=get("poll_interval"),
        job_timeout_s=get("job_timeout"),
        queue_timeout_s=get("queue_timeout"),
        max_queued_jobs=get("max_queued_jobs"),
        calls_per_20_s=get("calls_per_20_seconds"),
        concurrent_calls=get("concurrent_calls"),
        request_timeout_s=get("request_timeout"),
        retry_delay_max_s=get("retry_delay_max"),
        user_agent=config.get("user_agent") or f"tap-marketo/{version or '0'}",
        temp_dir=_parse_folder(config.get("temp_dir")),
    )


def _with_defaults(config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any setting
    properties = CONFIG_SCHEMA["properties"]

    def get(name: str) -> Any:  # noqa: ANN401
        value = config.get(name)
        return properties[name].get("default") if value is None else value

    return get


def _parse_access(config: Mapping[str, Any]) -> Access:
    base_url = parse_endpoint(str(config["endpoint"]))
    identity = config.get("identity")
    return Access(
        base_url=base_url,
        identity_url=_parse_url(str(identity), name="identity")
        if identity
        else f"{base_url}/identity",
        client_id=str(config["client_id"]),
        client_secret=str(config["client_secret"]),
        partner_api_key=config.get("partner_api_key"),
    )


def parse_endpoint(text: str) -> str:
    """Give the base address all paths are appended to.

    Raises:
        SettingsError: it is neither an http(s) address nor a Munchkin id.
    """
    stripped = text.strip().rstrip("/")
    if _MUNCHKIN_ID.fullmatch(stripped):
        return f"https://{stripped}.mktorest.com"
    return _parse_url(stripped, name="endpoint").removesuffix("/rest")


def _parse_url(text: str, *, name: str) -> str:
    stripped = text.strip().rstrip("/")
    parts = urlsplit(stripped)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        msg = f"{name}: give an address such as {_EXAMPLE}"
        raise SettingsError(msg)
    if parts.username or parts.password or parts.query or parts.fragment:
        msg = f"{name}: give scheme, host and path only, e.g. {_EXAMPLE}"
        raise SettingsError(msg)
    return stripped


def is_unprotected(url: str) -> bool:
    """Tell whether secrets sent there can be read on the way."""
    return urlsplit(url).scheme == "http" and not is_loopback(url)


def _parse_moment(text: object, *, name: str) -> datetime:
    try:
        return parse_instant(str(text)).replace(microsecond=0)
    except ValueError:
        msg = f"{name}: {text!r} is not a date or date-time (2024-01-01)"
        raise SettingsError(msg) from None


def _parse_end_date(text: object, *, start: object) -> datetime | None:
    if text is None:
        return None
    end = _parse_moment(text, name="end_date")
    if end <= _parse_moment(start, name="start_date"):
        raise SettingsError("end_date: must be later than start_date")
    return end


def _parse_folder(text: str | None) -> str | None:
    if text is not None and not Path(text).is_dir():
        msg = f"temp_dir: {text!r} is not a folder"
        raise SettingsError(msg)
    return text


def _parse_list_filter(config: Mapping[str, Any]) -> tuple[str, int] | None:
    given = [
        (name, config[setting])
        for setting, name in (
            ("static_list_id", "staticListId"),
            ("smart_list_id", "smartListId"),
        )
        if config.get(setting)
    ]
    if len(given) > 1:
        msg = "static_list_id and smart_list_id: give one of them"
        raise SettingsError(msg)
    return given[0] if given else None
