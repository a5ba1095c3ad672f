"""Layers of settings, and what the plugin's own schema makes of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from bizops_cli.config.settings import find_setting_problems
from bizops_cli.model import (
    PluginSettings,
    Position,
    Project,
    TransformSettings,
    WarehouseSettings,
)
from bizops_cli.precedence import resolve_settings
from bizops_cli.redact import Secret

SCHEMA = {
    "type": "object",
    "required": ["start_date", "token"],
    "properties": {
        "start_date": {"type": "string"},
        "token": {"type": ["string", "null"], "secret": True},
        "page_size": {"type": ["integer", "null"], "maximum": 500},
        "is_fast": {"type": "boolean"},
        "streams": {"type": "array", "items": {"type": "string"}},
        "ratio": {"type": "number"},
        "mode": {"enum": ["bulk", "rest"]},
        "signing": {"type": "string", "writeOnly": True},
        "end_date": {"type": ["string", "null"], "format": "date-time"},
        # As the SDK's own settings have it: no JSON Schema, and no reason to give up.
        "batch_config": {"anyOf": [{"type": "object"}, "null"]},
    },
}


def plugin(**config: object) -> PluginSettings:
    return PluginSettings(name="tap-x", kind="tap", config=config)


def resolved(schema: dict | None, **variables: str) -> dict[str, object]:
    settings = PluginSettings(
        name="tap-x",
        kind="tap",
        config={"start_date": "2020", "page_size": "100"},
        interpolated=frozenset({"page_size"}),
        variables={n: (f"TAP_X_{n}", text) for n, text in variables.items()},
    )
    return {n: s.value for n, s in resolve_settings(settings, schema).items()}


def test_a_variable_wins_over_the_file() -> None:
    assert resolved(SCHEMA, START_DATE="2021")["start_date"] == "2021"


def test_text_from_variables_becomes_what_the_plugin_wants() -> None:
    found = resolved(
        SCHEMA,
        IS_FAST="True",
        STREAMS='["a", "b"]',
        RATIO="0.5",
        PAGE_SIZE="200",
    )
    assert found["is_fast"] is True
    assert found["streams"] == ["a", "b"]
    assert found["ratio"] == 0.5
    assert found["page_size"] == 200
    assert resolved(SCHEMA)["page_size"] == 100


@pytest.mark.parametrize("text", ["many", "1.5", "true", "[1]"])
def test_text_that_cannot_be_that_stays_text(text: str) -> None:
    assert resolved(SCHEMA, PAGE_SIZE=text)["page_size"] == text


def test_a_variable_that_only_looks_like_ours_is_left_alone() -> None:
    assert "zone" not in resolved(SCHEMA, ZONE="x")
    assert resolved(None, ZONE="x")["zone"] == "x"


def test_secrets_are_known_by_name_or_by_the_plugins_word() -> None:
    found = resolved(SCHEMA, TOKEN="aaaa", SIGNING="bbbb")
    assert found["token"] == Secret("aaaa")
    assert found["signing"] == Secret("bbbb")


def problems(settings: PluginSettings) -> list[str]:
    file = Path("bizops.yml")
    project = Project(
        name="p",
        directory=Path(),
        environment="dev",
        warehouse=WarehouseSettings(),
        taps={"tap-x": settings},
        target=None,
        transform=TransformSettings(),
        jobs={},
        positions={
            (): Position(file, 1),
            ("taps", "tap-x"): Position(file, 5),
            **{
                ("taps", "tap-x", "config", name): Position(file, 10 + index)
                for index, name in enumerate(settings.config)
            },
        },
    )
    found = find_setting_problems(
        settings,
        project,
        resolved=resolve_settings(settings, SCHEMA),
        schema=SCHEMA,
    )
    return [f"{p.position}: {p.message} {p.next_step}" for p in found]


def test_right_settings_have_no_problem() -> None:
    assert problems(plugin(start_date="2020", token="secret-1")) == []
    assert problems(plugin(start_date="2020", token="t", end_date="2024-2-1")) == []


def test_text_may_stand_for_a_list_which_many_taps_divide_themselves() -> None:
    assert problems(plugin(start_date="2020", token="t", streams="a, b")) == []


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"token": "t"}, "bizops.yml:5: tap-x needs the setting 'start_date'"),
        (
            {"start_date": "2020", "tokn": "t", "token": "t"},
            "bizops.yml:11: tap-x has no setting 'tokn' Did you mean 'token'?",
        ),
        (
            {"start_date": 2020, "token": "t"},
            "bizops.yml:10: the setting 'start_date' of tap-x must be text, not a n",
        ),
        (
            {"start_date": "2020", "token": "t", "mode": "blk"},
            "bizops.yml:12: the setting 'mode' of tap-x is none of: bulk, rest",
        ),
        (
            {"start_date": "2020", "token": "t", "page_size": 501},
            "bizops.yml:12: the setting 'page_size' of tap-x break the rule 'maximum'",
        ),
        (
            {"start_date": "2020", "token": "t", "end_date": "31.12.2024"},
            "bizops.yml:12: the setting 'end_date' of tap-x is no date Write year, mo",
        ),
        (
            {"start_date": "2020", "token": "t", "end_date": "2024-02-31"},
            "bizops.yml:12: the setting 'end_date' of tap-x is no date",
        ),
    ],
)
def test_wrong_settings_are_told_with_their_line(
    config: dict[str, object], expected: str
) -> None:
    (problem,) = problems(plugin(**config))
    assert problem.startswith(expected)
