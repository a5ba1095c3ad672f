"""The values bizops works on: the project as read, and what a run brought."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from bizops_cli.redact import Secret

KeyPath = tuple[str | int, ...]
"""Where a value stands, e.g. `("taps", "tap-salesforce", "select", 0)`."""

TransformCommand = Literal["build", "run", "none"]
BuildScope = Literal["loaded", "all"]
RunStatus = Literal["running", "succeeded", "failed", "interrupted", "killed"]
PluginKind = Literal["tap", "target"]


def file_label(file: Path) -> str:
    """Return what messages call a file: bizops.yml by name, others by relative path."""
    return file.name if file.is_absolute() else file.as_posix()


@dataclass(frozen=True, slots=True)
class Position:
    """A line of a file, counted from 1; an included file is relative to bizops.yml."""

    file: Path
    line: int

    def __str__(self) -> str:
        """Return `file:line`, as editors and terminals open it."""
        return f"{file_label(self.file)}:{self.line}"


@dataclass(frozen=True, slots=True)
class UnsetVariable:
    """A `${NAME}` in the project file for which there is no value.

    Attributes:
        path: Where it stands.
        position: The line.
        message: Why there is none.
        next_step: What to do.
    """

    path: KeyPath
    position: Position
    message: str
    next_step: str


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """Which PostgreSQL holds the data; the embedded one has no URL."""

    type: Literal["embedded", "postgres"] = "embedded"
    url: Secret | None = None


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """How records of a stream are changed on their way to the target.

    Names are those the tap gives, before any renaming.

    Attributes:
        drop: Fields to leave out.
        hash: Fields replaced by a keyed hash of their value.
        rename: Field to its new name.
        keep_where: Only rows whose field has one of the values.
        drop_where: No row whose field has one of the values.
        schemas: Field to the JSON Schema the target is told; values stay as they are.
    """

    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    keep_where: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    drop_where: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    schemas: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def changes_records(self) -> bool:
        """Tell whether more than the schema changes."""
        return bool(self.named_fields())

    def named_fields(self) -> list[str]:
        """Return every field it names, each once."""
        conditions = (*self.keep_where, *self.drop_where)
        return list(dict.fromkeys([*self.drop, *self.hash, *self.rename, *conditions]))


@dataclass(frozen=True, slots=True)
class ReconcileRule:
    """How a stream is held against the warehouse.

    Attributes:
        sum: Field (as the raw table has it) whose sum is compared too.
        staging: A relation further on, `schema.table`, with the same rows.
        staging_sum: Its column with the same sum.
        tolerance: Part by which rows and sums may differ, e.g. 0.001.
    """

    sum: str | None = None
    staging: str | None = None
    staging_sum: str | None = None
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """A tap or the target as the project file has it.

    Attributes:
        name: Its name in the project, e.g. `tap-salesforce`.
        kind: Tap or target.
        install: pip requirements; empty when the executable is already there.
        executable: Command to run; the name itself when not given.
        python: Version or path of the Python it runs on; None lets bizops choose.
        inherits: Tap whose settings it takes where it has none of its own.
        config: Settings merged from file and environment block, variables filled in.
            Secret strings are `Secret`.
        interpolated: Top-level settings whose text came from a `${NAME}`.
        variables: Settings given by environment variables: the variable's name and
            its text, `{"START_DATE": ("TAP_X_START_DATE", "2024-01-01")}`.
        select: Selection patterns, as written.
        metadata: Stream or field pattern to Singer metadata; of a field, `schema` too.
        schema: Schema the rows go to; None means the tap's default.
        mapping: Stream pattern to what is changed on the way.
        api_call_budget: API calls it may make in a run; None for any number.
        api_call_quota: API calls all its runs of 24 hours may make together.
        api_quota_percent: How much of the service's own limit may be used.
        reconcile: Stream to how it is held against the warehouse.
    """

    name: str
    kind: PluginKind
    install: tuple[str, ...] = ()
    executable: str | None = None
    python: str | None = None
    inherits: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    interpolated: frozenset[str] = frozenset()
    variables: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    metadata: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    schema: str | None = None
    mapping: Mapping[str, StreamMapping] = field(default_factory=dict)
    api_call_budget: int | None = None
    api_call_quota: int | None = None
    api_quota_percent: float | None = None
    reconcile: Mapping[str, ReconcileRule] = field(default_factory=dict)

    @property
    def source_name(self) -> str:
        """Return what dbt calls this source: `tap-facebook-ads` is `facebook_ads`."""
        return self.name.removeprefix("tap-").replace("-", "_")

    @property
    def raw_schema(self) -> str:
        """Return the schema the rows go to: as given, or `raw_<source name>`."""
        return self.schema or f"raw_{self.source_name}"


@dataclass(frozen=True, slots=True)
class TransformSettings:
    """The dbt project.

    Attributes:
        project: Its folder; None is the one shipped.
        vars: Its variables.
        models: What a run builds: what the loaded sources feed, or all.
    """

    project: Path | None = None
    vars: Mapping[str, object] = field(default_factory=dict)
    models: BuildScope = "loaded"


@dataclass(frozen=True, slots=True)
class Job:
    """What one `elt run` does; a failed tap is tried again `retries` times."""

    name: str
    taps: tuple[str, ...]
    transform: TransformCommand = "build"
    parallel: int = 1
    retries: int = 0
    retry_pause_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Notification:
    """Whom to tell of runs that end in one of some ways; a command or a webhook."""

    on: tuple[str, ...] = ("failed", "interrupted")
    command: tuple[str, ...] = ()
    webhook: Secret | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of past runs.

    Attributes:
        runs: Folders of runs on this machine.
        history: Records of runs, and states of each tap, in the warehouse.
        days: How old any of these may become; None for any age.
    """

    runs: int = 200
    history: int = 5000
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job runs: a cron line of five fields, in a time zone."""

    name: str
    job: str
    cron: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Project:
    """bizops.yml, read and checked, as one environment sees it.

    Attributes:
        name: The project's name; first part of every state id.
        directory: The folder bizops.yml lies in.
        environment: Name of the environment in force.
        env_file: File of variables given instead of `.env`.
        warehouse: Where the data goes; BIZOPS_WAREHOUSE_URL has been heeded.
        taps: By name, in the file's order.
        target: The one target; None when the file names none.
        transform: The dbt project.
        jobs: By name. There always is one called `default`.
        positions: Line of each value, for messages.
        unset: Variables below `taps` and `target` that have no value. Commands that
            need the plugin call `config.load.require_variables`.
        hash_secret: Key of the hashes mappings make; None when there is none.
        notifications: Whom to tell of runs.
        retention: What is kept of past runs.
        schedules: By name.
    """

    name: str
    directory: Path
    environment: str
    warehouse: WarehouseSettings
    taps: Mapping[str, PluginSettings]
    target: PluginSettings | None
    transform: TransformSettings
    jobs: Mapping[str, Job]
    env_file: Path | None = None
    positions: Mapping[KeyPath, Position] = field(default_factory=dict)
    unset: tuple[UnsetVariable, ...] = ()
    hash_secret: Secret | None = None
    notifications: tuple[Notification, ...] = ()
    retention: Retention = field(default_factory=Retention)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)

    @property
    def state_directory(self) -> Path:
        """Return the folder for everything bizops keeps: `.bizops`."""
        return self.directory / ".bizops"

    @property
    def variables_file(self) -> Path:
        """Return the file whose variables the project sees: `.env`, as a rule."""
        return self.env_file or self.directory / ".env"

    def position(self, path: KeyPath) -> Position | None:
        """Return the line of a value, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            found = self.positions.get(path[:length])
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class StreamRun:
    """What one run brought of one stream; bookmarks are JSON text."""

    tap: str
    stream: str
    rows: int
    size_bytes: int
    duration_s: float
    bookmark_before: str | None = None
    bookmark_after: str | None = None


@dataclass(frozen=True, slots=True)
class TapRun:
    """How one tap and its target ended; a status is None if it never ran.

    `api_calls` is None when the tap does not tell, `quota_percent` (how much of its
    limit the service says is used) when the service does not, `tap_cpu_s` and
    `target_cpu_s` (seconds of processor) of runs that did not measure them.
    """

    tap: str
    target: str
    status: RunStatus
    rows: int
    size_bytes: int
    states: int
    duration_s: float
    tap_exit_status: int | None = None
    target_exit_status: int | None = None
    message: str = ""
    api_calls: int | None = None
    attempts: int = 1
    tap_cpu_s: float | None = None
    target_cpu_s: float | None = None
    quota_percent: float | None = None


@dataclass(frozen=True, slots=True)
class ModelRun:
    """How one node of dbt (model, test, seed, snapshot) ended."""

    unique_id: str
    resource_type: str
    status: str
    duration_s: float
    rows_affected: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One `elt run`, as `run.json` and the tables `bizops.run*` keep it.

    `build` tells whether all models were built or those the loads feed; None for none.
    """

    run_id: str
    project: str
    environment: str
    job: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    exit_status: int | None = None
    message: str = ""
    bizops_version: str = ""
    build: BuildScope | None = None
    taps: tuple[TapRun, ...] = ()
    streams: tuple[StreamRun, ...] = ()
    models: tuple[ModelRun, ...] = ()

    @property
    def rows(self) -> int:
        """Return the rows of all streams."""
        return sum(stream.rows for stream in self.streams)
