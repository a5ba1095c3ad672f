"""Mappings of bizops.yml, ready for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.singer.mapping import Mapper, has_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bizops_cli.model import PluginSettings, Project


def mapping_of(
    tap: PluginSettings, project: Project
) -> Callable[[bytes], bytes] | None:
    """Return what changes a tap's lines; None if nothing does."""
    if not tap.mapping:
        return None
    secret = project.hash_secret.reveal() if project.hash_secret else ""
    return Mapper(tap.name, tap.mapping, secret).change


def check_hash_secret(taps: Iterable[PluginSettings], project: Project) -> None:
    """Make sure that there is a key where something is to be hashed.

    Raises:
        ConfigError: There is none.
    """
    for tap in taps:
        if has_hashes(tap.mapping) and project.hash_secret is None:
            position = project.position(("taps", tap.name, "mapping"))
            raise ConfigError(
                f"{position}: {tap.name} hashes fields, "
                "but bizops.yml has no hash_secret",
                "Write `hash_secret: ${BIZOPS_HASH_SECRET}` at its top and give the "
                "variable a long random text, the same one for ever.",
            )
