"""What the page of complaints says is there, is there."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

from bizops_cli.cli.main import cli

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "doc" / "compared.md").read_text(encoding="utf-8")
COMPLAINTS, ELSEWHERE = PAGE.split("## What we found nowhere else")
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)
PLACES = sorted(set(re.findall(r"`([\w/.-]+\.py)(?:::(\w+))?`", PAGE)))
COMMANDS = sorted(set(re.findall(r"`(bizops [^`]+)`", PAGE)))


def test_each_of_the_forty_complaints_has_its_answer() -> None:
    rows = {
        int(number): cells.split(" | ") for number, cells in ROW.findall(COMPLAINTS)
    }
    assert sorted(rows) == list(range(1, 41))
    for number, (complaint, answer, held_by) in rows.items():
        assert re.search(r"#\d+", complaint), number
        is_held = held_by.strip().startswith("`")
        assert is_held or answer.startswith("Refused"), number


def test_each_of_the_twelve_has_its_row() -> None:
    assert [int(number) for number, _ in ROW.findall(ELSEWHERE)] == list(range(1, 13))


@pytest.mark.parametrize(("file", "function"), PLACES)
def test_what_holds_an_answer_exists(file: str, function: str) -> None:
    tree = ast.parse((CHECKOUT / file).read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert any(name.startswith("test_") for name in names)
    assert not function or function in names


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_takes_what_it_is_said_to_take(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    assert not isinstance(command, click.Group) or not words, line
    known = {
        name for each in command.params for name in (*each.opts, *each.secondary_opts)
    }
    assert {word for word in words if word.startswith("--")} <= known, line
