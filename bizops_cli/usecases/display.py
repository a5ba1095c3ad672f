"""`display`: the dashboards, started on the project's warehouse and stopped again."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.config.env import process_variables
from bizops_cli.display.bundle import compose
from bizops_cli.display.catalogue import Catalogue, Metric
from bizops_cli.display.conf import read_conf
from bizops_cli.display.place import Place
from bizops_cli.display.server import (
    answers,
    check_port,
    find_running,
    lets_in,
    only_one,
    start,
    stop,
)
from bizops_cli.display.setup import set_up
from bizops_cli.display.specification import read_dashboards, read_datasets
from bizops_cli.files import OWNER_ONLY, write_atomically
from bizops_cli.process.environment import plugin_environment
from bizops_cli.usecases.display_environment import ensure_environment, lock_file
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bizops_cli.display.bundle import Bundle
    from bizops_cli.display.conf import DisplayConf
    from bizops_cli.display.server import Running
    from bizops_cli.model import Project

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class DisplayStatus:
    """How the dashboards do.

    Attributes:
        is_running: Whether a process of theirs lives.
        answers: Whether the log-in page is there.
        url: Their address; None when they do not run.
        administrator: Whose name logs in; None when they were never started.
        dashboards: Title and address of each.
        log: The server's log.
    """

    is_running: bool
    answers: bool
    url: str | None
    administrator: str | None
    dashboards: tuple[tuple[str, str], ...]
    log: Path


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the dashboards shall be brought to."""

    conf: DisplayConf
    bundle: Bundle
    reader_uri: str
    metadata_uri: str
    is_new: bool

    def instructions(self) -> dict[str, object]:
        """Return what the script of the set-up is told."""
        person = self.conf.administrator
        return {
            "administrator": {
                "username": person.username,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "email": person.email,
                "password": person.password.reveal(),
            },
            "database_uri": self.reader_uri,
            "bundle": dict(self.bundle.files),
        }


def start_display(
    project: Project,
    *,
    on_step: Callable[[str], None],
    reinstall: bool = False,
) -> DisplayStatus:
    """Bring the dashboards to what project and warehouse say, and serve them.

    What is as it should be already is left alone: a second start takes seconds.

    Args:
        project: The project.
        on_step: Called with a line before each part that takes time.
        reinstall: Make Superset's environment anew.

    Raises:
        ConfigError: config/bizops.conf is missing or wrong, or the port is taken.
        UnreachableError: The warehouse does not answer.
        DatabaseRefusedError: Its role may not make a role or a database.
        LockedError: Another command is starting or stopping them.
        InstallError: Superset could not be installed.
        BizopsError: It could not be set up, or its server did not start.
    """
    place = display_place(project)
    conf = _read_conf(project)
    place.prepare()
    with only_one(place):
        running = find_running(place)
        if running is None or (running.host, running.port) != (conf.host, conf.port):
            check_port(conf.host, conf.port)
        on_step("reading the warehouse")
        wanted = _prepare_warehouse(project, place, conf)
        environment = ensure_environment(
            project.directory, place, on_step=on_step, reinstall=reinstall
        )
        fingerprint = _write_settings(place, wanted)
        is_current = running is not None and running.fingerprint == fingerprint
        variables = _variables(place)
        if running is not None and not (is_current and answers(running)):
            stop(place)
            running = None
        _apply(place, wanted, environment, variables, on_step=on_step)
        if running is None:
            on_step("starting the server")
            running = start(
                place,
                environment=environment,
                variables=variables,
                address=(conf.host, conf.port),
                fingerprint=fingerprint,
            )
    return _status(place, running, is_answering=True)


def stop_display(project: Project) -> bool:
    """Stop the dashboards; return whether they ran.

    Raises:
        LockedError: Another command is starting or stopping them.
        UnreachableError: They are still there after a while.
    """
    place = display_place(project)
    if not place.directory.is_dir():
        return False
    with only_one(place):
        return stop(place)


def display_status(project: Project, *, log_in: bool = False) -> DisplayStatus:
    """Return how the dashboards do, without starting anything.

    Args:
        project: The project.
        log_in: Count as an answer only that the administrator can log in.

    Raises:
        ConfigError: config/bizops.conf is wrong, when it is needed to log in.
    """
    place = display_place(project)
    running = find_running(place)
    is_answering = running is not None and answers(running)
    if running is not None and is_answering and log_in:
        person = _read_conf(project).administrator
        is_answering = lets_in(
            running, username=person.username, password=person.password.reveal()
        )
    return _status(place, running, is_answering=is_answering)


def display_place(project: Project) -> Place:
    """Return where the dashboards of a project keep their files."""
    return Place(project.state_directory / "display")


def conf_file(project: Project) -> Path:
    """Return the file that names administrator and port."""
    return project.directory / "config" / "bizops.conf"


def display_assets() -> Path:
    """Return the folder of the dashboards' files, in the wheel or the checkout."""
    in_wheel = _PACKAGE / "_display"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / "display" / "superset"


def _read_conf(project: Project) -> DisplayConf:
    in_wheel = _PACKAGE / "_display" / "bizops.conf.example"
    in_checkout = _PACKAGE.parent / "config" / "bizops.conf.example"
    example = in_wheel if in_wheel.is_file() else in_checkout
    return read_conf(conf_file(project), example=example)


def _prepare_warehouse(project: Project, place: Place, conf: DisplayConf) -> _Wanted:
    from bizops_cli.warehouse import display_access as access
    from bizops_cli.warehouse.dsn import parse_address
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(project)
    role = access.reader_role(address.database)
    with connected(address.url, application_name="bizops display") as connection:
        access.make_views(connection)
        if conf.reader_url is None:
            password = place.secret("reader.password")
            access.let_read(connection, role, password)
            reader = access.other_login(address.url, user=role, password=password)
        else:
            own = parse_address(conf.reader_url.reveal())
            access.grant_reading(connection, own.user)
            reader = own.url
        is_new = False
        if conf.metadata_url is None:
            name = access.metadata_database(address.database)
            is_new = access.ensure_database(connection, name)
            metadata = access.other_database(address.url, name)
        else:
            metadata = parse_address(conf.metadata_url.reveal()).url
        facts = access.read_display_facts(connection)
    metrics = {row[0]: Metric(*row) for row in facts.definitions}
    assets = display_assets()
    bundle = compose(
        read_dashboards(assets),
        read_datasets(assets),
        Catalogue(metrics, facts.figures, facts.relations),
    )
    return _Wanted(
        conf=conf,
        bundle=bundle,
        reader_uri=access.for_superset(reader),
        metadata_uri=access.for_superset(metadata),
        is_new=is_new,
    )


def _write_settings(place: Place, wanted: _Wanted) -> str:
    """Write what Superset's configuration reads; return what tells it from another."""
    settings = {
        "secret_key": place.secret("secret.key"),
        "metadata_uri": wanted.metadata_uri,
        "directory": str(place.directory),
        "is_behind_https": wanted.conf.is_behind_https,
    }
    text = json.dumps(settings)
    write_atomically(place.settings, text.encode(), mode=OWNER_ONLY)
    code = (display_assets() / "superset_config.py").read_bytes()
    return _fingerprint(
        place, text.encode(), code, str((wanted.conf.host, wanted.conf.port)).encode()
    )


def _apply(
    place: Place,
    wanted: _Wanted,
    environment: Path,
    variables: Mapping[str, str],
    *,
    on_step: Callable[[str], None],
) -> None:
    script = display_assets() / "setup_superset.py"
    instructions = wanted.instructions()
    fingerprint = _fingerprint(
        place,
        json.dumps(instructions, sort_keys=True).encode(),
        wanted.metadata_uri.encode(),
        script.read_bytes(),
    )
    if not wanted.is_new and _applied(place).get("fingerprint") == fingerprint:
        return
    on_step("setting Superset up")
    set_up(
        place,
        instructions,
        command=(environment / "bin" / "python", script),
        variables=variables,
        on_step=lambda step: on_step(f"  {step}"),
    )
    applied = {
        "fingerprint": fingerprint,
        "administrator": wanted.conf.administrator.username,
        "dashboards": [[d.title, d.slug] for d in read_dashboards(display_assets())],
    }
    write_atomically(place.applied, json.dumps(applied).encode(), mode=OWNER_ONLY)


def _variables(place: Place) -> dict[str, str]:
    own = {
        "SUPERSET_CONFIG_PATH": str(display_assets() / "superset_config.py"),
        "BIZOPS_DISPLAY_SETTINGS": str(place.settings),
        "SCARF_ANALYTICS": "false",
        "PYTHONUNBUFFERED": "1",
    }
    return plugin_environment(own, environ=process_variables())


def _fingerprint(place: Place, *parts: bytes) -> str:
    """Return a keyed hash: what it was made from holds passwords."""
    key = place.secret("secret.key").encode()
    locked = lock_file().read_bytes()
    return hmac.new(key, b"\0".join((locked, *parts)), hashlib.sha256).hexdigest()


def _applied(place: Place) -> dict[str, object]:
    try:
        value = json.loads(place.applied.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _status(
    place: Place, running: Running | None, *, is_answering: bool
) -> DisplayStatus:
    applied = _applied(place)
    administrator = applied.get("administrator")
    listed = applied.get("dashboards")
    url = running.url if running else None
    return DisplayStatus(
        is_running=running is not None,
        answers=is_answering,
        url=url,
        administrator=str(administrator) if administrator else None,
        dashboards=tuple(
            (title, f"{url}superset/dashboard/{slug}/")
            for title, slug in (listed if url and isinstance(listed, list) else [])
        ),
        log=place.server_log,
    )
