"""One attempt to load a tap: its files, its pipe, and how that ended."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.files import write_secret_file
from bizops_cli.ids import StateKey
from bizops_cli.process.pipe import Pipe
from bizops_cli.process.tail import Tail
from bizops_cli.runlog.events import Note, PluginLine, TapStarted
from bizops_cli.singer.catalog_diff import stream_facts
from bizops_cli.singer.states import (
    bookmark_texts,
    has_bookmarks,
    text_without_streams,
)
from bizops_cli.usecases.backfill import window_config
from bizops_cli.usecases.budget import BudgetWatch, allowance_of
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.failures import pipe_failure
from bizops_cli.usecases.full_refresh import ALL_STREAMS
from bizops_cli.usecases.invoke import catalog_option
from bizops_cli.usecases.mapping import change_of, columns_read
from bizops_cli.usecases.state_keeping import StateKeeper, read_state_of
from bizops_cli.usecases.target_config import target_config
from bizops_cli.usecases.transform import built_schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from bizops_cli.process.pipe import PipeResult
    from bizops_cli.singer.api_calls import CallCounter
    from bizops_cli.singer.catalog import Applied, Catalog
    from bizops_cli.singer.counting import MessageCounter
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import RunContext
    from bizops_cli.usecases.run_plan import EltRequest
    from bizops_cli.warehouse.address import WarehouseAddress


@dataclass(slots=True)
class Attempt:
    """One attempt, from its state to its end.

    Attributes:
        tap: What is read.
        target: What writes.
        context: The run.
        address: The warehouse.
        counter: Counts what passes, over all attempts.
        calls: Takes what the tap says of itself.
        number: Which attempt, from 1.
        first_before: The state the first attempt began with.
        finished: Streams an earlier attempt has read to their end.
        calls_before: API calls of earlier attempts.
        before: The state it began with.
        after: The state it left.
        result: How tap and target ended; None if they never ran.
        error: Why it failed.
        columns: Columns that are read, by stream; empty without a catalog.
    """

    tap: ReadyPlugin
    target: ReadyPlugin
    context: RunContext
    address: WarehouseAddress
    counter: MessageCounter
    calls: CallCounter
    number: int = 1
    first_before: str | None = None
    finished: Collection[str] = ()
    calls_before: int = 0
    before: str | None = None
    after: str | None = None
    result: PipeResult | None = None
    error: Exception | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _streams: tuple[str, ...] = field(default=())

    def run(self) -> None:
        """Run tap and target; an error is kept, not raised.

        Call it from a thread that lives until it returns: the children die with it.
        """
        keeper: StateKeeper | None = None
        try:
            project, request = self.context.project, self.context.request
            key = StateKey(project.name, project.environment, self.tap.name)
            self.before = self.after = read_state_of(key, self.address.url)
            keeper = StateKeeper(
                key=key,
                url=self.address.url,
                run_id=self.context.run_id,
                stored=self.before,
                writes=request.keeps_state and not self.target.keeps_state,
            )
            budget = self._budget()
            pipe = self._pipe(keeper, budget)
            budget.stop = pipe.stop
            self.context.on_event(TapStarted(self.tap.name, self.target.name))
            self.result = self._supervise(pipe)
            self.error = budget.error or self._failure(pipe, self.result)
            keeper.close()
        except Exception as raised:  # noqa: BLE001 (other taps go on; the run raises it)
            self.error = self.error or raised
        if keeper is not None and self.context.request.keeps_state:
            self.after = keeper.kept or self.before

    @property
    def left(self) -> list[str]:
        """Return the streams that are not known to have been read to their end."""
        done = {*self.finished, *self.calls.finished}
        return [stream for stream in self._streams if stream not in done]

    def _budget(self) -> BudgetWatch:
        allowance = allowance_of(
            self.tap.settings,
            self.context,
            self.address,
            used_in_run=self.calls_before,
        )
        return BudgetWatch(allowance, self.calls)

    def _pipe(self, keeper: StateKeeper, budget: BudgetWatch) -> Pipe:
        tap, context = self.tap, self.context
        files = _Files(context.folder.secrets_directory, f"{tap.name}.{self.number}")
        config = {**tap.config(), **window_config(tap, context.request)}
        config_file = files.write("config", config)
        applied = catalog_for(
            tap,
            Looking.of(context, tap),
            config_file,
            refreshes=context.request.refreshes_catalog and self.number == 1,
        )
        target_file = files.write("target", self._target_config(keeper, files))
        arguments = ["--config", str(config_file)]
        if applied is not None:
            self._streams = applied.streams
            self.columns = {
                stream.name: tuple(columns_read(tap.settings, stream))
                for stream in stream_facts(applied.catalog)
            }
            catalog = without_streams(applied.catalog, self.finished)
            arguments += [catalog_option(tap), str(self._write_catalog(catalog))]
        start = state_to_start_from(
            self.before, context.request, applied, first=self.first_before
        )
        if start is not None:
            arguments += ["--state", str(files.write_text("state", start))]
        return Pipe(
            tap=tap.command(context.project, *arguments),
            target=self.target.command(context.project, "--config", str(target_file)),
            counter=self.counter,
            tap_tail=_tail(context, tap.name, tap.name, budget.read),
            target_tail=_tail(
                context, self.target.name, f"{tap.name}.{self.target.name}"
            ),
            on_state=keeper.take,
            cut_short_file=files.cut_short,
            change=change_of(
                tap.settings,
                context.project,
                context.request,
                applied.schemas if applied is not None else {},
            ),
        )

    def _target_config(self, keeper: StateKeeper, files: _Files) -> dict[str, object]:
        context = self.context
        return target_config(
            self.target,
            self.address,
            schema=self.tap.settings.raw_schema,
            state_id=str(keeper.key) if context.request.keeps_state else None,
            run_id=context.run_id,
            cut_short_file=files.cut_short,
            rebuilt_schemas=built_schemas(context.project),
        )

    def _write_catalog(self, catalog: Catalog) -> Path:
        number = f".{self.number}" if self.number > 1 else ""
        name = f"{self.tap.name}.catalog{number}.json"
        file = self.context.folder.directory / name
        write_secret_file(file, json.dumps(catalog).encode())
        return file

    def _supervise(self, pipe: Pipe) -> PipeResult:
        with self.context.control.holding(pipe):
            return pipe.run()

    def _failure(self, pipe: Pipe, result: PipeResult) -> Exception | None:
        failure = pipe_failure(
            result,
            self.tap,
            self.target,
            tap_tail=pipe.tap_tail,
            target_tail=pipe.target_tail,
        )
        if failure is None and result.was_stopped:
            return self.context.control.interruption()
        for tail in (pipe.tap_tail, pipe.target_tail):
            if tail.problem:
                self.context.on_event(Note(tail.problem, "warning"))
        return failure


def without_streams(catalog: Catalog, streams: Collection[str]) -> Catalog:
    """Return a catalog in which these streams are not selected."""
    if not streams:
        return catalog
    result = copy.deepcopy(catalog)
    for stream in result["streams"]:
        if stream.get("tap_stream_id", stream.get("stream")) in streams:
            for entry in stream.get("metadata") or ():
                if not entry.get("breadcrumb"):
                    entry["metadata"]["selected"] = False
    return result


@dataclass(frozen=True, slots=True)
class _Files:
    directory: Path
    head: str

    @property
    def cut_short(self) -> Path:
        return self.directory / f"{self.head}.cut-short"

    def write(self, what: str, value: object) -> Path:
        return self.write_text(what, json.dumps(value))

    def write_text(self, what: str, text: str) -> Path:
        file = self.directory / f"{self.head}.{what}.json"
        write_secret_file(file, text.encode())
        return file


def state_to_start_from(
    state: str | None,
    request: EltRequest,
    applied: Applied | None,
    *,
    first: str | None,
) -> str | None:
    """Return the state a tap is given; None for none.

    Args:
        state: As it is stored now.
        request: What is to be read anew.
        applied: The tap's catalog, if it has one.
        first: As it was stored before the first attempt; None in that one. A stream
            whose bookmark has moved since has been begun anew.

    Raises:
        ConfigError: Streams cannot be read anew one by one.
    """
    wanted = set(request.full_refresh)
    if state is None or request.is_backfill:
        return None
    if ALL_STREAMS in wanted:
        if not has_bookmarks(state):
            return None if first in {None, state} else state
        named = set(bookmark_texts(state))
    else:
        named = wanted & set(applied.streams) if applied is not None else wanted
    if first is not None:
        old, new = bookmark_texts(first), bookmark_texts(state)
        named = {stream for stream in named if old.get(stream) == new.get(stream)}
    if not named:
        return state if ALL_STREAMS not in wanted or first is not None else None
    if not has_bookmarks(state):
        raise ConfigError(
            "the tap's state does not tell its streams apart, "
            f"so that {', '.join(sorted(named))} cannot be read anew alone",
            "Read everything anew: --full-refresh '*'.",
        )
    if ALL_STREAMS in wanted and first is None:
        return None
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
