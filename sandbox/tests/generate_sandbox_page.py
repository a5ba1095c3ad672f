"""Write doc/sandbox.md from the code: `python sandbox/tests/generate_sandbox_page.py`.

`test_sandbox_page.py` holds the page and the code together.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bizops_sandbox.cli import main
from bizops_sandbox.inputs.columns import INPUT_COLUMNS
from bizops_sandbox.servers.settings import SOURCES
from bizops_sandbox.truth.catalogue import METRICS
from bizops_sandbox.truth.metrics import METRIC_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.servers.faults import FaultKind
    from bizops_sandbox.servers.setting_values import SettingRules

PAGE = Path(__file__).parents[2] / "doc" / "sandbox.md"
TITLES = {
    "salesforce": "Salesforce",
    "marketo": "Marketo",
    "zuora": "Zuora",
    "facebook": "Facebook Ads",
    "gitlab": "GitLab",
}
PROSE = Path(__file__).with_name("sandbox_page.md")


def markdown() -> str:
    """The whole page."""
    prose = PROSE.read_text(encoding="utf-8").split("\n<!-- next -->\n")
    head, control, faults = prose
    parts = [head, *_commands(), *_serving(), control, _control_table(), faults]
    for source in SOURCES:
        parts += [f"### {TITLES[source]}\n", _fault_table(_kinds(source))]
    parts.append("## Settings\n\nBy `POST <control>/settings`, any of a source's:\n")
    for source in SOURCES:
        parts += [f"### {TITLES[source]} settings\n", _setting_table(source)]
    parts += [_inputs(), _metrics()]
    return "\n".join(parts)


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    top = click.Context(
        main,
        info_name="bizops-sandbox",
        terminal_width=88,
        **main.context_settings,
    )
    yield _help(main, top, "bizops-sandbox")
    for word in main.list_commands(top):
        command = main.get_command(top, word)
        if command is not None:
            inner = click.Context(command, info_name=word, parent=top)
            yield _help(command, inner, f"bizops-sandbox {word}")


def _help(command: click.Command, context: click.Context, name: str) -> str:
    text = command.get_help(context).rstrip()
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return f"### `{name}`\n\n```text\n{lines}\n```\n"


def _serving() -> Iterator[str]:
    yield (
        "## What `serve` tells\n\nOne JSON line on standard output when it listens: "
        "`as_of`, `scale`, `env` (below),\n`instance_url` (Salesforce), `control_url` "
        "and `control_urls`. Variables that clients need:\n"
    )
    rows = ["| source | variables |", "|---|---|"]
    for source in SOURCES:
        names = ", ".join(f"`{name}`" for name in _variables(source))
        rows.append(f"| {TITLES[source]} | {names} |")
    yield "\n".join(rows) + "\n"


def _variables(source: str) -> list[str]:
    if source == "salesforce":
        from bizops_sandbox.servers.salesforce.serving import client_variables

        return list(client_variables(_Named(), ""))  # type: ignore[arg-type]
    names = list(_package(source).variables("http://127.0.0.1"))
    return (
        [*names, "GITLAB_INSTANCES", "GITLAB_PING_FILES"]
        if source == "gitlab"
        else names
    )


class _Named:
    """Enough of Salesforce's simulator to name its variables."""

    def __init__(self) -> None:
        self.settings = _settings("salesforce")


def _package(source: str) -> Any:
    return importlib.import_module(f"bizops_sandbox.servers.{source}")


def _module(source: str, name: str) -> Any:
    return importlib.import_module(f"bizops_sandbox.servers.{source}.{name}")


def _kinds(source: str) -> tuple[FaultKind, ...]:
    if source == "salesforce":
        return tuple(_module(source, "fault_kinds").ALL_FAULTS)
    return tuple(_package(source).FAULT_KINDS)


def _control_table() -> str:
    rows = ["| request | sources | does |", "|---|---|---|"]
    found: dict[tuple[str, str], list[str]] = {}
    said: dict[tuple[str, str], str] = {}
    for source in SOURCES:
        for route in _module(source, "control").CONTROL_ROUTES:
            for method in sorted(set(route.methods) - {"HEAD"}):
                key = method, route.path.removeprefix("/__sim")
                found.setdefault(key, []).append(source)
                said[key] = (route.endpoint.__doc__ or "").strip().split("\n")[0]
    for (method, path), sources in found.items():
        who = "all" if len(sources) == len(SOURCES) else ", ".join(sources)
        text = said[method, path].partition("`: ")[2]
        rows.append(f"| `{method} <control>{path}` | {who} | {text} |")
    return "\n".join(rows) + "\n"


def _fault_table(kinds: tuple[FaultKind, ...]) -> str:
    rows = ["| fault | parameters (default) | what happens |", "|---|---|---|"]
    for kind in kinds:
        mark = " *" if kind.is_lasting else ""
        parameters = ", ".join(
            f"`{name}` ({_default(value)})" for name, value in kind.parameters.items()
        )
        rows.append(f"| `{kind.name}`{mark} | {parameters} | {_cell(kind.meaning)} |")
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    if isinstance(value, type):
        return f"a {value.__name__}, needed"
    text = "null" if value is None else str(value)
    return _cell(text.lower() if isinstance(value, bool) else text) or "empty"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _settings(source: str) -> Any:
    return _module(source, "settings").Settings()


def _setting_table(source: str) -> str:
    rules: SettingRules = _module(source, "control").SETTINGS
    rows = ["| setting | default | values | meaning |", "|---|---|---|---|"]
    settings = _settings(source)
    meanings = _meanings(type(settings).__doc__ or "")
    for name, value in rules.values(settings).items():
        default = str(value).lower() if isinstance(value, bool) else str(value)
        cells = (_cell(default), _possible(rules, name), _cell(meanings[name]))
        rows.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _meanings(docstring: str) -> dict[str, str]:
    """The attributes of a docstring and what it says of each."""
    found: dict[str, str] = {}
    name = ""
    for line in docstring.partition("Attributes:")[2].split("\n"):
        begun = re.match(r" {8}(\w+): (.*)", line)
        if begun:
            name, found[begun[1]] = begun[1], begun[2]
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


def _possible(rules: SettingRules, name: str) -> str:
    if name in rules.choices:
        return ", ".join(str(choice) for choice in rules.choices[name])
    kind = rules.types[name]
    if kind in {int, float}:
        return f"a number from {rules.least.get(name, 0)}"
    return {bool: "true, false", tuple: "a list of texts"}.get(kind, "a text")


def _inputs() -> str:
    rows = ["| file | a row is | columns |", "|---|---|---|"]
    for name, (row, columns) in INPUT_COLUMNS.items():
        named = ", ".join(f"`{column}`" for column in columns)
        rows.append(f"| `{name}.csv` | {_cell(row)} | {named} |")
    return "## Inputs\n\nThe files of `inputs`:\n\n" + "\n".join(rows) + "\n"


def _metrics() -> str:
    needs: dict[tuple[str, ...], list[str]] = {("salesforce",): list(METRIC_CODES)}
    for metric in METRICS:
        key = tuple(sorted(metric.needs))
        needs.setdefault(key, []).append(metric.code)
    rows = ["| what the reader has | metrics |", "|---|---|"]
    for key, codes in needs.items():
        rows.append(f"| {', '.join(key)} | {', '.join(f'`{c}`' for c in codes)} |")
    return (
        "## Metrics\n\nThe truth of `truth`, by what a reader has (`--sources`). What "
        "each of them is:\n[definitions.md]"
        "(../sandbox/bizops_sandbox/truth/definitions.md).\n\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
