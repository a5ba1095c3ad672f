"""Views that stand on a column which must widen: made again, or named (P6).

PostgreSQL refuses to change the type of a column a view reads. Views in schemas the
settings name are dropped and made again from their own definition, in the transaction
that widens the column: with owner, options, grants and comments, and the views that
stand on them in turn. Any other dependent view stops the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg2 import sql

from target_postgres.errors import DatabaseRefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from target_postgres.catalog import TableInfo
    from target_postgres.connection import Cursor

_DEPENDENT_VIEWS = """
with recursive above (oid, depth) as (
  select r.ev_class, 1
  from pg_depend d
  join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where d.refclassid = 'pg_class'::regclass and d.refobjid = %(table)s
    and a.attname = any (%(columns)s) and r.ev_class <> d.refobjid
  union
  select r.ev_class, above.depth + 1
  from above
  join pg_depend d on d.refobjid = above.oid and d.refclassid = 'pg_class'::regclass
  join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
  where r.ev_class <> above.oid
)
select c.oid, n.nspname, c.relname, c.relkind = 'v'
  and pg_has_role(c.relowner, 'usage')
  and not exists (select from pg_trigger t where t.tgrelid = c.oid)
  and not exists (
    select from pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN'
  )
  and not exists (select from pg_attrdef f where f.adrelid = c.oid)
from (select oid, max(depth) as depth from above group by oid) as v
join pg_class c on c.oid = v.oid
join pg_namespace n on n.oid = c.relnamespace
order by v.depth, c.oid
"""
_DEFINITION = """
select pg_get_viewdef(c.oid), coalesce(c.reloptions, '{}'), o.rolname,
  obj_description(c.oid, 'pg_class'),
  array(select a.attname::text from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 order by a.attnum)
from pg_class c
join pg_roles o on o.oid = c.relowner
where c.oid = %s
"""
_GRANTS = """
select g.rolname, x.privilege_type, x.is_grantable, null
from pg_class c
cross join aclexplode(c.relacl) x
left join pg_roles g on g.oid = x.grantee
where c.oid = %(view)s
union all
select g.rolname, x.privilege_type, x.is_grantable, a.attname
from pg_attribute a
cross join aclexplode(a.attacl) x
left join pg_roles g on g.oid = x.grantee
where a.attrelid = %(view)s and a.attnum > 0
"""
_COLUMN_COMMENTS = """
select a.attname, col_description(a.attrelid, a.attnum)
from pg_attribute a
where a.attrelid = %s and a.attnum > 0
  and col_description(a.attrelid, a.attnum) is not null
"""


@dataclass(frozen=True, slots=True)
class View:
    """A view as it was, enough to make it again.

    Attributes:
        name: Its schema and name.
        definition: Its query.
        options: Its options, each `name=value`.
        owner: The role that owns it.
        comment: Its comment.
        columns: Its columns.
        grants: Role (None is PUBLIC), privilege, whether grantable, column or None.
        column_comments: Column and comment.
    """

    name: tuple[str, str]
    definition: str
    options: Sequence[str]
    owner: str
    comment: str | None
    columns: Sequence[str]
    grants: Sequence[tuple[str | None, str, bool, str | None]]
    column_comments: Sequence[tuple[str, str]]

    @property
    def identifier(self) -> sql.Identifier:
        """Name the view for a statement."""
        return sql.Identifier(*self.name)


def set_views_aside(
    cursor: Cursor,
    table: TableInfo,
    columns: Sequence[str],
    *,
    rebuilt_schemas: Collection[str],
) -> list[View]:
    """Drop the views that stand on some columns, remembering how they were.

    Args:
        cursor: A cursor of the transaction that will change the columns' types.
        table: The table.
        columns: The columns.
        rebuilt_schemas: Schemas whose views may be made again.

    Returns:
        The views, those that others stand on first.

    Raises:
        DatabaseRefusedError: If some view may not be made again; names all of those.
        psycopg2.Error: If the database refuses.
    """
    cursor.execute(_DEPENDENT_VIEWS, {"table": table.oid, "columns": list(columns)})
    found = cursor.fetchall()
    fixed = [
        f'"{schema}"."{name}"'
        for _, schema, name, is_plain in found
        if not (is_plain and schema in rebuilt_schemas)
    ]
    if fixed:
        raise DatabaseRefusedError(
            f"the type of {', '.join(sorted(columns))} must widen and"
            f" {', '.join(fixed)} stands on it: drop it and run again, or name its"
            " schema in rebuilt_view_schemas (plain views of this role only)"
        )
    views = [_read_view(cursor, oid, (schema, name)) for oid, schema, name, _ in found]
    for view in reversed(views):
        cursor.execute(sql.SQL("drop view {} restrict").format(view.identifier))
    return views


def _read_view(cursor: Cursor, oid: int, name: tuple[str, str]) -> View:
    cursor.execute(_DEFINITION, (oid,))
    row: Any = cursor.fetchone()
    definition, options, owner, comment, columns = row
    cursor.execute(_GRANTS, {"view": oid})
    grants = cursor.fetchall()
    cursor.execute(_COLUMN_COMMENTS, (oid,))
    return View(
        name, definition, options, owner, comment, columns, grants, cursor.fetchall()
    )


def make_views_again(cursor: Cursor, views: Sequence[View]) -> None:
    """Make views as they were.

    Args:
        cursor: A cursor of the transaction that dropped them.
        views: From `set_views_aside`.

    Raises:
        psycopg2.Error: If the database refuses, for instance because a view computes
            with the column in a way the wider type does not know.
    """
    for view in views:
        options: sql.Composable = sql.SQL("")
        if view.options:
            options = sql.SQL(" with ({})").format(
                sql.SQL(", ").join(map(_option, view.options))
            )
        # The query is PostgreSQL's own text, with every name qualified and quoted.
        cursor.execute(
            sql.SQL("create view {} ({}){} as ").format(
                view.identifier,
                sql.SQL(", ").join(map(sql.Identifier, view.columns)),
                options,
            )
            + sql.SQL(view.definition)
        )
        _restore_rights(cursor, view)


def _option(option: str) -> sql.Composed:
    name, _, value = option.partition("=")
    return sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))


def _restore_rights(cursor: Cursor, view: View) -> None:
    if view.comment is not None:
        cursor.execute(
            sql.SQL("comment on view {} is {}").format(
                view.identifier, sql.Literal(view.comment)
            )
        )
    for column, comment in view.column_comments:
        cursor.execute(
            sql.SQL("comment on column {} is {}").format(
                sql.Identifier(*view.name, column), sql.Literal(comment)
            )
        )
    for role, privilege, is_grantable, one_column in view.grants:
        cursor.execute(
            sql.SQL("grant {}{} on {} to {}{}").format(
                # A keyword of PostgreSQL's own list, from its catalogue.
                sql.SQL(privilege),
                sql.SQL(" ({})").format(sql.Identifier(one_column))
                if one_column
                else sql.SQL(""),
                view.identifier,
                sql.SQL("public") if role is None else sql.Identifier(role),
                sql.SQL(" with grant option") if is_grantable else sql.SQL(""),
            )
        )
    cursor.execute(
        sql.SQL("alter view {} owner to {}").format(
            view.identifier, sql.Identifier(view.owner)
        )
    )
