"""A served source as a test meets it."""

# ruff: noqa: ANN401 - what goes on to requests is as open as it is there

from __future__ import annotations

import contextlib
import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PATIENCE_S = 30


class PatientSession(requests.Session):
    """A session that waits 30 s, and takes nothing from the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: Any, url: Any, *args: Any, **given: Any) -> Any:
        """Ask as ever, but not for ever."""
        return super().request(method, url, *args, **{"timeout": _PATIENCE_S, **given})


@dataclass
class Served:
    """A running server: its ready line, a client to log in with, its control.

    `ready` has `control_url` and `as_of`, and what else the server tells.
    """

    ready: dict[str, Any]
    client: requests.Session = field(default_factory=PatientSession)
    anonymous: requests.Session = field(default_factory=PatientSession)

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return str(self.ready["base_url"])

    @property
    def env(self) -> dict[str, str]:
        """The variables of a client."""
        variables: dict[str, str] = self.ready["env"]
        return variables

    def control(self, method: str, path: str = "", **given: Any) -> requests.Response:
        """Ask the control interface."""
        return self.anonymous.request(method, self.ready["control_url"] + path, **given)

    def arm(self, *faults: dict[str, Any]) -> None:
        """Arm faults; they must be understood."""
        _check(self.control("POST", "/faults", json=list(faults)))

    def set(self, **settings: Any) -> None:
        """Change settings; they must be possible."""
        _check(self.control("POST", "/settings", json=settings))

    def move(self, day: str) -> None:
        """Show another day, which must be one of the company's."""
        _check(self.control("POST", "/as-of", json={"as_of": day}))

    def journal(self) -> list[dict[str, Any]]:
        """The requests so far, oldest first."""
        entries: list[dict[str, Any]] = self.control("GET", "/requests").json()
        return entries

    def start_anew(self) -> None:
        """Disarm all faults, empty the journal, go back to the first day shown."""
        self.control("DELETE", "/faults")
        self.control("DELETE", "/requests")
        if self.control("GET").json()["as_of"] != self.ready["as_of"]:
            self.move(self.ready["as_of"])


def _check(answer: requests.Response) -> None:
    if answer.status_code >= 400:
        raise AssertionError(answer.text)


@contextlib.contextmanager
def serving(*command: str) -> Iterator[dict[str, Any]]:
    """Run a server with this interpreter until the block ends; gives its ready line.

    Args:
        command: What follows `python`: a file or `-m` and a module, and arguments. The
            first line on its standard output is its ready line, a JSON object.
    """
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True
    )
    try:
        line = "" if process.stdout is None else process.stdout.readline()
        if not line:
            raise AssertionError(f"{command} did not start")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


def one_source(source: str, **company: Any) -> Sequence[str]:
    """The command that serves one source alone: see `serve_one`."""
    module = "bizops_sandbox.testing.serve_one"
    return ("-m", module, source, json.dumps(company))


def read_csv(content: bytes) -> list[dict[str, str]]:
    """Read a file or a page as a careful client does."""
    text = io.StringIO(content.decode("utf-8"), newline="")
    return list(csv.DictReader(text, strict=True))
