"""Running dbt in this process: no second start of Python, no second parse.

dbt keeps what it parsed in the work directory; the next run only reads what changed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bizops_cli.dbt.log import without_row_values, written_log
from bizops_cli.dbt.profile import PROFILE, TARGET, DatabaseAddress, written_profile
from bizops_cli.dbt.progress import DbtProgress, ProgressReader
from bizops_cli.errors import LockedError, TransformError, UnreachableError
from bizops_cli.files import OWNER_ONLY_DIRECTORY, make_directory
from bizops_cli.model import ModelRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "DatabaseAddress",
    "DbtProgress",
    "DbtRequest",
    "DbtResult",
    "list_nodes",
    "run_dbt",
    "write_dbt_docs",
]

DbtCommand = Literal["build", "run", "test"]
OnEvent = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class DbtRequest:
    """What dbt shall do.

    Attributes:
        project_directory: Folder of dbt_project.yml.
        work_directory: Where everything dbt writes goes; made when missing, 0700. One
            run at a time.
        address: The warehouse.
        vars: Variables over those of the project.
        command: dbt's command.
        select: Selection in dbt's own words; empty means everything.
        threads: How many nodes at a time.
        log_file: Where to write what dbt says; None means `dbt.log` in the work
            directory. Replaced at each run.
    """

    project_directory: Path
    work_directory: Path
    address: DatabaseAddress
    vars: Mapping[str, object] = field(default_factory=dict)
    command: DbtCommand = "build"
    select: tuple[str, ...] = ()
    threads: int = 4
    log_file: Path | None = None

    @property
    def log_path(self) -> Path:
        """Return the file with everything dbt said."""
        return self.log_file or self.work_directory / "dbt.log"

    @property
    def target_directory(self) -> Path:
        """Return the folder of dbt's artefacts, such as manifest and results."""
        return self.work_directory / "target"


@dataclass(frozen=True, slots=True)
class DbtResult:
    """How it ended.

    Attributes:
        results: Each node, in the order they ended.
        is_success: Whether no model and no test failed; warnings do not count.
    """

    results: tuple[ModelRun, ...]
    is_success: bool


def run_dbt(
    request: DbtRequest, *, on_progress: Callable[[DbtProgress], None]
) -> DbtResult:
    """Run dbt and return each node's result; failed nodes are results, not errors.

    Args:
        request: What to do.
        on_progress: Called at the start and end of each node, from dbt's threads.

    Raises:
        TransformError: The project cannot be read, or nothing was selected.
        UnreachableError: The warehouse did not answer dbt.
        LockedError: Another dbt works in the same work directory.
        KeyboardInterrupt: The run was interrupted; its queries have been cancelled.
    """
    with _invoking(request) as (arguments, log):
        outcome = _invoke(arguments, [log, ProgressReader(on_progress)], request)
    results = tuple(
        _node_result(item) for item in getattr(outcome.result, "results", ())
    )
    if not results:
        raise TransformError(
            "dbt had nothing to do: no model or test matches",
            "Check the selection, and that the sources have been loaded.",
            {"select": " ".join(request.select) or "everything"},
        )
    return DbtResult(results=results, is_success=bool(outcome.success))


def list_nodes(request: DbtRequest) -> tuple[str, ...]:
    """Return the unique ids of what a build would make or test, without making it.

    The warehouse is not asked anything.

    Raises:
        TransformError: The project cannot be read.
        LockedError: Another dbt works in the same work directory.
    """
    with _invoking(request) as (arguments, log):
        arguments[arguments.index("build")] = "list"
        arguments.remove(f"--threads={request.threads}")
        arguments += ["--output=json", "--output-keys=unique_id"]
        outcome = _invoke(arguments, [log], request)
    found = (json.loads(line)["unique_id"] for line in outcome.result or ())
    return tuple(node for node in found if not node.startswith("source."))


def write_dbt_docs(request: DbtRequest) -> bytes:
    """Return dbt's page about the project and what is in the warehouse, as one file.

    Raises:
        TransformError: The project cannot be read, or dbt made no page.
        UnreachableError: The warehouse did not answer dbt.
        LockedError: Another dbt works in the same work directory.
    """
    with _invoking(request) as (arguments, log):
        place = arguments.index("build")
        arguments[place : place + 1] = ["docs", "generate", "--static"]
        arguments.remove("--exclude-resource-type=unit_test")
        outcome = _invoke(arguments, [log], request)
    page = request.target_directory / "static_index.html"
    if not outcome.success or not page.is_file():
        raise TransformError("dbt made no page", f"Look at {request.log_path}.")
    return page.read_bytes()


def _arguments(request: DbtRequest, profiles_directory: Path) -> list[str]:
    arguments = [
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        "--no-use-colors",
        "--no-use-colors-file",
        "--no-print",
        "--log-level=none",
        "--log-level-file=none",
        f"--log-path={request.work_directory}",
        "--partial-parse",
        # dbt's own `run` leaves out the seeds that models of a new warehouse need.
        "build" if request.command == "run" else request.command,
        f"--project-dir={request.project_directory}",
        f"--profiles-dir={profiles_directory}",
        f"--profile={PROFILE}",
        f"--target={TARGET}",
        f"--target-path={request.target_directory}",
        f"--threads={request.threads}",
        f"--vars={json.dumps(dict(request.vars), sort_keys=True, default=str)}",
    ]
    # Unit tests are about the models' SQL, not about anybody's data.
    arguments.append("--exclude-resource-type=unit_test")
    if request.command == "run":
        arguments.append("--exclude-resource-type=test")
    if request.select:
        arguments += ["--select", *request.select]
    return arguments


@contextmanager
def _invoking(request: DbtRequest) -> Iterator[tuple[list[str], OnEvent]]:
    """Give a build's arguments and its log while the work directory is this one's."""
    make_directory(request.work_directory, mode=OWNER_ONLY_DIRECTORY)
    with (
        _hold_work_directory(request.work_directory),
        written_profile(
            request.address, directory=request.work_directory, threads=request.threads
        ) as profiles_directory,
        written_log(request.log_path) as log,
    ):
        yield _arguments(request, profiles_directory), log


def _invoke(arguments: list[str], callbacks: list[OnEvent], request: DbtRequest) -> Any:  # noqa: ANN401
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(callbacks=callbacks).invoke(arguments)
    if outcome.exception is not None:
        raise _error_for(outcome.exception, request) from None
    return outcome


@contextmanager
def _hold_work_directory(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                "dbt is already running for this project",
                "Wait for it to end and run again.",
                {"work directory": str(directory)},
            ) from error
        yield
    finally:
        os.close(descriptor)


def _node_result(item: Any) -> ModelRun:  # noqa: ANN401
    rows = (item.adapter_response or {}).get("rows_affected")
    return ModelRun(
        unique_id=item.node.unique_id,
        resource_type=str(item.node.resource_type),
        status=str(item.status),
        duration_s=float(item.execution_time),
        rows_affected=rows if isinstance(rows, int) and rows >= 0 else None,
        message=without_row_values(item.message or ""),
    )


def _error_for(exception: BaseException, request: DbtRequest) -> BaseException:
    from dbt.adapters.exceptions.connection import FailedToConnectError

    if isinstance(exception, KeyboardInterrupt | SystemExit):
        return exception
    said = without_row_values(str(exception))
    context = {
        "project": str(request.project_directory),
        "dbt": said,
        "log": str(request.log_path),
    }
    if isinstance(exception, FailedToConnectError):
        return UnreachableError(
            "the warehouse did not answer dbt", "Is it up? Then run again.", context
        )
    return TransformError(
        "dbt could not start", "Correct what dbt names below and run again.", context
    )
