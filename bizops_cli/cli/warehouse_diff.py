"""`bizops warehouse diff`, beside the other commands of `bizops warehouse`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_environment,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say
from bizops_cli.cli.warehouse import warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_cli.usecases.diff import ColumnDiff, TableDiff, WarehouseDiff
    from bizops_cli.usecases.row_diff import KeyedRows


@warehouse.command(
    epilog=examples(
        "bizops warehouse diff prod                   all marts, held against prod",
        "bizops warehouse diff prod marts.fct_opportunities --limit 20",
        "bizops --environment ci warehouse diff prod --ignore as_of_date --json",
        "bizops warehouse diff prod raw_salesforce.Account --ignore '_sdc_*'",
    )
)
@click.argument(
    "other_environment",
    metavar="OTHER_ENVIRONMENT",
    shell_complete=complete_environment,
)
@click.argument("tables", nargs=-1, metavar="[SCHEMA.TABLE]...")
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="COLUMN",
    help="Leave this column out, or all that a pattern such as '_sdc_*' fits.",
)
@click.option(
    "--limit",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    help="Keys to show of the rows that differ in one way.",
)
@json_option
@common_options
@pass_common
def diff(
    common: CommonOptions,
    *,
    other_environment: str,
    tables: tuple[str, ...],
    ignored: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Compare tables of this environment with those of another one of bizops.yml.

    Told are columns that one of them lacks or has with another type, rows that only one
    has, and rows that differ, found by their primary key, with the columns they differ
    in. A table without a key is compared by its number of rows and a hash of them all.
    Without tables all of schema marts are compared. Values are equal if PostgreSQL
    writes them alike; 1.0 and 1.00 are. Nothing is written to either warehouse. Where
    anything differs the exit status is 9.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.diff import diff as compare
    from bizops_cli.usecases.diff import raise_differences

    found = compare(
        common.open(),
        other_environment,
        tables,
        ignored=ignored,
        limit=limit,
        on_event=choose_lines(common),
    )
    if as_json:
        print_json(found)
    else:
        _say_diff(found)
    raise_differences(found)


def _say_diff(found: WarehouseDiff) -> None:
    here, there = found.here, found.there
    print_table(
        [
            *("table", f"rows {here}", f"rows {there}"),
            *(f"only {here}", f"only {there}", "changed", ""),
        ],
        [
            (
                *(table.table, table.rows_here, table.rows_there),
                *_row_counts(table),
                _verdict(table, found),
            )
            for table in found.tables
        ],
    )
    for table in found.tables:
        lines = list(_details(table, found))
        if lines:
            say(f"\n{table.table}")
        for line in lines:
            say(f"  {line}")
    equal = sum(t.verdict == "equal" for t in found.tables)
    say(f"{equal} of {len(found.tables)} equal.")


def _row_counts(table: TableDiff) -> tuple[int | None, ...]:
    rows = table.by_key
    if rows is None:
        return (None, None, None)
    return (rows.only_here.rows, rows.only_there.rows, rows.changed.rows)


def _verdict(table: TableDiff, found: WarehouseDiff) -> str:
    only = {
        "only here": f"only in {found.here}",
        "only there": f"only in {found.there}",
    }
    return only.get(table.verdict, table.verdict)


def _details(table: TableDiff, found: WarehouseDiff) -> Iterator[str]:
    for column in table.columns:
        yield _column_line(column, found)
    rows = table.by_key
    if rows is not None:
        yield from _key_line(f"only in {found.here}", rows.only_here)
        yield from _key_line(f"only in {found.there}", rows.only_there)
        yield from _key_line("changed", rows.changed)
        if rows.changed_values:
            counts = (
                f"{name} {count:,}" for name, count in rows.changed_values.items()
            )
            yield f"changed values: {', '.join(counts)}"
    elif table.verdict == "differs":
        yield "no primary key in both: compared by rows and a hash of them all"


def _column_line(column: ColumnDiff, found: WarehouseDiff) -> str:
    if column.there is None:
        return f"column {column.column} ({column.here}) only in {found.here}"
    if column.here is None:
        return f"column {column.column} ({column.there}) only in {found.there}"
    return (
        f"column {column.column}: {column.here} in {found.here}, "
        f"{column.there} in {found.there}"
    )


def _key_line(title: str, found: KeyedRows) -> Iterator[str]:
    if not found.keys:
        return
    keys = (", ".join(f"{n}={v}" for n, v in key.items()) for key in found.keys)
    more = found.rows - len(found.keys)
    yield f"{title}: {'; '.join(keys)}" + (f" and {more:,} more" if more else "")
