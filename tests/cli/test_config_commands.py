"""`config`: four layers, their origin, and changing a setting."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import COMMANDS

if TYPE_CHECKING:
    from tests.conftest import Toy


@pytest.fixture
def layered(folder: Toy) -> Toy:
    """Give a project that says `rows` in three layers and `token` in one."""
    folder.tap(rows=5, token="${SOME_TOKEN}", pause_s=0.5)
    folder.document["environments"] = {"prod": {"taps": {"tap-toy": {"config": {}}}}}
    folder.document["environments"]["prod"]["taps"]["tap-toy"]["config"]["rows"] = 6
    folder.write()
    folder.variables |= {"SOME_TOKEN": "very-secret-thing", "TAP_TOY_ROWS": "7"}
    return folder


def text(toy: Toy) -> str:
    return (toy.directory / "bizops.yml").read_text()


def explain(toy: Toy, *words: str) -> dict:
    done = toy.run("config", "explain", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_layer_is_named_and_the_last_one_wins(layered: Toy) -> None:
    found = explain(layered, "tap-toy.rows", "-e", "prod")
    assert [(la["name"], la["value"], la["is_in_force"]) for la in found["layers"]] == [
        ("bizops.yml", 5, False),
        ("environment block", 6, False),
        ("variable", "7", True),
    ]
    assert found["value"] == 7
    assert found["layers"][2]["place"] == "TAP_TOY_ROWS"
    lines = text(layered).splitlines()
    for layer, expected in zip(found["layers"], ("rows: 5", "rows: 6"), strict=False):
        line = int(layer["place"].rpartition(":")[2])
        assert lines[line - 1].strip() == expected


def test_without_the_variable_the_block_wins(layered: Toy) -> None:
    del layered.variables["TAP_TOY_ROWS"]
    assert explain(layered, "tap-toy.rows", "-e", "prod")["value"] == 6
    assert explain(layered, "tap-toy.rows")["value"] == 5


def test_the_plugins_default_is_the_first_layer(layered: Toy) -> None:
    done = layered.run("config", "explain", "target-postgres.state_schema", "--json")
    (layer,) = json.loads(done.stdout)["layers"]
    assert (layer["name"], layer["value"]) == ("plugin default", "bizops")


def test_secrets_are_masked_and_where_they_come_from_is_not(layered: Toy) -> None:
    found = explain(layered, "tap-toy.token")
    assert found["value"] == "****"
    assert found["is_secret"] is True
    assert found["layers"][0]["value"] == "${SOME_TOKEN}"
    layered.variables["TAP_TOY_TOKEN"] = "another-secret"
    for words in (["list"], ["list", "--json"], ["explain", "tap-toy.token"]):
        done = layered.run("config", *words)
        assert done.returncode == 0, done.stderr
        assert "very-secret-thing" not in done.stdout
        assert "another-secret" not in done.stdout
        assert "TAP_TOY_TOKEN" in done.stdout


def test_the_list_has_what_is_given_and_what_is_missing(layered: Toy) -> None:
    del layered.document["taps"]["tap-toy"]["config"]["rows"]
    del layered.variables["TAP_TOY_ROWS"]
    layered.write()
    lines = [line.split() for line in layered.run("config", "list").stdout.splitlines()]
    assert ["tap-toy.rows", "(missing)", "-", "-"] in lines
    given = next(line for line in lines if line[0] == "tap-toy.pause_s")
    assert given[1:3] == ["0.5", "bizops.yml"]
    assert not any(line[0] == "tap-toy.width" for line in lines)
    shown = layered.run("config", "list", "tap-toy", "--all").stdout
    assert "tap-toy.width" in shown
    assert "target-postgres" not in shown


def test_a_setting_is_changed_where_it_stands(layered: Toy) -> None:
    before = text(layered)
    done = layered.run("config", "set", "tap-toy.rows", "12")
    assert done.returncode == 0, done.stderr
    assert text(layered) == before.replace("rows: 5", "rows: 12")
    done = layered.run(
        "config", "set", "tap-toy.rows", "13", "-e", "prod", "--in-environment"
    )
    assert done.returncode == 0, done.stderr
    assert text(layered) == before.replace("rows: 5", "rows: 12").replace(
        "rows: 6", "rows: 13"
    )
    done = layered.run("config", "set", "tap-toy.rows", "--unset")
    assert done.returncode == 0, done.stderr
    assert "rows: 12" not in text(layered)


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("streams", "[users, orders]", ["users", "orders"]),
        ("half_line", "true", True),
        ("pause_s", "1.5", 1.5),
        ("say", "yes: no", "yes: no"),
        ("say", "2024-01-01", "2024-01-01"),
    ],
)
def test_values_are_read_as_the_kind_the_plugin_wants(
    layered: Toy, setting: str, value: str, expected: object
) -> None:
    done = layered.run("config", "set", f"tap-toy.{setting}", value, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["setting"]["value"] == expected


def test_a_secret_goes_into_the_private_file_and_not_into_the_project(
    layered: Toy,
) -> None:
    before = text(layered)
    done = subprocess.run(
        [COMMANDS / "bizops", "config", "set", "tap-toy.token", "-"],
        input="it's a 'new' one\\\n",
        cwd=layered.directory,
        env=layered.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert text(layered) == before
    file = layered.directory / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert ".env" in (layered.directory / ".gitignore").read_text()
    assert "new" not in done.stdout.replace("newest", "")
    layered.tap(rows=1, touch="seen.json")
    ended = layered.run("invoke", "tap-toy")
    assert ended.returncode == 0, ended.stderr
    seen = json.loads((layered.directory / "seen.json").read_text())
    assert seen["TAP_TOY_TOKEN"] == "it's a 'new' one\\"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["set", "tap-toy.rwos", "1"], "Did you mean 'rows'?"),
        (["explain", "tap-toy.rwos"], "Did you mean 'rows'?"),
        (["explain", "tap-tyo.rows"], "Did you mean 'tap-toy'?"),
        (["explain", "tap-toy"], "Write PLUGIN.SETTING"),
        (["set", "tap-toy.rows"], "Give a VALUE, or --unset."),
        (["set", "tap-toy.streams", "[a"], "not valid YAML"),
    ],
)
def test_what_cannot_be_meant_is_answered(
    layered: Toy, words: list[str], message: str
) -> None:
    before = text(layered)
    done = layered.run("config", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert text(layered) == before


def test_settings_are_tested_without_starting_anything(layered: Toy) -> None:
    assert layered.run("config", "test").returncode == 0
    layered.variables["TAP_TOY_ROWS"] = "many"
    done = layered.run("config", "test", "tap-toy", "--json")
    assert done.returncode == 2
    bad = [f for f in json.loads(done.stdout) if f["verdict"] == "problem"]
    assert "(from TAP_TOY_ROWS)" in bad[0]["message"]
    assert not (layered.directory / ".bizops" / "sessions").exists()
