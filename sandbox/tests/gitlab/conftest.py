"""The GitLab server in a process of its own, and a client of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bizops_sandbox.servers.gitlab.control import SETTINGS
from bizops_sandbox.servers.gitlab.settings import Settings
from bizops_sandbox.testing.served import (
    Served,
    one_source,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

READ, ADMIN = "glpat-sandbox-read", "glpat-sandbox-admin"


@dataclass
class GitlabServer(Served):
    """A running server and its client."""

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

    def reset(self) -> None:
        self.start_anew()
        self.set(**SETTINGS.values(Settings()))


@pytest.fixture(scope="session")
def _gitlab_process() -> Iterator[GitlabServer]:
    # Enough merge requests for many pages.
    engineering = {"merge_requests_monthly": 500, "bug_share": 0.6}
    command = one_source("gitlab", overrides={"engineering": engineering})
    with serving(*command) as ready:
        yield GitlabServer(ready)


@pytest.fixture
def gitlab(_gitlab_process: GitlabServer) -> Iterator[GitlabServer]:
    """Give the server with nothing armed and everything set as usual."""
    _gitlab_process.reset()
    yield _gitlab_process
    _gitlab_process.reset()


@pytest.fixture
def recorded_gitlab(recorded_of):
    """Give a reader of GitLab's recorded answers, by their names."""
    return recorded_of("gitlab").__getitem__
