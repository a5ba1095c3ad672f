"""A Zuora server the tests talk to, a real process over real HTTP, and its company."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

_HERE = Path(__file__).parent
_SEEDS = _HERE.parents[3] / "shared" / "data" / "zuora" / "warehouse-seeds"
DELETED = {"column": "Deleted", "format": "Boolean", "forceExport": True}


class _PatientSession(requests.Session):
    """A session that waits 30 s, and takes nothing from the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: Any, url: Any, **given: Any) -> requests.Response:
        return super().request(method, url, **{"timeout": 30, **given})


@dataclass
class ZuoraServer:
    """A running Zuora server, and a client logged in to it."""

    ready: dict[str, Any]
    client: requests.Session = field(default_factory=_PatientSession)
    anonymous: requests.Session = field(default_factory=_PatientSession)

    @property
    def base_url(self) -> str:
        return self.ready["base_url"]

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

    def control(self, method: str, path: str = "", **given: Any) -> requests.Response:
        return self.anonymous.request(method, f"{self.base_url}/__sim{path}", **given)

    def arm(self, *faults: dict[str, Any]) -> None:
        answer = self.control("POST", "/faults", json=list(faults))
        assert answer.status_code == 201, answer.text

    def set(self, **settings: Any) -> None:
        answer = self.control("POST", "/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def move(self, day: str) -> None:
        answer = self.control("POST", "/as-of", json={"as_of": day})
        assert answer.status_code == 200, answer.text

    def count(self, name: str) -> int:
        return self.control("GET").json()["objects"][name]

    def reset(self) -> None:
        self.control("DELETE", "/faults")
        self.control("DELETE", "/requests")
        if self.control("GET").json()["as_of"] != self.ready["as_of"]:
            self.move(self.ready["as_of"])
        self.set(**self.ready["settings"])


def read_csv(content: bytes) -> list[dict[str, str]]:
    """Read a file as a careful client does."""
    text = io.StringIO(content.decode("utf-8"), newline="")
    return list(csv.DictReader(text, strict=True))


@pytest.fixture(scope="session")
def _zuora_process() -> Iterator[ZuoraServer]:
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "zuora_server.py"), '{"scale": "small"}'],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        server = ZuoraServer(json.loads(process.stdout.readline()))
        settings = server.control("GET").json()["settings"]
        server.ready["settings"] = {**settings, "job_polls": 0}
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def zuora(_zuora_process: ZuoraServer) -> Iterator[ZuoraServer]:
    """Give the server, logged in, nothing armed, jobs ready at the first look."""
    _zuora_process.reset()
    _zuora_process.log_in()
    yield _zuora_process
    _zuora_process.reset()


@cache
def _events() -> tuple[Event, ...]:
    return simulate(load_parameters(scale="small"))


@cache
def _parameters(overrides: str) -> Parameters:
    return load_parameters(scale="small", overrides=json.loads(overrides))


@pytest.fixture(scope="session")
def company():
    """Give a maker of (events, parameters) of the small company.

    Overrides are for what the projection reads: the log stays the same.
    """
    return lambda **overrides: (
        _events(),
        _parameters(json.dumps(overrides, sort_keys=True)),
    )


@pytest.fixture
def recorded_columns():
    """Give a reader of real tenants' columns; without them nothing to compare."""
    if not _SEEDS.is_dir():
        pytest.skip("the recorded tables are not beside this checkout")

    def read(name: str) -> set[str]:
        path = _SEEDS / f"zuora_{name}_data.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        return {column for column in header if not column.startswith("_")}

    return read


@pytest.fixture
def deleted_column() -> dict[str, Any]:
    """Give the section of a query that asks for deleted rows."""
    return dict(DELETED)
