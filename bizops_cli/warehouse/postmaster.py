"""The embedded server's processes: starting them, finding them, ending them."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.warehouse.account import (
    give,
    give_to_owner,
    identity,
    server_environment,
)

if TYPE_CHECKING:
    import signal

    from bizops_cli.warehouse.account import ServerAccount
    from bizops_cli.warehouse.home import ServerHome
    from bizops_cli.warehouse.record import ServerRecord

_PROCESSES = Path("/proc")
_LONGEST_SOCKET_DIRECTORY_BYTES = 80  # with its name, a socket's path has to fit in 107
_OWN_PORTS = range(15_432, 25_432)
_SMALLEST_SHARED_MEMORY_BYTES = 512 * 1024 * 1024


def launch(
    home: ServerHome, programs: Path, record: ServerRecord, *, lock_descriptor: int
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that it outlives the command.

    Args:
        home: Its places.
        programs: Folder of `postgres`.
        record: Where it shall listen.
        lock_descriptor: The locked `server.lock`, which all its processes inherit.
    """
    settings = {
        "port": str(record.port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": record.socket_directory,
        "unix_socket_permissions": "0700",
        "cluster_name": record.instance,
        "dynamic_shared_memory_type": _shared_memory_type(),
    }
    arguments = [item for pair in settings.items() for item in ("-c", "=".join(pair))]
    with home.startup_log.open("wb") as log:
        give_to_owner(home.startup_log, home.account)
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(home.data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=server_environment(),
            cwd="/",
            start_new_session=True,
            pass_fds=[lock_descriptor],
            **identity(home.account),
        )
    # Reaps the server should it end before this command does.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def free_port(preferred: int | None) -> int:
    """Return the preferred TCP port of 127.0.0.1 if it is free, else another free one.

    It lies below the ports that systems lend to outgoing connections, so that none
    of these takes it while the server is stopped.
    """
    candidates = random.sample(_OWN_PORTS, k=20)
    for port in [preferred, *candidates] if preferred else candidates:
        if port_is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on a TCP port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def make_socket_directory(account: ServerAccount | None) -> str:
    """Make a short private folder for the socket."""
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > _LONGEST_SOCKET_DIRECTORY_BYTES:
        base = "/tmp"  # noqa: S108 - mkdtemp makes a folder nobody else can enter
    made = Path(tempfile.mkdtemp(prefix="bizops-", dir=base))
    give(made, account)
    return str(made)


def remove_socket_directory(path: str, account: ServerAccount | None) -> None:
    """Remove the socket's folder, if it is the server's own."""
    if _is_private(Path(path), account):
        shutil.rmtree(path, ignore_errors=True)


def remove_stale_pid_file(data: Path) -> None:
    """Remove a `postmaster.pid` that names a process which is not this server.

    PostgreSQL would refuse to start when the process id went to somebody else. The
    server lock must be held, so that no server of ours lives. A server started by
    hand is left alone, and PostgreSQL reports it.
    """
    pid = _recorded_pid(data)
    if pid is not None and not _works_in(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def running_postmaster(data: Path) -> int | None:
    """Return the process id of the server's main process, if that really is it."""
    pid = _recorded_pid(data)
    return pid if pid is not None and _works_in(pid, data) else None


def orphans(data: Path) -> list[int]:
    """Return server processes whose main process is gone."""
    if running_postmaster(data) is not None or not _PROCESSES.is_dir():
        return []
    numbers = (int(p.name) for p in _PROCESSES.iterdir() if p.name.isdigit())
    return [pid for pid in numbers if _works_in(pid, data)]


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has gone meanwhile is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def last_log_lines(home: ServerHome, *, count: int = 4) -> list[str]:
    """Return what the server said last, for messages."""
    logs = [home.startup_log, *(home.data / "log").glob("*.log")]
    lines: list[str] = []
    for log in sorted((p for p in logs if p.exists()), key=lambda p: p.stat().st_mtime):
        text = log.read_text(encoding="utf-8", errors="replace")
        lines += [line for line in text.splitlines() if _is_telling(line)]
    return lines[-count:]


def _is_telling(line: str) -> bool:
    noise = ("redirecting log output", "Future log output", "ending log output")
    return bool(line.strip()) and not any(words in line for words in noise)


def _recorded_pid(data: Path) -> int | None:
    try:
        first, *_ = (data / "postmaster.pid").read_text(encoding="ascii").split()
        pid = int(first)
    except (OSError, ValueError):
        return None
    return pid if pid > 0 else None


def _works_in(pid: int, data: Path) -> bool:
    """Tell whether a process is a PostgreSQL that works in this data directory."""
    if not _PROCESSES.is_dir():
        return _is_postgres_by_name(pid)
    process = _PROCESSES / str(pid)
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
        return name == "postgres" and (process / "cwd").samefile(data)
    except OSError:
        return False


def _is_postgres_by_name(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-p", str(pid), "-o", "comm="],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Path(listed.stdout.strip()).name == "postgres"


def _is_private(path: Path, account: ServerAccount | None) -> bool:
    try:
        facts = path.lstat()
    except OSError:
        return False
    owner = account.uid if account else os.geteuid()
    return facts.st_uid == owner and facts.st_mode & 0o170777 == 0o040700


def _shared_memory_type() -> str:
    """Return where parallel queries share memory: containers have a tiny /dev/shm."""
    try:
        size_bytes = shutil.disk_usage("/dev/shm").total  # noqa: S108
    except OSError:
        return "posix"
    return "posix" if size_bytes >= _SMALLEST_SHARED_MEMORY_BYTES else "sysv"
