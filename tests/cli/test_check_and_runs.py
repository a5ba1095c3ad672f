"""`bizops check` and `bizops runs`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy


def findings(toy: Toy, *words: str) -> tuple[int, list[dict[str, str]]]:
    done = toy.run("check", "--json", *words)
    return done.returncode, json.loads(done.stdout)


def problems(toy: Toy) -> tuple[int, str]:
    status, found = findings(toy)
    bad = [f for f in found if f["verdict"] == "problem"]
    return status, "\n".join(f"{f['subject']}: {f['message']}" for f in bad)


def test_a_right_project_has_no_problem(toy: Toy) -> None:
    status, found = findings(toy)
    assert status == 0
    assert {f["subject"] for f in found} == {
        *("bizops.yml", "tap-toy", "target-postgres", "warehouse")
    }
    assert {f["verdict"] for f in found} == {"ok"}
    assert toy.run("check").stdout.endswith("Everything is as it should be.\n")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {"rows": "many"},
            r"bizops.yml:\d+: the setting 'rows' of tap-toy must be a whole",
        ),
        ({"rwos": 5}, r"bizops.yml:\d+: tap-toy has no setting 'rwos'"),
        ({"token": "${NOT_SET}"}, r"bizops.yml:\d+: the variable NOT_SET is not set"),
        ({"mode": "fast"}, r"'mode' of tap-toy is none of: spaced, compact, reversed"),
    ],
)
def test_wrong_settings_are_found_with_their_line(
    toy: Toy, config: dict[str, object], expected: str
) -> None:
    toy.tap(**config)

    status, found = problems(toy)

    assert status == 2
    assert re.search(expected, found)
    run = toy.run("elt", "run")
    assert run.returncode == 2
    assert re.search(expected, run.stderr)


def test_every_problem_is_found_at_once(toy: Toy) -> None:
    toy.tap(token="${NOT_SET}", rwos=1)
    toy.document["target"] = {"name": "target-x", "executable": "./no/such/thing"}
    toy.document["transform"] = {"project": "./nowhere"}
    toy.document["jobs"]["other"] = {"transform": "build"}
    toy.write()
    toy.variables["TOY_URL"] = "postgresql://nobody@127.0.0.1:9/x"

    _, found = problems(toy)

    for expected in (
        "NOT_SET is not set",
        "has no setting 'rwos'",
        "there is no command './no/such/thing'",
        "there is no dbt project",
        "the warehouse does not answer",
    ):
        assert expected in found


def test_a_wrong_file_is_a_finding_too(toy: Toy) -> None:
    text = (toy.directory / "bizops.yml").read_text()
    (toy.directory / "bizops.yml").write_text(text.replace("taps:", "tasp:", 1))

    status, found = problems(toy)

    assert status == 2
    assert "unknown key 'tasp' in the file" in found


def test_an_unreachable_warehouse_has_its_status(toy: Toy) -> None:
    toy.variables["TOY_URL"] = "postgresql://nobody@127.0.0.1:9/x"
    status, found = problems(toy)
    assert status == 5
    assert "warehouse: the warehouse does not answer" in found


def test_a_readable_env_file_is_a_warning(toy: Toy) -> None:
    file = toy.directory / ".env"
    file.write_text("A=1\n")
    file.chmod(0o644)
    status, found = findings(toy)
    (warning,) = [f for f in found if f["verdict"] == "warning"]
    assert status == 0
    assert "others can read its secrets" in warning["message"]
    file.chmod(0o600)
    assert all(f["verdict"] == "ok" for f in findings(toy)[1])


def test_the_embedded_warehouse_is_not_made_by_a_check(folder: Toy) -> None:
    status, found = findings(folder)
    assert status == 0
    assert "embedded; the first run makes it" in str(found)
    assert not (folder.directory / ".bizops" / "warehouse").exists()


def test_runs_are_listed_shown_and_their_logs_printed(toy: Toy) -> None:
    assert "There has been no run yet" in toy.run("runs", "list").stdout
    toy.tap(say="hello from the tap")
    toy.run("elt", "run", "--run-id", "first")
    toy.tap(say="hello again", die_after=3, rows=900)
    toy.run("elt", "run", "--run-id", "second", "--full-refresh", "*")

    listed = json.loads(toy.run("runs", "list", "--json").stdout)
    assert [(r["run_id"], r["status"], r["exit_status"]) for r in listed] == [
        ("second", "failed", 1),
        ("first", "succeeded", 0),
    ]
    assert "tap-toy ended with exit status 1" in toy.run("runs", "list").stdout
    assert "-  n 500\n" in toy.run("runs", "show", "first").stdout
    shown = json.loads(toy.run("runs", "show", "--json").stdout)
    assert shown["run_id"] == "second"
    logs = toy.run("runs", "logs", "sec", "--plugin", "tap-toy").stdout
    assert "hello again" in logs
    assert "hello from" not in logs
    only = json.loads(
        toy.run("runs", "logs", "first", "--plugin", "target-postgres", "--json").stdout
    )
    assert [item["log"] for item in only] == ["tap-toy.target-postgres"]


def test_runs_of_other_machines_are_known_from_the_warehouse(toy: Toy) -> None:
    import shutil

    toy.run("elt", "run", "--run-id", "elsewhere")
    shutil.rmtree(toy.directory / ".bizops" / "runs")

    listed = json.loads(toy.run("runs", "list", "--json").stdout)

    assert [r["run_id"] for r in listed] == ["elsewhere"]
    assert listed[0]["streams"][0]["rows"] == 500
    logs = toy.run("runs", "logs", "elsewhere")
    assert logs.returncode == 2


def test_a_run_that_is_not_there_is_answered_with_the_nearest(toy: Toy) -> None:
    toy.run("elt", "run", "--run-id", "nightly-1")
    done = toy.run("runs", "show", "nigthly-1")
    assert done.returncode == 2
    assert "Did you mean 'nightly-1'?" in done.stderr
