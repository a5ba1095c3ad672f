"""A folder of files, and the tap as a process that reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from reading_kit.testing.processes import run_program

if TYPE_CHECKING:
    from pathlib import Path

    from reading_kit.testing.processes import Outcome


@dataclass
class Folder:
    """A folder ``inputs``, and what runs of the tap need beside it."""

    root: Path

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.inputs / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return path

    def config(self, **changes: Any) -> str:
        return self._json("config", {"files": [str(self.inputs)], **changes})

    def run(
        self,
        *arguments: str,
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Outcome:
        command = ["tap-csv", "--config", self.config(**changes), *arguments]
        for name, value in (("state", state), ("catalog", catalog)):
            if value is not None:
                command += [f"--{name}", self._json(name, value)]
        return run_program(command, cwd=self.root)

    def discover(self, **changes: Any) -> dict[str, dict[str, Any]]:
        """Give the catalog's entries by stream."""
        outcome = self.run("--discover", **changes)
        assert outcome.status == 0, outcome.log
        catalog = json.loads("\n".join(outcome.lines))
        return {entry["stream"]: entry for entry in catalog["streams"]}

    def _json(self, name: str, value: Any) -> str:
        path = self.root / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "inputs").mkdir()
    return Folder(tmp_path)
