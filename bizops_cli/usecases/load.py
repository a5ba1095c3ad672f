"""Loading one tap: state, catalog, files, pipe, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError, InterruptedRunError
from bizops_cli.files import write_secret_file
from bizops_cli.ids import StateKey
from bizops_cli.model import StreamRun, TapRun
from bizops_cli.process.pipe import Pipe
from bizops_cli.process.tail import Tail
from bizops_cli.runlog.events import Note, PluginLine, TapEnded, TapStarted
from bizops_cli.singer.api_calls import CallCounter
from bizops_cli.singer.states import (
    bookmark_texts,
    has_bookmarks,
    text_without_streams,
)
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.failures import in_one_line, pipe_failure
from bizops_cli.usecases.full_refresh import ALL_STREAMS
from bizops_cli.usecases.invoke import catalog_option
from bizops_cli.usecases.mapping import mapping_of
from bizops_cli.usecases.state_keeping import StateKeeper, read_state_of
from bizops_cli.usecases.target_config import target_config
from bizops_cli.usecases.transform import built_schemas

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bizops_cli.model import RunStatus
    from bizops_cli.process.child import Command
    from bizops_cli.process.pipe import PipeResult
    from bizops_cli.singer.catalog import Applied
    from bizops_cli.singer.counting import MessageCounter
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import RunContext
    from bizops_cli.warehouse.address import WarehouseAddress


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one tap."""

    run: TapRun
    streams: tuple[StreamRun, ...]
    error: Exception | None


def load_tap(
    tap: ReadyPlugin,
    target: ReadyPlugin,
    context: RunContext,
    address: WarehouseAddress,
    counter: MessageCounter,
) -> Load:
    """Run one tap into the target; errors come back in the result.

    Call it from a thread that lives until it returns: the children die with it.
    """
    before: str | None = None
    keeper: StateKeeper | None = None
    result: PipeResult | None = None
    error: Exception | None = None
    calls = CallCounter()
    try:
        key = StateKey(context.project.name, context.project.environment, tap.name)
        before = read_state_of(key, address.url)
        keeper = StateKeeper(
            key=key,
            url=address.url,
            run_id=context.run_id,
            stored=before,
            writes=context.request.updates_state and not target.keeps_state,
        )
        pipe = _pipe(tap, target, context, address, counter, calls, before, keeper)
        context.on_event(TapStarted(tap.name, target.name))
        result = _run(pipe, context)
        error = _failure(result, pipe, tap, target, context)
        keeper.close()
    except Exception as raised:  # noqa: BLE001 (other taps go on; the run raises it)
        error = error or raised
    after = before
    if keeper is not None and context.request.updates_state:
        after = keeper.kept or before
    load = Load(
        run=_tap_run(tap, target, counter, result, error, calls.calls),
        streams=_stream_runs(tap, counter, before, after),
        error=error,
    )
    context.on_event(TapEnded(load.run))
    return load


def _pipe(
    tap: ReadyPlugin,
    target: ReadyPlugin,
    context: RunContext,
    address: WarehouseAddress,
    counter: MessageCounter,
    calls: CallCounter,
    state: str | None,
    keeper: StateKeeper,
) -> Pipe:
    files = _Files(context.folder.secrets_directory, tap.name)
    config_file = files.write("config", tap.config())
    applied = catalog_for(
        tap,
        Looking.of(context, tap),
        config_file,
        refreshes=context.request.refreshes_catalog,
    )
    target_file = files.write(
        "target",
        target_config(
            target,
            address,
            schema=tap.settings.raw_schema,
            state_id=str(keeper.key) if context.request.updates_state else None,
            run_id=context.run_id,
            cut_short_file=files.cut_short,
            rebuilt_schemas=built_schemas(context.project),
        ),
    )
    arguments = ["--config", str(config_file)]
    if applied is not None:
        arguments += [catalog_option(tap), str(_write_catalog(applied, context, tap))]
    start = _state_to_start_from(state, context, applied)
    if start is not None:
        arguments += ["--state", str(files.write_text("state", start))]
    return Pipe(
        tap=tap.command(context.project, *arguments),
        target=_target_command(target, context, target_file),
        counter=counter,
        tap_tail=_tail(context, tap.name, tap.name, calls.read),
        target_tail=_tail(context, target.name, f"{tap.name}.{target.name}"),
        on_state=keeper.take,
        cut_short_file=files.cut_short,
        change=mapping_of(tap.settings, context.project),
    )


def _target_command(
    target: ReadyPlugin, context: RunContext, config_file: Path
) -> Command:
    return target.command(context.project, "--config", str(config_file))


@dataclass(frozen=True, slots=True)
class _Files:
    directory: Path
    tap: str

    @property
    def cut_short(self) -> Path:
        return self.directory / f"{self.tap}.cut-short"

    def write(self, what: str, value: object) -> Path:
        return self.write_text(what, json.dumps(value))

    def write_text(self, what: str, text: str) -> Path:
        file = self.directory / f"{self.tap}.{what}.json"
        write_secret_file(file, text.encode())
        return file


def _write_catalog(applied: Applied, context: RunContext, tap: ReadyPlugin) -> Path:
    file = context.folder.directory / f"{tap.name}.catalog.json"
    write_secret_file(file, json.dumps(applied.catalog).encode())
    return file


def _state_to_start_from(
    state: str | None, context: RunContext, applied: Applied | None
) -> str | None:
    wanted = context.request.full_refresh
    if state is None or ALL_STREAMS in wanted:
        return None
    named = set(wanted)
    if applied is not None:
        named &= set(applied.streams)
    if not named:
        return state
    if not has_bookmarks(state):
        raise ConfigError(
            "the tap's state does not tell its streams apart, "
            f"so that {', '.join(sorted(named))} cannot be read anew alone",
            "Read everything anew: --full-refresh '*'.",
        )
    return text_without_streams(state, named)


def _tail(
    context: RunContext,
    plugin: str,
    log: str,
    read: Callable[[str], None] | None = None,
) -> Tail:
    def on_line(line: str) -> None:
        if read is not None:
            read(line)
        context.on_event(PluginLine(plugin, line))

    return Tail(context.folder.log_file(log), on_line)


def _run(pipe: Pipe, context: RunContext) -> PipeResult:
    context.control.enter(pipe)
    try:
        return pipe.run()
    finally:
        context.control.leave(pipe)


def _failure(
    result: PipeResult,
    pipe: Pipe,
    tap: ReadyPlugin,
    target: ReadyPlugin,
    context: RunContext,
) -> Exception | None:
    failure = pipe_failure(
        result, tap, target, tap_tail=pipe.tap_tail, target_tail=pipe.target_tail
    )
    if failure is None and result.was_stopped:
        return context.control.interruption()
    for tail in (pipe.tap_tail, pipe.target_tail):
        if tail.problem:
            context.on_event(Note(tail.problem, "warning"))
    return failure


def _tap_run(
    tap: ReadyPlugin,
    target: ReadyPlugin,
    counter: MessageCounter,
    result: PipeResult | None,
    error: Exception | None,
    api_calls: int | None,
) -> TapRun:
    status: RunStatus = "succeeded"
    if error is not None:
        was_stopped = isinstance(error, InterruptedRunError)
        status = "interrupted" if was_stopped else "failed"
    return TapRun(
        tap=tap.name,
        target=target.name,
        status=status,
        rows=counter.rows,
        size_bytes=counter.size_bytes,
        states=counter.states,
        duration_s=round(result.duration_s, 3) if result else 0.0,
        tap_exit_status=result.tap_status if result else None,
        target_exit_status=result.target_status if result else None,
        message=in_one_line(error),
        api_calls=api_calls,
    )


def _stream_runs(
    tap: ReadyPlugin, counter: MessageCounter, before: str | None, after: str | None
) -> tuple[StreamRun, ...]:
    marks_before, marks_after = bookmark_texts(before), bookmark_texts(after)
    return tuple(
        StreamRun(
            tap=tap.name,
            stream=stream,
            rows=count.rows,
            size_bytes=count.size_bytes,
            duration_s=round(count.duration_s, 3),
            bookmark_before=marks_before.get(stream),
            bookmark_after=marks_after.get(stream),
        )
        for stream, count in counter.streams.items()
    )
