"""`plan`: what an `elt run` would do now, and whether the world has moved since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.ids import StateKey
from bizops_cli.plugins.install import has_changed
from bizops_cli.singer.catalog_diff import stream_facts
from bizops_cli.singer.states import bookmark_texts
from bizops_cli.singer.types import contract_type, is_wider
from bizops_cli.usecases.backfill import takes_end
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.full_refresh import ALL_STREAMS
from bizops_cli.usecases.mapping import columns_read, given_types
from bizops_cli.usecases.model_choice import choose_models
from bizops_cli.usecases.reach import is_earlier, start_date_of
from bizops_cli.usecases.run_plan import plan_run
from bizops_cli.usecases.session import open_session
from bizops_cli.usecases.transform import (
    dbt_directory,
    transform_directory,
    transform_variables,
)
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.catalog import Applied
    from bizops_cli.singer.catalog_diff import StreamFacts
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_plan import EltRequest, RunPlan
    from bizops_cli.usecases.session import Session
    from bizops_cli.warehouse.address import WarehouseAddress
    from bizops_cli.warehouse.reach import Reach

FORM = 3
_OURS = ("_sdc_", "_bizops_")


@dataclass(frozen=True, slots=True)
class PlannedStream:
    """What would come of a stream.

    Attributes:
        stream: Its name.
        table: Where its rows go, `raw_x.users`.
        is_new: Whether that table is yet to be made.
        since: Its bookmark as JSON text; None reads from the start.
        new_columns: Columns that would be added.
        given_types: Type of each column whose schema bizops.yml gives.
        widened_columns: Columns of the table that would take a type given.
        unread_columns: Columns of the table that are not read (any more); they stay.
        unfilled_columns: Columns that only rows read since they were selected have.
        covers_from: From when on it was read, if the tap's start date now lies before.
        expected_rows: The median of its last runs; None when there was none.
    """

    stream: str
    table: str
    is_new: bool
    since: str | None
    new_columns: tuple[str, ...]
    given_types: dict[str, str]
    widened_columns: tuple[str, ...]
    unread_columns: tuple[str, ...]
    unfilled_columns: tuple[str, ...]
    covers_from: str | None
    expected_rows: int | None

    @property
    def ddl(self) -> str | None:
        """Return what the target would do to the table, in words of SQL."""
        if self.is_new:
            given = [f"{name} {kind}" for name, kind in self.given_types.items()]
            of = f", of them {', '.join(given)}" if given else ""
            return f"create table {self.table} ({len(self.new_columns)} columns{of})"
        changes = [
            f"add column {name} {self.given_types.get(name, '')}".rstrip()
            for name in self.new_columns
        ]
        changes += [
            f"alter column {name} type {self.given_types[name]}"
            for name in self.widened_columns
        ]
        return f"alter table {self.table} {', '.join(changes)}" if changes else None


@dataclass(frozen=True, slots=True)
class PlannedTap:
    """What would come of a tap.

    Attributes:
        tap: Its name.
        version: As it says; empty when it does not.
        has_changed: Whether its sources differ from what is installed.
        schema: Where its tables are.
        start_date: From when on it is to read; None if it is not told.
        can_end: Whether it can be told until when.
        streams: None when it cannot say what it has.
    """

    tap: str
    version: str
    has_changed: bool
    schema: str
    start_date: str | None
    can_end: bool
    streams: tuple[PlannedStream, ...] | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would do.

    Attributes:
        form: Version of this form.
        project: The project.
        environment: Its environment.
        job: The job.
        target: Name and version of the target; None if nothing is loaded.
        taps: What is loaded.
        transform: `build`, `run` or `none`.
        sources: dbt's names of the sources whose models it would do; empty for all.
        nodes: Unique ids of the models, seeds and tests dbt would do.
        request: The options that change what a run does.
    """

    form: int
    project: str
    environment: str
    job: str
    target: str | None
    taps: tuple[PlannedTap, ...]
    transform: str
    sources: tuple[str, ...]
    nodes: tuple[str, ...]
    request: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """Return what must be the same for the plan to hold: all but expectations."""
        value: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for tap in value["taps"]:
            for stream in tap["streams"] or ():
                del stream["expected_rows"]
        return value

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as it is kept, with the hash of its facts."""
        return {**json.loads(json.dumps(asdict(self))), "facts": hash_of(self.facts)}


def forecast(request: EltRequest, *, on_event: OnEvent) -> Forecast:
    """Return what a run would do; nothing is loaded, made or changed.

    Raises:
        ConfigError: The request cannot be meant, or something is not ready.
        PluginError: A discovery failed.
        BizopsError: The warehouse does not answer.
    """
    plan, project = plan_run(request), request.project
    address = find_warehouse(project)
    with open_session(project, on_event) as session:
        catalogs = {tap.name: _applied(tap, request, session) for tap in plan.taps}
    known = _Known(project, address)
    taps = tuple(
        _planned_tap(tap, catalogs[tap.name], known, request) for tap in plan.taps
    )
    target = plan.target
    sources, nodes = _nodes(plan, project, address, known)
    return Forecast(
        form=FORM,
        project=project.name,
        environment=project.environment,
        job=plan.job.name,
        target=f"{target.name} {target.about.version}".strip() if target else None,
        taps=taps,
        transform=plan.transform,
        sources=sources,
        nodes=nodes,
        request={
            "taps": list(request.taps),
            "only": request.only,
            "models": request.models,
            "full_refresh": sorted(request.full_refresh),
            "since": request.since,
            "until": request.until,
        },
    )


class _Known:
    """What the warehouse has: columns, states, past runs."""

    def __init__(self, project: Project, address: WarehouseAddress) -> None:
        from bizops_cli.state.postgres import list_states
        from bizops_cli.warehouse.columns import read_columns, usual_rows
        from bizops_cli.warehouse.reach import read_reaches
        from bizops_cli.warehouse.refusals import connected
        from bizops_cli.warehouse.schema import has_table

        schemas = [tap.raw_schema for tap in project.taps.values()]
        prefix = str(StateKey(project.name, project.environment, ""))
        with connected(address.url, application_name="bizops plan") as connection:
            self.columns = read_columns(connection, schemas)
            self.reaches = read_reaches(connection, project)
            self.states: dict[str, str] = {}
            self.rows: dict[tuple[str, str], int] = {}
            if has_table(connection, "bizops.state"):
                for entry in list_states(connection, prefix=prefix):
                    self.states[entry.state_id.removeprefix(prefix)] = entry.value
            if has_table(connection, "bizops.run_streams"):
                self.rows = usual_rows(
                    connection,
                    project=project.name,
                    environment=project.environment,
                )


def _applied(tap: ReadyPlugin, request: EltRequest, session: Session) -> Applied | None:
    config_file = session.write_secret(f"{tap.name}.json", tap.config())
    return catalog_for(
        tap,
        Looking.of(session, tap),
        config_file,
        refreshes=request.refreshes_catalog,
    )


def _planned_tap(
    tap: ReadyPlugin,
    applied: Applied | None,
    known: _Known,
    request: EltRequest,
) -> PlannedTap:
    marks = bookmark_texts(known.states.get(tap.name))
    planned = None
    if applied is not None:
        planned = tuple(
            _planned_stream(
                tap,
                stream,
                known,
                request,
                marks,
                given=given_types(tap.settings, stream.name, applied.schemas),
            )
            for stream in stream_facts(applied.catalog)
            if stream.is_selected
        )
    return PlannedTap(
        tap=tap.name,
        version=tap.about.version,
        has_changed=has_changed(tap.settings, request.project),
        schema=tap.settings.raw_schema,
        start_date=start_date_of(tap),
        can_end=takes_end(tap),
        streams=planned,
    )


def _planned_stream(
    tap: ReadyPlugin,
    stream: StreamFacts,
    known: _Known,
    request: EltRequest,
    marks: dict[str, str],
    *,
    given: dict[str, str],
) -> PlannedStream:
    schema = tap.settings.raw_schema
    there = known.columns.get((schema, stream.name))
    wanted = columns_read(tap.settings, stream)
    given = {name: kind for name, kind in given.items() if name in wanted}
    is_anew = request.is_backfill or bool(
        {ALL_STREAMS, stream.name} & set(request.full_refresh)
    )
    have = there or {}
    since = None if is_anew else marks.get(stream.name)
    reach = known.reaches.get((tap.name, stream.name)) if since else None
    return PlannedStream(
        stream=stream.name,
        table=f"{schema}.{stream.name}",
        is_new=there is None,
        since=since,
        new_columns=tuple(name for name in wanted if name not in have),
        given_types=given,
        widened_columns=tuple(
            name
            for name, kind in given.items()
            if name in have and is_wider(_kind(kind), _kind(have[name]))
        ),
        unread_columns=tuple(
            name for name in have if name not in wanted and not name.startswith(_OURS)
        ),
        unfilled_columns=_unfilled(reach, wanted, have),
        covers_from=_later_start(reach, tap),
        expected_rows=known.rows.get((tap.name, stream.name)),
    )


def _kind(spelled: str) -> str:
    return contract_type(spelled) or spelled


def _unfilled(
    reach: Reach | None, wanted: Sequence[str], have: Collection[str]
) -> tuple[str, ...]:
    if reach is None or reach.columns is None:
        return ()
    return tuple(n for n in wanted if n in have and n not in reach.columns)


def _later_start(reach: Reach | None, tap: ReadyPlugin) -> str | None:
    start = reach.start_date if reach is not None else None
    return start if is_earlier(start_date_of(tap), start) else None


def _nodes(
    plan: RunPlan, project: Project, address: WarehouseAddress, known: _Known
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sources whose models would be done, and the nodes."""
    from bizops_cli.dbt.build import DbtRequest, list_nodes
    from bizops_cli.warehouse.refusals import connected

    if plan.transform == "none":
        return (), ()
    fresh = [tap.settings.raw_schema for tap in plan.taps]
    loaded = sorted({schema for schema, _ in known.columns}.union(fresh))
    with connected(address.url, application_name="bizops plan") as connection:
        choice = choose_models(
            connection, project, loaded, scope=plan.models, fresh_schemas=fresh
        )
    if choice.is_empty:
        return (), ()
    found = list_nodes(
        DbtRequest(
            project_directory=transform_directory(project),
            work_directory=dbt_directory(project),
            address=address,
            vars=transform_variables(project, loaded),
            command="run" if plan.transform == "run" else "build",
            select=choice.select,
        )
    )
    return choice.sources, tuple(sorted(found))


def hash_of(facts: dict[str, Any]) -> str:
    """Return what a plan's facts are known by."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
