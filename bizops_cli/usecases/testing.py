"""`test`: does each tap reach its source and read; does the warehouse answer?"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, UnreachableError
from bizops_cli.files import write_secret_file
from bizops_cli.process.capture import Capture
from bizops_cli.process.tail import Tail
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.failures import plugin_failure
from bizops_cli.usecases.invoke import catalog_option
from bizops_cli.usecases.session import choose_tap, open_session, prepare_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.session import Session


# Taps of the Singer SDK know `--test`; what they say of themselves does not tell so.
_TESTABLE = frozenset({"test", "stream-maps"})


@dataclass(frozen=True, slots=True)
class PluginTest:
    """What came of testing one thing.

    Attributes:
        subject: A tap, or `warehouse`.
        is_well: Whether all went well.
        message: What was seen.
        duration_s: How long it took.
        error: Why not.
    """

    subject: str
    is_well: bool
    message: str
    duration_s: float
    error: BizopsError | None = None


def try_plugins(
    project: Project,
    names: Sequence[str],
    *,
    timeout_s: float,
    on_event: OnEvent,
    on_result: Callable[[PluginTest], None],
) -> list[PluginTest]:
    """Test taps, and the warehouse when no tap is named; loads and keeps nothing.

    Args:
        project: The project.
        names: Taps; none means all of them, and the warehouse.
        timeout_s: The longest a tap may take, apart from its discovery.
        on_event: Takes events.
        on_result: Called with each result as it comes.

    Raises:
        ConfigError: There is no such tap.
    """
    taps = [choose_tap(project, name) for name in names or project.taps]
    results: list[PluginTest] = []

    def judge(subject: str, look: Callable[[], str]) -> None:
        began_s = time.monotonic()
        error: BizopsError | None = None
        message = ""
        try:
            message = look()
        except BizopsError as raised:
            error, message = raised, str(raised)
        duration_s = round(time.monotonic() - began_s, 3)
        results.append(PluginTest(subject, error is None, message, duration_s, error))
        on_result(results[-1])

    if not names:
        judge("warehouse", lambda: _warehouse(project))
    with open_session(project, on_event) as session:
        for settings in taps:
            judge(
                settings.name,
                lambda settings=settings: _tap(  # type: ignore[misc]
                    prepare_plugin(project, settings), session, timeout_s
                ),
            )
    return results


def _warehouse(project: Project) -> str:
    from bizops_cli.usecases.warehouse import find_warehouse
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops test") as connection:
        version = connection.server_version // 10_000
    return f"PostgreSQL {version} answers"


def _tap(tap: ReadyPlugin, session: Session, timeout_s: float) -> str:
    config_file = session.write_secret(f"{tap.name}.json", tap.config())
    arguments = ["--config", str(config_file)]
    applied = catalog_for(tap, Looking.of(session, tap), config_file, refreshes=True)
    if applied is None:
        return "starts; it does not say what it has"
    message = f"{len(applied.streams)} streams are selected"
    if not _TESTABLE & tap.about.capabilities:
        return message
    file = session.folder.secrets_directory / f"{tap.name}.catalog.json"
    write_secret_file(file, json.dumps(applied.catalog).encode())
    arguments += [catalog_option(tap), str(file), "--test"]
    _read_a_little(tap, session, arguments, timeout_s)
    return f"{message}, each can be read"


def _read_a_little(
    tap: ReadyPlugin, session: Session, arguments: Sequence[str], timeout_s: float
) -> None:
    tail = Tail(session.folder.log_file(tap.name))
    capture = Capture(tap.command(session.project, *arguments), tail, timeout_s)
    with session.control.holding(capture):
        status, _ = capture.run()
    if capture.was_stopped:
        raise session.control.interruption()
    if capture.has_timed_out:
        raise UnreachableError(
            f"{tap.name} --test took longer than {timeout_s:.0f} s",
            f"Look at {tail.file}, or give more --timeout.",
        )
    if status:
        raise plugin_failure(f"{tap.name} --test", status, tail, tap=tap.name)
