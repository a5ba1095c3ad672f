"""A Marketo server in a process of its own, and a client that knows its ways."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
RECORDED = _HERE.parents[3] / "shared" / "data" / "marketo"
EVER = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}
DEFAULTS = {
    "daily_calls": 50_000,
    "rate_calls": 100,
    "concurrent_calls": 10,
    "bulk_quota_bytes": 524_288_000,
    "queued_jobs": 10,
    "running_jobs": 2,
    "token_s": 3_600,
    "page_rows": 300,
    "status_step_s": 60,
    "has_updated_at_filter": True,
    "accepts_query_token": False,
    "cancelled_word": "Cancelled",
    "csv_charset": False,
    "member_booleans": "digits",
    "is_file_token_json": True,
    "is_offset_datetime": False,
}


@dataclass
class MarketoServer:
    """A running server, and a session that carries its token."""

    env: dict[str, str]
    client: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.client.trust_env = False

    @property
    def url(self) -> str:
        return self.env["MARKETO_ENDPOINT"]

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
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, timeout=30, **given)

    def get(self, path: str, *, headers: Any = None, **params: Any) -> Any:
        return self.client.get(
            self.url + path, params=params, headers=headers, timeout=30
        )

    def post(self, path: str, **given: Any) -> requests.Response:
        return self.client.post(self.url + path, timeout=30, **given)

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

    def control(self, method: str, path: str = "", **given: Any) -> requests.Response:
        return self.bare(method, f"/__sim{path}", **given)

    def set(self, **settings: Any) -> None:
        answer = self.control("POST", "/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def arm(self, *faults: dict[str, Any]) -> None:
        answer = self.control("POST", "/faults", json=list(faults))
        assert answer.status_code == 201, answer.text

    def move(self, day: str) -> None:
        answer = self.control("POST", "/as-of", json={"as_of": day})
        assert answer.status_code == 200, answer.text

    def reset(self) -> None:
        self.control("DELETE", "/faults")
        self.control("DELETE", "/requests")
        self.set(**DEFAULTS)
        # All queued jobs end, and the calls of the test before are forgotten.
        self.pass_time(3_600)
        self.move("2018-01-31")


ALL = {"createdAt": EVER}


def code_of(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["success"] is False, document
    assert set(document) == {"requestId", "success", "errors"}
    return document["errors"][0]["code"]


def read_csv(content: bytes) -> list[dict[str, str]]:
    text = io.StringIO(content.decode("utf-8"), newline="")
    return list(csv.DictReader(text, strict=True))


@pytest.fixture(scope="session")
def _process() -> Iterator[MarketoServer]:
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "serve_marketo.py")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield MarketoServer(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(timeout=20)


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
def recorded() -> Path:
    """Give the folder of recorded answers; without it nothing to compare."""
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers are not beside this checkout")
    return RECORDED
