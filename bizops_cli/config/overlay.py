"""An environment block laid over the file: mappings merge, the rest is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_cli.config.document import Document
    from bizops_cli.model import KeyPath, Position


def choose_environment(document: Document, wanted: str | None) -> str:
    """Return the environment in force.

    Raises:
        ConfigError: The file has no block of this name, nor is it the default.
    """
    default = document.value.get("default_environment", "dev")
    blocks = document.value.get("environments", {})
    name = wanted or default
    if name != default and name not in blocks:
        raise ConfigError(
            f"there is no environment {name!r} in bizops.yml",
            suggestion(name, {default, *blocks}, what="environment"),
        )
    return str(name)


def lay_over(
    document: Document, environment: str
) -> tuple[dict[str, Any], dict[KeyPath, Position]]:
    """Return values and lines as this environment sees them."""
    left_out = {"environments", "include"}
    base = {k: v for k, v in document.value.items() if k not in left_out}
    block = (document.value.get("environments") or {}).get(environment) or {}
    prefix: KeyPath = ("environments", environment)
    positions = dict(document.positions)
    for path, position in document.positions.items():
        if path[:2] == prefix and len(path) > 2:
            positions[path[2:]] = position
    return merged(base, block), positions


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return one mapping laid over another; mappings in them are merged too."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = merged(result[key], value) if both else value
    return result
