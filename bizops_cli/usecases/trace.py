"""`runs trace`: from a row of a model back to raw rows and the runs they came by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from bizops_cli.dbt.manifest import Manifest
    from bizops_cli.model import Project, RunRecord
    from bizops_cli.warehouse.tracing import FoundRow


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a row comes from.

    Attributes:
        model: `schema.table` the search began at.
        key: What was looked for.
        rows: Its rows of that key.
        path: Models between it and its sources, as `schema.table`.
        raw_rows: Rows of raw tables with the key.
        looked_at: Raw tables that were searched.
        runs: The runs that brought these rows.
    """

    model: str
    key: str
    rows: tuple[FoundRow, ...]
    path: tuple[str, ...]
    raw_rows: tuple[FoundRow, ...]
    looked_at: tuple[str, ...]
    runs: tuple[RunRecord, ...]


def trace(project: Project, model: str, key: str, *, limit: int) -> Trace:
    """Follow a key from a model to the raw tables it is built from.

    Ids of the sources are kept through all models, so that a row's id finds the records
    it was made from; a key that a model makes itself is found in models only.

    Args:
        project: The project.
        model: `schema.table` or the table's name alone; a raw table too.
        key: The value of any of its columns.
        limit: Rows of each table.

    Raises:
        ConfigError: There is no such model, or nothing was built yet.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.tracing import find_rows

    manifest = _manifest(project)
    relation, path, raw = _lineage(project, manifest, model)
    found: list[FoundRow] = []
    there: list[str] = []
    with connected(
        find_warehouse(project).url, application_name="bizops trace"
    ) as connection:
        schema, _, table = relation.partition(".")
        own = find_rows(connection, schema, table, key, limit=limit)
        if own is None:
            raise ConfigError(f"{relation} is not built yet", "Run `bizops elt run`.")
        for raw_schema, raw_table in raw:
            rows = find_rows(connection, raw_schema, raw_table, key, limit=limit)
            if rows is not None:
                there.append(f"{raw_schema}.{raw_table}")
                found += rows
    return Trace(
        model=relation,
        key=key,
        rows=tuple(own),
        path=tuple(path),
        raw_rows=tuple(found),
        looked_at=tuple(there),
        runs=tuple(_runs(project, [*own, *found])),
    )


def _manifest(project: Project) -> Manifest:
    from bizops_cli.dbt.manifest import read_manifest

    directory = project.state_directory / "dbt" / project.environment / "target"
    try:
        return read_manifest(directory)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            "no models have been built here yet", "Run `bizops elt run`."
        ) from error


def _lineage(
    project: Project, manifest: Manifest, model: str
) -> tuple[str, list[str], list[tuple[str, str]]]:
    """Return the relation, models above it and raw tables above it."""
    relations = {relation: node for node, relation in manifest.models.items()}
    by_name = {relation.partition(".")[2]: relation for relation in relations}
    raw_schemas = {tap.raw_schema for tap in project.taps.values()}
    if model.partition(".")[0] in raw_schemas:
        return model, [], []
    relation = model if model in relations else by_name.get(model, "")
    if not relation:
        known = [*relations, *by_name]
        raise ConfigError(
            f"there is no model {model!r}", suggestion(model, known, what="model")
        )
    node = relations[relation]
    above = manifest.above(node)
    tables = {s.unique_id: (s.schema, s.identifier) for s in manifest.sources}
    path = [manifest.models[name] for name in above if name in manifest.models]
    return relation, path, [tables[name] for name in above if name in tables]


def _runs(project: Project, rows: list[FoundRow]) -> list[RunRecord]:
    from bizops_cli.usecases.runs import list_runs

    wanted = {row.run_id for row in rows if row.run_id}
    if not wanted:
        return []
    return [run for run in list_runs(project, limit=1000) if run.run_id in wanted]
