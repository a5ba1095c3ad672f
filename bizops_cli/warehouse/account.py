"""Which user of the operating system runs the server.

PostgreSQL refuses to run as root. As an ordinary user bizops runs it as that user; as
root it hands the server to an unprivileged one.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_CANDIDATES = ("postgres", "_postgres", "nobody")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C", "TZ": "UTC"}


class ProcessIdentity(TypedDict, total=False):
    """Arguments of `subprocess` that make a process run as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """An unprivileged user.

    Attributes:
        name: Name in the password database.
        uid: User id.
        gid: Id of the user's group.
        owns_project: Whether the project is this user's, who may run bizops without
            being root the next time and then has to own every file.
    """

    name: str
    uid: int
    gid: int
    owns_project: bool = False


def choose_account(directory: Path) -> ServerAccount | None:
    """Return the user to run the server in a directory as; None means ourselves.

    The owner of the directory, or of the nearest one above it there is, comes first:
    whoever runs `sudo bizops` in his own project keeps his files. Else `postgres`,
    else `nobody`.

    Raises:
        ConfigError: We are root and there is no unprivileged user.
    """
    if os.geteuid() != 0:
        return None
    owner = _owner(directory)
    if owner is not None:
        return owner
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(name, entry.pw_uid, entry.pw_gid)
    raise ConfigError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody",
        "Run bizops as an ordinary user, or create a user named postgres.",
    )


def account_of_owner(data: Path, *, directory: Path) -> ServerAccount:
    """Return the owner of an existing data directory.

    Args:
        data: PostgreSQL's data directory.
        directory: The warehouse's directory in the project.

    Raises:
        ConfigError: The data belongs to root, which PostgreSQL refuses.
    """
    facts = data.stat()
    if facts.st_uid == 0:
        raise ConfigError(
            "the warehouse's data belongs to root, as whom PostgreSQL does not run",
            "Give it to an ordinary user (chown -R), or delete it and load again.",
            {"directory": str(data)},
        )
    try:
        name = pwd.getpwuid(facts.st_uid).pw_name
    except KeyError:
        name = str(facts.st_uid)
    owns_project = directory.stat().st_uid == facts.st_uid
    return ServerAccount(name, facts.st_uid, facts.st_gid, owns_project=owns_project)


def _owner(directory: Path) -> ServerAccount | None:
    nearest = next(place for place in (directory, *directory.parents) if place.exists())
    uid = nearest.stat().st_uid
    if uid == 0:
        return None
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # initdb needs a name for its user
        return None
    return ServerAccount(entry.pw_name, uid, entry.pw_gid, owns_project=True)


def identity(account: ServerAccount | None) -> ProcessIdentity:
    """Return the arguments for `subprocess` that make a process the account's."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def server_environment() -> dict[str, str]:
    """Return the environment of the server's processes: nothing of ours goes in."""
    return dict(_ENVIRONMENT)


def can_use(account: ServerAccount | None, path: Path, *, mode: str) -> bool:
    """Tell whether the account may search (`x`) or read (`r`) a path.

    A process of the account tries it, because access lists and mounts count too.

    Raises:
        ConfigError: We are root in name only and cannot become anybody else.
    """
    try:
        tried = subprocess.run(
            ["test", f"-{mode}", path],
            env=server_environment(),
            cwd="/",
            check=False,
            **identity(account),
        )
    except OSError as error:
        name = account.name if account else "this user"
        raise ConfigError(
            f"PostgreSQL does not run as root, and this root may not run programs as "
            f"user {name}: {error.strerror}",
            "Run bizops as an ordinary user, or use a PostgreSQL of yours: "
            "warehouse: {type: postgres, url: ...}.",
        ) from error
    return tried.returncode == 0


def give(path: Path, account: ServerAccount | None) -> None:
    """Make the account the owner of a path; nothing to do for ourselves."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def give_to_owner(path: Path, account: ServerAccount | None) -> None:
    """Make a file bizops keeps the project owner's, when that is not root."""
    if account is not None and account.owns_project:
        give(path, account)
