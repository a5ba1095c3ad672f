"""Which models a run builds: those its loads feed, or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.usecases.transform import transform_directory, transform_variables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import BuildScope, Project


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which models to build.

    Attributes:
        scope: All, or what some sources feed.
        fingerprint: Of the code and the variables they are built with.
        schemas: Raw schemas whose rows are taken up.
        sources: dbt's names of the sources in them; empty for all, and when no model
            reads what was loaded.
    """

    scope: BuildScope
    fingerprint: str
    schemas: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to build."""
        return self.scope == "loaded" and not self.sources

    @property
    def select(self) -> tuple[str, ...]:
        """Return it in dbt's words."""
        return tuple(f"source:{name}+" for name in self.sources)


def choose_models(
    connection: Connection,
    project: Project,
    loaded_schemas: Sequence[str],
    *,
    scope: BuildScope,
    fresh_schemas: Sequence[str] = (),
) -> ModelChoice:
    """Return which models to build.

    What a source does not feed would come out as it is, unless something else has
    changed since everything was built: code, a variable, a seed, which sources there
    are; or a table of it is gone. Then everything is built.

    Args:
        connection: To the warehouse; nothing is changed there.
        project: The project.
        loaded_schemas: Raw schemas that hold tables.
        scope: What is wanted.
        fresh_schemas: Raw schemas that get new rows, besides those marked.
    """
    from bizops_cli.dbt.code import fingerprint_everything
    from bizops_cli.warehouse.builds import read_unbuilt, read_whole_build

    variables = transform_variables(project, loaded_schemas)
    fingerprint = fingerprint_everything(transform_directory(project), variables)
    everything = ModelChoice("all", fingerprint)
    last = read_whole_build(connection, project) if scope == "loaded" else None
    if last is None or last.fingerprint != fingerprint:
        return everything
    fresh = sorted({*fresh_schemas, *read_unbuilt(connection, project)})
    if any(schema not in last.sources for schema in fresh):
        return everything
    names = dict.fromkeys(name for schema in fresh for name in last.sources[schema])
    return ModelChoice("loaded", fingerprint, tuple(fresh), tuple(names))


def begin_build(
    connection: Connection,
    project: Project,
    choice: ModelChoice,
    *,
    is_part: bool = False,
) -> None:
    """Remember that models are about to change.

    Args:
        connection: To a migrated warehouse.
        project: The project.
        choice: What is built.
        is_part: Whether only some of it is, named by hand. By the code that built
            everything these come out as they must.
    """
    from bizops_cli.warehouse.builds import forget_whole_build, read_whole_build

    if choice.scope == "loaded":
        return
    last = read_whole_build(connection, project)
    is_same = last is not None and last.fingerprint == choice.fingerprint
    if not (is_part and is_same):
        forget_whole_build(connection, project)


def end_build(
    connection: Connection,
    project: Project,
    choice: ModelChoice,
    target_directory: Path,
    *,
    job: str | None,
) -> None:
    """Remember that a build went well.

    Args:
        connection: To the warehouse.
        project: The project.
        choice: What was built.
        target_directory: Where dbt left what it parsed.
        job: Whose loads have been taken up; None if no job is loading.
    """
    from bizops_cli.dbt.manifest import read_manifest
    from bizops_cli.warehouse.builds import (
        WholeBuild,
        forget_unbuilt,
        keep_whole_build,
    )

    is_all = choice.scope == "all"
    schemas = None if is_all else choice.schemas
    forget_unbuilt(connection, project, job=job, schemas=schemas)
    if not is_all:
        return
    manifest = read_manifest(target_directory)
    sources: dict[str, tuple[str, ...]] = {}
    for table in manifest.sources:
        known = sources.setdefault(table.schema, ())
        if table.source not in known and manifest.below(table.unique_id):
            sources[table.schema] = (*known, table.source)
    relations = tuple(sorted(set(manifest.models.values())))
    keep_whole_build(
        connection, project, WholeBuild(choice.fingerprint, sources, relations)
    )
