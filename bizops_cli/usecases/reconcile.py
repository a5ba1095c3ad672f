"""`reconcile`: what the source has against what the warehouse has, stream by stream."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError, DatabaseRefusedError, ReconcileError
from bizops_cli.files import write_secret_file
from bizops_cli.model import ReconcileRule
from bizops_cli.process.consume import Consumption
from bizops_cli.process.tail import Tail
from bizops_cli.runlog.events import Note
from bizops_cli.singer.figures import FigureCounter
from bizops_cli.singer.mapping import Mapper
from bizops_cli.usecases.attempt import without_streams
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.failures import plugin_failure
from bizops_cli.usecases.invoke import catalog_option
from bizops_cli.usecases.mapping import check_hash_secret
from bizops_cli.usecases.session import choose_tap, open_session, prepare_plugin
from bizops_cli.usecases.warehouse import find_warehouse
from bizops_cli.warehouse.reconciliations import Comparison, keep_comparisons

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.figures import StreamFigures
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.session import Session
    from bizops_cli.warehouse.reconciliations import Verdict


def reconcile(
    project: Project,
    names: Sequence[str],
    *,
    streams: Collection[str],
    on_event: OnEvent,
) -> list[Comparison]:
    """Read sources from their start, count, and compare; load nothing.

    What was found is kept in schema bizops, for the report.

    Args:
        project: The project.
        names: Taps; none means all.
        streams: Only these; none means all that are selected.
        on_event: Takes events.

    Raises:
        ConfigError: There is no such tap or stream, or something is not ready.
        PluginError: A tap failed.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.warehouse.refusals import connected

    taps = [choose_tap(project, name) for name in names or project.taps]
    check_hash_secret(taps, project)
    address = find_warehouse(project)
    found: list[Comparison] = []
    seen: set[str] = set()
    with open_session(project, on_event) as session:
        for settings in taps:
            counted = _count(prepare_plugin(project, settings), session, streams)
            seen |= counted.keys()
            name = "bizops reconcile"
            with connected(address.url, application_name=name) as connection:
                compared = [
                    comparison
                    for stream, figures in counted.items()
                    for comparison in _compare(connection, settings, stream, figures)
                ]
                _keep(connection, project, compared, on_event)
            found += compared
    for stream in sorted(set(streams) - seen):
        raise ConfigError(
            f"no selected stream is called {stream!r}",
            suggestion(stream, seen, what="stream"),
        )
    return found


def raise_differences(found: Sequence[Comparison]) -> None:
    """Raise an error if source and warehouse differ anywhere.

    Raises:
        ReconcileError: They do.
    """
    bad = [c for c in found if c.verdict in {"differs", "not loaded"}]
    if bad:
        raise ReconcileError(
            f"source and warehouse differ in {len(bad)} of {len(found)} comparisons",
            "Run `bizops elt run` and compare again; if they still differ, read the "
            "stream anew with --full-refresh.",
            {f"{c.tap} {c.stream}": f"{c.place}: {c.verdict}" for c in bad[:10]},
        )


def _keep(
    connection: Connection,
    project: Project,
    compared: Sequence[Comparison],
    on_event: OnEvent,
) -> None:
    """Keep what was found, if the role may: who only reads is still told it."""
    try:
        keep_comparisons(connection, project, compared)
    except DatabaseRefusedError as error:
        on_event(Note(f"not kept for the report: {error.message}"))


def _count(
    tap: ReadyPlugin, session: Session, streams: Collection[str]
) -> dict[str, StreamFigures]:
    config = {k: v for k, v in tap.config().items() if k != "batch_config"}
    config_file = session.write_secret(f"{tap.name}.json", config)
    arguments = ["--config", str(config_file)]
    applied = catalog_for(tap, Looking.of(session, tap), config_file)
    if applied is not None:
        left_out = set(applied.streams) - set(streams) if streams else set()
        if left_out == set(applied.streams):
            return {}
        catalog = without_streams(applied.catalog, left_out)
        file = session.folder.secrets_directory / f"{tap.name}.catalog.json"
        write_secret_file(file, json.dumps(catalog).encode())
        arguments += [catalog_option(tap), str(file)]
    session.on_event(Note(f"{tap.name}: reading the source from its start"))
    rules = tap.settings.reconcile
    sums = {stream: rule.sum for stream, rule in rules.items() if rule.sum}
    counter = FigureCounter(tap.name, sums)
    _read(tap, session, arguments, counter)
    return counter.streams


def _read(
    tap: ReadyPlugin,
    session: Session,
    arguments: Sequence[str],
    counter: FigureCounter,
) -> None:
    project = session.project
    secret = project.hash_secret.reveal() if project.hash_secret else ""
    mapper = Mapper(tap.name, tap.settings.mapping, secret)
    consumption = Consumption(
        tap.command(project, *arguments),
        Tail(session.folder.log_file(tap.name)),
        lambda block: counter.feed(mapper.change(block)),
    )
    with session.control.holding(consumption):
        status = consumption.run()
    if consumption.was_stopped:
        raise session.control.interruption()
    if status:
        raise plugin_failure(tap.name, status, consumption.tail, tap=tap.name)


def _compare(
    connection: Connection, tap: PluginSettings, stream: str, source: StreamFigures
) -> Iterator[Comparison]:
    from bizops_cli.warehouse.figures import table_figures

    rule = tap.reconcile.get(stream, ReconcileRule())
    places = [(tap.raw_schema, stream, rule.sum)]
    if rule.staging is not None:
        schema, _, table = rule.staging.partition(".")
        if not table:
            raise ConfigError(
                f"reconcile of {tap.name}.{stream}: {rule.staging!r} names no schema",
                "Write schema.table.",
            )
        places.append((schema, table, rule.staging_sum))
    for schema, table, summed in places:
        there = table_figures(connection, schema, table, summed=summed)
        total = source.total if summed is not None else None
        yield Comparison(
            tap=tap.name,
            stream=stream,
            place=f"{schema}.{table}",
            source_rows=source.rows,
            rows=there[0] if there else None,
            source_sum=total,
            sum=there[1] if there else None,
            verdict=_verdict(source, total, there, rule.tolerance),
        )


def _verdict(
    source: StreamFigures,
    total: Decimal | None,
    there: tuple[int, Decimal | None] | None,
    tolerance: Decimal,
) -> Verdict:
    if there is None:
        return "not loaded"
    if not source.keys:
        return "no key"
    pairs = [(Decimal(source.rows), Decimal(there[0]))]
    if total is not None and there[1] is not None:
        pairs.append((total, there[1]))
    if all(wanted == found for wanted, found in pairs):
        return "equal"
    is_near = all(abs(w - f) <= abs(w) * tolerance for w, f in pairs)
    return "near" if is_near else "differs"
