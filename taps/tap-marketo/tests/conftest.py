"""A real sandbox server and real tap processes for the tests."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reading_kit.testing.processes import serving
from reading_kit.testing.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reading_kit.testing.processes import Outcome

SERVER = {
    "daily_calls": 1_000_000,
    "rate_calls": 1_000_000,
    "concurrent_calls": 50,
    "bulk_quota_bytes": 524_288_000,
    "queued_jobs": 10,
    "running_jobs": 2,
    "token_s": 3_600,
    "page_rows": 300,
    "status_step_s": 0.01,
    "has_updated_at_filter": True,
    "cancelled_word": "Cancelled",
    "csv_charset": False,
    "member_booleans": "digits",
    "is_file_token_json": True,
    "is_offset_datetime": False,
}


@dataclass
class Instance(Sandbox):
    """The sandbox as an instance of Marketo; ``ready`` is its ready line."""

    ready: dict[str, Any] = field(default_factory=dict)
    catalog: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = (
        "activities_click_link",
        "activities_delete_lead",
        "emails",
        "leads",
        "lists",
    )

    def reset(self) -> None:
        self.calm()
        self.set(**SERVER)
        # Jobs end, and neither quotas nor files of the test before are left.
        self.let_pass(8 * 86_400)
        self.move(self.ready["as_of"])
        self.control("DELETE", "/requests")

    def set(self, **settings: Any) -> None:
        self.control("POST", "/settings", settings)

    def let_pass(self, seconds: float) -> None:
        self.control("POST", "/time", {"advance_s": seconds})

    def calls(self, method: str, part: str) -> int:
        return len(self.requests(method, part))

    def select(self, *names: str, **changes: Any) -> dict[str, Any]:
        """Give a catalog that selects these streams and no others."""
        catalog = self.discover(**changes)
        missing = set(names) - {entry["tap_stream_id"] for entry in catalog["streams"]}
        assert not missing, missing
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = entry["tap_stream_id"] in names
        return catalog

    def tables_of(self, *outcomes: Outcome) -> dict[str, dict[Any, Any]]:
        """Give the rows of one stream of each kind, by key; later ones win."""
        tables: dict[str, dict[Any, Any]] = {name: {} for name in self.names}
        for outcome in outcomes:
            for name in self.names:
                key = "marketoGUID" if name.startswith("activities_") else "id"
                tables[name].update(outcome.table(name, key))
        return tables

    @staticmethod
    def bookmarks(outcome: Outcome) -> dict[str, str]:
        """Give the bookmarks of the last state."""
        return {
            name: entry["replication_key_value"]
            for name, entry in outcome.state["bookmarks"].items()
            if isinstance(entry, dict) and "replication_key_value" in entry
        }


def open_instance(ready: dict[str, Any], directory: Path) -> Instance:
    env = ready["env"]
    settings = {
        "endpoint": env["MARKETO_ENDPOINT"],
        "client_id": env["MARKETO_CLIENT_ID"],
        "client_secret": env["MARKETO_CLIENT_SECRET"],
        "start_date": "2016-01-01",
        "poll_interval": 0,
        "export_end_margin": 0,
        "retry_delay_max": 0.02,
        "calls_per_20_seconds": 1_000_000,
    }
    instance = Instance(
        "tap-marketo", ready["control_url"], directory, settings, ready=ready
    )
    instance.reset()
    return instance


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[dict[str, Any]]:
    command = ["bizops-sandbox", "serve", "--only", "marketo", "--scale", "tiny"]
    with serving(command) as ready:
        yield ready


@pytest.fixture
def instance(_sandbox: dict[str, Any], tmp_path: Path) -> Instance:
    """Give the sample company's instance on its last day, with nothing armed."""
    return open_instance(_sandbox, tmp_path)


@pytest.fixture(scope="session")
def _hard_server() -> Iterator[dict[str, Any]]:
    script = Path(__file__).with_name("hard_instance.py")
    with serving([sys.executable, str(script)]) as ready:
        yield ready


@pytest.fixture
def hard(_hard_server: dict[str, Any], tmp_path: Path) -> Instance:
    """Give an instance made by hand: many rows, and texts hard to carry."""
    instance = open_instance(_hard_server, tmp_path)
    instance.settings["start_date"] = "2018-01-01"
    return instance


@pytest.fixture(scope="session")
def _read_once() -> dict[str, Any]:
    return {}


@pytest.fixture
def whole(hard: Instance, _read_once: dict[str, Any]) -> dict[str, dict[Any, Any]]:
    """Give what an undisturbed run reads of one stream of each kind."""
    if not _read_once:
        _read_once["catalog"] = hard.select(*hard.names)
        outcome = hard.run(catalog=_read_once["catalog"])
        assert outcome.status == 0, outcome.log
        _read_once["tables"] = hard.tables_of(outcome)
        assert all(_read_once["tables"].values())
        hard.control("DELETE", "/requests")
    hard.catalog = _read_once["catalog"]
    return _read_once["tables"]
