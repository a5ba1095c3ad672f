"""A project from nothing: `init`, `add`, `remove`, `doctor`, completion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import COMMANDS, Toy, script

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def empty(tmp_path: Path) -> Toy:
    """Give a folder without a project."""
    directory = tmp_path / "My Company"
    directory.mkdir()
    return Toy(directory=directory, database_url=None, document={})


def text(toy: Toy) -> str:
    return (toy.directory / "bizops.yml").read_text()


def value(toy: Toy) -> dict:
    return yaml.safe_load(text(toy))


def test_init_makes_a_project_that_is_right(empty: Toy) -> None:
    done = empty.run("init")
    assert done.returncode == 0, done.stderr
    assert value(empty)["project"] == "my-company"
    names = {file.name for file in empty.directory.iterdir()}
    assert names == {"bizops.yml", ".env.example", ".gitignore", ".bizops"}
    assert (empty.directory / ".gitignore").read_text() == ".bizops/\n.env\n"
    checked = json.loads(empty.run("check", "--json").stdout)
    problems = [f for f in checked if f["verdict"] == "problem"]
    assert [p["subject"] for p in problems] == ["target-postgres"]
    assert "not installed" in problems[0]["message"]
    schema = json.loads((empty.directory / ".bizops/bizops.schema.json").read_text())
    assert schema == json.loads(empty.run("config", "schema").stdout)
    assert "$schema=.bizops/bizops.schema.json" in text(empty).splitlines()[0]


def test_init_leaves_what_is_there(empty: Toy) -> None:
    (empty.directory / ".gitignore").write_text("/.env\nbuild")
    assert empty.run("init", "--name", "acme").returncode == 0
    assert (empty.directory / ".gitignore").read_text() == "/.env\nbuild\n.bizops/\n"
    before = text(empty)
    again = empty.run("init")
    assert again.returncode == 2
    assert "there is a project already" in again.stderr
    assert text(empty) == before


def test_init_refuses_a_name_that_cannot_stand_in_ids(empty: Toy) -> None:
    done = empty.run("init", "--name", "My Company")
    assert done.returncode == 2
    assert "project name 'My Company' is not a valid name" in done.stderr
    assert not (empty.directory / "bizops.yml").exists()


def test_a_tap_that_is_there_is_added_with_what_it_needs(folder: Toy) -> None:
    script(folder.directory / "bin" / "tap-new", "tap_toy.py")
    before = text(folder)

    done = folder.run("add", "tap-new", "--executable", "./bin/tap-new")

    assert done.returncode == 0, done.stderr
    assert "TAP_NEW_ROWS=" in done.stdout
    assert "Next: bizops config set tap-new.rows VALUE" in done.stdout
    assert value(folder)["taps"]["tap-new"] == {"executable": "./bin/tap-new"}
    assert value(folder)["jobs"]["default"]["taps"] == ["tap-toy", "tap-new"]
    assert folder.run("remove", "tap-new").returncode == 0
    assert yaml.safe_load(before) == value(folder)


def test_a_package_that_cannot_be_installed_leaves_the_file(folder: Toy) -> None:
    before = text(folder)
    done = folder.run("add", "tap-new", "--install", "./nowhere")
    assert done.returncode == 8
    assert "there is nothing at ./nowhere" in done.stderr
    assert text(folder) == before


def test_adding_without_installing_says_what_is_next(folder: Toy) -> None:
    done = folder.run("add", "tap-new", "--install", "./nowhere", "--no-install")
    assert done.returncode == 0
    assert "Next: bizops install tap-new" in done.stdout
    assert value(folder)["taps"]["tap-new"] == {"install": "./nowhere"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tap-salesforec"], "Did you mean 'tap-salesforce'?"),
        (["tap-github"], "give --install REQUIREMENT"),
        (["tap-toy"], "tap-toy is in bizops.yml already"),
        (["target-postgres"], "has a target already: target-postgres"),
        (["Tap New"], "plugin name 'Tap New' is not a valid name"),
    ],
)
def test_what_cannot_be_added_is_answered(
    folder: Toy, words: list[str], message: str
) -> None:
    done = folder.run("add", *words)
    assert done.returncode == 2
    assert message in done.stderr


def test_our_own_taps_are_known_by_name(folder: Toy) -> None:
    done = folder.run("add", "tap-salesforce", "--no-install", "--json")
    assert done.returncode == 0, done.stderr
    (requirement,) = json.loads(done.stdout)["install"]
    assert requirement.endswith("taps/tap-salesforce")
    assert (folder.directory / requirement / "pyproject.toml").is_file()


def test_a_removed_tap_goes_from_environments_and_jobs_too(folder: Toy) -> None:
    folder.tap("tap-b")
    folder.document["environments"] = {
        "dev": {"taps": {"tap-b": {"select": ["users"]}}},
        "prod": {"jobs": {"default": {"taps": ["tap-b", "tap-toy"]}}},
    }
    folder.write()
    done = folder.run("remove", "tap-b")
    assert done.returncode == 0, done.stderr
    assert "tap-b" not in text(folder)
    assert folder.run("check").returncode == 0


def test_a_target_is_removed_and_added_again(folder: Toy) -> None:
    assert folder.run("remove", "target-postgres").returncode == 0
    assert "target" not in value(folder)
    script(folder.directory / "bin" / "target-toy", "target_toy.py")
    done = folder.run("add", "target-toy", "--executable", "./bin/target-toy")
    assert done.returncode == 0, done.stderr
    assert value(folder)["target"]["name"] == "target-toy"


def test_doctor_names_what_is_wrong_and_puts_it_right(folder: Toy) -> None:
    (folder.directory / ".git").mkdir()
    (folder.directory / ".env").write_text("A=1\n")
    (folder.directory / ".env").chmod(0o644)
    left = folder.directory / ".bizops" / "runs" / "r1" / "secrets"
    left.mkdir(parents=True)
    (left / "config.json").write_text("{}")

    found = folder.run("doctor", "--json")
    warned = {f["subject"] for f in json.loads(found.stdout)}
    bad = [f for f in json.loads(found.stdout) if f["verdict"] != "ok"]
    assert {f["subject"] for f in bad} == {".env", ".gitignore", "runs"}
    assert {"bizops", "uv", "disk"} <= warned

    fixed = folder.run("doctor", "--fix")
    assert fixed.returncode == 0, fixed.stdout
    assert "Everything is as it should be." in fixed.stdout
    assert not left.exists()
    assert (folder.directory / ".env").stat().st_mode & 0o777 == 0o600
    assert ".env" in (folder.directory / ".gitignore").read_text()
    again = json.loads(folder.run("doctor", "--json").stdout)
    assert all(f["verdict"] == "ok" for f in again), again


def test_doctor_says_what_is_wrong_with_the_file_too(folder: Toy) -> None:
    folder.document["jobs"]["default"]["taps"] = ["tap-tyo"]
    folder.write()
    done = folder.run("doctor")
    assert done.returncode == 2
    assert "tap-tyo" in done.stdout


def complete(toy: Toy, words: str) -> list[str]:
    done = subprocess.run(
        [COMMANDS / "bizops"],
        cwd=toy.directory,
        env={
            **toy.environ(),
            "_BIZOPS_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_shells_complete_commands_options_and_the_projects_names(folder: Toy) -> None:
    folder.document["environments"] = {"prod": {}}
    folder.write()
    assert complete(folder, "bizops warehouse diff p") == ["prod"]
    assert complete(folder, "bizops el") == ["elt"]
    assert complete(folder, "bizops elt run ta") == ["tap-toy"]
    assert complete(folder, "bizops elt run --job de") == ["default"]
    assert complete(folder, "bizops install t") == ["tap-toy", "target-postgres"]
    assert "--full-refresh" in complete(folder, "bizops elt run --fu")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_one_that_shell_reads(
    folder: Toy, shell: str
) -> None:
    done = folder.run("completion", shell)
    assert done.returncode == 0, done.stderr
    assert "_BIZOPS_COMPLETE" in done.stdout
    program = shutil.which(shell)
    if program is not None:
        read = subprocess.run(
            [program, "-n"],
            input=done.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert read.returncode == 0, read.stderr


def test_bash_completes_with_the_script(folder: Toy) -> None:
    program = shutil.which("bash")
    assert program is not None
    code = (
        'eval "$(bizops completion bash)"; COMP_WORDS=(bizops elt run ta);'
        ' COMP_CWORD=3; _bizops_completion bizops; echo "${COMPREPLY[@]}"'
    )
    environ = {**folder.environ(), "PATH": f"{COMMANDS}:{os.environ['PATH']}"}
    done = subprocess.run(
        [program, "-c", code],
        cwd=folder.directory,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "tap-toy", done.stderr
