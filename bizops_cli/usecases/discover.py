"""`discover`: what a tap has, what of it is read, and what has changed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.singer.catalog_diff import compare_catalogs, stream_facts
from bizops_cli.usecases.catalog_cache import read_kept_catalog
from bizops_cli.usecases.catalogs import Looking, discover, select_in
from bizops_cli.usecases.session import choose_tap, open_session, prepare_plugin

if TYPE_CHECKING:
    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.catalog import Catalog
    from bizops_cli.singer.catalog_diff import CatalogChange, StreamFacts
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.session import Session


@dataclass(frozen=True, slots=True)
class TapCatalog:
    """What a tap has, with the project's selection.

    Attributes:
        tap: Its name.
        discovered_at: When it was looked at.
        is_from_cache: Whether that was another time than now.
        streams: What there is.
    """

    tap: str
    discovered_at: datetime
    is_from_cache: bool
    streams: tuple[StreamFacts, ...]


@dataclass(frozen=True, slots=True)
class CatalogDiff:
    """How a source differs from what is kept of it.

    Attributes:
        tap: The tap.
        kept_at: When it was looked at before.
        changes: What has changed since.
    """

    tap: str
    kept_at: datetime
    changes: tuple[CatalogChange, ...]


def look_at(
    project: Project, name: str, *, refreshes: bool, on_event: OnEvent
) -> TapCatalog:
    """Return a tap's streams and fields.

    Args:
        project: The project.
        name: The tap.
        refreshes: Ask the source even if what is kept still holds.
        on_event: Takes events.

    Raises:
        ConfigError: There is no such tap, or it cannot discover.
        PluginError: The discovery failed.
    """
    with open_session(project, on_event) as session:
        tap = prepare_plugin(project, choose_tap(project, name))
        kept = None if refreshes else read_kept_catalog(tap, project)
        if kept is not None and kept.is_current:
            catalog, at = kept.catalog, kept.discovered_at
        else:
            kept, catalog, at = None, discover_now(tap, session), datetime.now(UTC)
    return _tap_catalog(tap, project, catalog, at, is_from_cache=kept is not None)


def compare_with_kept(
    project: Project, name: str, *, on_event: OnEvent
) -> CatalogDiff | None:
    """Return how the source differs from what is kept, which stays; None if nothing is.

    Raises:
        ConfigError: There is no such tap, or it cannot discover.
        PluginError: The discovery failed.
    """
    with open_session(project, on_event) as session:
        tap = prepare_plugin(project, choose_tap(project, name))
        kept = read_kept_catalog(tap, project)
        if kept is None:
            return None
        now = discover_now(tap, session, keeps=False)
    changes = tuple(compare_catalogs(kept.catalog, now))
    return CatalogDiff(tap.name, kept.discovered_at, changes)


def discover_now(tap: ReadyPlugin, session: Session, *, keeps: bool = True) -> Catalog:
    """Ask the tap what there is.

    Raises:
        ConfigError: It cannot say.
        PluginError: The discovery failed.
    """
    config_file = session.write_secret(f"{tap.name}.config.json", tap.config())
    looking = Looking.of(session, tap)
    catalog = discover(tap, looking, config_file, keeps=keeps)
    if catalog is None:
        raise ConfigError(
            f"{tap.name} does not say what it has",
            "It reads everything; nothing can be selected.",
        )
    return catalog


def _tap_catalog(
    tap: ReadyPlugin,
    project: Project,
    catalog: Catalog,
    at: datetime,
    *,
    is_from_cache: bool,
) -> TapCatalog:
    applied = select_in(catalog, tap, project)
    streams = tuple(stream_facts(applied.catalog))
    return TapCatalog(tap.name, at, is_from_cache, streams)
