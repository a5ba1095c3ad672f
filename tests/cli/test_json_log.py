"""Every line of the JSON log is an event as doc/events.md has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator

from bizops_cli.runlog.event_schema import event_name, event_schema, event_types

if TYPE_CHECKING:
    from tests.conftest import Toy

VALIDATOR = Draft202012Validator(event_schema())


def events(toy: Toy, *words: str, status: int = 0) -> list[dict]:
    done = toy.run("elt", "run", "--log-format", "json", *words)
    assert done.returncode == status, done.stderr
    lines = done.stderr.splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    for event in found:
        VALIDATOR.validate(event)
    return found


def test_a_run_prints_events_that_fit_the_schema(toy: Toy) -> None:
    project = toy.directory / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: toy\nprofile: bizops\n")
    (project / "models" / "one.sql").write_text("select 1 as n")
    toy.document["transform"] = {"project": "./dbt"}
    toy.document["jobs"]["default"]["transform"] = "build"
    toy.tap(say="hello", pause_every=100, pause_s=0.3)

    found = events(toy, "--log-level", "debug")

    names = [event["event"] for event in found]
    assert {
        *("run_started", "note", "tap_started", "plugin_line", "tap_progress"),
        *("tap_ended", "models_started", "model_ended", "run_ended"),
    } == set(names)
    assert names[-1] == "run_ended"
    assert found[-1]["record"]["status"] == "succeeded"
    assert {event_name(kind) for kind in event_types()} == set(names)


def test_a_failed_run_fits_the_schema_too(toy: Toy) -> None:
    toy.tap(die_after=3, die_with=5)
    found = events(toy, status=5)
    assert found[-1]["record"]["exit_status"] == 5
    assert not any(event["event"] == "plugin_line" for event in found)
