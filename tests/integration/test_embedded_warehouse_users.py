"""Who the embedded server runs as, and where its data lies then."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bizops_cli.errors import ConfigError
from bizops_cli.warehouse.binaries import PACKAGE, find_programs
from bizops_cli.warehouse.embedded import EmbeddedWarehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Machine

pytestmark = pytest.mark.usefixtures("as_root")

USER = "nobody"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder everybody may pass through, as /srv is."""
    folder = Path(tempfile.mkdtemp(prefix="bizops-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def users_folder(open_folder: Path) -> Path:
    """Give a folder that belongs to an ordinary user."""
    folder = open_folder / "home"
    folder.mkdir(mode=0o700)
    account = pwd.getpwnam(USER)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def owner_of(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


def test_root_hands_the_server_to_an_unprivileged_user(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    address = warehouses(open_folder / ".bizops" / "warehouse").start()
    data = machine.data_of(address)
    assert data.is_relative_to(open_folder)
    assert owner_of(data) != "root"
    for pid in machine.processes_of(address):
        assert owner_of(Path(f"/proc/{pid}")) == owner_of(data)
        groups = Path(f"/proc/{pid}/status").read_text()
        assert "Groups:\t \n" in groups, "root's groups must be gone"


def test_below_a_closed_folder_the_data_goes_elsewhere_and_nothing_is_opened(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    closed = open_folder / "root"
    project = closed / "project"
    project.mkdir(parents=True)
    closed.chmod(0o700)
    warehouse = warehouses(project / ".bizops" / "warehouse")
    address = warehouse.start()
    data = machine.data_of(address)
    assert not data.is_relative_to(open_folder)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    machine.query(address.url, "create table kept as select 42 as answer")
    warehouse.stop()
    assert machine.query(warehouse.start().url, "select * from kept") == [(42,)]
    warehouse.remove()
    assert not data.parent.exists()


def test_a_moved_project_below_a_closed_folder_finds_its_data(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    open_folder.chmod(0o700)
    before = warehouses(open_folder / "before")
    machine.query(before.start().url, "create table kept as select 42 as answer")
    (open_folder / "before").rename(open_folder / "after")
    after = warehouses(open_folder / "after")
    assert machine.query(after.start().url, "select * from kept") == [(42,)]


def test_a_copied_project_below_a_closed_folder_gets_a_warehouse_of_its_own(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    open_folder.chmod(0o700)
    original = warehouses(open_folder / "original").start()
    shutil.copytree(open_folder / "original", open_folder / "copy")
    copy = warehouses(open_folder / "copy").start()
    assert machine.data_of(copy) != machine.data_of(original)


def test_a_deleted_folder_below_a_closed_one_stops_its_forgotten_server(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    open_folder.chmod(0o700)
    directory = open_folder / "warehouse"
    first = warehouses(directory).start()
    forgotten = machine.data_of(first)
    processes = machine.processes_of(first)
    shutil.rmtree(directory)
    second = warehouses(directory).start()
    assert machine.data_of(second) != forgotten
    assert not any(_is_alive(pid) for pid in processes)
    assert str(forgotten.parent) in caplog.text
    shutil.rmtree(forgotten.parent)


def test_programs_below_a_closed_folder_are_copied_once(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    site = open_folder / "closed" / "site-packages"
    installation = find_programs().parent
    source = installation.parent.parent
    shutil.copytree(installation, site / PACKAGE / installation.name)
    (site / PACKAGE / "__init__.py").touch()
    libraries = source / f"{PACKAGE}.libs"
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
    (open_folder / "closed").chmod(0o700)
    directory = open_folder / "warehouse"
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
        "from bizops_cli.warehouse.binaries import find_programs;"
        "assert str(find_programs()).startswith(sys.argv[2]);"
        "from bizops_cli.warehouse.embedded import EmbeddedWarehouse;"
        "print(EmbeddedWarehouse(Path(sys.argv[1])).start().url)"
    )
    warehouse = warehouses(directory)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, str(directory), str(site)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert machine.query(done.stdout.strip(), "select 1") == [(1,)]
        address = warehouse.status().address
        program = Path(f"/proc/{machine.postmaster_of(address)}/exe").resolve()
        assert not program.is_relative_to(open_folder)
        warehouse.stop()
    assert stat.S_IMODE((open_folder / "closed").stat().st_mode) == 0o700
    shutil.rmtree(program.parents[3])


def test_an_ordinary_user_runs_it_as_himself(
    users_folder: Path, machine: Machine
) -> None:
    warehouse = EmbeddedWarehouse(users_folder / "project" / ".bizops" / "warehouse")
    try:
        address = machine.as_user(USER, warehouse.start)
        assert machine.query(address.url, "select 1") == [(1,)]
        assert machine.as_user(USER, warehouse.status).is_running
        for pid in machine.processes_of(address):
            assert owner_of(Path(f"/proc/{pid}")) == USER
        machine.kill(machine.postmaster_of(address))
        address = machine.as_user(USER, warehouse.start)
        assert machine.query(address.url, "select 1") == [(1,)]
    finally:
        machine.as_user(USER, warehouse.remove)
    assert not warehouse.status().is_running


def test_root_in_a_users_project_leaves_everything_the_users(
    users_folder: Path, machine: Machine
) -> None:
    warehouse = EmbeddedWarehouse(users_folder / ".bizops" / "warehouse")
    try:
        address = warehouse.start()
        assert machine.data_of(address).is_relative_to(users_folder)
        owners = {owner_of(path) for path in users_folder.rglob("*")}
        assert owners == {USER}
        assert machine.as_user(USER, warehouse.start) == address
        machine.as_user(USER, warehouse.stop)
        again = machine.as_user(USER, warehouse.start)
        assert warehouse.start() == again
    finally:
        warehouse.remove()


def test_an_ordinary_user_is_told_that_the_warehouse_is_roots(
    open_folder: Path,
    warehouses: Callable[[Path], EmbeddedWarehouse],
    machine: Machine,
) -> None:
    warehouse = warehouses(open_folder / "warehouse")
    warehouse.start()
    for action in (warehouse.start, warehouse.stop, warehouse.status):
        with pytest.raises(ConfigError, match="another user"):
            machine.as_user(USER, action)
    warehouse.stop()
    with pytest.raises(ConfigError, match="another user"):
        machine.as_user(USER, warehouse.start)


def test_a_folder_closed_later_is_named(
    open_folder: Path, warehouses: Callable[[Path], EmbeddedWarehouse]
) -> None:
    warehouse = warehouses(open_folder / "warehouse")
    warehouse.start()
    warehouse.stop()
    open_folder.chmod(0o700)
    with pytest.raises(ConfigError, match="may not enter"):
        warehouse.start()
    open_folder.chmod(0o755)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
