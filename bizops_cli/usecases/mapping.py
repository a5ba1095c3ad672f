"""Mappings of bizops.yml, ready for a pipe."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.singer.catalog_diff import column_type
from bizops_cli.singer.mapping import Mapper, has_hashes, without_activations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.singer.catalog import FieldSchemas
    from bizops_cli.singer.catalog_diff import StreamFacts
    from bizops_cli.usecases.run_plan import EltRequest


def change_of(
    tap: PluginSettings, project: Project, request: EltRequest, schemas: FieldSchemas
) -> Callable[[bytes], bytes] | None:
    """Return what changes a tap's lines; None if nothing does.

    Args:
        tap: The tap.
        project: The project.
        request: What is run.
        schemas: What the project makes of fields' schemas.
    """
    changes: list[Callable[[bytes], bytes]] = []
    if tap.mapping or schemas:
        secret = project.hash_secret.reveal() if project.hash_secret else ""
        changes.append(Mapper(tap.name, tap.mapping, secret, schemas).change)
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


def given_types(
    tap: PluginSettings, stream: str, schemas: FieldSchemas
) -> dict[str, str]:
    """Return the types of a stream's columns whose schema the project gives."""
    fitting = [m for p, m in tap.mapping.items() if fnmatchcase(stream, p)]
    hashed = {name for mapping in fitting for name in mapping.hash}
    return {
        column: column_type(schema)
        for name, schema in schemas.get(stream, {}).items()
        if name not in hashed
        for column in mapped_fields(tap, stream, [name])
    }


def mapped_fields(tap: PluginSettings, stream: str, names: list[str]) -> list[str]:
    """Return the names of a stream's fields as the target gets them."""
    for pattern, mapping in tap.mapping.items():
        if fnmatchcase(stream, pattern):
            names = [name for name in names if name not in mapping.drop]
            names = [mapping.rename.get(name, name) for name in names]
    return names
