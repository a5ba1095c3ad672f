"""The settings of a run: configs of the public taps in one form, checked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError
from reading_kit.timestamps import parse_instant
from tap_gitlab.addresses import host_of, normalize_api_url
from tap_gitlab.config_schema import CONFIG_SCHEMA, DEFAULT_API_URL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: Settings of other taps that change nothing here.
IGNORED_SETTINGS = frozenset({"requests_cache_path", "credentials"})
DEFAULTS = {
    name: spec["default"]
    for name, spec in CONFIG_SCHEMA["properties"].items()
    if "default" in spec
}
_ALIASES = {"groups_list": "groups", "projects_list": "projects"}


@dataclass(frozen=True, slots=True)
class OAuthCredentials:
    """What a refresh token is exchanged with."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    refresh_token_path: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to log in at an instance; the first of these that is there is used."""

    private_token: str | None = field(default=None, repr=False)
    oauth_access_token: str | None = field(default=None, repr=False)
    oauth: OAuthCredentials | None = None
    job_token: str | None = field(default=None, repr=False)

    @property
    def is_job(self) -> bool:
        """Tell whether there is but the token of a CI job, which opens little."""
        others = (self.private_token, self.oauth_access_token, self.oauth)
        return self.job_token is not None and not any(others)

    @property
    def are_given(self) -> bool:
        """Tell whether there are any."""
        return any(
            (self.private_token, self.oauth_access_token, self.oauth, self.job_token)
        )


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """One instance.

    Attributes:
        name: What its rows bear as ``instance``.
        customer_id: Whose it is, where the config says so.
    """

    name: str
    api_url: str
    credentials: Credentials
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run.

    Attributes:
        site: The instance whose groups and projects are read.
        instances: More instances, for usage data.
    """

    site: InstanceSettings
    groups: tuple[str, ...]
    projects: tuple[str, ...]
    instances: tuple[InstanceSettings, ...]
    service_ping_files: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    lookback: timedelta
    commits_lookback: timedelta
    page_rows: int
    worker_count: int
    timeout_s: float
    retry_delay_max_s: float
    user_agent: str
    ca_bundle: str | None
    are_subgroups_included: bool
    are_archived_included: bool
    are_missing_ignored: bool
    is_license_included: bool

    @property
    def is_gitlab_com(self) -> bool:
        """Tell whether the site is the public service, whose users are millions."""
        return host_of(self.site.api_url) in {"gitlab.com", "www.gitlab.com"}


def apply_aliases(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a config of a public tap into the names and forms of this one.

    ``groups`` and ``projects`` may be lists, or text with spaces or commas between;
    ``groups_list``, ``projects_list`` and ``credentials`` are those of Airbyte.
    """
    config = dict(raw)
    for alias, name in _ALIASES.items():
        if alias in config:
            found = _read_names(config.pop(alias))
            config[name] = found or config.get(name)
    for name in ("groups", "projects"):
        if config.get(name) is not None:
            config[name] = _read_names(config[name])
    credentials = config.get("credentials")
    if isinstance(credentials, dict):
        for name, value in _read_credentials(credentials).items():
            config.setdefault(name, value)
    return config


def _read_names(value: object) -> list[str]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = value.strip().strip("[]").replace('"', " ").replace("'", " ")
    if isinstance(value, str):
        value = re.split(r"[\s,]+", value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, list):
        return []
    return [str(each).strip("/ ") for each in value if str(each).strip("/ ")]


def _read_credentials(credentials: Mapping[str, Any]) -> dict[str, Any]:
    token = credentials.get("access_token")
    if credentials.get("refresh_token"):
        keys = ("client_id", "client_secret", "refresh_token")
        found: dict[str, Any] = {
            "oauth_credentials": {key: credentials.get(key) for key in keys}
        }
        return found | ({"oauth_access_token": token} if token else {})
    return {"private_token": token} if token else {}


def parse_settings(config: Mapping[str, Any], *, version: str) -> Settings:
    """Give the settings of a checked config.

    Raises:
        SettingsError: they do not go together.
    """
    config = {**DEFAULTS, **config}
    site = _parse_site(config)
    found = Settings(
        site=site,
        groups=tuple(config.get("groups") or ()),
        projects=tuple(config.get("projects") or ()),
        instances=_parse_instances(config, own=site),
        service_ping_files=tuple(config.get("service_ping_files") or ()),
        start=_parse_moment(config.get("start_date"), name="start_date"),
        end=_parse_moment(config.get("end_date"), name="end_date"),
        lookback=timedelta(minutes=config["lookback_minutes"]),
        commits_lookback=timedelta(days=config["commits_lookback_days"]),
        page_rows=config["page_size"],
        worker_count=config["max_workers"],
        timeout_s=config["request_timeout"],
        retry_delay_max_s=config["retry_delay_max"],
        user_agent=config.get("user_agent") or f"tap-gitlab/{version}",
        ca_bundle=config.get("ca_bundle"),
        are_subgroups_included=config["include_subgroups"],
        are_archived_included=config["include_archived"],
        are_missing_ignored=config["ignore_missing"],
        is_license_included=config["include_license_info_for_projects"],
    )
    _check_together(found, is_usage_included=config["include_usage_data"])
    return found


def _parse_site(config: Mapping[str, Any]) -> InstanceSettings:
    api_url = normalize_api_url(config.get("api_url") or DEFAULT_API_URL)
    return InstanceSettings(
        name=host_of(api_url),
        api_url=api_url,
        credentials=Credentials(
            private_token=config.get("private_token"),
            oauth_access_token=config.get("oauth_access_token"),
            oauth=_parse_oauth(config),
            job_token=config.get("job_token"),
        ),
    )


def _parse_oauth(config: Mapping[str, Any]) -> OAuthCredentials | None:
    given = config.get("oauth_credentials")
    if not given:
        return None
    wanted = ("client_id", "client_secret", "refresh_token")
    absent = [name for name in wanted if not given.get(name)]
    if absent:
        msg = f"oauth_credentials: {', '.join(absent)} missing"
        raise SettingsError(msg)
    return OAuthCredentials(
        client_id=str(given["client_id"]),
        client_secret=str(given["client_secret"]),
        refresh_token=str(given["refresh_token"]),
        refresh_token_path=config.get("refresh_token_path"),
    )


def _parse_instances(
    config: Mapping[str, Any], *, own: InstanceSettings
) -> tuple[InstanceSettings, ...]:
    found: list[InstanceSettings] = []
    for place, entry in enumerate(config.get("instances") or ()):
        url = normalize_api_url(entry["api_url"], name=f"instances.{place}.api_url")
        customer = entry.get("customer_id")
        token = Credentials(private_token=entry["private_token"])
        found.append(InstanceSettings(entry["name"], url, token, customer or None))
    names = [own.name, *(each.name for each in found)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"instances: each needs a name of its own; used twice: {', '.join(twice)}"
        raise SettingsError(msg)
    return tuple(found)


def _parse_moment(text: str | None, *, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        msg = f"{name}: must be a date or a date-time, e.g. 2024-01-01T00:00:00Z"
        raise SettingsError(msg) from None


def _check_job(settings: Settings) -> None:
    """See that a job's token is used for what it opens: projects known by id."""
    if settings.groups or not all(name.isdigit() for name in settings.projects):
        msg = "job_token: opens projects only; name them in projects, by numeric id"
        raise SettingsError(msg)


def _check_together(settings: Settings, *, is_usage_included: bool) -> None:
    has_places = bool(settings.groups or settings.projects)
    has_others = bool(settings.instances or settings.service_ping_files)
    if settings.site.credentials.is_job:
        _check_job(settings)
    if settings.site.credentials.are_given:
        if not (has_places or is_usage_included):
            msg = "nothing to read: set groups or projects, or include_usage_data"
            raise SettingsError(msg)
        return
    if has_places or not (is_usage_included and has_others):
        msg = (
            "no credentials: set one of private_token, oauth_access_token, "
            "oauth_credentials, job_token"
        )
        raise SettingsError(msg)
