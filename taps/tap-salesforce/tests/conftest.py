"""A real sandbox server and real tap processes for the tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
RECORDED = (
    Path(__file__).parents[4] / "shared" / "data" / "salesforce" / "api-responses"
)
PASSWORD = "sandbox-password"
USERNAME = "integration@acme.example"


def find_program(name: str) -> str:
    program = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{BIN}")
    assert program, f"{name} is not installed beside this Python"
    return program


@dataclass
class Outcome:
    """What a tap process left behind."""

    status: int
    lines: list[str]
    log: str

    @classmethod
    def of(cls, status: int, output: str, log: str) -> Outcome:
        return cls(status, output.splitlines(), log)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line, parse_float=Decimal) for line in self.lines]

    def records(self, stream: str | None = None) -> list[dict[str, Any]]:
        return [
            message["record"]
            for message in self.messages
            if message["type"] == "RECORD" and stream in {None, message["stream"]}
        ]

    def table(self, stream: str) -> dict[str, dict[str, Any]]:
        """Give the rows by Id; the last one of an Id wins, as in a target."""
        return {record["Id"]: record for record in self.records(stream)}

    @property
    def states(self) -> list[dict[str, Any]]:
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    @property
    def state(self) -> dict[str, Any]:
        return self.states[-1]

    def bookmark(self, stream: str) -> str:
        return self.state["bookmarks"][stream]["replication_key_value"]


@dataclass
class Org:
    """The running sandbox, as tests steer it."""

    ready: dict[str, Any]
    directory: Path
    _count: int = field(default=0)

    @property
    def login_url(self) -> str:
        return self.ready["env"]["SALESFORCE_LOGIN_URL"]

    @property
    def instance_url(self) -> str:
        return self.ready["instance_url"]

    def config(self, **changes: Any) -> dict[str, Any]:
        """Give a config that works, with changes; None removes a setting."""
        env = self.ready["env"]
        config = {
            "login_url": self.login_url,
            "client_id": env["SALESFORCE_CLIENT_ID"],
            "client_secret": env["SALESFORCE_CLIENT_SECRET"],
            "refresh_token": env["SALESFORCE_REFRESH_TOKEN"],
            "streams_to_discover": ["Lead", "User"],
            "poll_interval_max": 0,
            "retry_delay_max": 0.02,
            **changes,
        }
        return {name: value for name, value in config.items() if value is not None}

    def write(self, name: str, value: Any) -> str:
        self._count += 1
        path = self.directory / f"{self._count}-{name}.json"
        path.write_text(json.dumps(value, default=str), encoding="utf-8")
        return str(path)

    def command(
        self, *arguments: str, state: dict[str, Any] | None = None, **changes: Any
    ) -> list[str]:
        command = [find_program("tap-salesforce"), *arguments]
        command += ["--config", self.write("config", self.config(**changes))]
        if state is not None:
            command += ["--state", self.write("state", state)]
        return command

    def run(
        self,
        *arguments: str,
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Outcome:
        """Run the tap as a process until it ends."""
        command = self.command(*arguments, state=state, **changes)
        if catalog is not None:
            command += ["--catalog", self.write("catalog", catalog)]
        return self.run_with(command[1:])

    def run_with(self, arguments: list[str]) -> Outcome:
        """Run the tap with nothing but these arguments."""
        command = [find_program("tap-salesforce"), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120
        )
        return Outcome(done.returncode, done.stdout.splitlines(), done.stderr)

    def discover(self, **changes: Any) -> dict[str, Any]:
        done = subprocess.run(
            self.command("--discover", **changes),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return json.loads(done.stdout)

    def sandbox(self, *arguments: str) -> None:
        """Run another command of the sandbox."""
        program = find_program("bizops-sandbox")
        subprocess.run([program, *arguments], check=True, capture_output=True)

    def control(self, method: str, path: str, value: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the sandbox on loopback
            f"{self.ready['control_url']}{path}",
            data=None if value is None else json.dumps(value).encode(),
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            body = answer.read()
        return json.loads(body) if body else None

    def arm(self, *faults: dict[str, Any]) -> None:
        self.control("POST", "/faults", list(faults))

    def calm(self) -> None:
        self.control("DELETE", "/faults")

    def move(self, day: str) -> None:
        self.control("POST", "/as-of", {"as_of": day})

    def requests(self, method: str, part: str) -> list[dict[str, Any]]:
        """Give the journal's requests; of a method, or of all for an empty one."""
        return [
            entry
            for entry in self.control("GET", "/requests")
            if method in {"", entry["method"]} and part in entry["path"]
        ]

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


def start_server(command: list[str]) -> Iterator[dict[str, Any]]:
    """Start a server that prints a ready line; stop it afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[dict[str, Any]]:
    program = find_program("bizops-sandbox")
    yield from start_server([program, "serve", "--scale", "tiny"])


@pytest.fixture
def org(_sandbox: dict[str, Any], tmp_path: Path) -> Org:
    """Give the sample company's org: nothing armed, its last day, small pages."""
    org = Org(_sandbox, tmp_path)
    org.reset()
    return org


@pytest.fixture(scope="session")
def _hard_server() -> Iterator[dict[str, Any]]:
    script = Path(__file__).with_name("hard_org.py")
    yield from start_server([sys.executable, str(script)])


@pytest.fixture
def hard_org(_hard_server: dict[str, Any], tmp_path: Path) -> Org:
    """Give an org made by hand, whose values and objects are hard to carry."""
    org = Org(_hard_server, tmp_path)
    org.reset()
    return org


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
