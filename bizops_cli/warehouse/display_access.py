"""What the dashboards need of the warehouse: a role that reads marts, and no more."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg2 import errors, sql
from psycopg2.extensions import encrypt_password

from bizops_cli.errors import DatabaseRefusedError
from bizops_cli.warehouse.schema import has_table, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import connection as Connection  # noqa: N812
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

VIEWS_SCHEMA = "bizops_display"
MARTS_SCHEMA = "marts"
_LONGEST_NAME = 63
# Neither messages nor bookmarks: a message of a failed test may quote a row.
_RUNS_VIEW = """
create view bizops_display.runs as
select
    runs.run_id,
    runs.project,
    runs.job,
    runs.environment,
    runs.status,
    runs.started_at,
    runs.finished_at,
    runs.exit_status,
    taps.row_count,
    taps.api_calls,
    tests.failed_tests
from bizops.runs as runs
cross join lateral (
    select
        coalesce(sum(run_taps.rows), 0)::bigint as row_count,
        sum(run_taps.api_calls)::bigint as api_calls
    from bizops.run_taps where run_taps.run_id = runs.run_id
) as taps
cross join lateral (
    select count(*) as failed_tests
    from bizops.run_models
    where
        run_models.run_id = runs.run_id
        and run_models.resource_type in ('test', 'unit_test')
        and run_models.status in ('fail', 'error')
) as tests
"""
_LAST_BUILD_VIEW = """
create view bizops_display.last_build as
with built as (
    select
        runs.run_id,
        runs.started_at,
        runs.build
    from bizops.runs
    where exists (
        select from bizops.run_models where run_models.run_id = runs.run_id
    )
)

select distinct on (run_models.unique_id)
    run_models.run_id,
    run_models.unique_id,
    run_models.resource_type,
    run_models.status,
    run_models.duration_s,
    run_models.rows_affected
from bizops.run_models
inner join built on run_models.run_id = built.run_id
where built.started_at >= coalesce(
    (
        select max(everything.started_at)
        from built as everything
        where everything.build is distinct from 'loaded'
    ),
    '-infinity'
)
order by run_models.unique_id asc, built.started_at desc
"""
_RECONCILIATIONS_VIEW = """
create view bizops_display.reconciliations as
select
    project,
    environment,
    tap,
    stream,
    place,
    verdict,
    source_rows,
    rows,
    compared_at
from bizops.reconciliations
"""
_VIEWS = {
    "runs": _RUNS_VIEW,
    "last_build": _LAST_BUILD_VIEW,
    "reconciliations": _RECONCILIATIONS_VIEW,
}


@dataclass(frozen=True, slots=True)
class DisplayFacts:
    """What there is to show.

    Attributes:
        definitions: Rows of code, name, department, formula, unit, kind, sources.
        figures: What has a value: metric, dimension type and period type.
        relations: Tables and views of the schemas the dashboards may read.
    """

    definitions: tuple[tuple[str, ...], ...]
    figures: frozenset[tuple[str, str, str]]
    relations: frozenset[str]


def reader_role(database: str) -> str:
    """Return the name of the reading role of a database; roles belong to a server."""
    return f"{database}_display"[:_LONGEST_NAME]


def metadata_database(database: str) -> str:
    """Return the name of Superset's own database beside a warehouse."""
    return f"{database}_superset"[:_LONGEST_NAME]


def make_views(connection: Connection) -> None:
    """Make the views on past runs, anew; those of what never was are not made.

    Tables an older bizops has made are brought to what this one knows.

    Raises:
        DatabaseRefusedError: The warehouse's role may not make a schema.
    """
    wanted = set()
    if has_table(connection, "bizops.run_models"):
        migrate(connection)
        wanted = {"runs", "last_build"}
    with _explained(_NO_SCHEMA), connection, connection.cursor() as cursor:
        _make_schema(cursor, VIEWS_SCHEMA)
        if wanted:
            cursor.execute("select exists (select from bizops.reconciliations)")
            wanted |= {"reconciliations"} if cursor.fetchone() == (True,) else set()
        for name, statement in _VIEWS.items():
            cursor.execute(
                sql.SQL("drop view if exists {}").format(
                    sql.Identifier(VIEWS_SCHEMA, name)
                )
            )
            if name in wanted:
                cursor.execute(statement)


def let_read(connection: Connection, role: str, password: str) -> None:
    """Make a role that reads marts and the views, now and after every build.

    Args:
        connection: As the role that builds the models.
        role: Its name; it is changed if it is there.
        password: Its password; the server is sent a hash of it, as is its log.

    Raises:
        DatabaseRefusedError: The warehouse's role may not make roles.
    """
    name = sql.Identifier(role)
    verifier = encrypt_password(
        password, role, scope=connection, algorithm="scram-sha-256"
    )
    with _explained(_NO_ROLE), connection, connection.cursor() as cursor:
        cursor.execute("select from pg_catalog.pg_roles where rolname = %s", (role,))
        verb = sql.SQL("alter" if cursor.rowcount else "create")
        options = sql.SQL("login nosuperuser nocreatedb nocreaterole noinherit")
        cursor.execute(
            sql.SQL("{} role {} with {} password {}").format(
                verb, name, options, sql.Literal(verifier)
            )
        )
        for setting in (
            "default_transaction_read_only = on",
            "statement_timeout = '60s'",
            "idle_in_transaction_session_timeout = '60s'",
        ):
            cursor.execute(
                sql.SQL("alter role {} set {}").format(name, sql.SQL(setting))
            )
    grant_reading(connection, role)


def grant_reading(connection: Connection, role: str) -> None:
    """Let a role read what dashboards show; tables of later builds, too.

    Raises:
        DatabaseRefusedError: The warehouse's role may not give that right.
    """
    with _explained(_NO_SCHEMA), connection, connection.cursor() as cursor:
        for schema in (MARTS_SCHEMA, VIEWS_SCHEMA):
            _make_schema(cursor, schema)
            for statement in (
                "grant usage on schema {schema} to {role}",
                "grant select on all tables in schema {schema} to {role}",
                "alter default privileges in schema {schema}"
                " grant select on tables to {role}",
            ):
                cursor.execute(
                    sql.SQL(statement).format(
                        schema=sql.Identifier(schema), role=sql.Identifier(role)
                    )
                )
        cursor.execute("select current_database()")
        (database,) = cursor.fetchone() or ("",)
        cursor.execute(
            sql.SQL("grant connect on database {} to {}").format(
                sql.Identifier(database), sql.Identifier(role)
            )
        )


def ensure_database(connection: Connection, name: str) -> bool:
    """Make a database nobody else may enter; return whether it was not there.

    Raises:
        DatabaseRefusedError: The warehouse's role may not make databases.
    """
    with _explained(_NO_DATABASE), connection.cursor() as cursor:
        cursor.execute("select from pg_catalog.pg_database where datname = %s", (name,))
        if cursor.rowcount:
            return False
        cursor.execute(
            sql.SQL("create database {} encoding 'UTF8' template template0").format(
                sql.Identifier(name)
            )
        )
        cursor.execute(
            sql.SQL("revoke all on database {} from public").format(
                sql.Identifier(name)
            )
        )
    return True


def read_display_facts(connection: Connection) -> DisplayFacts:
    """Return what there is to show; without a build, nothing."""
    definitions: list[tuple[str, ...]] = []
    figures: list[tuple[str, str, str]] = []
    with connection.cursor() as cursor:
        if has_table(connection, "seeds.metric_definitions"):
            cursor.execute(
                "select metric_code, name, department, formula, unit, kind,"
                " coalesce(sources, '') from seeds.metric_definitions order by 1"
            )
            definitions = cursor.fetchall()
        if has_table(connection, "marts.mtr_metric_values"):
            cursor.execute(
                "select distinct metric_code, dimension_type, period_type"
                " from marts.mtr_metric_values where value is not null"
            )
            figures = cursor.fetchall()
        cursor.execute(
            "select schema.nspname || '.' || relation.relname"
            " from pg_catalog.pg_class as relation"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where relation.relkind in ('r', 'v', 'm', 'p')"
            " and schema.nspname in (%s, %s)",
            (MARTS_SCHEMA, VIEWS_SCHEMA),
        )
        relations = frozenset(name for (name,) in cursor.fetchall())
    return DisplayFacts(tuple(definitions), frozenset(figures), relations)


def _make_schema(cursor: Cursor, name: str) -> None:
    # "create schema if not exists" asks for the right to create it even if it exists.
    cursor.execute("select to_regnamespace(%s) is not null", (name,))
    if cursor.fetchone() != (True,):
        cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))


def other_login(url: str, *, user: str, password: str) -> str:
    """Return a URL with another role."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))


def other_database(url: str, database: str) -> str:
    """Return a URL with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def for_superset(url: str) -> str:
    """Return a libpq URL as SQLAlchemy writes it."""
    return "postgresql+psycopg2://" + url.partition("://")[2]


_NO_SCHEMA = (
    "As the database's owner: grant create on database NAME to ROLE, and let the role "
    "own schema marts."
)
_NO_ROLE = (
    "Let the warehouse's role make roles (alter role NAME createrole), or make a role "
    "that may read schema marts and set `reader_url` under [warehouse] in "
    "config/bizops.conf."
)
_NO_DATABASE = (
    "Let the warehouse's role make databases (alter role NAME createdb), or make an "
    "empty database and set `metadata_url` under [warehouse] in config/bizops.conf."
)


@contextmanager
def _explained(next_step: str) -> Iterator[None]:
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise DatabaseRefusedError(
            f"the warehouse refused: {error.diag.message_primary}", next_step
        ) from None
