"""Servers the sandbox's tests talk to: real processes, real HTTP."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bizops_sandbox.servers.salesforce.control import SETTINGS
from bizops_sandbox.servers.salesforce.settings import Settings
from bizops_sandbox.testing.served import (
    Served,
    read_csv,
    serving,
)
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import requests

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

_HERE = Path(__file__).parent


@dataclass
class OrgServer(Served):
    """A running Salesforce server, and a client logged in to it."""

    @property
    def api(self) -> str:
        return f"{self.ready['instance_url']}/services/data/v64.0"

    def token(self, url: str | None = None, **form: str) -> requests.Response:
        """Ask for a token; by default by the refresh token of the ready line."""
        asked = {
            "grant_type": "refresh_token",
            "client_id": self.env["SALESFORCE_CLIENT_ID"],
            "client_secret": self.env["SALESFORCE_CLIENT_SECRET"],
            "refresh_token": self.env["SALESFORCE_REFRESH_TOKEN"],
            **form,
        }
        base = url or self.env["SALESFORCE_LOGIN_URL"]
        return self.anonymous.post(f"{base}/services/oauth2/token", data=asked)

    def log_in(self) -> None:
        token = self.token().json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **given: Any) -> requests.Response:
        return self.client.get(f"{self.api}{path}", **given)

    def query(self, soql: str, resource: str = "query") -> requests.Response:
        return self.get(f"/{resource}", params={"q": soql})

    def post_job(
        self, soql: str, operation: str = "queryAll", **given: Any
    ) -> requests.Response:
        body = {"operation": operation, "query": soql, **given}
        return self.client.post(f"{self.api}/jobs/query", json=body)

    def poll(self, job_id: str) -> dict[str, Any]:
        return self.get(f"/jobs/query/{job_id}").json()

    def complete_job(self, soql: str, **given: Any) -> str:
        """Make a job, poll it to its end, return its id."""
        answer = self.post_job(soql, **given)
        assert answer.status_code == 200, answer.text
        job_id = answer.json()["id"]
        for _ in range(20):
            if self.poll(job_id)["state"] == "JobComplete":
                return job_id
        raise AssertionError("the job did not complete")

    def page(self, job_id: str, locator: str | None = None, **given: Any) -> Any:
        params = {} if locator is None else {"locator": locator}
        if "max_records" in given:
            params["maxRecords"] = given.pop("max_records")
        return self.get(f"/jobs/query/{job_id}/results", params=params, **given)

    def rows(self, job_id: str) -> list[dict[str, str]]:
        """Fetch all pages of a job by their locators."""
        found: list[dict[str, str]] = []
        locator = None
        while locator != "null":
            answer = self.page(job_id, locator)
            assert answer.status_code == 200, answer.text
            rows = read_csv(answer.content)
            assert len(rows) == int(answer.headers["Sforce-NumberOfRecords"])
            found += rows
            locator = answer.headers["Sforce-Locator"]
        return found

    def reset(self) -> None:
        self.start_anew()
        self.set(**SETTINGS.values(Settings()))


@pytest.fixture(scope="session")
def _org_process() -> Iterator[OrgServer]:
    with serving(str(_HERE / "handmade_org.py")) as ready:
        yield OrgServer(ready)


@pytest.fixture
def server(_org_process: OrgServer) -> Iterator[OrgServer]:
    """Give the hand-made org's server, logged in, with nothing armed."""
    _org_process.reset()
    _org_process.log_in()
    yield _org_process
    _org_process.reset()


@pytest.fixture(scope="session")
def handmade() -> ModuleType:
    """Give the module that makes the hand-made org."""
    spec = importlib.util.spec_from_file_location(
        "handmade_org", _HERE / "handmade_org.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def parse_page():
    """Give the reader of CSV pages."""
    return read_csv


@cache
def _recorded_of(source: str) -> Any:
    path = _HERE / "recorded" / f"{source}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def recorded_of():
    """Give a reader of what was recorded of a source's real answers, by its name.

    Names, types and envelopes are as recorded, values are made up (`recorded/`).
    """
    return _recorded_of


@pytest.fixture
def recorded(recorded_of):
    """Give a reader of Salesforce's recorded answers, by their names."""
    return recorded_of("salesforce").__getitem__


@cache
def _events() -> tuple[Event, ...]:
    return simulate(load_parameters(scale="small"))


@cache
def _parameters(overrides: str) -> Parameters:
    return load_parameters(scale="small", overrides=json.loads(overrides))


@pytest.fixture(scope="session")
def small_company():
    """Give a maker of (events, parameters) of the small company.

    Overrides are for what the projection reads: the log stays the same.
    """
    return lambda **overrides: (
        _events(),
        _parameters(json.dumps(overrides, sort_keys=True)),
    )
