"""What starting `bizops` may load: measured in a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "psycopg2",
    "dbt",
    "rich",
    "jsonschema",
    "msgspec",
    "yaml",
    "uv",
    "dotenv",
    "vl_convert",
}


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_the_command_loads_nothing_heavy_before_it_knows_what_to_do() -> None:
    assert loaded_by("import bizops_cli.cli.main") & HEAVY == set()


def test_the_help_loads_no_command() -> None:
    statement = "import bizops_cli.cli.main as m; m.run(['--help'])"
    code = f"{statement}\nimport sys\nprint(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True, text=True
    )
    assert "bizops_cli.cli.elt" not in done.stderr
    assert "Load sources and build the models" in done.stdout


@pytest.mark.parametrize("command", ["check", "elt", "install", "report", "runs"])
def test_a_command_is_ready_without_database_and_dbt(command: str) -> None:
    loaded = loaded_by(f"import bizops_cli.cli.{command}")
    assert loaded & {"psycopg2", "dbt", "rich", "jsonschema"} == set()


def test_a_run_loads_neither_dbt_nor_rich_before_it_builds() -> None:
    loaded = loaded_by("import bizops_cli.usecases.elt")
    assert loaded & {"dbt", "rich", "jsonschema"} == set()
