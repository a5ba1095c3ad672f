"""Building the models of what has been loaded."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bizops_cli.errors import ConfigError, TransformError
from bizops_cli.runlog.events import ModelEnded, ModelsStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bizops_cli.dbt.build import DbtProgress
    from bizops_cli.model import ModelRun, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.model_choice import ModelChoice
    from bizops_cli.usecases.run_context import RunContext
    from bizops_cli.warehouse.address import WarehouseAddress

_SHOWN_FAILURES = 5


def build_models(
    context: RunContext,
    address: WarehouseAddress,
    loaded_schemas: Sequence[str],
    choice: ModelChoice,
) -> tuple[ModelRun, ...]:
    """Run dbt and return what came of each node.

    Args:
        context: The run.
        address: The warehouse.
        loaded_schemas: Raw schemas that hold tables.
        choice: Which models.

    Raises:
        TransformError: dbt could not start. Nodes that failed are in the result.
        ConfigError: The dbt project is not there.
    """
    from bizops_cli.dbt.build import DbtRequest, run_dbt

    project = context.project
    command: Literal["build", "run"] = (
        "run" if context.plan.transform == "run" else "build"
    )
    context.on_event(ModelsStarted(command, choice.sources))

    result = run_dbt(
        DbtRequest(
            project_directory=transform_directory(project),
            work_directory=dbt_directory(project),
            address=address,
            vars=transform_variables(project, loaded_schemas),
            command=command,
            select=choice.select,
        ),
        on_progress=tell_ended_models(context.on_event),
    )
    return result.results


def tell_ended_models(on_event: OnEvent) -> Callable[[DbtProgress], None]:
    """Return what tells of each node of dbt that ends."""

    def tell(progress: DbtProgress) -> None:
        if progress.event == "finished":
            on_event(
                ModelEnded(
                    name=progress.name,
                    resource_type=progress.resource_type,
                    status=progress.status,
                    finished=progress.finished,
                    total=progress.total,
                    duration_s=progress.duration_s,
                )
            )

    return tell


def check_models(models: Sequence[ModelRun]) -> None:
    """Make sure that every node is as it should be.

    Raises:
        TransformError: A model or test failed; the first ones are named.
    """
    bad = [m for m in models if m.status in {"error", "fail", "runtime error"}]
    if not bad:
        return
    shown = {
        m.unique_id.split(".", 1)[-1]: m.message or m.status
        for m in bad[:_SHOWN_FAILURES]
    }
    if len(bad) > _SHOWN_FAILURES:
        shown["and"] = f"{len(bad) - _SHOWN_FAILURES} more"
    raise TransformError(
        f"{len(bad)} of {len(models)} models and tests failed",
        "Correct them; what was loaded stays. `bizops elt run --only t` builds again.",
        shown,
    )


def transform_variables(
    project: Project, loaded_schemas: Sequence[str]
) -> dict[str, object]:
    """Return dbt's variables: where each source's raw tables are, and the project's.

    Args:
        project: The project, whose own variables win.
        loaded_schemas: Raw schemas that hold tables.
    """
    elsewhere = {
        f"{tap.source_name}_schema": tap.raw_schema
        for tap in project.taps.values()
        if tap.raw_schema != f"raw_{tap.source_name}"
    }
    sources = loaded_sources(project, loaded_schemas)
    return {**elsewhere, **project.transform.vars, "bizops_sources": sources}


def built_schemas(project: Project) -> list[str]:
    """Return the schemas dbt builds into; none when the project has no dbt project."""
    from bizops_cli.dbt.schemas import schemas_of

    if all(job.transform == "none" for job in project.jobs.values()):
        return []
    with contextlib.suppress(ConfigError):
        return schemas_of(transform_directory(project), project.transform.vars)
    return []


def loaded_sources(project: Project, loaded_schemas: Sequence[str]) -> list[str]:
    """Return dbt's names of the taps whose raw tables are there."""
    return [
        tap.source_name
        for tap in project.taps.values()
        if tap.raw_schema in loaded_schemas
    ]


def dbt_directory(project: Project) -> Path:
    """Return where dbt keeps what it parsed for the environment."""
    return project.state_directory / "dbt" / project.environment


def transform_directory(project: Project) -> Path:
    """Return the dbt project's folder: the project's own, or the one shipped.

    Raises:
        ConfigError: There is no dbt project.
    """
    given = project.transform.project
    directory = given or _shipped_transform()
    if not (directory / "dbt_project.yml").is_file():
        position = project.position(("transform", "project")) if given else None
        raise ConfigError(
            f"{position or 'bizops.yml'}: there is no dbt project in {directory}",
            "Correct `transform: {project: ...}`, or set `transform: none` in the job.",
        )
    return directory


def _shipped_transform() -> Path:
    """Return the dbt project in the wheel; in a checkout, the one beside."""
    package = Path(__file__).parents[1]
    in_wheel = package / "_transform"
    return in_wheel if in_wheel.is_dir() else package.parent / "transform"
