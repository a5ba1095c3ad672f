"""A toy project in a folder of its own: scripted taps, scripted or real targets."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCRIPTS = Path(__file__).parent / "scripted"
COMMANDS = Path(sys.executable).parent
KEPT_VARIABLES = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(slots=True)
class Toy:
    """A project folder and the variables its commands see."""

    directory: Path
    database_url: str | None
    document: dict[str, Any]
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def kept_file(self) -> Path:
        """Give the file in which the scripted target keeps what it reads."""
        return self.directory / "kept.jsonl"

    def write(self, document: Mapping[str, Any] | None = None) -> None:
        """Write bizops.yml."""
        text = yaml.safe_dump(dict(document or self.document), sort_keys=False)
        (self.directory / "bizops.yml").write_text(text)

    def tap(self, name: str = "tap-toy", **config: object) -> None:
        """Set the config of a tap and write the file."""
        tap = self.document["taps"].setdefault(name, {"executable": f"./bin/{name}"})
        tap["config"] = {"rows": 500, **config}
        script(self.directory / "bin" / name, "tap_toy.py")
        self.document["jobs"]["default"]["taps"] = list(self.document["taps"])
        self.write()

    def scripted_target(self, **config: object) -> None:
        """Use the scripted target."""
        script(self.directory / "bin" / "target-toy", "target_toy.py")
        self.document["target"] = {
            "name": "target-toy",
            "executable": "./bin/target-toy",
            "config": {"file": str(self.kept_file), **config},
        }
        self.write()

    def environ(self) -> dict[str, str]:
        """Give all variables of a command: nothing of the developer's."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return {**kept, "HOME": str(self.directory / "home"), **self.variables}

    def run(
        self, *words: str, timeout_s: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run `bizops` to its end."""
        return subprocess.run(
            [COMMANDS / "bizops", *words],
            cwd=self.directory,
            env=self.environ(),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `bizops` and leave it running."""
        return subprocess.Popen(
            [COMMANDS / "bizops", *words],
            cwd=self.directory,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        connection = psycopg2.connect(self.database_url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def execute(self, sql: str) -> None:
        """Change something in the warehouse."""
        connection = psycopg2.connect(self.database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
        finally:
            connection.close()

    def kept_lines(self) -> list[dict[str, Any]]:
        """Give what the scripted target has kept, its configuration left out."""
        lines = map(json.loads, self.kept_file.read_text().splitlines())
        return [line for line in lines if "type" in line]

    def runs(self) -> list[dict[str, Any]]:
        """Give the records of all runs, the latest first."""
        files = self.directory.glob(".bizops/runs/*/run.json")
        records = [json.loads(file.read_text()) for file in files]
        return sorted(records, key=lambda record: record["started_at"], reverse=True)


def script(file: Path, source: str) -> None:
    """Put a script of tests/scripted there as a command."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!{sys.executable}\n{(SCRIPTS / source).read_text()}")
    file.chmod(0o755)


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 60) -> None:
    """Wait for something another process does."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def toy_project(directory: Path, database_url: str | None) -> Toy:
    """Make a project with a scripted tap and the real target."""
    directory.mkdir(parents=True, exist_ok=True)
    toy = Toy(
        directory=directory,
        database_url=database_url,
        document={
            "version": 1,
            "project": "toy",
            "taps": {},
            "target": {
                "name": "target-postgres",
                "executable": shutil.which("target-postgres", path=str(COMMANDS)),
            },
            "jobs": {"default": {"taps": [], "transform": "none"}},
        },
    )
    _keep_answer_of_target(directory)
    if database_url is not None:
        toy.document["warehouse"] = {"type": "postgres", "url": "${TOY_URL}"}
        toy.variables["TOY_URL"] = database_url
    toy.tap()
    return toy


def _keep_answer_of_target(directory: Path) -> None:
    """Have bizops know what the real target says about itself: it is asked once here.

    Each new project would ask anew, half a second of processor time for each test.
    """
    facts = (COMMANDS / "target-postgres").stat()
    place = directory / ".bizops" / "plugins" / "target-postgres"
    place.mkdir(parents=True, exist_ok=True)
    name = f"about-{facts.st_mtime_ns:x}-{facts.st_size:x}.json"
    (place / name).write_bytes(_answer_of_target())


@functools.cache
def _answer_of_target() -> bytes:
    command = [COMMANDS / "target-postgres", "--about", "--format=json"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture
def toy(tmp_path: Path, fresh_database: str) -> Toy:
    """Give a project on a fresh database."""
    return toy_project(tmp_path / "project", fresh_database)


@pytest.fixture
def folder(tmp_path: Path) -> Toy:
    """Give a project without a database, for what needs none."""
    return toy_project(tmp_path / "project", None)


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[..., None]:
    return wait_until
