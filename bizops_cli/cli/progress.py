"""A run's events on the terminal: plain lines, or JSON lines. The live one is apart."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bizops_cli.cli.output import note, plain
from bizops_cli.runlog.event_schema import event_name
from bizops_cli.runlog.events import (
    ModelEnded,
    ModelsStarted,
    Note,
    PluginLine,
    RunEnded,
    RunStarted,
    TapEnded,
    TapProgress,
    TapStarted,
)

if TYPE_CHECKING:
    from bizops_cli.cli.options import CommonOptions
    from bizops_cli.runlog.events import Event, OnEvent

_INTERVAL_S = 10.0
BAD_MODEL = frozenset({"error", "fail", "runtime error"})


def choose_display(common: CommonOptions) -> OnEvent:
    """Return what shows events: JSON lines, a live display, or plain lines."""
    if common.log_level == "error":
        return show_nothing
    if common.log_format == "json":
        return JsonDisplay(level=common.log_level)
    if sys.stderr.isatty() and common.log_level != "debug":
        from bizops_cli.cli.live import LiveDisplay

        return LiveDisplay()
    return PlainDisplay(level=common.log_level)


def choose_lines(common: CommonOptions) -> OnEvent:
    """Return what shows events of a command that is no run: lines, never a display."""
    if common.log_level == "error":
        return show_nothing
    if common.log_format == "json":
        return JsonDisplay(level=common.log_level)
    return PlainDisplay(level=common.log_level)


def show_nothing(event: Event) -> None:
    """Show no event."""
    del event


@dataclass(frozen=True, slots=True)
class JsonDisplay:
    """Prints events as JSON objects, one a line; plugins' lines at level debug."""

    level: str = "info"

    def __call__(self, event: Event) -> None:
        """Print an event."""
        is_warning = isinstance(event, Note) and event.level == "warning"
        is_line = isinstance(event, PluginLine)
        if (
            self.level == "debug"
            or is_warning
            or (self.level == "info" and not is_line)
        ):
            show_as_json(event)


def show_as_json(event: Event) -> None:
    """Print an event as one JSON object on one line."""
    value = {
        "at": datetime.now(UTC).isoformat(),
        "event": event_name(type(event)),
        **dataclasses.asdict(event),
    }
    note(json.dumps(value, default=plain))


@dataclass(slots=True)
class PlainDisplay:
    """Prints lines, the same one about progress at most every ten seconds."""

    level: str = "info"
    _shown_s: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Print an event, if it is worth a line."""
        line = self._line(event)
        is_warning = isinstance(event, Note) and event.level == "warning"
        if line and (self.level in {"debug", "info"} or is_warning):
            note(line)

    def _line(self, event: Event) -> str:
        if isinstance(event, TapProgress | ModelEnded):
            return self._progress(event)
        return describe(event, with_plugin_lines=self.level == "debug")

    def _progress(self, event: TapProgress | ModelEnded) -> str:
        if isinstance(event, ModelEnded) and event.status in BAD_MODEL:
            return f"{event.resource_type} {event.name}: {event.status}"
        subject = event.tap if isinstance(event, TapProgress) else "models"
        now_s = time.monotonic()
        if now_s - self._shown_s.setdefault(subject, now_s) < _INTERVAL_S:
            return ""
        self._shown_s[subject] = now_s
        if isinstance(event, ModelEnded):
            total = f" of {event.total}" if event.total else ""
            return f"models: {event.finished}{total} done"
        return (
            f"{event.tap}: {event.rows:,} rows ({event.rows_per_s:,.0f}/s), "
            f"at {event.stream}"
        )


def describe(event: Event, *, with_plugin_lines: bool = False) -> str:
    """Return an event as a line of text; empty when it is none of the slow ones."""
    line = ""
    match event:
        case RunStarted():
            line = f"run {event.run_id}: job {event.job}, "
            line += f"environment {event.environment}"
        case Note():
            line = event.message if event.level == "info" else ""
            line = line or f"{event.level}: {event.message}"
        case TapStarted():
            line = f"{event.tap}: loading by {event.target}"
        case TapEnded():
            run = event.result
            line = f"{run.tap}: {run.status}, {run.rows:,} rows "
            line += f"in {run.duration_s:.1f} s"
        case ModelsStarted():
            line = "building the models"
            if event.sources:
                line += f" that {', '.join(event.sources)} feed"
        case PluginLine() if with_plugin_lines:
            line = f"{event.plugin} | {event.line}"
        case RunEnded():
            line = f"run {event.record.run_id}: {event.record.status}"
    return line
