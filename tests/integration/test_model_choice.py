"""Which models a run builds, as the warehouse remembers builds and loads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bizops_cli.model import (
    Job,
    ModelRun,
    PluginSettings,
    Project,
    RunRecord,
    TransformSettings,
    WarehouseSettings,
)
from bizops_cli.usecases.model_choice import ModelChoice, begin_build, choose_models
from bizops_cli.warehouse.builds import (
    WholeBuild,
    forget_unbuilt,
    keep_whole_build,
    mark_unbuilt,
)
from bizops_cli.warehouse.display_access import make_views
from bizops_cli.warehouse.refusals import connected
from bizops_cli.warehouse.runs import record_run
from bizops_cli.warehouse.schema import migrate
from bizops_cli.warehouse.standing import read_tests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

_LOADED = ("raw_a", "raw_b")


@pytest.fixture
def connection(fresh_database: str) -> Iterator[Connection]:
    with connected(fresh_database, application_name="test") as made:
        migrate(made)
        with made.cursor() as cursor:
            cursor.execute("create table public.model_a (n int)")
        yield made


@pytest.fixture
def project(tmp_path: Path, connection: Connection) -> Project:
    """Give a project whose models have all been built, of two sources of three."""
    (tmp_path / "dbt_project.yml").write_text("name: some")
    made = Project(
        name="acme",
        directory=tmp_path,
        environment="dev",
        warehouse=WarehouseSettings(),
        taps={f"tap-{n}": PluginSettings(f"tap-{n}", "tap") for n in "abc"},
        target=None,
        transform=TransformSettings(project=tmp_path),
        jobs={"default": Job("default", ("tap-a",))},
    )
    whole = choose(connection, made)
    assert whole.scope == "all"
    sources = {"raw_a": ("a", "a_too"), "raw_b": ()}
    keep_whole_build(
        connection,
        made,
        WholeBuild(whole.fingerprint, sources, ("public.model_a", "public.ephemeral")),
    )
    return made


def choose(
    connection: Connection, project: Project, *fresh: str, loaded: tuple = _LOADED
) -> ModelChoice:
    return choose_models(
        connection, project, loaded, scope="loaded", fresh_schemas=fresh
    )


def mark(connection: Connection, project: Project, schema: str, job: str) -> None:
    mark_unbuilt(connection, project, job=job, schemas=[schema])


def test_what_was_loaded_is_told_to_dbt_by_its_sources(
    connection: Connection, project: Project
) -> None:
    mark(connection, project, "raw_a", "default")
    chosen = choose(connection, project, "raw_b")
    assert chosen.schemas == ("raw_a", "raw_b")
    assert chosen.select == ("source:a+", "source:a_too+")
    other = replace(project, environment="prod")
    assert choose(connection, other).scope == "all"


def test_without_a_model_that_reads_what_was_loaded_there_is_nothing_to_build(
    connection: Connection, project: Project
) -> None:
    assert choose(connection, project, "raw_b").is_empty
    assert choose(connection, project).is_empty


def test_everything_is_built_when_more_than_rows_has_changed(
    connection: Connection, project: Project
) -> None:
    def scope(changed: Project = project, *fresh: str, loaded: tuple = _LOADED) -> str:
        return choose(connection, changed, *(fresh or ("raw_a",)), loaded=loaded).scope

    assert scope() == "loaded"
    assert scope(project, "raw_c") == "all", "a source dbt is not told of"
    assert scope(loaded=("raw_a", "raw_b", "raw_c")) == "all", "a new source"
    transform = replace(project.transform, vars={"answer": 42})
    assert scope(replace(project, transform=transform)) == "all", "a variable"
    test = project.directory / "tests" / "a_test.sql"
    test.parent.mkdir()
    test.write_text("select 1 where false")
    assert scope() == "all", "a test"
    test.unlink()
    assert scope() == "loaded"
    with connection.cursor() as cursor:
        cursor.execute("drop table public.model_a")
    assert scope() == "all", "a model that is gone"


def test_a_build_of_everything_that_does_not_end_is_begun_again(
    connection: Connection, project: Project
) -> None:
    everything = choose_models(connection, project, _LOADED, scope="all")
    begin_build(connection, project, everything, is_part=True)
    assert choose(connection, project, "raw_a").scope == "loaded"
    begin_build(connection, project, choose(connection, project, "raw_a"))
    assert choose(connection, project, "raw_a").scope == "loaded"
    begin_build(connection, project, everything)
    assert choose(connection, project, "raw_a").scope == "all"


def test_a_part_built_by_other_code_has_everything_built(
    connection: Connection, project: Project
) -> None:
    other = ModelChoice("all", "of other code")
    begin_build(connection, project, other, is_part=True)
    assert choose(connection, project, "raw_a").scope == "all"


def test_a_build_takes_the_marks_of_its_own_job_away(
    connection: Connection, project: Project
) -> None:
    mark(connection, project, "raw_a", "hourly")
    mark(connection, project, "raw_a", "nightly")
    forget_unbuilt(connection, project, job="hourly", schemas=["raw_a"])
    assert choose(connection, project).schemas == ("raw_a",)
    forget_unbuilt(connection, project)
    assert choose(connection, project).schemas == ()


def test_a_crash_of_the_server_that_empties_models_empties_what_is_known_of_them(
    connection: Connection,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, relpersistence from pg_class where relname in"
            " ('whole_builds', 'unbuilt') and relkind = 'r' order by 1"
        )
        assert cursor.fetchall() == [("unbuilt", "u"), ("whole_builds", "u")]


def test_how_a_test_ended_stays_known_when_other_models_are_built(
    connection: Connection, project: Project
) -> None:
    builds = [("all", {"old": "pass"}), ("all", {"a": "warn", "b": "pass"})]
    builds += [("loaded", {"b": "fail"}), (None, {})]
    for day, (build, ended) in enumerate(builds, 1):
        tests = [
            ModelRun(f"test.p.{name}.x", "test", status, 0.1, None, "")
            for name, status in ended.items()
        ]
        record_run(
            connection,
            RunRecord(
                *(f"run {day}", "acme", "dev", "default", "succeeded"),
                started_at=datetime(2026, 1, day, tzinfo=UTC),
                build=build,
                models=tuple(tests),
            ),
        )
    found = [(t.run_id, t.name, t.status) for t in read_tests(connection, project)]
    assert found == [("run 2", "a", "warn"), ("run 3", "b", "fail")]
    make_views(connection)
    with connection.cursor() as cursor:
        cursor.execute("select run_id, status from bizops_display.last_build")
        assert cursor.fetchall() == [("run 2", "warn"), ("run 3", "fail")]
