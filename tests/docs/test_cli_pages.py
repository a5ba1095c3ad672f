"""Pages and code say the same."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location(
    "generate_cli_pages", Path(__file__).parent / "generate_cli_pages.py"
)
assert _spec is not None
assert _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)

COMMANDS = [(name, command) for name, command, _ in generate.commands()]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md"]
PAGES += sorted(CHECKOUT.glob("doc/**/*.md"))


@pytest.mark.parametrize("page", ["cli.md", "config.md", "exit-codes.md", "events.md"])
def test_a_generated_page_is_what_the_code_gives_now(page: str) -> None:
    committed = (CHECKOUT / "doc" / page).read_text(encoding="utf-8")

    assert committed == generate.pages()[page], "run `make docs`"


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[n for n, _ in COMMANDS])
def test_every_command_says_what_it_does_and_shows_an_example(
    name: str, command: object
) -> None:
    assert command.help
    if not hasattr(command, "commands"):
        assert "Examples:" in (command.epilog or "")
        assert name in command.epilog


def test_every_command_of_the_help_page_exists_in_the_other_pages_too() -> None:
    known = {name for name, _ in COMMANDS}
    said = {
        (page.name, words)
        for page in PAGES
        for words in re.findall(r"`(bizops (?:[a-z]+)(?: [a-z]+)?)", page.read_text())
        if page.name != "cli.md"
    }
    wrong = [
        (page, words)
        for page, words in said
        if words not in known and words.rsplit(" ", 1)[0] not in known - {"bizops"}
    ]
    assert wrong == []


def test_every_link_between_pages_leads_to_a_file() -> None:
    broken = [
        (page.name, link)
        for page in PAGES
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []
