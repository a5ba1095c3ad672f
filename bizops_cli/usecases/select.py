"""`select`: changing what is read of a tap, in bizops.yml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.changes import change_project
from bizops_cli.config.load import FILE_NAME
from bizops_cli.errors import ConfigError
from bizops_cli.singer.catalog import apply_selection
from bizops_cli.singer.catalog_diff import stream_facts
from bizops_cli.usecases.catalog_cache import read_kept_catalog
from bizops_cli.usecases.catalogs import nearest_pattern
from bizops_cli.usecases.discover import discover_now
from bizops_cli.usecases.session import choose_tap, open_session, prepare_plugin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bizops_cli.model import KeyPath, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.catalog import Catalog

Name = tuple[str, str | None]
"""A stream, or a field of it."""


@dataclass(frozen=True, slots=True)
class SelectionRequest:
    """What shall become of the patterns.

    Attributes:
        add: To be read too.
        remove: Not to be read any more.
        only: To be read and nothing else; empty leaves the patterns.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectionChange:
    """What has become of it.

    Attributes:
        file: The file that was changed.
        patterns: `select:` as it stands now.
        added: Streams and fields read from now on.
        removed: Streams and fields not read any more.
    """

    file: Path
    patterns: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def change_selection(
    project: Project, name: str, request: SelectionRequest, *, on_event: OnEvent
) -> SelectionChange:
    """Change `select:` of a tap, so that it says what was asked for.

    Raises:
        ConfigError: A pattern fits nothing, or nothing or everything would be read by
            mistake.
        PluginError: The discovery, if one was needed, failed.
        BizopsError: The file cannot be changed.
    """
    with open_session(project, on_event) as session:
        tap = prepare_plugin(project, choose_tap(project, name))
        kept = read_kept_catalog(tap, project)
        if kept is not None and kept.is_current:
            catalog = kept.catalog
        else:
            catalog = discover_now(tap, session)
    for pattern in (*request.add, *request.remove, *request.only):
        _check(pattern, catalog, name)
    old = tap.settings.select
    patterns = _changed(list(request.only or old), request, catalog, name)
    before, after = _read(catalog, old), _read(catalog, patterns)
    if not after:
        raise ConfigError(
            f"nothing of {name} would be left to read",
            f"To leave out {name} as a whole, take it out of its job.",
        )
    file = project.directory / FILE_NAME
    changed = change_project(file, [(_place(project, name), list(patterns))])
    return SelectionChange(
        next(iter(changed), file),
        tuple(patterns),
        _outermost(after, before),
        _outermost(before, after),
    )


def _check(pattern: str, catalog: Catalog, name: str) -> None:
    if pattern.startswith("!"):
        raise ConfigError(
            f"{pattern!r} begins with !", f"Write --remove {pattern.lstrip('!')!r}."
        )
    if apply_selection(catalog, select=(pattern,), metadata={}).unmatched:
        raise ConfigError(
            f"{name} has nothing that {pattern!r} fits",
            nearest_pattern(pattern, catalog),
        )


def _changed(
    patterns: list[str], request: SelectionRequest, catalog: Catalog, name: str
) -> list[str]:
    had_wishes = _has_wishes(patterns)
    for pattern in request.add:
        while f"!{pattern}" in patterns:
            patterns.remove(f"!{pattern}")
        if _read(catalog, [*patterns, pattern]) == _read(catalog, patterns):
            continue
        if not _has_wishes(patterns):
            raise ConfigError(
                f"everything of {name} is read already, {pattern!r} too",
                f"To read nothing else: --only {pattern!r}.",
            )
        patterns.append(pattern)
    for pattern in request.remove:
        while pattern in patterns:
            patterns.remove(pattern)
        if had_wishes and not _has_wishes(patterns):
            return ["!*"]  # reads nothing, which the caller refuses
        unwanted = [*patterns, f"!{pattern}"]
        if _read(catalog, unwanted) != _read(catalog, patterns):
            patterns = unwanted
    return patterns


def _has_wishes(patterns: Sequence[str]) -> bool:
    return any(not pattern.startswith("!") for pattern in patterns)


def _read(catalog: Catalog, patterns: Sequence[str]) -> set[Name]:
    applied = apply_selection(catalog, select=patterns, metadata={})
    read: set[Name] = set()
    for stream in stream_facts(applied.catalog):
        if stream.is_selected:
            read.add((stream.name, None))
            read |= {(stream.name, f.name) for f in stream.fields if f.is_selected}
    return read


def _outermost(names: set[Name], others: set[Name]) -> tuple[str, ...]:
    """Return what is in the one and not in the other; of a whole stream its name."""
    differ = names - others
    whole = {stream for stream, field in differ if field is None}
    return tuple(
        sorted(
            stream if field is None else f"{stream}.{field}"
            for stream, field in differ
            if field is None or stream not in whole
        )
    )


def _place(project: Project, name: str) -> KeyPath:
    """Return where the patterns in force stand: in the environment's block or not."""
    block: KeyPath = ("environments", project.environment, "taps", name, "select")
    return block if block in project.positions else block[2:]
