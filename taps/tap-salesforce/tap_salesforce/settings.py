"""The settings: their JSON Schema, and the checked value the rest works with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reading_kit.endpoints import check_endpoint
from reading_kit.errors import SettingsError
from reading_kit.timestamps import parse_instant
from tap_salesforce.soql import EARLIEST_FILTER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

DEFAULT_LOGIN_URL = "https://login.salesforce.com"
SANDBOX_LOGIN_URL = "https://test.salesforce.com"
#: Settings of other taps that change nothing here and are accepted in silence.
IGNORED_SETTINGS = frozenset({"token"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the login flows need; secrets never appear in a repr."""

    method: str
    login_url: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    refresh_token_path: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_path: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings; durations in seconds, quotas in percent."""

    credentials: Credentials
    api_version: str = "64.0"
    api_type: str = "BULK2"
    start_date: datetime | None = None
    end_date: datetime | None = None
    select_fields_by_default: bool = True
    streams_to_discover: tuple[str, ...] = ()
    lookback_s: int = 600
    are_formulas_included: bool = True
    are_deleted_included: bool = True
    is_deleted_at_emitted: bool = False
    are_hard_deletes_detected: bool = False
    max_workers: int = 8
    bulk_max_records: int = 50000
    poll_interval_max_s: float = 20
    job_timeout_s: int = 86400
    quota_total_percent: float = 80
    quota_run_percent: float = 25
    state_rows: int = 1000
    request_timeout_s: int = 300
    retry_delay_max_s: float = 60
    user_agent: str = "tap-salesforce"

    @property
    def data_path(self) -> str:
        """Give the path all data requests start with."""
        return f"/services/data/v{self.api_version}"


def parse_settings(config: Mapping[str, Any], *, version: str = "") -> Settings:
    """Check a normalised config and give the settings of the run.

    Raises:
        SettingsError: a value cannot be used, or no login flow is complete.
    """
    defaults = Settings(credentials=_parse_credentials(config))
    return Settings(
        credentials=defaults.credentials,
        api_version=_parse_api_version(config.get("api_version", "64.0")),
        api_type="REST" if config.get("api_type") == "REST" else "BULK2",
        start_date=_parse_moment(config.get("start_date"), name="start_date"),
        end_date=_parse_moment(config.get("end_date"), name="end_date"),
        select_fields_by_default=config.get("select_fields_by_default", True),
        streams_to_discover=tuple(config.get("streams_to_discover", ())),
        lookback_s=config.get("lookback_window", defaults.lookback_s),
        are_formulas_included=config.get("formula_fields", "include") == "include",
        are_deleted_included=config.get("include_deleted", True),
        is_deleted_at_emitted=config.get("emit_sdc_deleted_at", False),
        are_hard_deletes_detected=config.get("detect_hard_deletes", False),
        max_workers=config.get("max_workers", defaults.max_workers),
        bulk_max_records=config.get("bulk_max_records", defaults.bulk_max_records),
        poll_interval_max_s=config.get("poll_interval_max", 20),
        job_timeout_s=config.get("job_timeout", defaults.job_timeout_s),
        quota_total_percent=config.get("quota_percent_total", 80),
        quota_run_percent=config.get("quota_percent_per_run", 25),
        state_rows=config.get("state_message_threshold", defaults.state_rows),
        request_timeout_s=config.get("request_timeout", defaults.request_timeout_s),
        retry_delay_max_s=config.get("retry_delay_max", defaults.retry_delay_max_s),
        user_agent=config.get("user_agent") or f"tap-salesforce/{version or '0'}",
    )


def _parse_api_version(text: str) -> str:
    match = re.fullmatch(r"v?(\d{2,3})(\.0)?", text.strip())
    if match is None:
        msg = f"api_version: {text!r} is not a version such as 64.0"
        raise SettingsError(msg)
    return f"{match[1]}.0"


def _parse_moment(text: str | None, *, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        return max(parse_instant(text), EARLIEST_FILTER)
    except ValueError:
        msg = f"{name}: {text!r} is not a date or date-time (2024-01-01)"
        raise SettingsError(msg) from None


def _resolve_login_url(config: Mapping[str, Any]) -> str:
    if login_url := config.get("login_url"):
        return check_endpoint(login_url, name="login_url", example=DEFAULT_LOGIN_URL)
    domain = str(config.get("domain", "")).strip().removeprefix("https://").rstrip("/")
    if domain:
        if not re.fullmatch(r"[A-Za-z0-9.-]+", domain):
            msg = f"domain: {domain!r} is not a host name such as acme.my"
            raise SettingsError(msg)
        suffix = "" if domain.endswith(".salesforce.com") else ".salesforce.com"
        return f"https://{domain}{suffix}"
    return SANDBOX_LOGIN_URL if config.get("is_sandbox") else DEFAULT_LOGIN_URL


_FLOW_NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "refresh_token": (
        ("client_id",),
        ("client_secret",),
        ("refresh_token", "refresh_token_path"),
    ),
    "jwt": (("client_id",), ("username",), ("private_key", "private_key_path")),
    "password": (("username",), ("password",)),
    "client_credentials": (
        ("client_id",),
        ("client_secret",),
        ("domain", "login_url"),
    ),
}


def _choose_method(config: Mapping[str, Any]) -> str:
    method = str(config.get("auth_method", "auto"))
    if method != "auto":
        return method
    present = {name for name in _AUTH_NAMES if config.get(name)}
    if {"refresh_token"} & present:
        return "refresh_token"
    if {"private_key", "private_key_path"} & present:
        return "jwt"
    if {"username", "password"} <= present:
        return "password"
    if {"client_id", "client_secret"} <= present:
        return "client_credentials"
    msg = (
        "no login settings: give client_id, client_secret and refresh_token; or "
        "client_id, username and private_key; or client_id, client_secret and domain; "
        "or username and password"
    )
    raise SettingsError(msg)


_AUTH_NAMES = frozenset(
    {
        "client_id",
        "client_secret",
        "refresh_token",
        "refresh_token_path",
        "username",
        "password",
        "private_key",
        "private_key_path",
    }
)


def _parse_credentials(config: Mapping[str, Any]) -> Credentials:
    method = _choose_method(config)
    missing = [
        " or ".join(choices)
        for choices in _FLOW_NEEDS[method]
        if not any(config.get(name) for name in choices)
    ]
    if missing:
        msg = f"auth_method {method}: {', '.join(missing)} not set"
        raise SettingsError(msg)
    return Credentials(
        method=method,
        login_url=_resolve_login_url(config),
        security_token=config.get("security_token"),
        **{name: config.get(name) for name in _AUTH_NAMES},
    )
