"""A Marketo server in a process of its own, and a client that knows its ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bizops_sandbox.servers.marketo.control import SETTINGS
from bizops_sandbox.servers.marketo.settings import Settings
from bizops_sandbox.testing.served import (
    PatientSession,
    Served,
    one_source,
    read_csv,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

EVER = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}


@dataclass
class MarketoServer(Served):
    """A running server, and a session that carries its token."""

    @property
    def url(self) -> str:
        return self.base_url

    def token(self, **form: str) -> requests.Response:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.env["MARKETO_CLIENT_ID"],
            "client_secret": self.env["MARKETO_CLIENT_SECRET"],
            **form,
        }
        return self.bare("POST", "/identity/oauth/token", data=asked)

    def log_in(self, **form: str) -> None:
        token = self.token(**form).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def bare(self, method: str, path: str, **given: Any) -> requests.Response:
        """Ask without a token."""
        with PatientSession() as session:
            return session.request(method, self.url + path, **given)

    def get(self, path: str, *, headers: Any = None, **params: Any) -> Any:
        return self.client.get(self.url + path, params=params, headers=headers)

    def post(self, path: str, **given: Any) -> requests.Response:
        return self.client.post(self.url + path, **given)

    def read(self, path: str, **params: Any) -> dict[str, Any]:
        """Get a document that must be a success."""
        document = self.get(path, **params).json()
        assert document["success"] is True, document
        return document

    def code(self, path: str, **params: Any) -> str:
        """Get a document that must be a failure within a 200; return its code."""
        return code_of(self.get(path, **params))

    def create(self, kind: str = "leads", **body: Any) -> requests.Response:
        return self.post(f"/bulk/v1/{kind}/export/create.json", json=body)

    def job(self, kind: str, action: str, job_id: str) -> requests.Response:
        path = f"/bulk/v1/{kind}/export/{job_id}/{action}.json"
        is_read = action in {"status", "file"}
        return self.get(path) if is_read else self.post(path)

    def status(self, kind: str, job_id: str) -> dict[str, Any]:
        return self.job(kind, "status", job_id).json()["result"][0]

    def queue(self, kind: str = "leads", **body: Any) -> str:
        """Make a job, put it into the queue, return its id."""
        document = self.create(kind, **(body or {"fields": ["id"], "filter": ALL}))
        created = document.json()
        assert created["success"] is True, created
        job_id = created["result"][0]["exportId"]
        answer = self.job(kind, "enqueue", job_id).json()
        assert answer["result"][0]["status"] == "Queued", answer
        return job_id

    def complete(self, kind: str = "leads", **body: Any) -> str:
        job_id = self.queue(kind, **body)
        self.pass_time(120)
        assert self.status(kind, job_id)["status"] == "Completed"
        return job_id

    def file(self, kind: str, job_id: str, **headers: str) -> requests.Response:
        path = f"/bulk/v1/{kind}/export/{job_id}/file.json"
        return self.get(path, headers=headers)

    def rows(self, kind: str, **body: Any) -> list[dict[str, str]]:
        content = self.file(kind, self.complete(kind, **body)).content
        return read_csv(content)

    def pass_time(self, seconds: float) -> None:
        answer = self.control("POST", "/time", json={"advance_s": seconds})
        assert answer.status_code == 200, answer.text

    def reset(self) -> None:
        self.start_anew()
        self.set(**SETTINGS.values(Settings()) | {"status_step_s": 60})
        # All queued jobs end, and the calls of the test before are forgotten.
        self.pass_time(3_600)
        self.move(self.ready["as_of"])


ALL = {"createdAt": EVER}


def code_of(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["success"] is False, document
    assert set(document) == {"requestId", "success", "errors"}
    return document["errors"][0]["code"]


@pytest.fixture(scope="session")
def _process() -> Iterator[MarketoServer]:
    with serving(*one_source("marketo")) as ready:
        yield MarketoServer(ready)


@pytest.fixture
def marketo(_process: MarketoServer) -> Iterator[MarketoServer]:
    """Give the server, logged in, with nothing armed and every setting its own."""
    _process.reset()
    _process.log_in()
    yield _process
    _process.reset()


@pytest.fixture
def error_code():
    """Give the reader of failures."""
    return code_of


@pytest.fixture
def parse_csv():
    """Give the reader of files."""
    return read_csv


@pytest.fixture
def recorded(recorded_of):
    """Give what was recorded of Marketo, by name; `contract` are the types."""
    return recorded_of("marketo")
