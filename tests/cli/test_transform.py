"""`transform`: models by themselves, with real dbt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.conftest import Toy

FILES = {
    "dbt_project.yml": "name: toy\nprofile: bizops\nmodels: {+materialized: table}\n",
    "models/one.sql": "select 1 as n",
    "models/two.sql": "select n + 1 as n from {{ ref('one') }}",
    "models/tests.yml": "models: [{name: two, description: Twice one., columns: "
    "[{name: n, data_tests: [not_null]}]}]",
}


@pytest.fixture
def modelled(toy: Toy) -> Toy:
    for name, text in FILES.items():
        file = toy.directory / "dbt" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    toy.document["transform"] = {"project": "./dbt"}
    toy.write()
    return toy


def test_models_are_built_and_tested_alone_and_by_selection(modelled: Toy) -> None:
    done = modelled.run("transform", "build")
    assert done.returncode == 0, done.stderr
    assert "3 of 3 models and tests are right." in done.stdout
    some = json.loads(modelled.run("transform", "build", "one", "--json").stdout)
    assert [(m["unique_id"], m["status"]) for m in some] == [
        ("model.toy.one", "success")
    ]
    two = modelled.directory / "dbt" / "models" / "two.sql"
    two.write_text("select null::int as n from {{ ref('one') }}")
    assert modelled.run("transform", "test").returncode == 0
    failed = modelled.run("transform", "build", "two")
    assert failed.returncode == 7
    assert "not_null_two_n" in failed.stdout
    assert modelled.run("transform", "test").returncode == 7
    empty = modelled.run("transform", "build", "three")
    assert empty.returncode == 7
    assert "dbt had nothing to do" in empty.stderr


def test_the_page_about_models_is_one_file(modelled: Toy) -> None:
    assert modelled.run("transform", "build").returncode == 0
    done = modelled.run("transform", "docs", "--out", "page/models.html")
    assert done.returncode == 0, done.stderr
    page = (modelled.directory / "page" / "models.html").read_text()
    assert "Twice one." in page
    assert "<html" in page


def test_the_models_of_bizops_are_taken_over(folder: Toy) -> None:
    folder.document["jobs"]["default"]["transform"] = "build"
    folder.write()
    done = folder.run("transform", "eject")
    assert done.returncode == 0, done.stderr
    document = yaml.safe_load((folder.directory / "bizops.yml").read_text())
    assert document["transform"] == {"project": "./transform"}
    copy = folder.directory / "transform"
    assert (copy / "models/marts/metrics/mtr_metric_values.sql").is_file()
    assert not (copy / "target").exists()
    assert "dbt project in" in folder.run("check").stdout
    again = folder.run("transform", "eject", "other")
    assert again.returncode == 2
    assert "the project's own already" in again.stderr


def test_a_folder_that_is_not_free_is_left_alone(folder: Toy) -> None:
    (folder.directory / "transform").mkdir()
    (folder.directory / "transform" / "mine.txt").write_text("mine")
    done = folder.run("transform", "eject")
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert folder.run("transform", "eject", "../x").returncode == 2
    assert "transform" not in yaml.safe_load(
        (folder.directory / "bizops.yml").read_text()
    )
