"""A real sandbox server and real tap processes for the tests."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reading_kit.testing.processes import serving
from reading_kit.testing.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDED = (
    Path(__file__).parents[4] / "shared" / "data" / "salesforce" / "api-responses"
)
PASSWORD = "sandbox-password"
USERNAME = "integration@acme.example"


@dataclass
class Org(Sandbox):
    """The sandbox as an org of Salesforce; ``ready`` is its ready line."""

    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def instance_url(self) -> str:
        return self.ready["instance_url"]

    def reset(self) -> None:
        self.calm()
        self.control(
            "POST",
            "/settings",
            {
                "page_rows": 100,
                "job_polls": 1,
                "rotate_refresh_tokens": False,
                "daily_api_requests": 100_000,
                "daily_bulk_jobs": 10_000,
            },
        )
        if self.control("GET", "")["as_of"] != self.ready["as_of"]:
            self.move(self.ready["as_of"])
        self.control("DELETE", "/requests")


def open_org(ready: dict[str, Any], directory: Path) -> Org:
    env = ready["env"]
    settings = {
        "login_url": env["SALESFORCE_LOGIN_URL"],
        "client_id": env["SALESFORCE_CLIENT_ID"],
        "client_secret": env["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": env["SALESFORCE_REFRESH_TOKEN"],
        "streams_to_discover": ["Lead", "User"],
        "poll_interval_max": 0,
        "retry_delay_max": 0.02,
    }
    org = Org("tap-salesforce", ready["control_url"], directory, settings, ready=ready)
    org.reset()
    return org


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[dict[str, Any]]:
    with serving(["bizops-sandbox", "serve", "--scale", "tiny"]) as ready:
        yield ready


@pytest.fixture
def org(_sandbox: dict[str, Any], tmp_path: Path) -> Org:
    """Give the sample company's org: nothing armed, its last day, small pages."""
    return open_org(_sandbox, tmp_path)


@pytest.fixture(scope="session")
def _hard_server() -> Iterator[dict[str, Any]]:
    script = Path(__file__).with_name("hard_org.py")
    with serving([sys.executable, str(script)]) as ready:
        yield ready


@pytest.fixture
def hard_org(_hard_server: dict[str, Any], tmp_path: Path) -> Org:
    """Give an org made by hand, whose values and objects are hard to carry."""
    return open_org(_hard_server, tmp_path)


@pytest.fixture
def whole(hard_org: Org) -> dict[str, dict[str, Any]]:
    """Give what an undisturbed run reads of the leads, by Id."""
    table = hard_org.run(streams_to_discover=["Lead"]).table("Lead")
    assert len(table) == 740
    hard_org.control("DELETE", "/requests")
    return table


@pytest.fixture
def recorded():
    """Give a reader of recorded real answers, where they lie beside the checkout."""
    if not RECORDED.is_dir():
        pytest.skip(f"recorded answers are not at {RECORDED}")
    return lambda name: json.loads((RECORDED / name).read_text(encoding="utf-8"))
