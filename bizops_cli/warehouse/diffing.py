"""Tables of a warehouse as text, to be held against those of another server.

Every value is compared as the text PostgreSQL writes for it under the same settings, so
that two servers, whatever their versions, time zones and collations, say the same.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError
from bizops_cli.warehouse.columns import read_columns
from bizops_cli.warehouse.refusals import translated_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from psycopg2 import sql
    from psycopg2.extensions import connection as Connection  # noqa: N812

Table = tuple[str, str]
"""Schema and name."""
Row = tuple[str | None, ...]
"""Values as text, those of the key first."""


@dataclass(frozen=True, slots=True)
class Side:
    """The warehouse of one environment.

    Attributes:
        environment: Its name.
        connection: Reads only; each transaction sees one instant.
        database: Tells databases apart, whatever address leads to them.
        columns: Column to type of every table and view looked at.
        keys: Columns of the primary keys they declare.
    """

    environment: str
    connection: Connection
    database: str
    columns: Mapping[Table, Mapping[str, str]]
    keys: Mapping[Table, tuple[str, ...]]


@contextmanager
def told_of(environment: str) -> Iterator[None]:
    """Name the environment in errors of the block.

    Raises:
        BizopsError: What the block raises; errors of the database as in `connected`.
    """
    try:
        with translated_errors():
            yield
    except BizopsError as error:
        error.context = {**error.context, "environment": environment}
        raise


def read_side(connection: Connection, environment: str, schemas: Sequence[str]) -> Side:
    """Look at what schemas have, and make the connection one that only reads.

    Args:
        connection: In autocommit mode.
        environment: Whose warehouse it is.
        schemas: Where the tables are.
    """
    with connection.cursor() as cursor:
        # The role or the database may have other habits of writing values.
        cursor.execute(
            "set datestyle to 'ISO, YMD'; set intervalstyle to postgres;"
            " set bytea_output to hex; set extra_float_digits to 1;"
            " select pg_postmaster_start_time()::text || ' ' || current_database()"
        )
        (database,) = cursor.fetchone() or ("",)
    side = Side(
        environment=environment,
        connection=connection,
        database=database,
        columns=read_columns(connection, schemas, with_views=True),
        keys=_read_keys(connection, schemas),
    )
    connection.set_session("REPEATABLE READ", readonly=True, autocommit=False)
    return side


@contextmanager
def at_one_instant(side: Side) -> Iterator[None]:
    """Let the block see the warehouse as it is when the block first asks."""
    try:
        yield
    finally:
        if not side.connection.closed:  # one that broke has had its error told
            side.connection.rollback()


def read_figures(
    side: Side, table: Table, columns: Sequence[str]
) -> tuple[int, Decimal]:
    """Return how many rows there are, and a hash of all of them in any order.

    Two tables with the same rows, each as often, have the same hash; no row leaves the
    server for it.
    """
    from psycopg2 import sql

    statement = sql.SQL(
        "select count(*), coalesce(sum(('x' || encode(substr(sha256(convert_to("
        "row({})::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint), 0) from {}"
    ).format(sql.SQL(", ").join(_as_text(side, table, columns)), sql.Identifier(*table))
    with told_of(side.environment), side.connection.cursor() as cursor:
        cursor.execute(statement)
        rows, hashed = cursor.fetchone() or (0, 0)
    return int(rows), hashed


def stream_rows(
    side: Side, table: Table, key: Sequence[str], columns: Sequence[str]
) -> Iterator[Row]:
    """Give all rows in the order of their keys' code points, some at a time.

    Must be exhausted within a block of `at_one_instant`.

    Args:
        side: Where.
        table: Its name.
        key: Columns of the primary key.
        columns: Which others to give.
    """
    from psycopg2 import sql

    keys = list(_as_text(side, table, key))
    # "C" is the order Python has, and the same on every server.
    order = [sql.SQL('({}) collate "C"').format(one) for one in keys]
    statement = sql.SQL("select {} from {} order by {}").format(
        sql.SQL(", ").join([*keys, *_as_text(side, table, columns)]),
        sql.Identifier(*table),
        sql.SQL(", ").join(order),
    )
    with (
        told_of(side.environment),
        side.connection.cursor(name="bizops_diff") as cursor,
    ):
        cursor.execute(statement)
        yield from cursor


def _as_text(
    side: Side, table: Table, columns: Sequence[str]
) -> Iterator[sql.Composable]:
    from psycopg2 import sql

    for column in columns:
        kind = side.columns[table][column]
        is_numeric = kind.startswith("numeric") and not kind.endswith("[]")
        # 1.0 and 1.00 are one number.
        form = "trim_scale({})::text" if is_numeric else "{}::text"
        yield sql.SQL(form).format(sql.Identifier(column))


def _read_keys(
    connection: Connection, schemas: Sequence[str]
) -> dict[Table, tuple[str, ...]]:
    """Return the columns of primary keys; models declare theirs in their contracts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select schema.nspname, relation.relname,"
            " array_agg(part.attname::text order by place.number)"
            " from pg_catalog.pg_constraint as key"
            " join pg_catalog.pg_class as relation on relation.oid = key.conrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " cross join lateral unnest(key.conkey) with ordinality"
            " as place (attnum, number)"
            " join pg_catalog.pg_attribute as part"
            " on part.attrelid = relation.oid and part.attnum = place.attnum"
            " where key.contype = 'p' and schema.nspname = any(%s) group by 1, 2",
            (list(schemas),),
        )
        return {(schema, table): tuple(key) for schema, table, key in cursor.fetchall()}
