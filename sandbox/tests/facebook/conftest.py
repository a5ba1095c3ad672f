"""A Facebook server the tests talk to, a real process over real HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bizops_sandbox.testing.served import (
    Served,
    one_source,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests


_MOST_PAGES = 500


@dataclass
class FacebookServer(Served):
    """A running Facebook server, and a client with a good token."""

    version: str = "v25.0"

    @property
    def token(self) -> str:
        return self.env["FACEBOOK_ACCESS_TOKEN"]

    @property
    def accounts(self) -> list[str]:
        """The paths of the ad accounts: US, EMEA."""
        return [f"act_{item}" for item in json.loads(self.env["FACEBOOK_ACCOUNT_IDS"])]

    def sign_in(self) -> None:
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    def url(self, path: str) -> str:
        return f"{self.base_url}/{self.version}/{path}"

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.client.get(self.url(path), params=_as_text(params))

    def post(self, path: str, **form: Any) -> requests.Response:
        return self.client.post(self.url(path), data=_as_text(form))

    def ok(self, path: str, **params: Any) -> Any:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, path: str, **params: Any) -> dict[str, Any]:
        """The error object of a refused call, with the status in it."""
        return refused(self.get(path, **params))

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """All rows of a list, by its cursors, as a careful client reads them."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page = self.ok(path, **params, **after)
            found += page["data"]
            if "next" not in page.get("paging", {}):
                return found
            after = {"after": page["paging"]["cursors"]["after"]}
        raise AssertionError("the list does not end")

    def start_run(self, path: str, **form: Any) -> str:
        answer = self.post(f"{path}/insights", **form)
        assert answer.status_code == 200, answer.text
        return answer.json()["report_run_id"]

    def finish_run(self, run_id: str) -> dict[str, Any]:
        """Poll a run until it is not running any more."""
        for _ in range(20):
            run = self.ok(run_id)
            if not run["is_running"]:
                return run
        raise AssertionError(run)

    def report(self, path: str, **form: Any) -> list[dict[str, Any]]:
        """Run a report and read all its rows."""
        run_id = self.start_run(path, **form)
        run = self.finish_run(run_id)
        assert run["async_status"] == "Job Completed", run
        return self.rows(f"{run_id}/insights", limit=200)

    def batch(self, *elements: dict[str, Any], **form: Any) -> Any:
        answer = self.client.post(
            self.base_url, data={"batch": json.dumps(elements), **form}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        self.start_anew()
        self.set(**self.ready["settings"])


def refused(answer: requests.Response) -> dict[str, Any]:
    """The error object of an answer that must be a refusal."""
    document = answer.json()
    assert list(document) == ["error"], document
    assert answer.status_code >= 400
    return {**document["error"], "status": answer.status_code}


def _as_text(params: dict[str, Any]) -> dict[str, str]:
    """Lists and objects go as JSON, as the service wants them."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in params.items()
    }


@pytest.fixture(scope="session")
def _facebook_process() -> Iterator[FacebookServer]:
    with serving(*one_source("facebook", scale="small")) as ready:
        server = FacebookServer(ready)
        server.ready["settings"] = server.control("GET").json()["settings"]
        yield server


@pytest.fixture
def facebook(_facebook_process: FacebookServer) -> Iterator[FacebookServer]:
    """Give the server with nothing armed and default settings."""
    _facebook_process.reset()
    _facebook_process.sign_in()
    yield _facebook_process
    _facebook_process.reset()


@pytest.fixture
def refusal():
    """Give the reader of refused answers."""
    return refused


@pytest.fixture
def api_spec(recorded_of):
    """Give a reader of the API's own field types, by the kind of object."""
    return recorded_of("facebook")["fields"].__getitem__


@pytest.fixture
def recorded_table(recorded_of):
    """Give a reader of what tables loaded from the real API were like."""
    return recorded_of("facebook")["tables"].__getitem__


@pytest.fixture(scope="session")
def company(small_company):
    """Give the maker of (events, parameters) of the small company."""
    return small_company
