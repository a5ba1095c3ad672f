"""The settings: their JSON Schema, and the checked value the rest works with."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tap_salesforce.config_schema import CONFIG_SCHEMA
from tap_salesforce.errors import SettingsError
from tap_salesforce.timestamps import EARLIEST_FILTER, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


def normalize_config(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a config of this or another Salesforce tap into one form.

    Nulls and empty strings count as absent; numbers and switches may come as
    text, as environment variables and web forms give them.
    """
    properties = CONFIG_SCHEMA["properties"]
    return {
        name: _normalize_value(value, properties.get(name, {}))
        for name, value in raw.items()
        if value is not None and value != "" and name not in IGNORED_SETTINGS
    }


def _normalize_value(value: Any, spec: Mapping[str, Any]) -> Any:  # noqa: ANN401
    kinds = spec.get("type", [])
    if isinstance(value, str):
        choices = {str(choice).lower(): choice for choice in spec.get("enum", ())}
        return choices.get(value.lower(), _read_text(value, kinds))
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if is_number and "string" in kinds:
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return value


def _read_text(text: str, kinds: Sequence[str]) -> Any:  # noqa: ANN401
    """Read text as what the setting is; text that is something else stays text."""
    if "boolean" in kinds:
        return {"true": True, "false": False}.get(text.lower(), text)
    if "integer" in kinds and re.fullmatch(r"\s*-?[0-9]+\s*", text):
        return int(text)
    if "number" in kinds and re.fullmatch(r"\s*-?[0-9]+(\.[0-9]+)?\s*", text):
        return float(text)
    if "array" in kinds:
        if text.lstrip().startswith("["):
            with contextlib.suppress(ValueError):
                return json.loads(text)
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def find_unknown_settings(
    config: Mapping[str, Any], schema: Mapping[str, Any]
) -> dict[str, str | None]:
    """Give each setting that is not in the schema, with the nearest that is."""
    known = list(schema["properties"])
    unknown = [name for name in config if name not in known]
    return {
        name: next(iter(difflib.get_close_matches(name, known, n=1)), None)
        for name in unknown
    }


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
        start_date=_parse_start_date(config.get("start_date")),
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


def _parse_start_date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return max(parse_instant(text), EARLIEST_FILTER)
    except ValueError:
        msg = f"start_date: {text!r} is not a date or date-time (2024-01-01)"
        raise SettingsError(msg) from None


def is_loopback(url: str) -> bool:
    """Tell whether a URL points to this very machine."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def check_endpoint(url: str, *, name: str) -> str:
    """Give a base URL without a trailing slash, or refuse it.

    Raises:
        SettingsError: not https (plain http is for loopback addresses only), or
            more than scheme, host and port.
    """
    parts = urlsplit(url.strip().rstrip("/"))
    if parts.username or parts.password or parts.path or parts.query or parts.fragment:
        msg = f"{name}: give scheme and host only, e.g. {DEFAULT_LOGIN_URL}"
        raise SettingsError(msg)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
    ):
        return f"{parts.scheme}://{parts.netloc}"
    msg = f"{name}: {url!r} must begin with https:// (http:// is for loopback only)"
    raise SettingsError(msg)


def _resolve_login_url(config: Mapping[str, Any]) -> str:
    if login_url := config.get("login_url"):
        return check_endpoint(login_url, name="login_url")
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
