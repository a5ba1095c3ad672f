"""A backup holds rows, states and records, and comes back."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from bizops_cli.warehouse.binaries import find_programs

if TYPE_CHECKING:
    from tests.conftest import Toy


def test_what_was_backed_up_comes_back(toy: Toy) -> None:
    assert toy.run("elt", "run").returncode == 0
    done = toy.run("warehouse", "backup", "kept.dump")
    assert done.returncode == 0, done.stderr
    file = toy.directory / "kept.dump"
    assert file.stat().st_mode & 0o777 == 0o600
    toy.execute("drop schema raw_toy cascade; drop schema bizops cascade")

    restore = [find_programs() / "pg_restore", "--no-owner", "--dbname"]
    subprocess.run([*restore, toy.database_url, file], check=True)

    assert toy.query('select count(*) from raw_toy."users"') == [(500,)]
    assert toy.run("elt", "run").returncode == 0
    assert toy.runs()[0]["streams"][0]["rows"] == 0


def test_a_backup_that_fails_leaves_the_older_one(toy: Toy) -> None:
    file = toy.directory / "kept.dump"
    file.write_text("older")
    toy.variables["TOY_URL"] = f"{toy.database_url}_gone"
    assert toy.run("warehouse", "backup", "kept.dump").returncode in {2, 4}
    assert file.read_text() == "older"
    assert toy.run("warehouse", "backup", "nowhere/kept.dump").returncode == 2
    assert [f.name for f in toy.directory.glob(".*.part")] == []
