"""The tables of schema bizops: made and changed by numbered steps, forward only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError, DatabaseRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

SCHEMA = "bizops"
# target-postgres takes the same lock before it makes a table.
_DDL_LOCK = "bizops.ddl"

_STATE = """
create table if not exists bizops.state (
    state_id text primary key,
    value json not null,
    run_id text,
    updated_at timestamptz not null
);
create table if not exists bizops.state_history (
    state_id text not null,
    run_id text not null,
    value json not null,
    committed_at timestamptz not null,
    primary key (state_id, run_id)
);
"""
_RUNS = """
create table bizops.runs (
    run_id text primary key,
    project text not null,
    environment text not null,
    job text not null,
    status text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    exit_status integer,
    message text not null,
    bizops_version text not null
);
create index runs_started_at on bizops.runs (started_at desc);
create table bizops.run_taps (
    run_id text not null references bizops.runs on delete cascade,
    tap text not null,
    target text not null,
    status text not null,
    rows bigint not null,
    size_bytes bigint not null,
    states bigint not null,
    duration_s double precision not null,
    tap_exit_status integer,
    target_exit_status integer,
    message text not null,
    primary key (run_id, tap)
);
create table bizops.run_streams (
    run_id text not null references bizops.runs on delete cascade,
    tap text not null,
    stream text not null,
    rows bigint not null,
    size_bytes bigint not null,
    duration_s double precision not null,
    bookmark_before json,
    bookmark_after json,
    primary key (run_id, tap, stream)
);
create table bizops.run_models (
    run_id text not null references bizops.runs on delete cascade,
    unique_id text not null,
    resource_type text not null,
    status text not null,
    duration_s double precision not null,
    rows_affected bigint,
    message text not null,
    primary key (run_id, unique_id)
);
"""
_API_CALLS = "alter table bizops.run_taps add column api_calls bigint"
_ATTEMPTS = "alter table bizops.run_taps add column attempts integer not null default 1"
_READINGS = """
create table bizops.model_code (
    fingerprint text primary key,
    archive bytea not null
);
create table bizops.metric_readings (
    number bigint generated always as identity primary key,
    run_id text not null,
    read_at timestamptz not null,
    as_of_date date,
    fingerprint text not null,
    variables json not null,
    known_at json not null
);
create table bizops.metric_history (
    number bigint not null references bizops.metric_readings on delete cascade,
    metric_code text not null,
    period_type text not null,
    period_start date not null,
    dimension_type text not null,
    dimension_id text not null,
    numerator numeric,
    denominator numeric,
    value numeric,
    is_gone boolean not null,
    primary key (
        metric_code, period_type, period_start, dimension_type, dimension_id, number
    )
);
"""
_PROCESSOR = (
    "alter table bizops.run_taps add column tap_cpu_s double precision,"
    " add column target_cpu_s double precision"
)
_QUOTA = "alter table bizops.run_taps add column quota_percent double precision"
_BUILDS = """
create unlogged table bizops.whole_builds (
    project text not null,
    environment text not null,
    fingerprint text not null,
    sources json not null,
    relations text[] not null,
    primary key (project, environment)
);
create unlogged table bizops.unbuilt (
    project text not null,
    environment text not null,
    job text not null,
    schema text not null,
    primary key (project, environment, job, schema)
);
alter table bizops.runs add column build text;
"""
_RECONCILIATIONS = """
create table bizops.reconciliations (
    project text not null,
    environment text not null,
    tap text not null,
    stream text not null,
    place text not null,
    compared_at timestamptz not null,
    source_rows bigint not null,
    rows bigint,
    source_sum numeric,
    sum numeric,
    verdict text not null,
    primary key (project, environment, tap, stream, place)
);
"""
_REACHES = """
create table bizops.stream_reaches (
    project text not null,
    environment text not null,
    tap text not null,
    stream text not null,
    start_date text,
    columns text[],
    primary key (project, environment, tap, stream)
);
"""
MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("state", _STATE),
    ("runs", _RUNS),
    ("api calls", _API_CALLS),
    ("attempts", _ATTEMPTS),
    ("metric readings", _READINGS),
    ("processor", _PROCESSOR),
    ("quota", _QUOTA),
    ("builds", _BUILDS),
    ("reconciliations", _RECONCILIATIONS),
    ("stream reaches", _REACHES),
)
"""Name and statements of each step; its number is its place, from 1. Never edited."""


def migrate(connection: Connection) -> None:
    """Bring schema bizops to the newest version; any number of commands may at once.

    Args:
        connection: In autocommit mode.

    Raises:
        DatabaseRefusedError: The role may not create the schema or a table.
        ConfigError: A newer bizops has been here.
    """
    import psycopg2

    if _version(connection) == len(MIGRATIONS):
        return
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (_DDL_LOCK,)
            )
            _apply(cursor)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise DatabaseRefusedError(
            f"the warehouse's role may not create schema {SCHEMA}: "
            f"{error.diag.message_primary}",
            "As the database's owner: grant create on database NAME to ROLE.",
        ) from None


def schemas_with_tables(connection: Connection, schemas: Sequence[str]) -> list[str]:
    """Return which of the schemas there are with at least one table in them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct schema.nspname from pg_catalog.pg_class as relation"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where relation.relkind in ('r', 'p') and schema.nspname = any(%s)",
            (list(schemas),),
        )
        found = {name for (name,) in cursor.fetchall()}
    return [schema for schema in schemas if schema in found]


def has_table(connection: Connection, qualified_name: str) -> bool:
    """Tell whether a table or view of that name, e.g. `bizops.state`, is there."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (qualified_name,))
        (is_there,) = cursor.fetchone() or (False,)
    return bool(is_there)


def _version(connection: Connection) -> int:
    if not has_table(connection, f"{SCHEMA}.migrations"):
        return 0
    with connection.cursor() as cursor:
        return _applied(cursor)


def _applied(cursor: Cursor) -> int:
    cursor.execute("select coalesce(max(version), 0) from bizops.migrations")
    (version,) = cursor.fetchone() or (0,)
    if version > len(MIGRATIONS):
        raise ConfigError(
            f"a newer bizops has worked on this warehouse (schema version {version}, "
            f"this one knows {len(MIGRATIONS)})",
            "Upgrade bizops.",
        )
    return int(version)


def _apply(cursor: Cursor) -> None:
    # "create schema if not exists" asks for the right to create it even if it exists.
    cursor.execute("select to_regnamespace(%s) is not null", (SCHEMA,))
    if cursor.fetchone() != (True,):
        cursor.execute("create schema if not exists bizops")
    cursor.execute(
        "create table if not exists bizops.migrations (version integer primary key,"
        " name text not null, applied_at timestamptz not null)"
    )
    for number in range(_applied(cursor) + 1, len(MIGRATIONS) + 1):
        name, statements = MIGRATIONS[number - 1]
        cursor.execute(statements)
        cursor.execute(
            "insert into bizops.migrations values (%s, %s, now())", (number, name)
        )
