"""A real sandbox server and real tap processes for the tests."""

from __future__ import annotations

import copy
import json
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from reading_kit.testing.processes import Outcome, serving
from reading_kit.testing.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = {
    "page_rows": 500,
    "run_polls": 2,
    "calls_per_hour": 200_000,
    "sync_budget": 60_000,
    "async_budget": 1_500_000,
    "edge_budget": 20_000,
    "requires_appsecret_proof": False,
    "requires_page_token": False,
    "lead_days": 0,
    "shows_deleted_in_insights": False,
    "has_lead_total": True,
    "is_today_partial": False,
    "unknown_insight_field": "nonexisting",
    "old_range_code": 3018,
    "token_error_status": 400,
}


@dataclass
class Running:
    """A tap at work."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def first_state(self, *, holding: str) -> dict[str, Any]:
        """Read until a state that holds a word."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith('{"type":"STATE"') and holding in line:
                return json.loads(line)["value"]
        raise AssertionError("the tap ended before")

    def end(self, signum: int) -> Outcome:
        """Send a signal and give what is left."""
        self.process.send_signal(signum)
        # Not by communicate(), which forgets what is read ahead of the last line.
        assert self.process.stdout
        rest = self.process.stdout.read()
        self.process.wait(timeout=60)
        # A killed process may leave half a line, which a target does not take.
        lines = ["".join(self.lines), rest]
        whole = [x for x in "".join(lines).split("\n")[:-1] if x]
        return Outcome(self.process.returncode, whole, "")


@dataclass(slots=True)
class Facebook(Sandbox):
    """The sandbox as Facebook; ``ready`` is its ready line."""

    ready: dict[str, Any] = field(default_factory=dict)
    everything: dict[str, Any] = field(default_factory=dict)

    def reset(self) -> None:
        self.calm()
        self.control("POST", "/settings", SETTINGS)
        if self.control("GET", "")["as_of"] != self.ready["as_of"]:
            self.move(self.ready["as_of"])
        self.control("DELETE", "/requests")

    def choose(self, *names: str) -> dict[str, Any]:
        """Give a catalog that selects these streams and no others."""
        catalog = copy.deepcopy(self.everything)
        for entry in catalog["streams"]:
            is_chosen = entry["tap_stream_id"] in names
            for item in entry["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = is_chosen
        known = {entry["tap_stream_id"] for entry in catalog["streams"]}
        assert set(names) <= known
        return catalog

    def read(
        self, *names: str, state: dict[str, Any] | None = None, **changes: Any
    ) -> Outcome:
        """Run the tap over some streams."""
        return self.run(catalog=self.choose(*names), state=state, **changes)

    def start(self, *names: str, **changes: Any) -> Running:
        """Start the tap over some streams, to be watched and ended."""
        command = self.command(catalog=self.choose(*names), **changes)
        return Running(
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        )

    def set(self, **settings: Any) -> None:
        """Change how the server behaves."""
        self.control("POST", "/settings", settings)


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[dict[str, Any]]:
    command = ["bizops-sandbox", "serve", "--only", "facebook", "--scale", "small"]
    with serving(command) as ready:
        yield ready


@pytest.fixture(scope="session")
def _catalog(
    _sandbox: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    return open_facebook(_sandbox, tmp_path_factory.mktemp("catalog")).discover()


def open_facebook(ready: dict[str, Any], directory: Path) -> Facebook:
    env = ready["env"]
    settings = {
        "access_token": env["FACEBOOK_ACCESS_TOKEN"],
        "account_ids": json.loads(env["FACEBOOK_ACCOUNT_IDS"]),
        "api_url": env["FACEBOOK_API_URL"],
        "start_date": "2017-12-01",
        "poll_interval_max": 0,
        "retry_delay_max": 0.01,
        "throttle_delay_max": 0.01,
    }
    facebook = Facebook(
        "tap-facebook-ads", ready["control_url"], directory, settings, ready=ready
    )
    facebook.reset()
    return facebook


@pytest.fixture
def facebook(
    _sandbox: dict[str, Any], _catalog: dict[str, Any], tmp_path: Path
) -> Facebook:
    """Give the sample company on Facebook: nothing armed, its last day."""
    facebook = open_facebook(_sandbox, tmp_path)
    facebook.everything = _catalog
    return facebook
