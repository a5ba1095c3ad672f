"""The checked settings the rest works with. Pure."""

from __future__ import annotations

import contextlib
import logging
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.config_validation import normalize_config
from reading_kit.endpoints import check_endpoint
from reading_kit.errors import SettingsError
from reading_kit.timestamps import parse_instant
from tap_zuora.config_schema import CONFIG_SCHEMA, IGNORED_SETTINGS
from tap_zuora.hosts import DATA_CENTRES, list_candidates
from tap_zuora.objects import LATE_LOOKBACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

#: Objects have no rows older than Zuora.
EARLIEST_START = datetime(2007, 1, 1, tzinfo=UTC)
_POLL_GROWTH = 6


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in; the secret never appears in a repr.

    Attributes:
        identity: The client's id, or the API user.
    """

    is_oauth: bool
    identity: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings.

    Attributes:
        base_urls: Where the tenant may be, in the order to try.
        late_lookback: Longer lookbacks by object.
        batch_query_paths: Paths of the batch-query resource, in the order to try.
        partner_id: Only where AQuA is to be stateful.
    """

    credentials: Credentials
    base_urls: tuple[str, ...]
    start_date: datetime
    end_date: datetime | None = None
    is_data_query: bool = False
    is_warehouse: bool = False
    are_deleted_included: bool = True
    are_keys_joined: bool = True
    safety_lag: timedelta = timedelta(hours=2)
    lookback: timedelta = timedelta(days=1)
    late_lookback: Mapping[str, timedelta] = field(default_factory=dict)
    late_resync_interval: timedelta = timedelta(days=7)
    is_strict: bool = False
    window: timedelta = timedelta(days=90)
    page_rows: int = 250_000
    max_queries_per_job: int = 25
    max_concurrent_jobs: int = 4
    poll_interval_s: float = 10
    poll_interval_max_s: float = 60
    job_timeout_s: float = 10_800
    batch_query_paths: tuple[str, ...] = ()
    partner_id: str | None = None
    request_timeout_s: int = 300
    retry_delay_max_s: float = 120
    headers: Mapping[str, str] = field(default_factory=dict)
    user_agent: str = "tap-zuora"


def normalize(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a config of this or a public Zuora tap into one form."""
    config = normalize_config(raw, CONFIG_SCHEMA, ignored=IGNORED_SETTINGS)
    # As the public taps call it; theirs may be text such as "300" or "300.0".
    timeout = config.pop("request_timeout", None)
    if "request_timeout_seconds" not in config and timeout is not None:
        with contextlib.suppress(ValueError):
            config["request_timeout_seconds"] = max(1, round(float(timeout)))
    return config


def parse_settings(config: Mapping[str, Any], *, version: str = "") -> Settings:
    """Check a normalised config and give the settings of the run.

    Raises:
        SettingsError: a value cannot be used, or nobody can sign in.
    """
    poll_s = float(config.get("poll_interval_seconds", 10))
    return Settings(
        credentials=_parse_credentials(config),
        base_urls=_find_base_urls(config),
        start_date=_parse_start_date(config.get("start_date")),
        end_date=_parse_moment(config.get("end_date"), name="end_date"),
        is_data_query=config.get("api_type") == "DATA_QUERY",
        is_warehouse=config.get("data_query") == "Unlimited",
        are_deleted_included=config.get("include_deleted", True),
        are_keys_joined=config.get("join_foreign_keys", True),
        safety_lag=timedelta(minutes=config.get("safety_lag_minutes", 120)),
        lookback=timedelta(days=config.get("lookback_days", 1)),
        late_lookback=_parse_late_lookback(config),
        late_resync_interval=timedelta(days=config.get("late_resync_interval_days", 7)),
        is_strict=config.get("strict", False),
        window=timedelta(days=config.get("window_in_days", 90)),
        page_rows=config.get("page_rows", 250_000),
        max_queries_per_job=config.get("max_queries_per_job", 25),
        max_concurrent_jobs=config.get("max_concurrent_jobs", 4),
        poll_interval_s=poll_s,
        poll_interval_max_s=poll_s * _POLL_GROWTH,
        job_timeout_s=60 * float(config.get("job_timeout_minutes", 180)),
        batch_query_paths=_list_batch_query_paths(config),
        partner_id=config.get("partner_id") if config.get("aqua_stateful") else None,
        request_timeout_s=config.get("request_timeout_seconds", 300),
        retry_delay_max_s=float(config.get("retry_delay_max_seconds", 120)),
        headers=_build_headers(config),
        user_agent=config.get("user_agent") or f"tap-zuora/{version or '0'}",
    )


def warn_about(config: Mapping[str, Any]) -> None:
    """Log what a config of another tap asks for and does not get."""
    if config.get("api_type") == "REST":
        logger.warning("api_type REST is not read any more; using AQUA")
    if config.get("partner_id") and not config.get("aqua_stateful"):
        logger.warning(
            "partner_id is ignored: jobs are stateless; set aqua_stateful to use it"
        )
    if config.get("aqua_stateful") and not config.get("partner_id"):
        logger.warning("aqua_stateful needs a partner_id; jobs are stateless")


def _parse_credentials(config: Mapping[str, Any]) -> Credentials:
    default = "OAUTH" if config.get("client_id") else "BASIC"
    is_oauth = config.get("auth_type", default) == "OAUTH"
    pairs = [("username", "password")]
    if is_oauth:
        pairs.insert(0, ("client_id", "client_secret"))
    for identity, secret in pairs:
        if config.get(identity) and config.get(secret):
            return Credentials(is_oauth, config[identity], config[secret])
    wanted = "client_id and client_secret" if is_oauth else "username and password"
    msg = (
        f"auth_type {'OAUTH' if is_oauth else 'BASIC'}: {wanted} are not both set; "
        "give client_id and client_secret of an OAuth client, or username and "
        "password of an API user"
    )
    raise SettingsError(msg)


def _find_base_urls(config: Mapping[str, Any]) -> tuple[str, ...]:
    if base_url := config.get("base_url"):
        example = DATA_CENTRES["US Production"]
        return (check_endpoint(base_url, name="base_url", example=example),)
    if endpoint := config.get("tenant_endpoint"):
        return (DATA_CENTRES[endpoint],)
    return list_candidates(
        is_sandbox=config.get("sandbox", False),
        is_european=config.get("european", False),
    )


def _parse_start_date(text: str | None) -> datetime:
    start = _parse_moment(text, name="start_date")
    if start is None:
        msg = "start_date: is not set; give a date such as 2024-01-01"
        raise SettingsError(msg)
    return max(start, EARLIEST_START)


def _parse_moment(text: str | None, *, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        msg = f"{name}: {text!r} is not a date or date-time (2024-01-01)"
        raise SettingsError(msg) from None


def _parse_late_lookback(config: Mapping[str, Any]) -> dict[str, timedelta]:
    days = {**LATE_LOOKBACK_DAYS, **config.get("late_objects_lookback_days", {})}
    return {name: timedelta(days=count) for name, count in days.items() if count}


def _list_batch_query_paths(config: Mapping[str, Any]) -> tuple[str, ...]:
    given = config.get("batch_query_path")
    if given is None:
        return ("/v1/batch-query", "/v1/apps/api/batch-query", "/apps/api/batch-query")
    if not re.fullmatch(r"/[\w/.-]+", given):
        msg = "batch_query_path: must be a path such as /v1/batch-query/"
        raise SettingsError(msg)
    return (given.rstrip("/"),)


def _build_headers(config: Mapping[str, Any]) -> dict[str, str]:
    named = {
        "Zuora-Version": config.get("zuora_version", "2025-08-12"),
        "Zuora-Entity-Ids": config.get("entity_ids"),
        "Zuora-Org-Ids": config.get("org_ids"),
    }
    return {name: str(value) for name, value in named.items() if value}
