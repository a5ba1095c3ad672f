"""A tap that takes what it has not itself from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bizops_cli.config.load import load_project
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import Project

TEXT = """\
version: 1
project: acme
taps:
  tap-crm:
    install: crm==1.0
    schema: raw_crm
    select: [Account]
    config: {url: main, start_date: 2024-01-01, limits: {a: 1, b: 2}}
  tap-crm-emea:
    inherit_from: tap-crm
    config: {url: emea, limits: {b: 3}}
environments:
  prod:
    taps: {tap-crm: {config: {start_date: 2020-01-01}}}
"""


def load(tmp_path: Path, text: str = TEXT, **variables: str) -> Project:
    (tmp_path / "bizops.yml").write_text(text)
    return load_project(directory=tmp_path, environ=variables)


def test_what_a_tap_has_not_itself_it_has_from_the_other(tmp_path: Path) -> None:
    tap = load(tmp_path).taps["tap-crm-emea"]
    assert tap.install == ("crm==1.0",)
    assert tap.executable == "tap-crm"
    assert tap.select == ("Account",)
    assert tap.config == {
        "url": "emea",
        "start_date": "2024-01-01",
        "limits": {"a": 1, "b": 3},
    }
    assert tap.inherits == "tap-crm"


def test_rows_go_into_a_schema_of_its_own(tmp_path: Path) -> None:
    assert load(tmp_path).taps["tap-crm-emea"].raw_schema == "raw_crm_emea"


def test_what_an_environment_changes_is_inherited_too(tmp_path: Path) -> None:
    project = load(tmp_path, BIZOPS_ENVIRONMENT="prod")
    assert project.taps["tap-crm-emea"].config["start_date"] == "2020-01-01"
    place = project.position(("taps", "tap-crm-emea", "config", "start_date"))
    assert str(place) == "bizops.yml:14"


def test_variables_are_inherited_for_settings_it_does_not_give(tmp_path: Path) -> None:
    project = load(
        tmp_path, TAP_CRM_URL="from variable", TAP_CRM_KEY="k", TAP_CRM_EMEA_ZONE="z"
    )
    assert project.taps["tap-crm-emea"].variables == {
        "KEY": ("TAP_CRM_KEY", "k"),
        "ZONE": ("TAP_CRM_EMEA_ZONE", "z"),
    }
    assert "URL" in project.taps["tap-crm"].variables


@pytest.mark.parametrize(
    ("parent", "message", "step"),
    [
        ("tap-crn", "inherits from 'tap-crn', which is no", "Did you mean 'tap-crm'?"),
        ("tap-crm-emea", "which is no other tap", "'tap-crm'?"),
        ("tap-mid", "tap-mid, which inherits itself", "Write inherit_from: tap-crm."),
    ],
)
def test_a_wrong_parent_is_told_with_its_line(
    tmp_path: Path, parent: str, message: str, step: str
) -> None:
    text = TEXT.replace("inherit_from: tap-crm", f"inherit_from: {parent}")
    text = text.replace("taps:\n", "taps:\n  tap-mid: {inherit_from: tap-crm}\n", 1)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert caught.value.message.startswith("bizops.yml:11: ")
    assert message in caught.value.message
    assert step in caught.value.next_step
