"""The schemas a dbt project builds into, from its dbt_project.yml alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bizops_cli.dbt.profile import DEFAULT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KINDS = ("models", "seeds", "snapshots")


def schemas_of(project_directory: Path) -> list[str]:
    """Return every schema the project file names, and the profile's own.

    dbt's usual `generate_schema_name` puts the profile's schema in front of a custom
    one, so that both names are given. A file that cannot be read names none: dbt says
    what is wrong with it.
    """
    try:
        text = (project_directory / "dbt_project.yml").read_text("utf-8")
        document = yaml.safe_load(text)
    except (OSError, UnicodeError, yaml.YAMLError):
        return []
    if not isinstance(document, dict):
        return []
    named = [name for kind in _KINDS for name in _schemas(document.get(kind))]
    prefixed = [f"{DEFAULT_SCHEMA}_{name}" for name in named]
    return list(dict.fromkeys([*named, DEFAULT_SCHEMA, *prefixed]))


def _schemas(block: Any) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(block, dict):
        return
    for key, value in block.items():
        is_literal = isinstance(value, str) and "{" not in value and "," not in value
        if key in {"schema", "+schema"} and is_literal:
            yield value
        else:
            yield from _schemas(value)
