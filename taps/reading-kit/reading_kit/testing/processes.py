"""Programs as processes: a tap that runs to its end, a server that says it is ready."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BIN = Path(sys.executable).parent
_LONGEST_RUN_S = 120


def find_program(name: str) -> str:
    """Give the path of a console script beside this Python, or else on the path.

    Raises:
        LookupError: it is not installed.
    """
    program = shutil.which(name, path=f"{_BIN}:{os.environ.get('PATH', '')}")
    if program is None:
        raise LookupError(f"{name} is not installed beside this Python")
    return program


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tap process left behind: exit status, lines of stdout, text of stderr."""

    status: int
    lines: list[str]
    log: str

    @classmethod
    def of(cls, status: int, output: str, log: str) -> Outcome:
        """Take the output apart."""
        return cls(status, output.splitlines(), log)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Give the messages, numbers exact."""
        return [json.loads(line, parse_float=Decimal) for line in self.lines]

    def schema(self, stream: str) -> dict[str, Any]:
        """Give the last schema of a stream."""
        return next(
            message["schema"]
            for message in reversed(self.messages)
            if message["type"] == "SCHEMA" and message["stream"] == stream
        )

    def records(self, stream: str | None = None) -> list[dict[str, Any]]:
        """Give the records of a stream, or of all."""
        return [
            message["record"]
            for message in self.messages
            if message["type"] == "RECORD" and stream in {None, message["stream"]}
        ]

    def table(self, stream: str, *key: str) -> dict[Any, dict[str, Any]]:
        """Give the rows by their key, ``Id`` if none is given.

        The last row of a key wins, as in a target. A key of one column stands as its
        value, one of several as their tuple.
        """
        names = key or ("Id",)
        return {
            record[names[0]]
            if len(names) == 1
            else tuple(record[name] for name in names): record
            for record in self.records(stream)
        }

    @property
    def states(self) -> list[dict[str, Any]]:
        """Give all states."""
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    @property
    def state(self) -> dict[str, Any]:
        """Give the last state."""
        return self.states[-1]

    @property
    def call_metrics(self) -> list[dict[str, Any]]:
        """Give the metrics of API calls in the log."""
        found = re.findall(r"METRIC: (\{.*\})", self.log)
        points = [json.loads(text) for text in found]
        return [p for p in points if p["metric"] == "http_request_count"]

    @property
    def calls_told(self) -> int:
        """Give the sum of API calls that the log tells at the end."""
        return int(re.findall(r"API calls: (\d+) by this run", self.log)[-1])

    def bookmark(self, stream: str) -> str:
        """Give the bookmark of a stream in the last state."""
        value: str = self.state["bookmarks"][stream]["replication_key_value"]
        return value


def run_program(arguments: Sequence[str], **options: Any) -> Outcome:  # noqa: ANN401
    """Run a program to its end; options are those of ``subprocess.run``."""
    program = find_program(arguments[0])
    done = subprocess.run(
        [program, *arguments[1:]],
        capture_output=True,
        text=True,
        check=False,
        **{"timeout": _LONGEST_RUN_S, **options},
    )
    return Outcome.of(done.returncode, done.stdout, done.stderr)


@contextmanager
def serving(arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run a server that prints a ready line of JSON, and stop it afterwards."""
    program = find_program(arguments[0])
    with subprocess.Popen(
        [program, *arguments[1:]], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield json.loads(line)
        finally:
            process.terminate()
            process.wait(timeout=30)
