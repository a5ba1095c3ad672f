"""What happens in a run, as values: shown, logged, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.model import RunRecord, TapRun


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has begun."""

    run_id: str
    job: str
    environment: str
    taps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know; `level` is info or warning."""

    message: str
    level: str = "info"


@dataclass(frozen=True, slots=True)
class TapStarted:
    """A tap and its target have been started."""

    tap: str
    target: str


@dataclass(frozen=True, slots=True)
class TapProgress:
    """How far a tap is; rows per stream so far."""

    tap: str
    stream: str
    rows: int
    size_bytes: int
    rows_per_s: float


@dataclass(frozen=True, slots=True)
class PluginLine:
    """A line a plugin wrote to its log, redacted."""

    plugin: str
    line: str


@dataclass(frozen=True, slots=True)
class TapEnded:
    """A tap and its target have ended."""

    result: TapRun


@dataclass(frozen=True, slots=True)
class ModelsStarted:
    """The transform has begun: of what some sources feed; of all, if none is named."""

    command: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelEnded:
    """A node of dbt has ended; `total` is None while it is not known."""

    name: str
    resource_type: str
    status: str
    finished: int
    total: int | None
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run has ended, well or not."""

    record: RunRecord


Event = (
    RunStarted
    | Note
    | TapStarted
    | TapProgress
    | PluginLine
    | TapEnded
    | ModelsStarted
    | ModelEnded
    | RunEnded
)

if TYPE_CHECKING:
    OnEvent = Callable[[Event], None]
