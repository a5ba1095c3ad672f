"""The GitLab server in a process of its own, and a client of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bizops_sandbox.servers.gitlab.control import SETTINGS
from bizops_sandbox.servers.gitlab.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
RECORDED = _HERE.parents[3] / "shared" / "data" / "gitlab" / "api-responses"
READ, ADMIN = "glpat-sandbox-read", "glpat-sandbox-admin"


class _PatientSession(requests.Session):
    """A session that waits 30 s, and takes nothing from the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: Any, url: Any, **given: Any) -> requests.Response:
        return super().request(method, url, **{"timeout": 30, **given})


@dataclass
class GitlabServer:
    """A running server and its client."""

    base_url: str
    client: requests.Session = field(default_factory=_PatientSession)

    @property
    def api(self) -> str:
        return f"{self.base_url}/api/v4"

    def get(
        self, path: str, *, token: str | None = READ, **given: Any
    ) -> requests.Response:
        """Ask with a token; `path` is below /api/v4, or a whole URL."""
        headers = dict(given.pop("headers", {}))
        if token is not None:
            headers["PRIVATE-TOKEN"] = token
        url = path if path.startswith("http") else f"{self.api}{path}"
        return self.client.get(url, headers=headers, **given)

    def rows(self, path: str, **given: Any) -> list[dict[str, Any]]:
        """Follow the links to the end."""
        found: list[dict[str, Any]] = []
        answer = self.get(path, **given)
        while True:
            assert answer.status_code == 200, answer.text
            found += answer.json()
            following = answer.links.get("next")
            if following is None:
                return found
            answer = self.get(following["url"], token=given.get("token", READ))

    def instances(self) -> list[dict[str, str]]:
        return self.control("GET", "/instances").json()

    def control(self, method: str, path: str = "", **given: Any) -> requests.Response:
        return self.client.request(method, f"{self.base_url}/__sim{path}", **given)

    def arm(self, *faults: dict[str, Any]) -> None:
        answer = self.control("POST", "/faults", json=list(faults))
        assert answer.status_code == 201, answer.text

    def set(self, **settings: Any) -> None:
        answer = self.control("POST", "/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def move(self, day: str) -> None:
        answer = self.control("POST", "/as-of", json={"as_of": day})
        assert answer.status_code == 200, answer.text

    def journal(self) -> list[dict[str, Any]]:
        return self.control("GET", "/requests").json()

    def reset(self) -> None:
        self.control("DELETE", "/faults")
        self.control("DELETE", "/requests")
        usual = Settings()
        self.set(**SETTINGS.values(usual))
        if self.control("GET").json()["as_of"] != "2018-01-31":
            self.move("2018-01-31")


@pytest.fixture(scope="session")
def _gitlab_process() -> Iterator[GitlabServer]:
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "serve_gitlab.py")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield GitlabServer(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def gitlab(_gitlab_process: GitlabServer) -> Iterator[GitlabServer]:
    """Give the server with nothing armed and everything set as usual."""
    _gitlab_process.reset()
    yield _gitlab_process
    _gitlab_process.reset()


@pytest.fixture
def recorded_gitlab():
    """Give a reader of the recorded real answers; without them nothing to compare."""
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers are not beside this checkout")
    return lambda name: json.loads((RECORDED / name).read_text(encoding="utf-8"))
