"""`bizops display` before there is anything to show: what it refuses, and how."""

from __future__ import annotations

import fcntl
import os
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Toy

GOOD = {
    "username": "ada",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.com",
    "password": "analytical engine no. 1",
}


def write_conf(
    directory: Path, *, port: int = 1, mode: int = 0o600, **changes: str
) -> Path:
    file = directory / "config" / "bizops.conf"
    file.parent.mkdir(exist_ok=True)
    lines = [f"{key} = {value}" for key, value in (GOOD | changes).items()]
    text = "\n".join(["[administrator]", *lines, "[display]", f"port = {port}", ""])
    file.write_text(text)
    file.chmod(mode)
    return file


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def test_without_a_conf_one_is_made_for_the_owner_alone(folder: Toy) -> None:
    ended = folder.run("display", "up")
    assert ended.returncode == 2
    file = folder.directory / "config" / "bizops.conf"
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(file) in ended.stderr
    again = folder.run("display", "up")
    assert again.returncode == 2
    assert "lacks first_name, last_name, email, password" in again.stderr


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "lacks password"),
        ("admin", "everybody tries first"),
        ("Password123!", "everybody tries first"),
        ("change-me-1234", "everybody tries first"),
        ("short", "fewer than 12"),
        ("aaaaaaaaaaaaaaa", "repeats"),
        ("ada1234567890xyz", "administrator's own name"),
    ],
)
def test_a_password_anybody_guesses_is_refused(
    folder: Toy, password: str, reason: str
) -> None:
    write_conf(folder.directory, password=password)
    ended = folder.run("display", "up")
    assert ended.returncode == 2
    assert reason in ended.stderr
    if len(password) > 5:
        assert password not in ended.stderr + ended.stdout
    assert not (folder.directory / ".bizops" / "display").exists()


def test_a_conf_others_may_read_is_refused(folder: Toy) -> None:
    file = write_conf(folder.directory, mode=0o644)
    ended = folder.run("display", "up")
    assert ended.returncode == 2
    assert f"chmod 600 {file}" in ended.stderr


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("[dislay]\n", "there is no section [dislay]"),
        ("[warehouse]\nreaderurl = x\n", "[warehouse] has no 'readerurl'"),
        ("just words\n", "neither a [section] nor a"),
        ("[administrator]\npassword = other secret words\n", "given twice"),
    ],
)
def test_a_mistake_in_the_conf_is_named_and_its_secrets_are_not(
    folder: Toy, extra: str, reason: str
) -> None:
    file = write_conf(folder.directory)
    file.write_text(file.read_text() + extra)
    ended = folder.run("display", "up")
    assert ended.returncode == 2
    assert reason in ended.stderr
    assert "secret words" not in ended.stderr
    assert GOOD["password"] not in ended.stderr


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none_is_refused(folder: Toy, port: str) -> None:
    file = write_conf(folder.directory)
    file.write_text(file.read_text().replace("port = 1\n", f"port = {port}\n"))
    ended = folder.run("display", "up")
    assert ended.returncode == 2
    assert "1 to 65535" in ended.stderr


def test_a_taken_port_is_named_before_anything_is_installed(toy: Toy) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        write_conf(toy.directory, port=port)
        ended = toy.run("display", "up")
    assert ended.returncode == 2
    assert f"port {port}: Address already in use" in ended.stderr
    assert "installing" not in ended.stderr


def test_a_warehouse_that_does_not_answer_ends_with_5(folder: Toy) -> None:
    url = f"postgresql://x@127.0.0.1:{free_port()}/x"
    folder.document["warehouse"] = {"type": "postgres", "url": url}
    folder.write()
    write_conf(folder.directory, port=free_port())
    ended = folder.run("display", "up")
    assert ended.returncode == 5
    assert "the warehouse does not answer" in ended.stderr


def test_two_commands_at_once_end_with_6(folder: Toy) -> None:
    write_conf(folder.directory, port=free_port())
    lock = folder.directory / ".bizops" / "display" / "command.lock"
    lock.parent.mkdir(parents=True)
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        for word in ("up", "down"):
            ended = folder.run("display", word)
            assert ended.returncode == 6
            assert "another command is starting or stopping" in ended.stderr
    finally:
        os.close(held)


def test_an_install_that_fails_ends_with_8_and_leaves_nothing(toy: Toy) -> None:
    write_conf(toy.directory, port=free_port())
    toy.variables |= {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(toy.directory / "cache")}
    toy.variables |= {"UV_NO_CONFIG": "1"}
    ended = toy.run("display", "up")
    assert ended.returncode == 8
    assert "Apache Superset could not be installed" in ended.stderr
    kept = toy.directory / ".bizops" / "display" / "environments"
    assert [path for path in kept.iterdir() if path.is_dir()] == []


def test_what_never_ran_is_stopped_and_told_so(folder: Toy) -> None:
    assert folder.run("display", "status").stdout == "stopped\n"
    assert folder.run("display", "down").stdout == "they did not run\n"
    ended = folder.run("display", "status", "--log-in")
    assert ended.returncode == 5
