"""Catalogs kept between runs, for as long as nothing they depend on changes."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bizops_cli.files import OWNER_ONLY, make_directory, write_atomically
from bizops_cli.plugins.store import read_installed

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import Project
    from bizops_cli.singer.catalog import Catalog
    from bizops_cli.usecases.plugin import ReadyPlugin


LIVE = "live-catalog"
"""Capability of a tap whose catalog is cheap and may be another at each run."""


@dataclass(frozen=True, slots=True)
class KeptCatalog:
    """A catalog as it was discovered.

    Attributes:
        catalog: Nothing in it is selected yet.
        discovered_at: When.
        is_current: Whether tap, version and settings are still the same.
    """

    catalog: Catalog
    discovered_at: datetime
    is_current: bool


def read_kept_catalog(tap: ReadyPlugin, project: Project) -> KeptCatalog | None:
    """Return what is kept of a tap in this environment; None if nothing is.

    Of a tap that is to be asked each time, it is never current.
    """
    is_live = LIVE in tap.about.capabilities
    file = _file(project, tap.name)
    try:
        value = json.loads(file.read_bytes())
        fingerprint = _fingerprint(tap, project, value["salt"])
        return KeptCatalog(
            catalog=value["catalog"],
            discovered_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
            is_current=value["fingerprint"] == fingerprint and not is_live,
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_any_catalog(project: Project, tap: str) -> Catalog | None:
    """Return the catalog kept of a tap, current or not; it need not be there."""
    try:
        value = json.loads(_file(project, tap).read_bytes())
        catalog: Catalog = value["catalog"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return catalog


def keep_catalog(tap: ReadyPlugin, project: Project, catalog: Catalog) -> None:
    """Keep what has just been discovered.

    Raises:
        BizopsError: It cannot be written.
    """
    salt = secrets.token_hex(16)
    file = _file(project, tap.name)
    make_directory(file.parent)
    value = {
        "salt": salt,
        "fingerprint": _fingerprint(tap, project, salt),
        "catalog": catalog,
    }
    write_atomically(file, json.dumps(value).encode(), mode=OWNER_ONLY)


def _file(project: Project, tap: str) -> Path:
    directory = project.state_directory / "catalogs"
    return directory / f"{project.environment}.{tap}.json"


def _fingerprint(tap: ReadyPlugin, project: Project, salt: str) -> str:
    """Return a hash over what the catalog depends on; salted, as secrets are in it."""
    installed = read_installed(project, tap.name)
    command = tap.executable.stat()
    facts: list[Any] = [
        salt,
        tap.config(),
        sorted(tap.settings.variables.values()),
        installed.fingerprint if tap.settings.install and installed else None,
        [str(tap.executable), command.st_mtime_ns, command.st_size],
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
