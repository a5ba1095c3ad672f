"""PostgreSQL's own programs on the warehouse: its shell, and its dump."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError, DatabaseRefusedError
from bizops_cli.files import write_secret_file
from bizops_cli.redact import redact
from bizops_cli.warehouse.binaries import find_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bizops_cli.warehouse.address import WarehouseAddress


def run_psql(address: WarehouseAddress, arguments: Sequence[str]) -> int:
    """Run psql on the terminal and return its exit status.

    The password travels in a file that is removed afterwards, never in an argument.

    Raises:
        ConfigError: There is no psql.
    """
    with _command(address, "psql") as command:
        return _run([*command, *arguments])


def dump(address: WarehouseAddress, file: Path) -> None:
    """Write the whole database into a file for pg_restore, or leave the file as it was.

    Raises:
        ConfigError: There is no pg_dump, or it is older than the server.
        DatabaseRefusedError: It failed.
        OSError: The file cannot be written.
    """
    part = file.with_name(f".{file.name}.part")
    write_secret_file(part, b"")
    try:
        with _command(address, "pg_dump") as command:
            done = subprocess.run(
                [*command, "--format=custom", f"--file={part}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise DatabaseRefusedError(
                f"pg_dump failed: {redact(lines[0])}",
                "Is its version at least the server's, and may the role read all?",
            )
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _command(address: WarehouseAddress, name: str) -> Iterator[list[str]]:
    """Give the beginning of a command; the password is in a file, while the block runs.

    Raises:
        ConfigError: There is no such program.
    """
    from psycopg2.extensions import make_dsn, parse_dsn

    program = _find(name)
    folder = Path(tempfile.mkdtemp(prefix="bizops-psql-"))
    try:
        parameters = parse_dsn(address.url)
        password = parameters.pop("password", "")
        if password:
            passfile = folder / "passfile"
            write_secret_file(passfile, _passfile_line(password).encode())
            parameters["passfile"] = str(passfile)
        # A PGPASSWORD of the user's is for another server and would win.
        unset = ["env", "-u", "PGPASSWORD", "-u", "PGOPTIONS"]
        yield [*unset, program, "--dbname", make_dsn(**parameters)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> int:
    with subprocess.Popen(command) as process:
        # Ctrl-C is psql's: it cancels the query and stays.
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, previous)


def _passfile_line(password: str) -> str:
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    return f"*:*:*:*:{escaped}\n"


def _find(name: str) -> str:
    try:
        bundled = find_programs() / name
    except ConfigError:
        bundled = None
    if bundled is not None and bundled.is_file():
        return str(bundled)
    found = shutil.which(name)
    if found is None:
        raise ConfigError(f"there is no {name} on this machine", "Install it.")
    return found
