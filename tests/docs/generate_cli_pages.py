"""Write doc/cli.md, config.md, exit-codes.md and events.md from the code.

Run it with `make docs`; tests/docs/test_cli_pages.py holds pages and code together.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bizops_cli import errors
from bizops_cli.cli.main import cli
from bizops_cli.runlog.event_schema import event_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[2]
SCHEMA = CHECKOUT / "bizops_cli" / "config" / "schema.json"
WRITTEN = "<!-- Written by `make docs`; change the code, not this page. -->"
SIGNALS = (
    (130, "Ctrl-C (SIGINT) ended the run; what was committed stays."),
    (143, "SIGTERM ended the run; what was committed stays."),
)


def pages() -> dict[str, str]:
    """Give every generated page by its name below doc/."""
    return {
        "cli.md": cli_page(),
        "config.md": config_page(),
        "exit-codes.md": exit_page(),
        "events.md": events_page(),
    }


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Give every command with its full name, groups before their members."""
    top = click.Context(cli, info_name="bizops", **cli.context_settings)
    yield "bizops", cli, top
    yield from _below(cli, top, "bizops")


def _below(
    group: click.Group, context: click.Context, name: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        if command is None:
            continue
        inner = click.Context(command, info_name=word, parent=context)
        yield f"{name} {word}", command, inner
        if isinstance(command, click.Group):
            yield from _below(command, inner, f"{name} {word}")


def cli_page() -> str:
    """Give the help of every command."""
    parts = ["# The command line", WRITTEN]
    for name, _, context in commands():
        context.terminal_width = 88
        context.max_content_width = 88
        parts += [f"## `{name}`", f"```text\n{context.get_help()}\n```"]
    return "\n\n".join(parts) + "\n"


def exit_page() -> str:
    """Give the table of exit statuses from the error classes."""
    classes = [
        error
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, errors.BizopsError) and "exit_status" in vars(error)
    ]
    rows = [(0, "Done.")]
    rows += [(1, "An error of bizops itself; a log of it is below `.bizops/logs`.")]
    rows += sorted(
        (error.exit_status, (inspect.getdoc(error) or "").splitlines()[0])
        for error in classes
        if error is not errors.BizopsError
    )
    rows += SIGNALS
    table = "\n".join(f"| {status} | {meaning} |" for status, meaning in rows)
    return (
        f"# Exit statuses\n\n{WRITTEN}\n\n| status | meaning |\n|---|---|\n{table}\n\n"
        "A tap or target that ends with a status from 2 to 9 hands it on; any other "
        "status of theirs becomes 1. When several processes fail, the first to fail "
        "counts.\n"
    )


def events_page() -> str:
    """Give every event of the JSON log, and the schema its lines fit."""
    schema = event_schema()
    parts = [
        "# Events: the JSON log",
        WRITTEN,
        "`bizops elt run --log-format json` prints one JSON object a line on standard "
        "error. Each has `at` (when, in UTC) and `event`; what more, the event says. "
        "Events may gain fields; none is renamed or removed within a version of the "
        "project file. At `--log-level debug` the plugins' own lines are events too.",
        "| event | meaning | fields |\n|---|---|---|",
    ]
    rows = [
        f"| `{line['properties']['event']['const']}` | {line['description']} | "
        + ", ".join(f"`{name}`" for name in list(line["properties"])[2:])
        + " |"
        for line in schema["oneOf"]
    ]
    parts[-1] += "\n" + "\n".join(rows)
    parts.append(f"```json\n{json.dumps(schema, indent=1)}\n```")
    return "\n\n".join(parts) + "\n"


def config_page() -> str:
    """Give every key of bizops.yml from its JSON Schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    rows = "\n".join(
        f"| `{path}` | {kind} | {text} |"
        for path, kind, text in _keys(schema, schema, "")
    )
    return (
        f"# bizops.yml\n\n{WRITTEN}\n\n"
        "Editors complete the file by the JSON Schema that `bizops config schema` "
        "prints; `init` and `check` write it to `.bizops/bizops.schema.json`. A value "
        "may hold `${NAME}`: a variable of the environment, or of `.env` beside the "
        "file (`--env-file` names another). A variable without a value is an error, as "
        "are unknown and repeated keys.\n\n"
        "`${secret:file:/run/secrets/name}` is what stands in a file, "
        "`${secret:env:NAME}` a variable that is masked whatever its name, and "
        "`${secret:PROVIDER:REFERENCE}` what a provider of an installed package gives "
        "([secrets](secrets.md)).\n\n"
        "Large projects keep parts in files of their own, which `include` names. An "
        "included file has `taps`, `jobs`, `schedules` and `environments`; nothing may "
        "stand in two files, and messages name the file and its line. `bizops config "
        "schema --included` prints its schema (`.bizops/included.schema.json`). "
        "Commands that change settings change them where they stand.\n\n"
        "A tap with `inherit_from` has from another tap what it has not itself: "
        "`install`, `config`, `select`, `mapping` and all else but `schema`. Mappings "
        "are merged, lists and values are its own where it has some; a variable of the "
        "other tap's counts for settings that it does not give itself.\n\n"
        f"| key | type | meaning |\n|---|---|---|\n{rows}\n"
    )


def _keys(
    root: dict[str, Any], node: dict[str, Any], path: str
) -> Iterator[tuple[str, str, str]]:
    for name, child in node.get("properties", {}).items():
        yield from _key(root, child, f"{path}.{name}".lstrip("."))
    items = node.get("items")
    if isinstance(items, dict) and "properties" in items:
        yield from _keys(root, items, f"{path}[]")
    named = node.get("additionalProperties") or next(
        iter(node.get("patternProperties", {}).values()), None
    )
    if isinstance(named, dict):
        yield from _key(root, named, f"{path}.<name>".lstrip("."))


def _key(
    root: dict[str, Any], child: dict[str, Any], path: str
) -> Iterator[tuple[str, str, str]]:
    resolved = _resolved(root, child)
    text = child.get("description") or resolved.get("description", "")
    yield path, _kind(resolved), text.replace("|", "\\|").replace("\n", " ")
    if path == "environments.<name>":  # the same keys once more
        return
    yield from _keys(root, resolved, path)


def _resolved(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    if reference is None:
        return node
    for part in reference.removeprefix("#/").split("/"):
        root = root[part]
    return root


def _kind(node: dict[str, Any]) -> str:
    if "enum" in node:
        return " or ".join(f"`{value}`" for value in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    kinds = node.get("type", "any")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


if __name__ == "__main__":
    for page, text in pages().items():
        (CHECKOUT / "doc" / page).write_text(text, encoding="utf-8")
