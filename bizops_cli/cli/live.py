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

from bizops_cli.cli.progress import describe
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


class LiveDisplay:
    """Shows a run on a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="·"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[facts]}"),
            TimeElapsedColumn(),
            console=console or Console(stderr=True, highlight=False),
        )
        self._tasks: dict[str, TaskID] = {}

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
                self._task(_MODELS)
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
        self._progress.update(
            self._task(_MODELS),
            total=event.total,
            completed=event.finished,
            facts=f"{event.finished} done, {event.name}",
        )

    def _end(self) -> None:
        if _MODELS in self._tasks:
            task = self._tasks[_MODELS]
            done = self._progress.tasks[task].completed
            self._progress.update(task, total=done or 1, facts=f"{done:.0f} done")
        self._progress.stop()
