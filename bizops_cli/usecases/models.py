"""`transform`: the models by themselves: built, tested, written up, taken over."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bizops_cli.config.changes import change_project
from bizops_cli.config.load import find_project_file
from bizops_cli.errors import ConfigError
from bizops_cli.runlog.events import ModelsStarted
from bizops_cli.usecases.model_choice import begin_build, choose_models, end_build
from bizops_cli.usecases.transform import (
    dbt_directory,
    tell_ended_models,
    transform_directory,
    transform_variables,
)
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.dbt.build import DbtRequest
    from bizops_cli.model import ModelRun, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.warehouse.address import WarehouseAddress

# What dbt writes into a project, and what git keeps there.
_NOT_TAKEN = shutil.ignore_patterns(
    "target", "logs", "dbt_packages", "__pycache__", ".*"
)
_TAKEN_FILE = ".sqlfluff"


@dataclass(frozen=True, slots=True)
class Ejected:
    """A dbt project that is the user's now."""

    directory: Path
    files: int


def run_models(
    project: Project,
    command: Literal["build", "test"],
    *,
    select: Sequence[str],
    on_event: OnEvent,
) -> tuple[ModelRun, ...]:
    """Build models and test them, or only test, of what is loaded already.

    Args:
        project: The project.
        command: What to do.
        select: In dbt's own words; empty means everything.
        on_event: Takes events.

    Returns:
        What came of each node, failed ones too.

    Raises:
        LockedError: A run is under way.
        TransformError: dbt could not start, or nothing was selected.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.dbt.build import run_dbt
    from bizops_cli.locks.postgres import hold_run_locks
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.schema import migrate

    address = find_warehouse(project)
    with ExitStack() as stack:
        connection = stack.enter_context(
            connected(address.url, application_name="bizops transform")
        )
        stack.enter_context(hold_run_locks(connection, project))
        loaded = _loaded_schemas(connection, project)
        request = _request(
            project, address, loaded, command=command, select=tuple(select)
        )
        choice = None
        if command == "build":
            migrate(connection)
            choice = choose_models(connection, project, loaded, scope="all")
            begin_build(connection, project, choice, is_part=bool(select))
        on_event(ModelsStarted(command))
        result = run_dbt(request, on_progress=tell_ended_models(on_event))
        if choice is not None and not select and result.is_success:
            end_build(connection, project, choice, request.target_directory, job=None)
    return result.results


def write_docs(project: Project, file: Path) -> Path:
    """Write one page with every model, column and where it comes from.

    Args:
        project: The project.
        file: Where to write it.

    Raises:
        TransformError: dbt could not make it.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.dbt.build import write_dbt_docs
    from bizops_cli.files import write_atomically
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops transform") as connection:
        loaded = _loaded_schemas(connection, project)
    request = _request(project, address, loaded, command="build", select=())
    page = write_dbt_docs(request)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, page)
    return file


def eject(project: Project, directory: Path) -> Ejected:
    """Copy the dbt project that comes with bizops, and have bizops.yml name the copy.

    Args:
        project: The project.
        directory: Where to put it; inside of the project's folder.

    Raises:
        ConfigError: The project has models of its own, or the folder is not free.
    """
    if project.transform.project is not None:
        raise ConfigError(
            f"the models are the project's own already, in {project.transform.project}",
            "Change them there.",
        )
    target = directory if directory.is_absolute() else project.directory / directory
    target = target.resolve()
    if not target.is_relative_to(project.directory.resolve()):
        raise ConfigError(
            f"{target} is not inside of the project's folder",
            f"Name a folder in {project.directory}.",
        )
    if target.exists() and any(target.iterdir()):
        raise ConfigError(f"{target} is not empty", "Name another folder.")
    source = transform_directory(project)
    shutil.copytree(source, target, ignore=_NOT_TAKEN, dirs_exist_ok=True)
    if (source / _TAKEN_FILE).is_file():
        shutil.copyfile(source / _TAKEN_FILE, target / _TAKEN_FILE)
    relative = target.relative_to(project.directory.resolve())
    change_project(
        find_project_file(project.directory),
        [(("transform", "project"), f"./{relative.as_posix()}")],
    )
    return Ejected(target, sum(1 for _ in _files(target)))


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file())


def _loaded_schemas(connection: Connection, project: Project) -> list[str]:
    from bizops_cli.warehouse.schema import schemas_with_tables

    raw = [tap.raw_schema for tap in project.taps.values()]
    return schemas_with_tables(connection, raw)


def _request(
    project: Project,
    address: WarehouseAddress,
    loaded_schemas: Sequence[str],
    *,
    command: Literal["build", "test"],
    select: tuple[str, ...],
) -> DbtRequest:
    from bizops_cli.dbt.build import DbtRequest

    return DbtRequest(
        project_directory=transform_directory(project),
        work_directory=dbt_directory(project),
        address=address,
        vars=transform_variables(project, loaded_schemas),
        command=command,
        select=select,
    )
