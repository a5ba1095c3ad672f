"""The live display: a row per tap, a bar for the models. Imports rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column

from bizops_cli.cli.progress import BAD_MODEL, describe
from bizops_cli.redact import redact
from bizops_cli.runlog.events import (
    ModelEnded,
    ModelsStarted,
    Note,
    RunEnded,
    RunStarted,
    TapEnded,
    TapProgress,
    TapStarted,
)

if TYPE_CHECKING:
    from bizops_cli.runlog.events import Event

_MODELS = "models"
_BAR_WIDTHS = ((100, 24), (70, 12), (0, 4))


def _bar_width(width: int) -> int:
    return next(bar for least, bar in _BAR_WIDTHS if width >= least)


class LiveDisplay:
    """Shows a run on a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(stderr=True, highlight=False)
        # Everything has its place from the start; only facts give way to the width.
        self._progress = Progress(
            SpinnerColumn(finished_text="·"),
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=_bar_width(console.width)),
            TextColumn(
                "{task.fields[facts]}",
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            TimeElapsedColumn(),
            console=console,
            expand=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._bad_models = 0

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case RunStarted():
                self._say(describe(event))
                self._progress.start()
            case Note():
                self._say(describe(event))
            case TapStarted():
                self._task(event.tap)
            case TapProgress():
                facts = (
                    f"{event.rows:,} rows, {event.rows_per_s:,.0f}/s, {event.stream}"
                )
                self._update(event.tap, facts)
            case TapEnded():
                run = event.result
                self._update(run.tap, f"{run.rows:,} rows, {run.status}", ended=True)
            case ModelsStarted():
                self._update(_MODELS, "reading the models")
                if event.sources:
                    self._say(describe(event))
            case ModelEnded():
                self._model(event)
            case RunEnded():
                self._end()

    def _say(self, text: str) -> None:
        self._progress.console.print(redact(text), markup=False)

    def _task(self, name: str) -> TaskID:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(
                redact(name), total=None, facts=""
            )
        return self._tasks[name]

    def _update(self, name: str, facts: str, *, ended: bool = False) -> None:
        task = self._task(name)
        self._progress.update(task, facts=redact(facts))
        if ended:
            self._progress.update(task, total=1, completed=1)

    def _model(self, event: ModelEnded) -> None:
        self._bad_models += event.status in BAD_MODEL
        total = f" of {event.total}" if event.total else ""
        self._progress.update(
            self._task(_MODELS),
            total=event.total,
            completed=event.finished,
            facts=f"{event.finished}{total}{self._failed()}, {event.name}",
        )

    def _failed(self) -> str:
        return f", {self._bad_models} failed" if self._bad_models else ""

    def _end(self) -> None:
        if _MODELS in self._tasks:
            task = self._tasks[_MODELS]
            done = self._progress.tasks[task].completed
            facts = f"{done:.0f} done{self._failed()}"
            self._progress.update(task, total=done or 1, facts=facts)
        self._progress.stop()
