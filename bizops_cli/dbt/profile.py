"""dbt's profile: how it reaches the warehouse, in a file that goes after the run."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, urlsplit

import yaml

from bizops_cli.files import write_secret_file

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE = "bizops"
TARGET = "bizops"
DEFAULT_SCHEMA = "analytics"

_PREFIX = "profiles-"
_TLS_SETTINGS = ("sslmode", "sslcert", "sslkey", "sslrootcert")


class DatabaseAddress(Protocol):
    """Where dbt works; what `warehouse.address.WarehouseAddress` has."""

    @property
    def url(self) -> str:
        """The whole as a libpq URL; TLS settings are read from it."""

    @property
    def host(self) -> str:
        """Host name, address or folder of the socket."""

    @property
    def port(self) -> int:
        """TCP port."""

    @property
    def user(self) -> str:
        """Role."""

    @property
    def password(self) -> str:
        """Password, possibly empty."""

    @property
    def database(self) -> str:
        """Database name."""


@contextmanager
def written_profile(
    address: DatabaseAddress, *, directory: Path, threads: int
) -> Iterator[Path]:
    """Write profiles.yml (0600) into a private folder, and remove it after the block.

    Args:
        address: Where dbt works.
        directory: Where to make the folder. What a killed run left there is removed,
            so nobody else may be using it.
        threads: How many models at a time.

    Yields:
        The folder, for `--profiles-dir`.
    """
    for leftover in directory.glob(f"{_PREFIX}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
    try:
        text = yaml.safe_dump(profile_of(address, threads=threads), sort_keys=True)
        write_secret_file(folder / "profiles.yml", text.encode())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def profile_of(address: DatabaseAddress, *, threads: int) -> dict[str, object]:
    """Return the content of profiles.yml."""
    query = parse_qs(urlsplit(address.url).query)
    tls = {name: query[name][-1] for name in _TLS_SETTINGS if name in query}
    output: dict[str, object] = {
        "type": "postgres",
        "host": _literal(address.host),
        "port": address.port,
        "user": _literal(address.user),
        "password": _without_jinja(address.password),
        "dbname": _literal(address.database),
        "schema": DEFAULT_SCHEMA,
        "threads": threads,
        "application_name": "bizops dbt",
        "connect_timeout": 10,
        "keepalives_idle": 20,
        "retries": 1,
        **{name: _literal(value) for name, value in tls.items()},
    }
    return {PROFILE: {"target": TARGET, "outputs": {TARGET: output}}}


def _literal(text: str) -> str:
    """Return what dbt renders to the text; it would make a number of digits."""
    if text.isdigit():
        return f"{{{{ '{text}' | as_text }}}}"
    return _without_jinja(text)


def _without_jinja(text: str) -> str:
    return text.replace("{", "{{ '{' }}")
