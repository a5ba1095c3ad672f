"""The sandbox as tests steer it: its clock, its faults, the requests it has seen."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reading_kit.testing.processes import Outcome, find_program, run_program

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class Sandbox:
    """A running sandbox server of one source, and a tap that reads it.

    Attributes:
        program: The tap's console script.
        control_url: Where the server is steered, of the source in question.
        directory: Where configs, states and catalogs are written.
        settings: A config that works; a run may change it.
    """

    program: str
    control_url: str
    directory: Path
    settings: dict[str, Any] = field(default_factory=dict)
    _count: int = 0

    # The tap

    def config(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """Give a config that works, with changes; None removes a setting."""
        config = {**self.settings, **changes}
        return {name: value for name, value in config.items() if value is not None}

    def write(self, name: str, value: Any) -> str:  # noqa: ANN401 - JSON
        """Write a JSON file and give its path."""
        self._count += 1
        path = self.directory / f"{self._count}-{name}.json"
        path.write_text(json.dumps(value, default=str), encoding="utf-8")
        return str(path)

    def command(
        self,
        *arguments: str,
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        **changes: Any,  # noqa: ANN401
    ) -> list[str]:
        """Give the command of a run with changes of the config."""
        command = [find_program(self.program), *arguments]
        command += ["--config", self.write("config", self.config(**changes))]
        if state is not None:
            command += ["--state", self.write("state", state)]
        if catalog is not None:
            command += ["--catalog", self.write("catalog", catalog)]
        return command

    def run(
        self,
        *arguments: str,
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        **changes: Any,  # noqa: ANN401
    ) -> Outcome:
        """Run the tap as a process until it ends."""
        return run_program(
            self.command(*arguments, state=state, catalog=catalog, **changes)
        )

    def run_with(self, arguments: list[str]) -> Outcome:
        """Run the tap with nothing but these arguments."""
        return run_program([self.program, *arguments])

    def discover(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """Give the catalog the tap makes.

        Raises:
            RuntimeError: the tap failed; its log is the message.
        """
        done = self.run("--discover", **changes)
        if done.status != 0:
            raise RuntimeError(done.log)
        catalog: dict[str, Any] = json.loads("\n".join(done.lines))
        return catalog

    # The server

    def control(self, method: str, path: str, value: Any = None) -> Any:  # noqa: ANN401
        """Send a request to the control address; JSON in, JSON out."""
        request = urllib.request.Request(  # noqa: S310 - the sandbox on loopback
            f"{self.control_url}{path}",
            data=None if value is None else json.dumps(value).encode(),
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            body = answer.read()
        return json.loads(body) if body else None

    def arm(self, *faults: dict[str, Any]) -> None:
        """Make the server stumble."""
        self.control("POST", "/faults", list(faults))

    def calm(self) -> None:
        """Disarm all faults."""
        self.control("DELETE", "/faults")

    def move(self, day: str) -> None:
        """Move the server to the end of a day, given as ``YYYY-MM-DD``."""
        self.control("POST", "/as-of", {"as_of": day})

    def requests(self, method: str, part: str) -> list[dict[str, Any]]:
        """Give the journal's requests; of a method, or of all for an empty one."""
        return [
            entry
            for entry in self.control("GET", "/requests")
            if method in {"", entry["method"]} and part in entry["path"]
        ]
