"""A Zuora server the tests talk to, a real process over real HTTP, and its company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bizops_sandbox.testing.served import (
    Served,
    one_source,
    read_csv,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests


DELETED = {"column": "Deleted", "format": "Boolean", "forceExport": True}


@dataclass
class ZuoraServer(Served):
    """A running Zuora server, and a client logged in to it."""

    def token(self, **changes: str) -> requests.Response:
        form = {
            "client_id": self.ready["env"]["ZUORA_CLIENT_ID"],
            "client_secret": self.ready["env"]["ZUORA_CLIENT_SECRET"],
            "grant_type": "client_credentials",
            **changes,
        }
        return self.anonymous.post(f"{self.base_url}/oauth/token", data=form)

    def log_in(self) -> None:
        token = self.token().json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **given: Any) -> requests.Response:
        return self.client.get(f"{self.base_url}{path}", **given)

    def post(self, path: str, document: Any, **given: Any) -> requests.Response:
        return self.client.post(f"{self.base_url}{path}", json=document, **given)

    def submit(self, *queries: str | dict[str, Any], **changes: Any) -> Any:
        """Submit a batch-query job; returns the answered document."""
        listed = [
            {"name": f"q{number}", "query": query, "type": "zoqlexport"}
            if isinstance(query, str)
            else query
            for number, query in enumerate(queries)
        ]
        document = {
            "format": "csv",
            "version": "1.0",
            "name": "test",
            "encrypted": "none",
            "useQueryLabels": "true",
            "dateTimeUtc": "true",
            "queries": listed,
            **changes,
        }
        answer = self.post("/v1/batch-query/", document)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def poll(self, job_id: str) -> Any:
        return self.get(f"/v1/batch-query/jobs/{job_id}").json()

    def finish(self, job_id: str) -> Any:
        """Poll a job to its end."""
        for _ in range(10):
            job = self.poll(job_id)
            if job["status"] in {"completed", "error", "aborted", "cancelled"}:
                return job
        raise AssertionError(job)

    def run(self, *queries: str | dict[str, Any], **changes: Any) -> Any:
        """Submit a job and poll it to its end."""
        job = self.submit(*queries, **changes)
        assert "id" in job, job
        return self.finish(job["id"])

    def download(self, file_id: str) -> list[dict[str, str]]:
        answer = self.get(f"/v1/files/{file_id}")
        assert answer.status_code == 200, answer.text
        return read_csv(answer.content)

    def rows(self, query: str, **of_query: Any) -> list[dict[str, str]]:
        """Run one query and read its file."""
        job = self.run({"name": "q", "query": query, "type": "zoqlexport", **of_query})
        (batch,) = job["batches"]
        rows = self.download(batch["fileId"])
        assert len(rows) == batch["recordCount"]
        return rows

    def data_query(self, query: str, **changes: Any) -> Any:
        """Run a Data Query and return the job as it ended."""
        document = {
            "query": query,
            "outputFormat": "CSV",
            "compression": "NONE",
            "output": {"target": "S3"},
            **changes,
        }
        answer = self.post("/query/jobs", document)
        assert answer.status_code == 200, answer.text
        job_id = answer.json()["data"]["id"]
        for _ in range(10):
            job = self.get(f"/query/jobs/{job_id}").json()["data"]
            if job["queryStatus"] in {"completed", "failed", "cancelled"}:
                return job
        raise AssertionError(job)

    def data_rows(self, query: str, **changes: Any) -> list[dict[str, str]]:
        job = self.data_query(query, **changes)
        assert job["queryStatus"] == "completed", job
        rows = read_csv(self.anonymous.get(job["dataFile"]).content)
        assert len(rows) == job["outputRows"]
        return rows

    def count(self, name: str) -> int:
        return self.control("GET").json()["objects"][name]

    def reset(self) -> None:
        self.start_anew()
        self.set(**self.ready["settings"])


@pytest.fixture(scope="session")
def _zuora_process() -> Iterator[ZuoraServer]:
    with serving(*one_source("zuora", scale="small")) as ready:
        server = ZuoraServer(ready)
        settings = server.control("GET").json()["settings"]
        server.ready["settings"] = {**settings, "job_polls": 0}
        yield server


@pytest.fixture
def zuora(_zuora_process: ZuoraServer) -> Iterator[ZuoraServer]:
    """Give the server, logged in, nothing armed, jobs ready at the first look."""
    _zuora_process.reset()
    _zuora_process.log_in()
    yield _zuora_process
    _zuora_process.reset()


@pytest.fixture
def recorded_columns(recorded_of):
    """Give a reader of real tenants' columns, by the name of the table."""
    return lambda name: set(recorded_of("zuora")[name])


@pytest.fixture
def deleted_column() -> dict[str, Any]:
    """Give the section of a query that asks for deleted rows."""
    return dict(DELETED)


@pytest.fixture(scope="session")
def company(small_company):
    """Give the maker of (events, parameters) of the small company."""
    return small_company
