"""Run the target on lines and look at what the database holds afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from target_postgres.engine import Engine
from target_postgres.errors import TargetError
from target_postgres.lines import Lines
from target_postgres.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

Line = dict[str, Any] | str | bytes


@dataclass
class Outcome:
    """What a run ended with."""

    status: int
    states: list[str]
    message: str = ""

    @property
    def state(self) -> Any:
        return json.loads(self.states[-1]) if self.states else None


@dataclass
class Database:
    """A fresh database, the target's settings for it, and questions to it."""

    url: str
    directory: Path
    config: dict[str, Any] = field(default_factory=dict)

    def load(self, lines: Sequence[Line], **settings: Any) -> Outcome:
        """Run the engine in this process."""
        encoded = [as_bytes(line) for line in lines]
        return self._load([Lines.of(1, encoded)], **settings)

    def load_slowly(self, lines: Iterable[Line], **settings: Any) -> Outcome:
        """Run the engine in this process on lines that are made one by one."""
        chunks = (Lines.of(n, [as_bytes(line)]) for n, line in enumerate(lines, 1))
        return self._load(chunks, **settings)

    def _load(self, chunks: Iterable[Lines], **settings: Any) -> Outcome:
        states: list[str] = []
        try:
            read = read_settings({**self.config, **settings})
            engine = Engine(read, emit_state=states.append)
            engine.run(chunks)
        except TargetError as error:
            return Outcome(error.status, states, str(error))
        return Outcome(0, states)

    def start(
        self,
        *,
        environment: dict[str, str] | None = None,
        before_start: Callable[[], None] | None = None,
        **settings: Any,
    ) -> subprocess.Popen[bytes]:
        """Start the real command."""
        path = self.directory / f"config-{uuid.uuid4().hex}.json"
        path.write_text(json.dumps({**self.config, **settings}))
        return subprocess.Popen(
            [sys.executable, "-m", "target_postgres", "--config", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            preexec_fn=before_start,  # noqa: PLW1509 - no threads in these tests
        )

    def run(
        self,
        lines: Sequence[Line],
        *,
        environment: dict[str, str] | None = None,
        **settings: Any,
    ) -> Outcome:
        """Run the real command on lines."""
        process = self.start(environment=environment, **settings)
        content = b"".join(as_bytes(line) + b"\n" for line in lines)
        try:
            out, err = process.communicate(content, timeout=60)
        finally:
            process.kill()
        # By line feeds alone: a text may hold Unicode's other line ends.
        states = [line for line in out.decode().split("\n") if line]
        return Outcome(process.returncode, states, err.decode())

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("set timezone to 'UTC'")
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Read columns as text, in the order of the text."""
        names = sql.SQL(", ").join(
            sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns
        )
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("set timezone to 'UTC'")
                cursor.execute(
                    sql.SQL("select {} from {} order by {}").format(
                        names,
                        sql.Identifier("raw", table),
                        sql.SQL(", ").join(
                            sql.SQL("{} nulls first").format(sql.Literal(i + 1))
                            for i in range(len(columns))
                        ),
                    )
                )
                return cursor.fetchall()
        finally:
            connection.close()

    def types(self, table: str) -> dict[str, str]:
        """Read the type of each column."""
        return dict(
            self.execute(
                "select a.attname, format_type(a.atttypid, a.atttypmod)"
                " from pg_attribute a join pg_class c on c.oid = a.attrelid"
                " join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname = 'raw' and c.relname = %s"
                " and a.attnum > 0 and not a.attisdropped",
                table,
            )
        )

    def count(self, table: str) -> int:
        return int(self.execute(f'select count(*) from raw."{table}"')[0][0])


def as_bytes(line: Line) -> bytes:
    """Encode a line: a message, a text, or bytes as they are."""
    if isinstance(line, bytes):
        return line
    text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
    return text.encode()


def schema(
    stream: str = "s", keys: Sequence[str] | None = ("id",), **properties: Any
) -> dict[str, Any]:
    """Make a SCHEMA message; a property given as a text is of that type."""
    message: dict[str, Any] = {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {
            "type": "object",
            "properties": {
                name: {"type": ["null", given]} if isinstance(given, str) else given
                for name, given in properties.items()
            },
        },
    }
    if keys is not None:
        message["key_properties"] = list(keys)
    return message


def record(stream: str = "s", /, **values: Any) -> dict[str, Any]:
    """Make a RECORD message."""
    return {"type": "RECORD", "stream": stream, "record": values}


def raw_record(json_text: str, stream: str = "s") -> str:
    """Make a RECORD message around JSON text as it is."""
    return f'{{"type": "RECORD", "stream": "{stream}", "record": {json_text}}}'


def state(value: Any) -> dict[str, Any]:
    """Make a STATE message."""
    return {"type": "STATE", "value": value}


def run_command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the real command without input."""
    return subprocess.run(
        [sys.executable, "-m", "target_postgres", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


ROLE_PASSWORD = "role-password"


def url_of(url: str, role: str) -> str:
    """Give the URL for a role that was made with ROLE_PASSWORD."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{ROLE_PASSWORD}@{place}"))
