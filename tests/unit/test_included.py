"""Files that bizops.yml includes: one project from all, each mistake at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from bizops_cli.config.changes import change_project, put_back
from bizops_cli.config.edit import ABSENT
from bizops_cli.config.load import load_project
from bizops_cli.config.published import included_schema_text
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import Project

MAIN = """\
version: 1
project: acme
include: [taps/*.yml, plan.yml]
taps:
  tap-own: {install: own}
jobs:
  default: {taps: [tap-own, tap-a]}
"""
TAP_A = """\
taps:
  tap-a:
    install: a
    config: {start_date: 2024-01-01}
environments:
  prod:
    taps: {tap-a: {config: {start_date: 2020-01-01}}}
"""
PLAN = """\
schedules:
  nightly: {job: nightly, cron: "0 3 * * *"}
jobs:
  nightly: {taps: [tap-a]}
environments:
  prod:
    jobs: {nightly: {parallel: 3}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a project in three files."""
    (tmp_path / "taps").mkdir()
    (tmp_path / "bizops.yml").write_text(MAIN)
    (tmp_path / "taps" / "a.yml").write_text(TAP_A)
    (tmp_path / "plan.yml").write_text(PLAN)
    return tmp_path


def load(folder: Path, environment: str | None = None) -> Project:
    return load_project(directory=folder, environment=environment, environ={})


def refusal(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    error = caught.value
    facts = "\n".join(f"{place}: {what}" for place, what in error.context.items())
    return f"{error.message}\n{facts}\n{error.next_step}"


def test_all_files_make_one_project(folder: Path) -> None:
    project = load(folder, "prod")
    assert list(project.taps) == ["tap-own", "tap-a"]
    assert project.taps["tap-a"].config["start_date"] == "2020-01-01"
    assert project.jobs["nightly"].parallel == 3
    assert project.schedules["nightly"].job == "nightly"
    place = project.position(("taps", "tap-a", "install"))
    assert str(place) == "taps/a.yml:3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("taps:\n  tap-a: {instal: a}\n", "taps/a.yml:2: unknown key 'instal'"),
        ("taps:\n  tap-own: {}\n", "taps/a.yml:2: taps.tap-own stands in bizops.yml:5"),
        ("taps:\n\ttap-a: {}\n", "taps/a.yml:2: not valid YAML"),
        ("taps: {}\nproject: x\n", "taps/a.yml:2: 'project' may not stand in an inc"),
        ("tap: {}\n", "taps/a.yml:1: unknown key 'tap' in an included file"),
        ("", "taps/a.yml is empty"),
        ("taps: [tap-a]\n", "taps/a.yml:1: taps stands in bizops.yml:4 too"),
    ],
)
def test_a_mistake_in_an_included_file_names_it_and_the_line(
    folder: Path, text: str, said: str
) -> None:
    (folder / "taps" / "a.yml").write_text(text)
    assert said in refusal(folder)


def test_mistakes_of_several_files_are_told_together(folder: Path) -> None:
    (folder / "taps" / "a.yml").write_text("taps:\n  tap-a: {scema: x}\n")
    (folder / "plan.yml").write_text("jobs:\n  nightly: {tap: [tap-a]}\n")
    said = refusal(folder)
    assert "taps/a.yml:2: unknown key 'scema'" in said
    assert "plan.yml:2: unknown key 'tap'" in said


def test_an_include_that_fits_no_file_is_told(folder: Path) -> None:
    (folder / "plan.yml").unlink()
    assert "bizops.yml:3: include: there is no file 'plan.yml'" in refusal(folder)


def test_a_change_goes_to_the_file_the_value_stands_in(folder: Path) -> None:
    main = folder / "bizops.yml"
    kept = change_project(
        main,
        [
            (("taps", "tap-a", "config", "start_date"), "2025-01-01"),
            (("taps", "tap-new"), {"install": "new"}),
        ],
    )
    assert set(kept) == {main, folder / "taps" / "a.yml"}
    assert "start_date: '2025-01-01'" in (folder / "taps" / "a.yml").read_text()
    assert "tap-new" in main.read_text()
    assert list(load(folder).taps) == ["tap-own", "tap-new", "tap-a"]

    put_back(kept)
    assert main.read_text() == MAIN
    assert (folder / "taps" / "a.yml").read_text() == TAP_A


def test_a_value_is_taken_out_of_the_file_it_stands_in(folder: Path) -> None:
    change_project(folder / "bizops.yml", [(("jobs", "nightly", "taps"), ABSENT)])
    assert (folder / "plan.yml").read_text() == PLAN.replace("{taps: [tap-a]}", "{}")


def test_no_file_is_changed_when_one_would_be_wrong(folder: Path) -> None:
    changes = [(("taps", "tap-a", "install"), "x"), (("jobs", "nightly", "tips"), [])]
    with pytest.raises(ConfigError, match="unknown key 'tips'"):
        change_project(folder / "bizops.yml", changes)
    assert (folder / "taps" / "a.yml").read_text() == TAP_A


def test_the_schema_for_included_files_takes_them_and_no_others() -> None:
    import json

    import yaml

    validator = Draft202012Validator(json.loads(included_schema_text()))
    assert validator.is_valid(yaml.safe_load(TAP_A))
    assert validator.is_valid(yaml.safe_load(PLAN))
    assert not validator.is_valid(yaml.safe_load(MAIN))
