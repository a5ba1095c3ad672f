"""The checked settings the rest works with. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reading_kit.endpoints import check_endpoint
from reading_kit.errors import SettingsError
from reading_kit.timestamps import parse_instant
from tap_facebook_ads.config_schema import CONFIG_SCHEMA, DEFAULT_API_URL
from tap_facebook_ads.reports import Report, make_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

_DEFAULTS: Mapping[str, Any] = {
    name: spec["default"]
    for name, spec in CONFIG_SCHEMA["properties"].items()
    if "default" in spec
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings; durations in seconds unless named otherwise."""

    access_token: str = field(repr=False)
    account_ids: tuple[str, ...]
    start_at: datetime
    reports: tuple[Report, ...]
    app_secret: str | None = field(default=None, repr=False)
    api_url: str = DEFAULT_API_URL
    api_version: str = "v25.0"
    end_date: date | None = None
    insights_mode: str = "async"
    days_per_job: int = 7
    job_timeout_s: float = 3600
    max_concurrent_jobs: int = 5
    are_deleted_included: bool = True
    page_ids: tuple[str, ...] = ()
    form_ids: tuple[str, ...] = ()
    is_slice_start_emitted: bool = False
    page_rows: int = 100
    request_timeout_s: int = 300
    throttle_percent: float = 90
    throttle_delay_max_s: float = 7200
    retry_delay_max_s: float = 300
    poll_interval_max_s: float = 30
    user_agent: str = "tap-facebook-ads"

    @property
    def start_date(self) -> date:
        """Give the first day wanted."""
        return self.start_at.date()


def translate_config(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the settings of other taps into ours, before they are checked.

    ``account_id`` may be a list; ``credentials`` and ``custom_insights`` are the
    nested forms of one connector.
    """
    config = dict(raw)
    credentials = config.pop("credentials", None)
    if isinstance(credentials, dict):
        config.setdefault("access_token", credentials.get("access_token"))
    custom = config.pop("custom_insights", None)
    if isinstance(custom, list) and not config.get("insight_reports_list"):
        config["insight_reports_list"] = [_translate_report(each) for each in custom]
    for name in ("account_id", "account_ids", "page_ids", "form_ids"):
        if name in config and config[name] is not None:
            config[name] = _as_texts(config[name], is_single=name == "account_id")
    if config.get("api_version") is not None:
        config["api_version"] = str(config["api_version"])
    return config


def _translate_report(entry: object) -> object:
    if not isinstance(entry, dict):
        return entry
    names = {
        "time_increment": "time_increment_days",
        "insights_lookback_window": "lookback_window",
    }
    return {names.get(name, name): value for name, value in entry.items()}


def _as_texts(value: object, *, is_single: bool) -> object:
    if isinstance(value, list):
        return [str(item).strip() for item in value]
    if is_single and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def parse_settings(config: Mapping[str, Any], *, version: str = "") -> Settings:
    """Check a normalised config and give the settings of the run.

    Raises:
        SettingsError: a value is missing or cannot be used.
    """

    def given(name: str) -> Any:  # noqa: ANN401 - whatever the setting is
        return config.get(name, _DEFAULTS.get(name))

    lookback = given("insights_lookback_window")
    return Settings(
        access_token=_require(config, "access_token").strip(),
        account_ids=_parse_account_ids(config),
        start_at=_parse_moment(_require(config, "start_date"), "start_date"),
        reports=make_reports(
            given("insight_reports_list"),
            lookback_days=given("insights_buffer_days")
            if lookback is None
            else lookback,
        ),
        app_secret=given("app_secret"),
        api_url=check_endpoint(
            given("api_url"), name="api_url", example=DEFAULT_API_URL
        ),
        api_version=_parse_api_version(given("api_version")),
        end_date=_parse_end_date(given("end_date")),
        insights_mode=given("insights_mode"),
        days_per_job=given("insights_days_per_job"),
        job_timeout_s=given("insights_job_timeout") * 60,
        max_concurrent_jobs=given("max_concurrent_jobs"),
        are_deleted_included=given("include_deleted"),
        page_ids=_check_digits(given("page_ids"), "page_ids"),
        form_ids=_check_digits(given("form_ids"), "form_ids"),
        is_slice_start_emitted=given("emit_slice_started_at"),
        page_rows=given("result_return_limit") or given("page_size"),
        request_timeout_s=given("request_timeout"),
        throttle_percent=given("throttle_pct"),
        throttle_delay_max_s=given("throttle_delay_max"),
        retry_delay_max_s=given("retry_delay_max"),
        poll_interval_max_s=given("poll_interval_max"),
        user_agent=given("user_agent") or f"tap-facebook-ads/{version or '0'}",
    )


def _require(config: Mapping[str, Any], name: str) -> str:
    value = config.get(name)
    if not value:
        raise SettingsError(f"{name}: not set")
    return str(value)


def _parse_account_ids(config: Mapping[str, Any]) -> tuple[str, ...]:
    single = config.get("account_id") or []
    listed = single.split(",") if isinstance(single, str) else single
    texts = [str(each).strip() for each in (*listed, *config.get("account_ids", ()))]
    plain = [text.removeprefix("act_") for text in texts if text]
    if not plain:
        raise SettingsError("account_id: not set (account_ids takes several)")
    return _check_digits(plain, "account_id")


def _check_digits(texts: Iterable[str], name: str) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(text.strip() for text in texts))
    wrong = [each for each in ids if not re.fullmatch(r"[0-9]+", each)]
    if wrong:
        msg = f"{name}: {wrong[0]!r} is not an id (digits only)"
        raise SettingsError(msg)
    return ids


def _parse_api_version(text: str) -> str:
    match = re.fullmatch(r"v?(\d{1,3})(\.\d+)?", text.strip())
    if match is None:
        msg = f"api_version: {text!r} is not a version such as v25.0"
        raise SettingsError(msg)
    return f"v{match[1]}{match[2] or '.0'}"


def _parse_moment(text: str, name: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        msg = f"{name}: {text!r} is not a date or date-time (2024-01-01)"
        raise SettingsError(msg) from None


def _parse_end_date(text: str | None) -> date | None:
    return None if text is None else _parse_moment(text, "end_date").date()
