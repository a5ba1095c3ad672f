"""`warehouse diff`: tables of one environment against those of another."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError, ReconcileError
from bizops_cli.runlog.events import Note
from bizops_cli.usecases.project import open_project
from bizops_cli.usecases.row_diff import RowDiff, compare_rows, merged_by_key
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.warehouse.diffing import Side, Table

Verdict = Literal["equal", "differs", "only here", "only there"]


@dataclass(frozen=True, slots=True)
class ColumnDiff:
    """A column that one side lacks, or has with another type.

    Attributes:
        column: Its name.
        here: Its type here; None if it is not there.
        there: Its type there.
    """

    column: str
    here: str | None
    there: str | None


@dataclass(frozen=True, slots=True)
class TableDiff:
    """What came of comparing a table.

    Attributes:
        table: `schema.table`.
        verdict: Whether anything differs.
        key: The primary key both sides declare; empty if they do not, or if a column of
            it is ignored.
        rows_here: How many; None where there is no such table.
        rows_there: The same of the other environment.
        columns: Columns that are not the same.
        by_key: What differs in which rows; None without a key: then the rows are
            compared by their number and a hash of all of them.
    """

    table: str
    verdict: Verdict
    key: tuple[str, ...] = ()
    rows_here: int | None = None
    rows_there: int | None = None
    columns: tuple[ColumnDiff, ...] = ()
    by_key: RowDiff | None = None


@dataclass(frozen=True, slots=True)
class WarehouseDiff:
    """What came of comparing two environments: `here` and `there` are their names."""

    here: str
    there: str
    tables: tuple[TableDiff, ...]


def diff(
    project: Project,
    other_environment: str,
    tables: Sequence[str],
    *,
    ignored: Collection[str],
    limit: int,
    on_event: OnEvent,
) -> WarehouseDiff:
    """Compare tables of the project's environment with those of another.

    Each table is read as of one instant, and only if its hash differs does a row leave
    its server. Neither warehouse is written to.

    Args:
        project: The project, in its environment.
        other_environment: Another one of bizops.yml.
        tables: `schema.table`; none means all of marts that either has.
        ignored: Columns to leave out; patterns as `_sdc_*` too.
        limit: Keys to give of the rows that differ in one way, for each table.
        on_event: Takes events.

    Raises:
        ConfigError: A name is wrong, a named table is not on both sides, or both
            environments use one database.
        BizopsError: A warehouse does not answer or refuses.
    """
    other = _open_other(project, other_environment)
    names = _split(tables)
    with _opened(project, names) as here, _opened(other, names) as there:
        if here.database == there.database:
            raise ConfigError(
                f"environments {project.environment!r} and {other.environment!r} use "
                "the same database",
                "Give one of them a warehouse of its own in bizops.yml; "
                "BIZOPS_WAREHOUSE_URL, when set, stands for that of every environment.",
            )
        chosen = _choose(names, here, there)
        _check_ignored(ignored, chosen, here, there)
        found = []
        for table in chosen:
            on_event(Note(f"{'.'.join(table)}: comparing"))
            found.append(_compare(table, here, there, ignored=ignored, limit=limit))
    return WarehouseDiff(here.environment, there.environment, tuple(found))


def raise_differences(found: WarehouseDiff) -> None:
    """Raise an error if the environments differ anywhere.

    Raises:
        ReconcileError: They do.
    """
    bad = [one for one in found.tables if one.verdict != "equal"]
    if bad:
        raise ReconcileError(
            f"{found.here} and {found.there} differ in {len(bad)} of "
            f"{len(found.tables)} tables",
            "Where only columns differ that tell when a row was loaded, leave them out "
            "with --ignore COLUMN.",
        )


def _open_other(project: Project, environment: str) -> Project:
    if environment == project.environment:
        raise ConfigError(
            f"{environment!r} is the environment that is in force: a table is always "
            "equal to itself",
            "Name another one, or choose the first one with --environment.",
        )
    return open_project(
        directory=project.directory,
        environment=environment,
        env_file=project.env_file,
    )


def _split(tables: Sequence[str]) -> list[Table]:
    found: dict[Table, None] = {}
    for name in tables:
        schema, _, table = name.partition(".")
        if not table:
            raise ConfigError(f"{name!r} names no schema", "Write schema.table.")
        found[schema, table] = None
    return list(found)


@contextmanager
def _opened(project: Project, names: Sequence[Table]) -> Iterator[Side]:
    from bizops_cli.warehouse.diffing import read_side, told_of
    from bizops_cli.warehouse.display_access import MARTS_SCHEMA
    from bizops_cli.warehouse.refusals import connected

    schemas = sorted({schema for schema, _ in names}) or [MARTS_SCHEMA]
    with ExitStack() as stack:
        with told_of(project.environment):
            url = find_warehouse(project).url
            connection = stack.enter_context(
                connected(url, application_name="bizops diff")
            )
            side = read_side(connection, project.environment, schemas)
        yield side


def _choose(names: Sequence[Table], here: Side, there: Side) -> list[Table]:
    both = here.columns.keys() | there.columns.keys()
    if not names and not both:
        raise ConfigError(
            f"neither {here.environment!r} nor {there.environment!r} has tables in "
            "schema marts",
            "Build them with `bizops elt run`, or name tables.",
        )
    known = [".".join(table) for table in both]
    for table in names:
        name = ".".join(table)
        if table not in both:
            raise ConfigError(
                f"neither environment has a table {name!r}",
                suggestion(name, known, what="table in these schemas"),
            )
        for side, other in ((here, there), (there, here)):
            if table not in side.columns:
                raise ConfigError(
                    f"{name} is in {other.environment!r} and not in "
                    f"{side.environment!r}",
                    f"Build it there: bizops elt run --environment {side.environment}",
                )
    return list(names) or sorted(both)


def _check_ignored(
    ignored: Collection[str], tables: Sequence[Table], here: Side, there: Side
) -> None:
    """See that each name, patterns left out, is that of a column."""
    known = {
        column
        for table in tables
        for side in (here, there)
        for column in side.columns.get(table, ())
    }
    for name in ignored:
        if name not in known and not set(name) & set("*?["):
            raise ConfigError(
                f"--ignore {name}: none of these tables has this column",
                suggestion(name, known, what="column"),
            )


def _compare(
    table: Table, here: Side, there: Side, *, ignored: Collection[str], limit: int
) -> TableDiff:
    from bizops_cli.warehouse.diffing import at_one_instant, read_figures

    name = ".".join(table)
    if table not in here.columns or table not in there.columns:
        return TableDiff(name, "only here" if table in here.columns else "only there")
    mine, theirs = (
        {c: kind for c, kind in side.columns[table].items() if not _is_in(c, ignored)}
        for side in (here, there)
    )
    columns = [column for column in mine if column in theirs]
    key = here.keys.get(table, ())
    if key != there.keys.get(table, ()) or not set(key) <= set(columns):
        key = ()
    with at_one_instant(here), at_one_instant(there):
        figures_here = read_figures(here, table, columns)
        figures_there = read_figures(there, table, columns)
        is_equal = figures_here == figures_there
        by_key = RowDiff() if key else None
        if key and not is_equal:
            by_key = _compare_by_key(table, here, there, key, columns, limit=limit)
    column_diffs = tuple(_column_diffs(mine, theirs))
    return TableDiff(
        table=name,
        verdict="equal" if is_equal and not column_diffs else "differs",
        key=key,
        rows_here=figures_here[0],
        rows_there=figures_there[0],
        columns=column_diffs,
        by_key=by_key,
    )


def _compare_by_key(
    table: Table,
    here: Side,
    there: Side,
    key: Sequence[str],
    columns: Sequence[str],
    *,
    limit: int,
) -> RowDiff:
    from bizops_cli.warehouse.diffing import stream_rows

    rest = [column for column in columns if column not in key]
    rows_here, rows_there = (
        stream_rows(side, table, key, rest) for side in (here, there)
    )
    pairs = merged_by_key(rows_here, rows_there, key_size=len(key))
    return compare_rows(pairs, key, rest, limit=limit)


def _column_diffs(
    mine: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[ColumnDiff]:
    for column in dict.fromkeys([*mine, *theirs]):
        here, there = mine.get(column), theirs.get(column)
        if here != there:
            yield ColumnDiff(column, here, there)


def _is_in(column: str, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(column, pattern) for pattern in patterns)
