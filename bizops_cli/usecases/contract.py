"""`contract check`: what taps have, held against what dbt's sources say they have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bizops_cli.config.document import read_document
from bizops_cli.config.edit import ABSENT, changed_text
from bizops_cli.errors import ConfigError, TransformError
from bizops_cli.files import write_atomically
from bizops_cli.singer.catalog_diff import stream_facts
from bizops_cli.singer.types import contract_type
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.mapping import mapped_fields
from bizops_cli.usecases.session import choose_tap, open_session, prepare_plugin
from bizops_cli.usecases.transform import transform_directory, transform_variables
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bizops_cli.dbt.manifest import Manifest, SourceTable
    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.session import Session

Kind = Literal["no stream", "not selected", "no field", "other type"]
Fields = dict[str, str]
"""Field, as the target gets it, to its type in words."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Something dbt is told of that a tap does not bring.

    Attributes:
        kind: What is wrong.
        tap: The tap.
        name: The stream, or `Stream.field`.
        detail: What is declared and what is there.
        breaks: Models that depend on it, as `schema.table`.
    """

    kind: Kind
    tap: str
    name: str
    detail: str
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """What came of it.

    Attributes:
        breaches: What is broken.
        tables: Source tables looked at.
        declared: Columns among them that are declared.
        written: Files that were changed.
    """

    breaches: tuple[Breach, ...]
    tables: int
    declared: int
    written: tuple[str, ...] = ()


def check_contract(
    project: Project, names: Sequence[str], *, writes: bool, on_event: OnEvent
) -> ContractCheck:
    """Hold catalogs against dbt's sources; nothing is loaded.

    Args:
        project: The project.
        names: Taps; none means all.
        writes: Declare the columns that models use in the files of the sources, as the
            taps have them now.
        on_event: Takes events.

    Raises:
        ConfigError: There is no such tap, or no dbt project.
        PluginError: A discovery failed.
        TransformError: dbt cannot read its project.
    """
    taps = [choose_tap(project, name) for name in names or project.taps]
    manifest, directory = _parsed(project)
    breaches: list[Breach] = []
    written: list[str] = []
    tables = declared = 0
    with open_session(project, on_event) as session:
        for tap in taps:
            sources = [
                source
                for source in manifest.sources
                if tap.source_name == source.source or tap.raw_schema == source.schema
            ]
            if not sources:
                continue
            streams = _streams(tap, session)
            tables += len(sources)
            declared += sum(len(source.columns) for source in sources)
            if writes:
                written += _write(directory, manifest, sources, streams)
                continue
            for source in sources:
                breaches += _breaches(tap, source, streams, manifest)
    return ContractCheck(
        tuple(breaches), tables, declared, tuple(dict.fromkeys(written))
    )


def raise_breaches(check: ContractCheck) -> None:
    """Raise an error if something is broken.

    Raises:
        TransformError: It is.
    """
    if check.breaches:
        raise TransformError(
            f"{len(check.breaches)} things dbt is told of are not what the taps bring",
            "Select them, correct the models, or accept what is there now: "
            "bizops contract check --write",
        )


def _parsed(project: Project) -> tuple[Manifest, Path]:
    from bizops_cli.dbt.build import DbtRequest, list_nodes
    from bizops_cli.dbt.manifest import read_manifest

    directory = transform_directory(project)
    schemas = [tap.raw_schema for tap in project.taps.values()]
    request = DbtRequest(
        project_directory=directory,
        work_directory=project.state_directory / "dbt" / project.environment,
        address=find_warehouse(project),
        vars=transform_variables(project, schemas),
    )
    list_nodes(request)
    return read_manifest(request.target_directory), directory


def _streams(tap: PluginSettings, session: Session) -> dict[str, Fields | None]:
    """Return the fields of each stream; None for one that is not selected."""
    ready = prepare_plugin(session.project, tap)
    config_file = session.write_secret(f"{tap.name}.json", ready.config())
    applied = catalog_for(ready, Looking.of(session, ready), config_file)
    if applied is None:
        raise ConfigError(
            f"{tap.name} does not say what it has", "Its contract cannot be checked."
        )
    found: dict[str, Fields | None] = {}
    for stream in stream_facts(applied.catalog):
        if not stream.is_selected:
            found[stream.name] = None
            continue
        fields = [field for field in stream.fields if field.is_selected]
        found[stream.name] = {
            new: field.type
            for field in fields
            for new in mapped_fields(tap, stream.name, [field.name])
        }
    return found


def _breaches(
    tap: PluginSettings,
    source: SourceTable,
    streams: Mapping[str, Fields | None],
    manifest: Manifest,
) -> Iterator[Breach]:
    breaks = tuple(manifest.models[node] for node in manifest.below(source.unique_id))
    stream = source.identifier
    if stream not in streams:
        detail = f"{tap.name} has no such stream"
        yield Breach("no stream", tap.name, stream, detail, breaks)
        return
    fields = streams[stream]
    if fields is None:
        detail = f"select of {tap.name} leaves it out"
        yield Breach("not selected", tap.name, stream, detail, breaks)
        return
    for column, kind in source.columns.items():
        name = f"{stream}.{column}"
        there = fields.get(column)
        if column.startswith(("_sdc_", "_bizops_")):
            continue
        if there is None:
            detail = "not among the fields that are read"
            yield Breach("no field", tap.name, name, detail, breaks)
        elif contract_type(kind) not in {None, contract_type(there)}:
            detail = f"declared as {kind}, but it is {there}"
            yield Breach("other type", tap.name, name, detail, breaks)


def _write(
    directory: Path,
    manifest: Manifest,
    sources: Sequence[SourceTable],
    streams: Mapping[str, Fields | None],
) -> list[str]:
    """Declare what direct children use of each table; return the files changed."""
    changed = []
    for source in sources:
        fields = streams.get(source.identifier)
        if fields is None:
            continue
        code = "\n".join(
            manifest.code.get(child, "")
            for child in manifest.children.get(source.unique_id, ())
        )
        words = set(re.findall(r"\w+", code))
        columns = [
            {"name": name, "data_type": contract_type(kind) or "text"}
            for name, kind in fields.items()
            if name in words
        ]
        if _declare(directory / source.file, source, columns):
            changed.append(source.file)
    return changed


def _declare(
    file: Path, source: SourceTable, columns: Sequence[Mapping[str, str]]
) -> bool:
    value = read_document(file).value
    text = before = file.read_text("utf-8")
    for i, block in enumerate(value.get("sources", ())):
        for j, table in enumerate(block.get("tables", ())):
            if (block["name"], table["name"]) != (source.source, source.name):
                continue
            path = ("sources", i, "tables", j, "columns")
            known = {c["name"]: c for c in table.get("columns") or ()}
            wanted = [{**known.get(c["name"], {}), **c} for c in columns]
            if wanted == table.get("columns", []):
                continue
            text = changed_text(text, path, ABSENT, file)
            if wanted:
                text = changed_text(text, path, wanted, file)
    if text != before:
        write_atomically(file, text.encode())
    return text != before
