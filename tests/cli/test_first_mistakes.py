"""The likeliest mistakes of somebody new: each ends in what to do, and its status.

The commands run in this process, so that each takes a fraction of a second.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

from bizops_cli.cli.main import run
from tests.conftest import COMMANDS, script

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
version: 1
project: shop
warehouse: {type: postgres, url: "${SHOP_URL}"}
taps:
  tap-shop:
    executable: ./bin/tap-shop
    config: {rows: 5}
target:
  name: target-postgres
  executable: %s
jobs:
  default: {taps: [tap-shop], transform: none}
"""
RUN = ("elt", "run")
CHECK = ("check",)
# What stands in bizops.yml, what was meant or mistyped, the command, then its status
# and what the message must say.
MISTAKES = {
    "a line is indented wrongly": (
        ("    config:", "   config:"),
        *(RUN, 2, "bizops.yml:7: not valid YAML", "Look at the indentation"),
    ),
    "a line is indented by a tab": (
        ("    config:", "\tconfig:"),
        *(RUN, 2, "bizops.yml:7: not valid YAML", "There is a tab; indent with spaces"),
    ),
    "a key is mistyped": (
        ("executable: ./", "executble: ./"),
        *(RUN, 2, "bizops.yml:6: unknown key 'executble'", "mean 'executable'?"),
    ),
    "a setting is mistyped": (
        ("rows: 5", "rows: 5, tokne: x"),
        *(RUN, 2, "bizops.yml:7: tap-shop has no setting 'tokne'", "mean 'token'?"),
    ),
    "a setting is of the wrong kind": (
        ("rows: 5", "rows: five"),
        *(
            RUN,
            2,
            "bizops.yml:7: the setting 'rows'",
            "bizops config explain",
        ),
    ),
    "a version is not in quotes": (
        ("    config:", "    python: 3.10\n    config:"),
        *(RUN, 2, "bizops.yml:7: taps.tap-shop.python must be text", "in quotes"),
    ),
    "two taps have one name": (
        ("target:", "  tap-shop: {executable: x}\ntarget:"),
        *(RUN, 2, "bizops.yml:8: the key 'tap-shop' stands twice", "Keep one"),
    ),
    "a job names a tap that is not there": (
        ("[tap-shop]", "[tap-shpo]"),
        *(RUN, 2, "bizops.yml:12: the job 'default' names", "mean 'tap-shop'?"),
    ),
    "a variable has no value": (
        ("rows: 5", "rows: ${SHOP_ROWS}"),
        *(RUN, 2, "bizops.yml:7: the variable SHOP_ROWS is not set", "into .env"),
    ),
    "the tap is not where it should be": (
        ("./bin/tap-shop", "./bin/tap-shpo"),
        *(RUN, 2, "bizops.yml:6: there is no command './bin/tap-shpo'", "start from"),
    ),
    "the tap is not installed": (
        ("executable: ./bin/tap-shop", "install: ./tap"),
        *(CHECK, 2, "tap-shop is not installed", "bizops install tap-shop"),
    ),
    "the selection fits nothing": (
        ("    config:", "    select: [user]\n    config:"),
        *(RUN, 2, "bizops.yml:7: tap-shop has nothing that 'user' fits", "users"),
    ),
    "a tap is named wrongly": (
        ("", ""),
        *((*RUN, "tap-shp"), 2, "there is no tap 'tap-shp'", "mean 'tap-shop'?"),
    ),
    "a job is named wrongly": (
        ("", ""),
        *((*RUN, "--job", "defualt"), 2, "no job 'defualt'", "mean 'default'?"),
    ),
    "an environment is named wrongly": (
        ("", ""),
        *((*RUN, "-e", "prod"), 2, "there is no environment 'prod'", "There is: dev"),
    ),
    "a command is mistyped": (
        ("", ""),
        *(("etl", "run"), 2, "There is no command 'etl'", "Did you mean 'elt'?"),
    ),
    "a day is no day": (
        ("", ""),
        *((*RUN, "--since", "31.01.2026"), 2, "no day or instant", "Write 2026-01-31"),
    ),
    "the models are not where they should be": (
        ("transform: none}", "transform: build}\ntransform: {project: ./dbt}"),
        *(CHECK, 2, "bizops.yml:13: there is no dbt project", "transform"),
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a tap."""
    directory = tmp_path_factory.mktemp("shop")
    script(directory / "bin" / "tap-shop", "tap_toy.py")
    return directory


def attempt(
    words: tuple[str, ...],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    text: str,
    url: str,
) -> int:
    target = shutil.which("target-postgres", path=str(COMMANDS))
    (project / "bizops.yml").write_text(text % target)
    monkeypatch.chdir(project)
    monkeypatch.setenv("SHOP_URL", url)
    monkeypatch.delenv("BIZOPS_WAREHOUSE_URL", raising=False)
    return run(list(words))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_what_to_do(
    mistake: str,
    project: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (old, new), words, status, message, step = MISTAKES[mistake]
    text = GOOD.replace(old, new, 1)
    ended = attempt(words, project, monkeypatch, text=text, url=postgres_url)
    printed = capsys.readouterr()
    said = printed.out + printed.err
    assert message in said
    assert step in said.partition(message)[2]
    assert ended == status
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"netloc": "x@127.0.0.1:1"}, 5, "does not answer at 127.0.0.1:1: Connection"),
        (
            {"path": "/no_such_base"},
            2,
            'database "no_such_base" does not exist',
        ),
        ({"scheme": "mysql"}, 2, "the warehouse's URL is not one of PostgreSQL"),
    ],
)
def test_a_wrong_warehouse_is_told_with_its_address(
    changes: dict[str, str],
    status: int,
    message: str,
    project: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = urlunsplit(urlsplit(postgres_url)._replace(**changes))
    assert attempt(("test",), project, monkeypatch, text=GOOD, url=url) == status
    assert message in capsys.readouterr().err


def test_outside_of_a_project_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["elt", "run"]) == 2
    said = capsys.readouterr().err
    assert f"there is no bizops.yml in {tmp_path}" in said
    assert "name it with --project-dir" in said


def test_in_a_folder_below_the_project_is_found(
    project: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "transform").mkdir()
    words = ("config", "list")
    assert attempt(words, project, monkeypatch, text=GOOD, url=postgres_url) == 0
    monkeypatch.chdir(project / "transform")
    assert run(["config", "list"]) == 0


def test_where_nothing_can_be_written_it_says_so(
    tmp_path: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script(tmp_path / "bin" / "tap-shop", "tap_toy.py")
    (tmp_path / ".bizops").write_text("")
    assert attempt(RUN, tmp_path, monkeypatch, text=GOOD, url=postgres_url) == 2
    said = capsys.readouterr().err
    assert ".bizops" in said
    assert "cannot be written: Not a directory" in said
    assert "Give this user the right to write there" in said
