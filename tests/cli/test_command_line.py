"""The command line itself: help, wrong words, unexpected errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from bizops_cli.cli import main as cli_main
from bizops_cli.cli.main import COMMANDS, cli, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Toy


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join([*path, name]), command
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


ALL = dict(commands(cli))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_line_in_the_help_is_the_commands_own(name: str) -> None:
    own = ALL[name].get_short_help_str(limit=200)
    assert own.rstrip(".") == COMMANDS[name][1].rstrip(".")


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_command_has_help_and_examples(name: str, capsys) -> None:
    assert run([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: bizops" in text
    if not isinstance(ALL[name], click.Group):
        assert "Examples:" in text
        assert f"bizops {name}" in text


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_command_knows_the_common_options(name: str) -> None:
    if isinstance(ALL[name], click.Group):
        return
    options = {o for p in ALL[name].params for o in p.opts}
    assert {"--environment", "--project-dir", "--log-level", "--log-format"} <= options


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["elr"], "There is no command 'elr'. Did you mean 'elt'?"),
        (["elt", "rnu"], "There is no command 'rnu'. Did you mean 'run'?"),
        (["xyzzy"], "There is no command 'xyzzy'."),
        (["elt", "run", "--paralel", "2"], "--parallel"),
        (["elt", "run", "--only", "x"], "'x' is not one of 'el', 't'"),
        (["elt", "run", "--parallel", "0"], "0 is not in the range"),
    ],
)
def test_wrong_words_are_answered_with_the_nearest(
    words: list[str], expected: str, capsys
) -> None:
    assert run(words) == 2
    assert expected in capsys.readouterr().err


def test_options_may_stand_before_or_after_the_command(folder: Toy) -> None:
    folder.document["environments"] = {"prod": {}}
    folder.write()
    elsewhere = str(folder.directory / "bin")
    for words in (
        ["-e", "prod", "--project-dir", str(folder.directory), "check"],
        ["check", "-e", "prod", "--project-dir", str(folder.directory)],
        ["-e", "dev", "check", "-e", "prod", "--project-dir", str(folder.directory)],
    ):
        done = folder.run(*words)
        assert done.returncode == 0, elsewhere + done.stderr
        assert "environment prod" in done.stdout


def test_an_unexpected_error_is_one_line_and_a_log_without_values(
    folder: Toy, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(folder.directory)
    secret = "value-of-a-variable"

    def broken(*args: object, **kwargs: object) -> None:
        local = secret
        raise RuntimeError(f"bad thing {len(local)}")

    monkeypatch.setattr(cli_main.cli, "main", broken)

    assert run(["check"]) == 1

    error = capsys.readouterr().err
    assert "this is a mistake in bizops: RuntimeError" in error
    assert "Traceback" not in error
    (log,) = (folder.directory / ".bizops" / "logs").glob("crash-*.log")
    assert str(log) in error
    assert "RuntimeError: bad thing 19" in log.read_text()
    assert secret not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_reader_that_leaves_early_is_no_error_message(
    folder: Toy, tmp_path: Path
) -> None:
    import subprocess

    done = subprocess.run(
        ["/bin/sh", "-c", f"{folder_command()} runs list --help | true"],
        capture_output=True,
        text=True,
        check=False,
        env=folder.environ(),
    )
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def folder_command() -> str:
    import shlex
    import sys
    from pathlib import Path

    return shlex.quote(str(Path(sys.executable).parent / "bizops"))
