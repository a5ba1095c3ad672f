"""The five taps as the benchmark of syncing runs them, and their sources."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.bench import sync_jobs
from tests.bench.sync_asking import Asker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.bench.sync_recording import Exchange

    Variables = Mapping[str, str]

#: Where results of jobs are, at any service.
_RESULT = re.compile(r"/files?[/.]|/results$|/\d+/insights$")
_BEGINNING = "2016-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class SyncSource:
    """A tap and its source in the sandbox.

    Jobs are done in the sandbox as soon as they are looked at, and limits of calls are
    out of the way: waiting takes as long for everybody and would hide the work.

    Attributes:
        source: Its name in the sandbox.
        settings: The tap's, from the sandbox's variables.
        log_in: Gives a client that may ask all.
        served_with: Further arguments of the sandbox.
        sandbox: Settings of the sandbox.
        make_jobs: Makes the tap's jobs once more and gives the targets of their
            results.
        jobs: Path of what belongs to jobs and is no download (a regular expression).
    """

    tap: str
    source: str
    settings: Callable[[Variables], dict[str, Any]]
    log_in: Callable[[Variables], Asker]
    served_with: Sequence[str] = ()
    sandbox: dict[str, Any] = field(default_factory=dict)
    make_jobs: Callable[[Asker, Sequence[Exchange]], list[str]] = sync_jobs.make_no_jobs
    jobs: str = r"(?!)"

    def is_content(self, exchange: Exchange) -> bool:
        """Tell whether an answer is what the tap is there for, or about it."""
        is_got = exchange.method == "GET" and exchange.status in {200, 206}
        return is_got and (self.is_result(exchange) or not self.is_job(exchange))

    def is_job(self, exchange: Exchange) -> bool:
        """Tell whether a request belongs to jobs: their states, lists, results."""
        return re.fullmatch(self.jobs, exchange.path) is not None

    def is_result(self, exchange: Exchange) -> bool:
        """Tell whether a request is for what a job gave."""
        return _RESULT.search(exchange.path) is not None


def _salesforce_settings(env: Variables) -> dict[str, Any]:
    return {
        "login_url": env["SALESFORCE_LOGIN_URL"],
        "client_id": env["SALESFORCE_CLIENT_ID"],
        "client_secret": env["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": env["SALESFORCE_REFRESH_TOKEN"],
    }


def _log_in_to_salesforce(env: Variables) -> Asker:
    form = {
        "grant_type": "refresh_token",
        "client_id": env["SALESFORCE_CLIENT_ID"],
        "client_secret": env["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": env["SALESFORCE_REFRESH_TOKEN"],
    }
    login = Asker(env["SALESFORCE_LOGIN_URL"])
    answer = login.post_form("/services/oauth2/token", form)
    return Asker(answer["instance_url"], _bearer(answer))


def _marketo_settings(env: Variables) -> dict[str, Any]:
    return {
        "endpoint": env["MARKETO_ENDPOINT"],
        "client_id": env["MARKETO_CLIENT_ID"],
        "client_secret": env["MARKETO_CLIENT_SECRET"],
        "start_date": _BEGINNING,
        "poll_interval": 0,
        "max_queued_jobs": 10,
        "export_end_margin": 0,
        "calls_per_20_seconds": 1_000_000,
        "max_daily_calls": 1_000_000_000,
        "bulk_quota_mb": 1_000_000,
    }


def _log_in_to_marketo(env: Variables) -> Asker:
    form = {
        "grant_type": "client_credentials",
        "client_id": env["MARKETO_CLIENT_ID"],
        "client_secret": env["MARKETO_CLIENT_SECRET"],
    }
    login = Asker(env["MARKETO_ENDPOINT"])
    answer = login.post_form("/identity/oauth/token", form)
    return Asker(login.base_url, _bearer(answer))


def _zuora_settings(env: Variables) -> dict[str, Any]:
    return {
        "base_url": env["ZUORA_BASE_URL"],
        "client_id": env["ZUORA_CLIENT_ID"],
        "client_secret": env["ZUORA_CLIENT_SECRET"],
        "start_date": _BEGINNING,
        "safety_lag_minutes": 0,
    }


def _log_in_to_zuora(env: Variables) -> Asker:
    form = {
        "grant_type": "client_credentials",
        "client_id": env["ZUORA_CLIENT_ID"],
        "client_secret": env["ZUORA_CLIENT_SECRET"],
    }
    login = Asker(env["ZUORA_BASE_URL"])
    return Asker(login.base_url, _bearer(login.post_form("/oauth/token", form)))


def _facebook_settings(env: Variables) -> dict[str, Any]:
    return {
        "api_url": env["FACEBOOK_API_URL"],
        "access_token": env["FACEBOOK_ACCESS_TOKEN"],
        "account_ids": json.loads(env["FACEBOOK_ACCOUNT_IDS"]),
        "start_date": _BEGINNING[:10],
        "poll_interval_max": 0,
    }


def _log_in_to_facebook(env: Variables) -> Asker:
    token = {"access_token": env["FACEBOOK_ACCESS_TOKEN"]}
    return Asker(env["FACEBOOK_API_URL"], _bearer(token))


def _gitlab_settings(env: Variables) -> dict[str, Any]:
    return {
        "api_url": env["GITLAB_API_URL"],
        "private_token": env["GITLAB_PRIVATE_TOKEN"],
        "groups": env["GITLAB_GROUPS"],
        "start_date": _BEGINNING,
    }


def _log_in_to_gitlab(env: Variables) -> Asker:
    base_url = env["GITLAB_API_URL"].removesuffix("/api/v4")
    return Asker(base_url, {"PRIVATE-TOKEN": env["GITLAB_PRIVATE_TOKEN"]})


def _bearer(answer: Mapping[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


_ALL = (
    SyncSource(
        "tap-salesforce",
        "salesforce",
        _salesforce_settings,
        _log_in_to_salesforce,
        # Salesforce's own pages are larger than the sandbox's usual ones.
        served_with=("--page-rows", "20000", "--job-polls", "0"),
        make_jobs=sync_jobs.make_salesforce_jobs,
        jobs=r".*/jobs/query.*",
    ),
    SyncSource(
        "tap-marketo",
        "marketo",
        _marketo_settings,
        _log_in_to_marketo,
        sandbox={
            "rate_calls": 1_000_000,
            "daily_calls": 1_000_000_000,
            "bulk_quota_bytes": 10**12,
            "status_step_s": 0.01,
        },
        make_jobs=sync_jobs.make_marketo_jobs,
        jobs=r"/bulk/.*/export(/.*|\.json)",
    ),
    SyncSource(
        "tap-zuora",
        "zuora",
        _zuora_settings,
        _log_in_to_zuora,
        sandbox={"job_polls": 0},
        make_jobs=sync_jobs.make_zuora_jobs,
        jobs=r"/v1/(batch-query|files)/.*",
    ),
    SyncSource(
        "tap-facebook-ads",
        "facebook",
        _facebook_settings,
        _log_in_to_facebook,
        sandbox={"run_polls": 0, "calls_per_hour": 1_000_000_000},
        make_jobs=sync_jobs.make_facebook_jobs,
        jobs=r"/v[\d.]+/\d+",
    ),
    SyncSource(
        "tap-gitlab",
        "gitlab",
        _gitlab_settings,
        _log_in_to_gitlab,
        sandbox={
            "requests_per_minute": 1_000_000,
            "application_limits_percent": 1_000_000,
        },
    ),
)
SYNC_SOURCES: Mapping[str, SyncSource] = {each.tap: each for each in _ALL}
