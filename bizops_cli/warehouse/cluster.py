"""Making the embedded server's data directory: whole, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, ConfigError, DatabaseRefusedError
from bizops_cli.redact import REDACTOR
from bizops_cli.warehouse.account import give, identity, server_environment
from bizops_cli.warehouse.binaries import MAJOR_VERSION
from bizops_cli.warehouse.private_file import write_private

if TYPE_CHECKING:
    from bizops_cli.warehouse.account import ServerAccount
    from bizops_cli.warehouse.home import ServerHome

ROLE = "bizops"
DATABASE = "bizops"

_TIMEOUT_S = 120
_BUILD_PREFIX = ".building-"
_INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    # libc of some systems has no UTF-8 locale, and the wheel has no ICU.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--text-search-config=english",
)
_SETTINGS = {
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "60",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    # One log file a day for a week. Lines hold no statement and no row's values.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


def create_cluster(home: ServerHome, programs: Path) -> None:
    """Make the data directory with role and database `bizops`.

    It is made beside its place and renamed at the end, so that a kill or a full disk
    leaves nothing that looks like a data directory.

    Raises:
        DatabaseRefusedError: The disk is full, or initdb failed for another reason.
    """
    remove_leftovers(home.place)
    building = Path(tempfile.mkdtemp(prefix=_BUILD_PREFIX, dir=home.place))
    try:
        give(building, home.account)
        password = _write_passwords(home, building)
        _initialise(building, programs, home.account)
        create_database = f"create database {DATABASE}"
        _single_user(building / "data", programs, home.account, create_database)
        _keep_password(home, password)
        (building / "data").rename(home.data)
    except OSError as error:
        raise _refused(home, os.strerror(error.errno or 0), error.errno) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def check_major_version(home: ServerHome) -> None:
    """Check that our PostgreSQL can read the data.

    Raises:
        ConfigError: Another major version made it, or it is no data directory.
    """
    try:
        found = (home.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{home.data} is not a PostgreSQL data directory",
            "Move it away; the next run loads everything again.",
        ) from error
    if found != str(MAJOR_VERSION):
        raise ConfigError(
            f"the warehouse was made by PostgreSQL {found}, and this bizops brings "
            f"PostgreSQL {MAJOR_VERSION}",
            "Move the directory away and run `bizops elt run` to load again, or dump "
            f"it with PostgreSQL {found} and restore it.",
            {"directory": str(home.data)},
        )


def read_password(home: ServerHome) -> str:
    """Return the password of role bizops.

    Raises:
        ConfigError: The file is gone or belongs to another user.
    """
    try:
        password = home.password_file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"cannot read the warehouse's password: {error.strerror}",
            "Run bizops as the user who started the warehouse first; if the file is "
            "gone, stop the server: the next start makes a new one.",
            {"file": str(home.password_file)},
        ) from error
    REDACTOR.remember([password])
    return password


def renew_lost_password(home: ServerHome, programs: Path) -> None:
    """Give role bizops a new password when the file with the old one is gone.

    The server must not run.
    """
    if home.password_file.exists():
        return
    password = secrets.token_urlsafe(24)
    REDACTOR.remember([password])
    statement = f"alter role {ROLE} password '{password}'"
    _single_user(home.data, programs, home.account, statement)
    _keep_password(home, password)


def remove_leftovers(place: Path) -> None:
    """Remove what a killed start left half-made. The start lock must be held."""
    for leftover in place.glob(f"{_BUILD_PREFIX}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _write_passwords(home: ServerHome, building: Path) -> str:
    password = secrets.token_urlsafe(24)
    REDACTOR.remember([password])
    file = building / "password"
    write_private(file, password + "\n", None)
    give(file, home.account)
    return password


def _keep_password(home: ServerHome, password: str) -> None:
    write_private(home.password_file, password + "\n", home.account)


def _initialise(building: Path, programs: Path, account: ServerAccount | None) -> None:
    settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
    _run(
        [
            str(programs / "initdb"),
            f"--pgdata={building / 'data'}",
            f"--pwfile={building / 'password'}",
            *_INITDB_OPTIONS,
            *settings,
        ],
        account,
        text="",
    )


def _single_user(
    data: Path, programs: Path, account: ServerAccount | None, statement: str
) -> None:
    """Run one statement on a data directory without a server."""
    command = [str(programs / "postgres"), "--single", "-D", str(data)]
    options = ["-c", "exit_on_error=on", "-c", "logging_collector=off"]
    _run([*command, *options, "postgres"], account, text=f"{statement}\n")


def _run(command: list[str], account: ServerAccount | None, *, text: str) -> None:
    done = subprocess.run(
        command,
        input=text,
        env=server_environment(),
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_TIMEOUT_S,
        check=False,
        **identity(account),
    )
    if done.returncode == 0:
        return
    if "No space left on device" in done.stderr or "File too large" in done.stderr:
        raise OSError(errno.ENOSPC, "No space left on device")
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    raise DatabaseRefusedError(
        f"{Path(command[0]).name} could not make the embedded warehouse",
        "Read its last lines below.",
        {"said": " | ".join(lines[-4:]) or f"exit status {done.returncode}"},
    )


def _refused(home: ServerHome, reason: str, number: int | None) -> BizopsError:
    return DatabaseRefusedError(
        f"cannot make the embedded warehouse: {reason}",
        "Free some space on the disk (about 100 MB are needed) and run again."
        if number == errno.ENOSPC
        else "Make the directory writable.",
        {"directory": str(home.place)},
    )
