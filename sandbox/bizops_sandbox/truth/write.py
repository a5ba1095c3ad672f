"""The truth as files: the log, the metrics, who is who, touches, noise, ARR."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING

from bizops_sandbox.projections.noise_ledgers import HANDLING as OTHER_HANDLING
from bizops_sandbox.projections.noise_ledgers import differences
from bizops_sandbox.projections.record_map import named_records
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.arr_effects import split_months
from bizops_sandbox.truth.catalogue import metric_rows
from bizops_sandbox.truth.cells import MetricRow, decimal_text
from bizops_sandbox.truth.extras import extra_tables
from bizops_sandbox.truth.extras_learned import learned_tables
from bizops_sandbox.truth.known import Known
from bizops_sandbox.truth.metrics import compute_metrics, order_of_rows
from bizops_sandbox.truth.noise import HANDLING, noise_ledger
from bizops_sandbox.truth.touches import find_touches, first_touch
from bizops_sandbox.world.log import events_until, write_log
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.persons import Persons
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

METRIC_COLUMNS = (
    "metric_code",
    "period_type",
    "period_start",
    "dimension_type",
    "dimension_id",
    "numerator",
    "denominator",
    "value",
    "as_of_date",
    "is_mature",
    "quality_note",
    "sources",
)
_IDENTITY_COLUMNS = (
    "source",
    "object",
    "source_id",
    "record_key",
    "true_person",
    "true_organization",
    "known_person",
)
_TOUCH_COLUMNS = (
    "source_id",
    "known_person",
    "campaign_id",
    "channel",
    "touched_date",
    "recorded_at",
    "is_repeat",
    "is_first_touch",
)
_NOISE_COLUMNS = (
    "code",
    "object",
    "source_id",
    "other_id",
    "noted_at",
    "handling",
    "source",
)
_ARR_COLUMNS = (
    "month",
    "organization_key",
    "movement",
    "arr_before",
    "arr_after",
    "delta",
    "seat_effect",
    "price_effect",
    "tier_effect",
    "product_from",
    "product_to",
)

Cells = tuple[object, ...]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Cells]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _flag(*, value: bool) -> str:
    return "true" if value else "false"


def metric_cells(row: MetricRow, as_of: date) -> Cells:
    """One line of metrics.csv."""
    return (
        row.metric_code,
        row.period.kind,
        row.period.start.isoformat(),
        *row.dimension,
        decimal_text(row.numerator),
        decimal_text(row.denominator),
        decimal_text(row.value),
        as_of.isoformat(),
        _flag(value=row.is_mature),
        row.quality_note or "",
        row.sources,
    )


def _identity_rows(facts: Facts, persons: Persons) -> Iterator[Cells]:
    """One row a record; records that count for nothing have no known person."""
    for record in facts.people.values():
        name = "Lead" if record.is_lead else "Contact"
        known = persons.by_record.get(record.key)
        yield (
            "salesforce",
            name,
            salesforce_id(name, record.key),
            record.key,
            record.person_key,
            facts.organization_of[record.person_key],
            known.key if known else "",
        )
    for account in facts.accounts.values():
        yield (
            "salesforce",
            "Account",
            salesforce_id("Account", account.key),
            account.key,
            "",
            account.organization_key,
            "",
        )


def _touch_rows(facts: Facts, persons: Persons) -> Iterator[Cells]:
    touches = find_touches(facts, persons)
    counted: dict[str, list[int]] = {}
    for number, touch in enumerate(touches):
        if not touch.is_repeat:
            counted.setdefault(touch.person.key, []).append(number)
    first_keys = set()
    for numbers in counted.values():
        own = [touches[number] for number in numbers]
        created_on = own[0].person.lead_created_on
        first = first_touch(own, created_on) if created_on else None
        if first:
            first_keys.add(first.member_key)
    for touch in touches:
        yield (
            touch.member_id,
            touch.person.key,
            salesforce_id("Campaign", touch.campaign_key),
            facts.campaigns[touch.campaign_key].channel,
            touch.touched_on.isoformat(),
            f"{touch.recorded_at:%Y-%m-%dT%H:%M:%SZ}",
            _flag(value=touch.is_repeat),
            _flag(value=touch.member_key in first_keys),
        )


def _noise_rows(
    events: Iterable[Event], params: Parameters, as_of: date
) -> Iterator[Cells]:
    for noise in noise_ledger(events, params, as_of):
        yield (
            noise.code,
            noise.object_name,
            noise.source_id,
            noise.other_id,
            f"{noise.at:%Y-%m-%dT%H:%M:%SZ}",
            HANDLING[noise.code],
            "salesforce",
        )


def _other_noise_rows(known: Known) -> Iterator[Cells]:
    others = known.sources - {"salesforce"}
    for row in differences(known.events, known.params, known.as_of, others):
        yield (
            row.code,
            row.object_name,
            row.source_id,
            row.other_id,
            f"{row.at:%Y-%m-%dT%H:%M:%SZ}",
            OTHER_HANDLING[row.code],
            row.source,
        )


def _other_identity_rows(known: Known) -> Iterator[Cells]:
    others = known.sources - {"salesforce"}
    for row in named_records(known.events, known.params, known.as_of, others):
        yield (
            row.source,
            row.object_name,
            row.source_id,
            row.key,
            row.person_key,
            row.organization_key,
            "",
        )


def _arr_rows(known: Known) -> Iterator[Cells]:
    for row in split_months(known.billing.book, known.first, known.as_of, known.ranks):
        month, split = row.month, row.split
        yield (
            month.month.isoformat(),
            month.organization_key,
            month.movement,
            month.arr_before,
            month.arr_after,
            month.arr_after - month.arr_before,
            decimal_text(split.seat),
            decimal_text(split.price),
            decimal_text(split.tier),
            row.before.product,
            row.after.product,
        )


def _metric_rows(known: Known, *, with_catalogue: bool) -> list[MetricRow]:
    rows: list[MetricRow] = []
    if "salesforce" in known.sources:
        rows += compute_metrics(
            known.events,
            known.as_of,
            fiscal_year_start_month=known.fiscal_start,
        )
    if with_catalogue:
        rows += metric_rows(known)
    return sorted(rows, key=order_of_rows)


def write_truth(
    events: Iterable[Event],
    params: Parameters,
    as_of: date,
    directory: Path,
    *,
    sources: Iterable[str] = ("salesforce",),
    with_catalogue: bool | None = None,
) -> tuple[Path, ...]:
    """Write everything that is true at the end of a day.

    Args:
        events: The log, in time order.
        params: The parameters that made it.
        as_of: The day.
        directory: Where to write; it is made when it is not there.
        sources: What the reader knows: names of sources, csv for the inputs, models for
            what is learned from them in a step of its own.
        with_catalogue: Whether to write the metrics of the catalogue beside the first
            ones of Salesforce; by default when there is more than Salesforce.

    Returns:
        The files written: events.jsonl, metrics.csv, identities.csv, touches.csv,
        noise.csv, arr.csv; with the catalogue those of `extras` and `extras_learned`,
        too.
    """
    directory.mkdir(parents=True, exist_ok=True)
    log_path = directory / "events.jsonl"
    write_log(events_until(events, day_end(as_of)), log_path)
    known = Known(events, params, as_of, frozenset(sources))
    if with_catalogue is None:
        with_catalogue = known.sources != {"salesforce"}
    written = [
        _write(directory / f"{name}.csv", columns, rows)
        for name, (columns, rows) in _tables(known, with_catalogue=with_catalogue)
    ]
    return (log_path, *written)


def _tables(
    known: Known, *, with_catalogue: bool
) -> Iterator[tuple[str, tuple[Sequence[str], Iterable[Cells]]]]:
    """The name of each file, its columns and rows."""
    metrics = _metric_rows(known, with_catalogue=with_catalogue)
    cells = (metric_cells(row, known.as_of) for row in metrics)
    yield "metrics", (METRIC_COLUMNS, cells)
    identities = _identity_rows(known.facts, known.persons)
    everybody = chain(identities, _other_identity_rows(known))
    yield "identities", (_IDENTITY_COLUMNS, everybody)
    yield "touches", (_TOUCH_COLUMNS, _touch_rows(known.facts, known.persons))
    noise = _noise_rows(known.events, known.params, known.as_of)
    yield "noise", (_NOISE_COLUMNS, chain(noise, _other_noise_rows(known)))
    yield "arr", (_ARR_COLUMNS, _arr_rows(known))
    if with_catalogue:
        yield from extra_tables(known).items()
        yield from learned_tables(known).items()
