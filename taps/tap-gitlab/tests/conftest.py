"""A real sandbox server, real tap processes, and what the sample company holds."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reading_kit.testing.processes import serving
from reading_kit.testing.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reading_kit.testing.processes import Outcome

ADMIN = "glpat-sandbox-admin"
DAYS = (
    "2017-03-15",
    "2017-05-31",
    "2017-09-30",
    "2017-11-20",
    "2018-01-10",
    "2018-01-31",
)
#: Settings on which streams are offered; a catalog of each choice is made once.
FLAGS = (
    "ultimate_license",
    "fetch_merge_request_commits",
    "fetch_pipelines_extended",
    "fetch_group_variables",
    "fetch_project_variables",
    "fetch_site_users",
)
_CATALOGS: dict[str, str] = {}
SAMPLES = Path(__file__).with_name("samples")
#: The sandbox's settings as it starts with them, but for those of a test.
SERVER = {
    "tier": "premium",
    "totals_limit": 10_000,
    "offset_limit": 50_000,
    "tells_next_page": True,
    "keyset_issues": True,
    "keyset_trailing_link": False,
    "has_metadata": True,
    "disabled_status": 403,
    "empty_repository": "missing",
    "missing_epics_status": 403,
    "own_ping": "missing",
    "usage_flags": False,
    "requests_per_minute": 100_000,
    "application_limits_percent": 100_000,
    "token_s": 7_200,
    "token_expires_on": "2018-12-31",
}


@dataclass
class Site(Sandbox):
    """The sandbox as the company's GitLab; ``ready`` is its ready line."""

    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def instances(self) -> list[dict[str, str]]:
        """Give the instances customers run, as the setting has them."""
        return self.control("GET", "/instances")

    def serve_as(self, **changes: Any) -> None:
        """Change how the server behaves."""
        self.control("POST", "/settings", changes)

    def reset(self) -> None:
        self.calm()
        self.serve_as(**SERVER)
        if self.control("GET", "")["as_of"] != self.ready["as_of"]:
            self.move(self.ready["as_of"])
        self.control("DELETE", "/requests")

    def select(self, *streams: str, **changes: Any) -> dict[str, Any]:
        """Give a catalog that selects these streams with all their columns."""
        flags = {name: changes.get(name) for name in FLAGS}
        key = json.dumps(flags)
        if key not in _CATALOGS:
            _CATALOGS[key] = json.dumps(self.discover(**flags))
        catalog = json.loads(_CATALOGS[key])
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                if entry["breadcrumb"] == []:
                    entry["metadata"]["selected"] = stream["stream"] in streams
        return catalog

    def read(
        self, *streams: str, state: dict[str, Any] | None = None, **changes: Any
    ) -> Outcome:
        """Run the tap over these streams only."""
        catalog = self.select(*streams, **changes)
        return self.run(catalog=catalog, state=state, **changes)


@pytest.fixture(scope="session")
def _server() -> Iterator[dict[str, Any]]:
    command = ["bizops-sandbox", "serve", "--only", "gitlab", "--scale", "tiny"]
    with serving(command) as ready:
        yield ready


@pytest.fixture
def site(_server: dict[str, Any], tmp_path: Path) -> Site:
    """Give the sample company's GitLab: nothing armed, its last day, small pages."""
    settings = {
        "api_url": _server["env"]["GITLAB_API_URL"],
        "private_token": ADMIN,
        "groups": "brightloom",
        "start_date": "2015-01-01T00:00:00Z",
        "page_size": 7,
        "retry_delay_max": 0.02,
    }
    site = Site("tap-gitlab", _server["control_url"], tmp_path, settings, ready=_server)
    site.reset()
    return site


@pytest.fixture(scope="session")
def rows_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Any]:
    """Give what reads the rows of a stream at a day from the projection."""
    folder = tmp_path_factory.mktemp("rows")
    script = Path(__file__).with_name("site_rows.py")
    subprocess.run([sys.executable, str(script), str(folder), *DAYS], check=True)

    def read(day: str, stream: str) -> list[dict[str, Any]]:
        return json.loads((folder / f"{day}.json").read_text(encoding="utf-8"))[stream]

    return read
