"""The schemas a dbt project and its packages build into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from bizops_cli.dbt.schemas import schemas_of

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = {
    "name": "bizops",
    "models": {"bizops": {"staging": {"+schema": "staging"}}},
    "snapshots": {"bizops": {"+schema": "snapshots"}},
    "vars": {"salesforce_schema": "raw_salesforce"},
}
ACME = {
    "name": "acme",
    "models": {"acme": {"+schema": "own", "x": {"+schema": "{{ target.name }}"}}},
}
OWN = ["own", "analytics", "analytics_own"]


def project(folder: Path, document: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(document))
    return folder


def with_package(folder: Path, packages: str = "dbt_packages", **more: object) -> Path:
    project(folder / packages / "bizops", SHIPPED)
    return project(folder, {**ACME, **more})


def test_a_project_alone_has_its_schemas_bare_and_behind_the_profile_s(
    tmp_path: Path,
) -> None:
    assert schemas_of(project(tmp_path, ACME)) == OWN


def test_those_of_a_package_are_among_them(tmp_path: Path) -> None:
    folder = with_package(tmp_path, "lib", **{"packages-install-path": "lib"})
    assert set(schemas_of(folder)) > {*OWN, "staging", "snapshots"}


@pytest.mark.parametrize(
    ("given", "command_line", "prefix"),
    [
        ({"bizops": {"schema_prefix": "a_"}, "schema_prefix": "b_"}, {}, "a_"),
        ({"schema_prefix": "b_"}, {}, "b_"),
        ({"bizops": {"schema_prefix": "a_"}}, {"schema_prefix": "c_"}, "c_"),
    ],
)
def test_the_prefix_stands_before_the_package_s_and_no_others(
    tmp_path: Path, given: dict, command_line: dict, prefix: str
) -> None:
    folder = with_package(tmp_path, vars=given)
    made = [f"{prefix}{name}" for name in ("staging", "snapshots", "analytics")]
    assert schemas_of(folder, command_line) == [*OWN, *made]


def test_what_the_project_names_for_the_package_counts_for_it(tmp_path: Path) -> None:
    models = {**ACME["models"], "bizops": {"marts": {"+schema": "core"}}}
    folder = with_package(tmp_path, models=models, vars={"schema_prefix": "a_"})
    found = schemas_of(folder)
    assert "a_core" in found
    assert "core" not in found


def test_the_shipped_project_itself_heeds_the_prefix(tmp_path: Path) -> None:
    folder = project(tmp_path, SHIPPED)
    assert {"staging", "snapshots", "analytics"} < set(schemas_of(folder))
    made = ["a_staging", "a_snapshots", "a_analytics"]
    assert schemas_of(folder, {"schema_prefix": "a_"}) == made


@pytest.mark.parametrize("text", ["", "[1]", "a: [", "\x00"])
def test_a_file_that_cannot_be_read_names_none(tmp_path: Path, text: str) -> None:
    assert schemas_of(tmp_path) == []
    (tmp_path / "dbt_project.yml").write_text(text)
    assert schemas_of(tmp_path) == []
    project(tmp_path, ACME)
    broken = tmp_path / "dbt_packages" / "broken"
    broken.mkdir(parents=True)
    (broken / "dbt_project.yml").write_text(text)
    assert schemas_of(tmp_path) == OWN
