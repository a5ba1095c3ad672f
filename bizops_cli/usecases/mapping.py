"""Mappings of bizops.yml, ready for a pipe."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.singer.mapping import Mapper, has_hashes, without_activations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.singer.catalog_diff import StreamFacts
    from bizops_cli.usecases.run_plan import EltRequest


def change_of(
    tap: PluginSettings, project: Project, request: EltRequest
) -> Callable[[bytes], bytes] | None:
    """Return what changes a tap's lines; None if nothing does."""
    changes: list[Callable[[bytes], bytes]] = []
    if tap.mapping:
        secret = project.hash_secret.reveal() if project.hash_secret else ""
        changes.append(Mapper(tap.name, tap.mapping, secret).change)
    if request.is_backfill:
        # A window is not the whole table: nothing outside it may be taken for deleted.
        changes.append(without_activations)
    if not changes:
        return None

    def change(block: bytes) -> bytes:
        for step in changes:
            block = step(block)
        return block

    return change


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


def columns_read(tap: PluginSettings, stream: StreamFacts) -> list[str]:
    """Return the columns that are read of a stream, as the target gets them."""
    names = [field.name for field in stream.fields if field.is_selected]
    return mapped_fields(tap, stream.name, names)


def mapped_fields(tap: PluginSettings, stream: str, names: list[str]) -> list[str]:
    """Return the names of a stream's fields as the target gets them."""
    for pattern, mapping in tap.mapping.items():
        if fnmatchcase(stream, pattern):
            names = [name for name in names if name not in mapping.drop]
            names = [mapping.rename.get(name, name) for name in names]
    return names
