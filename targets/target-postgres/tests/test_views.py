"""P6: a view on a column that must widen is made again where that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Database, record, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = schema(id="integer", v="integer", w="integer")
WIDER = [HEAD, record(id=2, v=2.5)]
REBUILT = {"rebuilt_view_schemas": "other, staging"}


@pytest.fixture
def views(own_db: Database) -> Iterator[Database]:
    db = own_db
    assert db.load([HEAD, record(id=1, v=1, w=1)]).status == 0
    role = f'"reader {db.url[-6:]}"'
    db.execute(f"create role {role}")
    db.execute("create schema staging; create schema other; create schema report")
    db.execute(
        "create view staging.first with (security_barrier=true) as"
        " select id, v as \"v {}%s\", 'a''b%%' as quoted from raw.s;"
        ' create view staging.second as select sum("v {}%s") as total'
        " from staging.first where quoted like 'a%%';"
        " create view other.both as select * from staging.first, staging.second;"
        f" grant select on staging.first to {role};"
        " grant select on staging.second to public;"
        f" grant select (total), update (total) on other.both to {role}"
        " with grant option;"
        " comment on view staging.first is 'made by hand';"
        " comment on column staging.second.total is 'a sum';"
        " create view report.of_w as select w from raw.s".replace("%%", "%")
    )
    db.directory = db.directory / role
    yield db
    db.execute(f"drop owned by {role}; drop role {role}")


def rights(db: Database) -> list[Any]:
    return db.execute(
        "select relname, relacl::text, reloptions, obj_description(c.oid, 'pg_class'),"
        " pg_get_viewdef(c.oid), relowner,"
        " array(select (attname, attacl, col_description(c.oid, attnum))::text"
        " from pg_attribute where attrelid = c.oid order by attnum)"
        " from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where relkind = 'v' and nspname in ('staging', 'other', 'report')"
        " order by relname"
    )


def test_p6_views_of_named_schemas_are_made_again_as_they_were(
    views: Database,
) -> None:
    before = rights(views)
    assert len(before) == 4
    outcome = views.load(WIDER, **REBUILT)
    assert outcome.status == 0, outcome.message
    assert rights(views) == before
    assert views.execute("select total::text from other.both") == [("3.5",)] * 2
    assert views.types("s")["v"] == "numeric"


@pytest.mark.parametrize("schemas", ["", "staging", "raw"])
def test_p6_other_views_stop_with_4_are_named_and_stay(
    views: Database, schemas: str
) -> None:
    before = rights(views)
    outcome = views.load(WIDER, rebuilt_view_schemas=schemas)
    assert outcome.status == 4
    assert '"other"."both"' in outcome.message
    assert ('"staging"."first"' in outcome.message) == (schemas != "staging")
    assert "of_w" not in outcome.message
    assert rights(views) == before
    assert views.rows("s", "id", "v") == [("1", "1")]


@pytest.mark.parametrize(
    "statement",
    [
        "create materialized view other.kept as select v from raw.s",
        "create view other.kept as select v from raw.s;"
        " create rule r as on insert to other.kept do instead nothing",
        "create view other.kept as select v from raw.s;"
        " alter view other.kept alter column v set default 1",
    ],
)
def test_p6_what_cannot_be_made_again_whole_is_not_dropped(
    views: Database, statement: str
) -> None:
    views.execute(statement)
    outcome = views.load(WIDER, **REBUILT)
    assert outcome.status == 4
    assert '"other"."kept"' in outcome.message


def test_p6_a_view_that_does_not_bear_the_wider_type_stops_and_stays(
    views: Database,
) -> None:
    views.execute("create view other.bits as select v & 1 as bit from raw.s")
    before = rights(views)
    assert views.load(WIDER, **REBUILT).status == 4
    assert rights(views) == before


def test_p6_a_new_column_and_an_overwrite_disturb_no_view(views: Database) -> None:
    lines = [schema(id="integer", v="integer", x="string"), record(id=5, v=5)]
    assert views.load(lines).status == 0
    assert views.load(lines, load_method="overwrite").status == 0
    assert views.execute("select total::text from staging.second") == [("5",)]
    wider = [*lines, record(id=6, v=0.5)]
    outcome = views.load(wider, load_method="overwrite", **REBUILT)
    assert outcome.status == 0, outcome.message
    assert views.execute("select total::text from staging.second") == [("5.5",)]


def test_p7_shortened_names_are_in_a_table_to_join_with(views: Database) -> None:
    stream, column = "s" * 70, "c" * 70
    head = schema(stream, id="integer", **{column: "string"})
    for more in ({}, {"d" * 70: {"type": "string"}}):
        head["schema"]["properties"].update(more)
        for method in ("upsert", "overwrite"):
            lines = [head, record(stream, id=1)]
            assert views.load(lines, load_method=method).status == 0
    found = views.execute(
        "select n.full_name, c.relname is not null, a.attname is not null"
        " from raw._bizops_names n left join pg_class c on c.relname = n.table_name"
        " left join pg_attribute a on a.attrelid = c.oid and a.attname = n.column_name"
        " order by 1"
    )
    assert found == [
        (column, True, True),
        ("d" * 70, True, True),
        (stream, True, False),
    ]


@pytest.mark.parametrize("name", ["_bizops_names", "_bizops_rejects"])
def test_p7_a_stream_may_not_take_the_name_of_our_own_tables(
    views: Database, name: str
) -> None:
    assert views.load([schema(name, id="integer")]).status == 2
