"""PostgreSQL's own shell on the warehouse."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.files import write_secret_file
from bizops_cli.warehouse.binaries import find_programs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.warehouse.address import WarehouseAddress


def run_psql(address: WarehouseAddress, arguments: Sequence[str]) -> int:
    """Run psql on the terminal and return its exit status.

    The password travels in a file that is removed afterwards, never in an argument.

    Raises:
        ConfigError: There is no psql.
    """
    from psycopg2.extensions import make_dsn, parse_dsn

    program = _find_psql()
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
        return _run([*unset, program, "--dbname", make_dsn(**parameters), *arguments])
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


def _find_psql() -> str:
    try:
        bundled = find_programs() / "psql"
    except ConfigError:
        bundled = None
    if bundled is not None and bundled.is_file():
        return str(bundled)
    found = shutil.which("psql")
    if found is None:
        raise ConfigError("there is no psql on this machine", "Install it.")
    return found
