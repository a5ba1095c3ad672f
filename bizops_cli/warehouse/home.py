"""Where the embedded server's files lie, and which user it runs as.

Normally everything is in the directory the caller names. When we are root and the
unprivileged user of the server may not pass through the folders above it (the project
lies in root's home, say), the files go to a system folder, and a file `location`
stands in the directory: nobody's folder is opened for that.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.warehouse.account import (
    ServerAccount,
    account_of_owner,
    can_use,
    choose_account,
    give_to_owner,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG = logging.getLogger(__name__)
_SYSTEM_DIRECTORY = Path("/var/lib/bizops")
_LONGEST_PATH_BYTES = (
    900  # PostgreSQL keeps paths in 1024 bytes, its own names included
)


@dataclass(frozen=True, slots=True)
class ServerHome:
    """The places of one embedded server.

    Attributes:
        directory: The directory the caller named.
        place: The directory the files really are in.
        account: User the server runs as; None is ourselves.
    """

    directory: Path
    place: Path
    account: ServerAccount | None

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data directory."""
        return self.place / "data"

    @property
    def password_file(self) -> Path:
        """Return the file with the password of role bizops."""
        return self.place / "password"

    @property
    def record_file(self) -> Path:
        """Return the file that says where the server listens."""
        return self.place / "server.json"

    @property
    def server_lock(self) -> Path:
        """Return the file the server's processes keep locked."""
        return self.place / "server.lock"

    @property
    def startup_log(self) -> Path:
        """Return the file with what the server says before its own log opens."""
        return self.place / "startup.log"


def start_lock(directory: Path) -> Path:
    """Return the file a command locks while it starts or stops the server."""
    return directory / "start.lock"


def prepare_directory(directory: Path) -> None:
    """Make the directory of a warehouse, closed to other users.

    Raises:
        ConfigError: It cannot be made, or its path is too long for PostgreSQL.
    """
    size_bytes = len(os.fsencode(directory))
    if size_bytes > _LONGEST_PATH_BYTES:
        raise ConfigError(
            f"the path of the warehouse is too long: {size_bytes} bytes, at most "
            f"{_LONGEST_PATH_BYTES}",
            "Move the project to a shorter path.",
            {"directory": str(directory)},
        )
    account = choose_account(directory)
    missing = [p for p in (directory, *directory.parents) if not p.exists()]
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder of the warehouse: {error.strerror}",
            "Make the folder of the project writable.",
            {"directory": str(directory)},
        ) from error
    for made in missing:
        give_to_owner(made, account)


def find_home(directory: Path) -> ServerHome | None:
    """Return where the warehouse of a directory is; None when there is none yet."""
    place = _pointed_place(directory) or directory
    if not (place / "data").exists():
        return None
    return ServerHome(directory, place, _account_of_data(directory, place / "data"))


def make_home(directory: Path) -> ServerHome:
    """Choose the place of a new warehouse. The start lock must be held.

    Raises:
        ConfigError: There is no place the server's user could use.
    """
    account = choose_account(directory)
    if account is None:
        return ServerHome(directory, directory, None)
    _let_pass(directory, account)
    if can_use(account, directory / ".", mode="x"):
        return ServerHome(directory, directory, account)
    place = _pointed_place(directory)
    if place is None:
        if (directory / "location").exists():
            _LOG.warning("%s: the data is gone or a copy; starting empty", directory)
        place = _new_place(directory)
    return ServerHome(directory, place, account)


def check_access(home: ServerHome) -> None:
    """Check that the server's user can reach data made earlier.

    Raises:
        ConfigError: A folder above was closed meanwhile, or the data is another's.
    """
    owner = home.data.stat().st_uid
    if home.account is None and owner != os.geteuid():
        raise ConfigError(
            f"the embedded warehouse in {home.place} belongs to another user",
            "Run bizops as the user who started it first.",
        )
    if not can_use(home.account, home.data / ".", mode="x"):
        name = home.account.name if home.account else "this user"
        raise ConfigError(
            f"user {name}, who runs the warehouse, may not enter its data directory",
            "Let that user pass through the folders above it (chmod o+x), or move the "
            "project.",
            {"directory": str(home.data)},
        )


def earlier_places(home: ServerHome) -> Iterator[Path]:
    """Yield places that an earlier life of the same directory left behind.

    Whoever deletes the directory deletes the pointer in it, not what it points to.
    """
    if home.place == home.directory:
        return
    for origin in home.place.parent.glob("*/origin"):
        if origin.parent != home.place and _read_path(origin) == home.directory:
            yield origin.parent


def system_directory(directory: Path) -> Path:
    """Return the folder for files that cannot lie in the directory.

    A project in the folder for temporary files keeps its data there too.

    Raises:
        ConfigError: The folder cannot be made, or somebody else made it.
    """
    temporary = Path(tempfile.gettempdir()).resolve()
    base = _SYSTEM_DIRECTORY
    if directory.is_relative_to(temporary):
        base = temporary / f"bizops-{os.geteuid()}"
    try:
        base.mkdir(mode=0o711, parents=True, exist_ok=True)
        facts = base.lstat()
    except OSError as error:
        raise _no_place(directory, f"{base}: {error.strerror}") from error
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise _no_place(directory, f"{base} is not a folder of ours")
    base.chmod(0o711)
    return base


def _no_place(directory: Path, reason: str) -> ConfigError:
    return ConfigError(
        "there is no place for the data that the server's user may enter",
        "Move the project out of the closed folder, or run bizops as an ordinary user.",
        {"directory": str(directory), "reason": reason},
    )


def _let_pass(directory: Path, account: ServerAccount) -> None:
    """Let the account through the warehouse's own directory, never those above."""
    facts = directory.stat()
    if facts.st_uid != account.uid:
        directory.chmod(stat.S_IMODE(facts.st_mode) | 0o011)


def _new_place(directory: Path) -> Path:
    base = system_directory(directory)
    place = base / f"warehouse-{secrets.token_hex(6)}"
    place.mkdir(mode=0o711)
    place.chmod(0o711)
    (place / "origin").write_bytes(os.fsencode(directory))
    pointer = directory / "location"
    fresh = pointer.with_suffix(".new")
    fresh.write_bytes(os.fsencode(place))
    fresh.replace(pointer)
    return place


def _pointed_place(directory: Path) -> Path | None:
    place = _read_path(directory / "location")
    if place is None:
        return None
    origin = _read_path(place / "origin")
    if origin is None:
        return None
    if origin == directory:
        return place
    if _read_path(origin / "location") == place:  # the project is a copy
        return None
    (place / "origin").write_bytes(os.fsencode(directory))  # the project moved
    return place


def _read_path(file: Path) -> Path | None:
    try:
        return Path(os.fsdecode(file.read_bytes()))
    except OSError:
        return None


def _account_of_data(directory: Path, data: Path) -> ServerAccount | None:
    if os.geteuid() != 0:
        return None
    return account_of_owner(data, directory=directory)
