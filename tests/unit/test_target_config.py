"""What a target is told about the warehouse: only what it asks for, never mixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bizops_cli.errors import ConfigError
from bizops_cli.model import PluginSettings
from bizops_cli.plugins.about import About
from bizops_cli.precedence import resolve_settings
from bizops_cli.usecases.plugin import ReadyPlugin
from bizops_cli.usecases.target_config import target_config
from bizops_cli.warehouse.address import WarehouseAddress

ADDRESS = WarehouseAddress(
    url="postgresql://u:p@h:5433/d?sslmode=verify-full",
    host="h",
    port=5433,
    user="u",
    password="p",
    database="d",
)
PARTS = ("host", "port", "user", "password")


def config(*names: str, own: dict | None = None) -> dict[str, object]:
    settings = PluginSettings(name="target-x", kind="target", config=own or {})
    schema = {"properties": {name: {} for name in names}} if names else None
    target = ReadyPlugin(
        settings,
        Path("/bin/target-x"),
        About(settings=schema),
        resolve_settings(settings, schema),
    )
    return target_config(
        target,
        ADDRESS,
        schema="raw_x",
        state_id="p:dev:tap-x",
        run_id="r1",
        cut_short_file=Path("/run/cut-short"),
        rebuilt_schemas=("staging", "marts"),
    )


def test_our_target_gets_url_schema_state_and_run() -> None:
    own = ("state_id", "run_id", "cut_short_file", "rebuilt_view_schemas")
    names = ("url", *PARTS, "database", "default_target_schema", *own)
    assert config(*names) == {
        "url": ADDRESS.url,
        "default_target_schema": "raw_x",
        "state_id": "p:dev:tap-x",
        "run_id": "r1",
        "cut_short_file": "/run/cut-short",
        "rebuilt_view_schemas": "staging,marts",
    }


def test_a_foreign_target_with_parts_gets_parts() -> None:
    assert config(*PARTS, "dbname", "sqlalchemy_url", "default_target_schema") == {
        "host": "h",
        "port": 5433,
        "user": "u",
        "password": "p",
        "dbname": "d",
        "default_target_schema": "raw_x",
    }


def test_a_foreign_target_with_an_address_alone_gets_the_address() -> None:
    assert config("sqlalchemy_url") == {"sqlalchemy_url": ADDRESS.url}


def test_a_target_that_does_not_say_what_it_takes_gets_only_its_own() -> None:
    assert config(own={"file": "x"}) == {"file": "x"}


def test_nothing_is_mixed_into_a_server_of_the_targets_own() -> None:
    names = (*PARTS, "dbname", "default_target_schema")
    own = {"host": "elsewhere", "default_target_schema": "mine"}
    assert config(*names, own=own) == own


def test_a_target_that_keeps_states_has_no_server_of_its_own() -> None:
    with pytest.raises(ConfigError, match="it writes to the project's warehouse"):
        config("url", "state_id", own={"url": "postgresql://elsewhere/db"})
