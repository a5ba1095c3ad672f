"""Finding a text everywhere in a warehouse, and blanking what is about a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812
    from psycopg2.sql import Composable

_TEXTS = ("text", "character varying", "character", "json", "jsonb", "citext")
Table = tuple[str, str]


def text_columns(connection: Connection) -> dict[Table, dict[str, bool]]:
    """Return the columns of every table that may hold text, and whether they must.

    Returns:
        `(schema, table)` to column to whether it is not null. The server's own schemas
        are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select schema.nspname, relation.relname, part.attname, part.attnotnull"
            " from pg_catalog.pg_attribute as part"
            " join pg_catalog.pg_class as relation on relation.oid = part.attrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where relation.relkind in ('r', 'p', 'm') and part.attnum > 0"
            " and not part.attisdropped and not relation.relispartition"
            " and schema.nspname <> 'information_schema'"
            " and schema.nspname !~ '^pg_'"
            " and format_type(part.atttypid, null) = any(%s)"
            " order by 1, 2, part.attnum",
            (list(_TEXTS),),
        )
        found: dict[Table, dict[str, bool]] = {}
        for schema, table, column, is_needed in cursor.fetchall():
            found.setdefault((schema, table), {})[column] = is_needed
    return found


def other_columns(connection: Connection) -> dict[Table, tuple[str, ...]]:
    """Return the columns of every table that hold no text and may be null."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select schema.nspname, relation.relname, array_agg(part.attname::text)"
            " from pg_catalog.pg_attribute as part"
            " join pg_catalog.pg_class as relation on relation.oid = part.attrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where relation.relkind in ('r', 'p') and part.attnum > 0"
            " and not part.attisdropped and not relation.relispartition"
            " and not part.attnotnull and schema.nspname <> 'information_schema'"
            " and schema.nspname !~ '^pg_'"
            " and format_type(part.atttypid, null) <> all(%s) group by 1, 2",
            (list(_TEXTS),),
        )
        return {(schema, table): tuple(n) for schema, table, n in cursor.fetchall()}


def count_mentions(
    connection: Connection, table: Table, columns: Sequence[str], texts: Sequence[str]
) -> int:
    """Return in how many rows a column contains one of the texts, in any case."""
    from psycopg2 import sql

    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("select count(*) from {} where {}").format(
                sql.Identifier(*table), _any_contains(columns, texts)
            )
        )
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def blank_person(
    connection: Connection,
    table: Table,
    *,
    emails: Sequence[str],
    personal: Mapping[str, bool],
    texts: Sequence[str],
    salt: str,
) -> int:
    """Empty every personal column of the rows whose email is one of the texts.

    Args:
        connection: In autocommit mode.
        table: Schema and name.
        emails: Its columns with emails.
        personal: Its columns about a person, and whether they may not be null: these
            get a text without meaning, the same for the same value and salt.
        texts: The email, lower-cased, and its hash.
        salt: A random text that nobody keeps, so that no value can be guessed.

    Returns:
        How many rows.
    """
    from psycopg2 import sql

    wanted = sql.SQL(", ").join(map(sql.Literal, texts))
    matches = sql.SQL(" or ").join(
        sql.SQL("lower(trim({}::text)) in ({})").format(sql.Identifier(name), wanted)
        for name in emails
    )
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = 'erased-' || md5({0}::text || {1})").format(
            sql.Identifier(name), sql.Literal(salt)
        )
        if is_needed
        else sql.SQL("{} = null").format(sql.Identifier(name))
        for name, is_needed in personal.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("update {} set {} where {}").format(
                sql.Identifier(*table), changes, matches
            )
        )
        return int(cursor.rowcount)


def mask_mentions(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    texts: Sequence[str],
    mask: str,
) -> int:
    """Replace the texts wherever they stand inside other text; return the rows."""
    from psycopg2 import sql

    kinds = _kinds(connection, table)
    changes = []
    for name in columns:
        value: sql.Composable = sql.SQL("{}::text").format(sql.Identifier(name))
        for text in texts:
            value = sql.SQL("regexp_replace({}, {}, {}, 'gi')").format(
                value, sql.Literal(_quoted(text)), sql.Literal(mask)
            )
        kind = sql.SQL(kinds[name])
        changes.append(
            sql.SQL("{} = ({})::{}").format(sql.Identifier(name), value, kind)
        )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("update {} set {} where {}").format(
                sql.Identifier(*table),
                sql.SQL(", ").join(changes),
                _any_contains(columns, texts),
            )
        )
        return int(cursor.rowcount)


def _kinds(connection: Connection, table: Table) -> dict[str, str]:
    """Return each column's type; these are the server's own words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select part.attname, format_type(part.atttypid, part.atttypmod)"
            " from pg_catalog.pg_attribute as part"
            " where part.attrelid = format('%%I.%%I', %s, %s)::regclass"
            " and part.attnum > 0 and not part.attisdropped",
            table,
        )
        return dict(cursor.fetchall())


def vacuum(connection: Connection, table: Table) -> None:
    """Remove the old versions of changed rows from the table's pages."""
    from psycopg2 import sql

    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("vacuum {}").format(sql.Identifier(*table)))


def _any_contains(columns: Sequence[str], texts: Sequence[str]) -> Composable:
    from psycopg2 import sql

    return sql.SQL(" or ").join(
        sql.SQL("position({} in lower({}::text)) > 0").format(
            sql.Literal(text.lower()), sql.Identifier(name)
        )
        for name in columns
        for text in texts
    )


def _quoted(text: str) -> str:
    """Return a regular expression that means the text itself."""
    return "".join(c if c.isalnum() else f"\\{c}" for c in text)
