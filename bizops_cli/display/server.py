"""The server of the dashboards: gunicorn, which outlives the command that starts it.

Its processes inherit an open, locked file: the lock is free exactly when none of them
lives any more. A process id is believed only while the lock is held.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import asdict, dataclass
from http.client import OK, HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, ConfigError, LockedError, UnreachableError
from bizops_cli.files import OWNER_ONLY, write_atomically
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bizops_cli.display.place import Place

START_TIMEOUT_S = 180.0
_STOP_TIMEOUT_S = 20.0
_PAUSE_S = 0.1
_EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - to be told from one address
_WORKERS = 2
_THREADS = 8
_LAST_LINES = 12


@dataclass(frozen=True, slots=True)
class Running:
    """A server that was started.

    Attributes:
        pid: Of its main process, which leads a group.
        host: Address it listens on.
        port: TCP port.
        fingerprint: Of what it was started with.
    """

    pid: int
    host: str
    port: int
    fingerprint: str

    @property
    def url(self) -> str:
        """Return the address for a browser on this machine."""
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://{host}:{self.port}/"


@contextlib.contextmanager
def only_one(place: Place) -> Iterator[None]:
    """Let one command at a time start or stop the dashboards.

    Raises:
        LockedError: Another one is at it.
    """
    descriptor = os.open(place.command_lock, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        if not _try_lock(descriptor):
            raise LockedError(
                "another command is starting or stopping the dashboards",
                "Wait until it is done.",
                {"lock": str(place.command_lock)},
            )
        yield
    finally:
        os.close(descriptor)


def find_running(place: Place) -> Running | None:
    """Return the server that runs; None if none does."""
    if not _is_locked(place.server_lock):
        return None
    try:
        return Running(**json.loads(place.record.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def check_port(host: str, port: int) -> None:
    """Try whether the port is free.

    Raises:
        ConfigError: It is not, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"the dashboards cannot listen on {host} port {port}: {error.strerror}",
                "Stop what uses that port, or set another `port` or `host` under "
                "[display] in config/bizops.conf.",
            ) from error


def start(
    place: Place,
    *,
    environment: Path,
    variables: Mapping[str, str],
    address: tuple[str, int],
    fingerprint: str,
) -> Running:
    """Start the server and wait until its log-in page is there.

    Args:
        place: Where its files are.
        environment: The Python environment Superset is in.
        variables: All it sees.
        address: Host and port to listen on.
        fingerprint: Kept, to tell later whether it has to be started anew.

    Raises:
        BizopsError: It ended, or did not answer in time; with its last lines.
    """
    host, port = address
    listening = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    gunicorn = str(environment / "bin" / "gunicorn")
    arguments = [gunicorn, "--bind", listening]
    arguments += ["--workers", str(_WORKERS), "--worker-class", "gthread"]
    arguments += ["--threads", str(_THREADS), "--timeout", "120"]
    # Less than the ten seconds an engine gives a container to end.
    arguments += ["--graceful-timeout", "3", "--keep-alive", "5"]
    arguments += ["--limit-request-line", "0", "superset.app:create_app()"]
    lock = os.open(place.server_lock, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    log = os.open(place.server_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    try:
        if not _try_lock(lock):
            raise LockedError("the dashboards run already", "bizops display down")
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=place.directory,
            env=dict(variables),
            pass_fds=[lock],
            start_new_session=True,
        )
    except OSError as error:
        raise BizopsError(
            f"the dashboards cannot be started: {error.strerror}",
            "Run `bizops display up --reinstall`.",
        ) from error
    finally:
        os.close(lock)
        os.close(log)
    running = Running(process.pid, host, port, fingerprint)
    write_atomically(
        place.record, json.dumps(asdict(running)).encode(), mode=OWNER_ONLY
    )
    try:
        _wait_for(running, process, place)
    except BaseException:
        stop(place)
        raise
    return running


def answers(running: Running, *, timeout_s: float = 10.0) -> bool:
    """Tell whether the log-in page is there; the page of health is there always."""
    status, _ = _ask(running, "GET", "/login/", timeout_s=timeout_s)
    return status == OK


def lets_in(
    running: Running, *, username: str, password: str, timeout_s: float = 20.0
) -> bool:
    """Tell whether a user can log in and see a dashboard."""
    login = {"username": username, "password": password, "provider": "db"}
    status, answer = _ask(
        running, "POST", "/api/v1/security/login", body=login, timeout_s=timeout_s
    )
    token = answer.get("access_token")
    if status != OK or not token:
        return False
    status, answer = _ask(
        running, "GET", "/api/v1/dashboard/", token=str(token), timeout_s=timeout_s
    )
    return status == OK and bool(answer.get("count"))


def _ask(
    running: Running,
    method: str,
    path: str,
    *,
    timeout_s: float,
    body: Mapping[str, str] | None = None,
    token: str | None = None,
) -> tuple[int, dict[str, object]]:
    """Return status and JSON of an answer; 0 and nothing without one."""
    host = "127.0.0.1" if running.host in _EVERY_ADDRESS else running.host
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = HTTPConnection(host, running.port, timeout=timeout_s)
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        said = answer.read()
    except (HTTPException, OSError):
        return 0, {}
    finally:
        connection.close()
    with contextlib.suppress(ValueError):
        value = json.loads(said)
        return answer.status, value if isinstance(value, dict) else {}
    return answer.status, {}


def stop(place: Place) -> bool:
    """Stop the server; return whether one ran.

    Raises:
        UnreachableError: It is still there after a while.
    """
    running = find_running(place)
    was_running = _is_locked(place.server_lock)
    deadline_s = time.monotonic() + _STOP_TIMEOUT_S
    if running is not None:
        _signal(running, signal.SIGTERM)
    while _is_locked(place.server_lock):
        now_s = time.monotonic()
        if running is not None and now_s > deadline_s:
            _signal(running, signal.SIGKILL)
        if now_s > deadline_s + _STOP_TIMEOUT_S:
            raise UnreachableError(
                "the dashboards could not be stopped",
                "Does another user, or another container, run them? Stop them there.",
                {"lock": str(place.server_lock)},
            )
        time.sleep(_PAUSE_S)
    place.record.unlink(missing_ok=True)
    return was_running


def _wait_for(running: Running, process: subprocess.Popen[bytes], place: Place) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while not answers(running, timeout_s=30.0):
        if process.poll() is not None:
            raise _did_not_start(place, "ended as soon as it was started")
        if time.monotonic() > deadline_s:
            raise _did_not_start(place, "shows no log-in page")
        time.sleep(_PAUSE_S)


def _did_not_start(place: Place, what: str) -> BizopsError:
    lines = place.server_log.read_text("utf-8", "replace").strip().splitlines()
    said = "\n    ".join(["", *map(redact, lines[-_LAST_LINES:])])
    return BizopsError(
        f"the server of the dashboards {what}",
        f"The whole log is {place.server_log}.",
        {"it said": said},
    )


def _signal(running: Running, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, number)


def _is_locked(file: Path) -> bool:
    if not file.exists():
        return False
    descriptor = os.open(file, os.O_RDWR)
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
