"""`benchmark`: how fast one plugin is by itself, on this machine, with these settings.

A tap is read without a target, a target is fed rows that stand ready in a file. What
the other side, or the network between them, costs is so seen apart.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import ConfigError
from bizops_cli.files import write_secret_file
from bizops_cli.process.child import Command
from bizops_cli.process.consume import Consumption
from bizops_cli.process.environment import plugin_environment
from bizops_cli.process.pipe import Pipe
from bizops_cli.process.tail import Tail
from bizops_cli.singer.counting import MessageCounter
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.failures import plugin_failure
from bizops_cli.usecases.invoke import catalog_option
from bizops_cli.usecases.session import choose_plugin, open_session, prepare_plugin
from bizops_cli.usecases.target_config import target_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.session import Session

_STREAM = "benchmark"
_PREFIX = "bizops_benchmark_"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What a plugin did, and what it took.

    Attributes:
        plugin: Which.
        rows: Records read or written.
        size_bytes: As Singer messages.
        duration_s: From its start to its end; the discovery before is not in it.
        cpu_s: Seconds of processor; None if that is not known.
        first_row_s: When a tap's first record came; None for a target.
        was_cut_short: Whether the time was up before a tap had read everything.
    """

    plugin: str
    rows: int
    size_bytes: int
    duration_s: float
    cpu_s: float | None
    first_row_s: float | None = None
    was_cut_short: bool = False

    @property
    def rows_per_s(self) -> float:
        """Return the records per second of its whole life."""
        return self.rows / self.duration_s if self.duration_s else 0.0

    @property
    def cpu_us_per_row(self) -> float | None:
        """Return millionths of a second of processor per record."""
        if self.cpu_s is None or not self.rows:
            return None
        return self.cpu_s / self.rows * 1e6


def benchmark(
    project: Project, name: str, *, seconds: float, rows: int, on_event: OnEvent
) -> Benchmark:
    """Measure a tap or the target; nothing is loaded for good, no state is kept.

    Args:
        project: The project.
        name: The plugin.
        seconds: How long a tap may read.
        rows: How many rows the target is given.
        on_event: Takes events.

    Raises:
        ConfigError: There is no such plugin, or it is not ready.
        PluginError: It failed.
    """
    settings = choose_plugin(project, name)
    with open_session(project, on_event) as session:
        plugin = prepare_plugin(project, settings)
        if settings.kind == "tap":
            return _tap(plugin, session, seconds)
        return _target(plugin, session, rows)


def _tap(tap: ReadyPlugin, session: Session, seconds: float) -> Benchmark:
    config_file = session.write_secret(f"{tap.name}.json", tap.config())
    arguments = ["--config", str(config_file)]
    applied = catalog_for(tap, Looking.of(session, tap), config_file)
    if applied is not None:
        file = session.write_secret(f"{tap.name}.catalog.json", applied.catalog)
        arguments += [catalog_option(tap), str(file)]
    counter = MessageCounter(tap.name)
    began_s = time.monotonic()
    reading = Consumption(
        tap.command(session.project, *arguments),
        Tail(session.folder.log_file(tap.name)),
        lambda block: counter.feed(block, at_s=time.monotonic() - began_s),
    )
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        reading.stop()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        with session.control.holding(reading):
            status = reading.run()
    finally:
        timer.cancel()
    if reading.was_stopped and not is_over.is_set():
        raise session.control.interruption()
    if status and not is_over.is_set():
        raise plugin_failure(tap.name, status, reading.tail, tap=tap.name)
    firsts = [s.first_s for s in counter.streams.values() if s.first_s is not None]
    return Benchmark(
        plugin=tap.name,
        rows=counter.rows,
        size_bytes=counter.size_bytes,
        duration_s=time.monotonic() - began_s,
        cpu_s=reading.cpu_s,
        first_row_s=min(firsts, default=None),
        was_cut_short=is_over.is_set(),
    )


def _target(target: ReadyPlugin, session: Session, rows: int) -> Benchmark:
    from bizops_cli.usecases.warehouse import find_warehouse
    from bizops_cli.warehouse.readings import drop_schemas
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(session.project)
    schema = f"{_PREFIX}{secrets.token_hex(4)}"
    config = target_config(
        target,
        address,
        schema=schema,
        state_id=None,
        run_id=session.folder.directory.name,
        cut_short_file=session.folder.secrets_directory / "cut-short",
    )
    if schema not in config.values():
        raise ConfigError(
            f"{target.name} cannot be told a schema of its own for this",
            f"Take the schema out of the settings of {target.name}, or measure a run: "
            "bizops runs cost.",
        )
    counter = MessageCounter(_STREAM)
    pipe = _pipe(target, session, config, rows=rows, counter=counter)
    try:
        with session.control.holding(pipe):
            result = pipe.run()
    finally:
        with connected(address.url, application_name="bizops benchmark") as connection:
            drop_schemas(connection, prefix=schema)
    if result.was_stopped:
        raise session.control.interruption()
    if result.target_status:
        raise plugin_failure(
            target.name, result.target_status, pipe.target_tail, tap=target.name
        )
    return Benchmark(
        plugin=target.name,
        rows=counter.rows,
        size_bytes=counter.size_bytes,
        duration_s=result.duration_s,
        cpu_s=result.target_cpu_s,
    )


def _pipe(
    target: ReadyPlugin,
    session: Session,
    config: Mapping[str, Any],
    *,
    rows: int,
    counter: MessageCounter,
) -> Pipe:
    """Return the pipe of messages that are made already into the target."""
    return Pipe(
        tap=_messages(session, rows),
        target=target.command(
            session.project, "--config", str(session.write_secret("t.json", config))
        ),
        counter=counter,
        tap_tail=Tail(session.folder.log_file(_STREAM)),
        target_tail=Tail(session.folder.log_file(target.name)),
        on_state=lambda line: None,  # noqa: ARG005
    )


def _messages(session: Session, rows: int) -> Command:
    """Write the messages into a file and return what copies it to its stdout."""
    file = session.folder.secrets_directory / "messages.jsonl"
    write_secret_file(file, _message_text(rows).encode())
    return Command(
        name=_STREAM,
        arguments=(_cat(), str(file)),
        directory=session.project.directory,
        variables=plugin_environment({}),
    )


def _cat() -> str:
    found = shutil.which("cat")
    if found is None:
        raise ConfigError("there is no command `cat` on this machine")
    return found


def _message_text(rows: int) -> str:
    """Return a stream such as a CRM has: a key, texts, an amount, days, null values."""
    text = {"type": ["string", "null"]}
    schema = {
        "type": "SCHEMA",
        "stream": _STREAM,
        "key_properties": ["Id"],
        "schema": {
            "properties": {
                "Id": {"type": "string"},
                "Name": text,
                "Stage": text,
                "Amount": {"type": ["number", "null"]},
                "IsClosed": {"type": ["boolean", "null"]},
                "CloseDate": {**text, "format": "date"},
                "ChangedAt": {**text, "format": "date-time"},
                "Note": text,
            }
        },
    }
    lines = [json.dumps(schema)]
    lines += (json.dumps(_record(number)) for number in range(rows))
    return "\n".join([*lines, ""])


def _record(number: int) -> dict[str, object]:
    day = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
    row = {
        "Id": f"{number:018}",
        "Name": f"Opportunity {number} of a customer",
        "Stage": ("Discovery", "Proposal", "Closed Won")[number % 3],
        "Amount": number % 5000 * 12.5,
        "IsClosed": number % 3 == 2,
        "CloseDate": day,
        "ChangedAt": f"{day}T12:00:00Z",
        "Note": None,
    }
    return {"type": "RECORD", "stream": _STREAM, "record": row}
