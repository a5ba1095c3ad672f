"""Reaching a server of the user's own, and what is said when that fails."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

from bizops_cli.errors import ConfigError, DatabaseRefusedError, UnreachableError
from bizops_cli.model import WarehouseSettings
from bizops_cli.redact import Secret
from bizops_cli.warehouse import connect as connecting
from bizops_cli.warehouse.connect import connect, resolve_warehouse
from bizops_cli.warehouse.dsn import parse_address
from bizops_cli.warehouse.refusals import connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bizops_cli.warehouse.embedded import EmbeddedWarehouse
    from conftest import LimitedRole, Machine


def with_parts(url: str, **parts: str) -> str:
    return urlunsplit(urlsplit(url)._replace(**parts))


def resolve(url: str, directory: Path) -> str:
    settings = WarehouseSettings(type="postgres", url=Secret(url))
    return resolve_warehouse(settings, directory=directory).url


def test_a_connection_sees_only_qualified_names_in_utc(fresh_database: str) -> None:
    with closing(connect(fresh_database, application_name="a test")) as connection:
        assert connection.autocommit
        with connection.cursor() as cursor:
            cursor.execute(
                "select current_setting('search_path'), current_setting('timezone'),"
                " current_setting('application_name')"
            )
            assert cursor.fetchone() == ("pg_catalog", "UTC", "a test")


def test_a_closed_port_is_unreachable_after_some_tries() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"postgresql://bizops:canary-password@127.0.0.1:{port}/bizops"
    with pytest.raises(UnreachableError, match="refused") as raised:
        connect(url, application_name="a test", timeout_s=1)
    assert "canary" not in f"{raised.value} {raised.value.context}"


def test_a_server_that_says_nothing_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://bizops@127.0.0.1:{mute.getsockname()[1]}/bizops"
        with pytest.raises(UnreachableError, match="timeout"):
            connect(url, application_name="a test", timeout_s=1)


def test_an_unknown_host_is_unreachable() -> None:
    url = "postgresql://bizops:x@no-such-host.invalid/bizops"
    with pytest.raises(UnreachableError, match="translate host name"):
        connect(url, application_name="a test", timeout_s=0.5)


@pytest.fixture
def late_server(fresh_database: str) -> Iterator[str]:
    """Give the URL of a server whose port opens only after a while."""
    there = urlsplit(fresh_database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def forward() -> None:
        time.sleep(0.5)
        with (
            socket.create_server(("127.0.0.1", port)) as door,
            door.accept()[0] as client,
            socket.create_connection((there.hostname, there.port)) as server,
        ):
            back = threading.Thread(target=_copy, args=(server, client))
            back.start()
            _copy(client, server)
            back.join()

    thread = threading.Thread(target=forward)
    thread.start()
    login = there.netloc.rpartition("@")[0]
    yield with_parts(fresh_database, netloc=f"{login}@127.0.0.1:{port}")
    thread.join(timeout=10)


def _copy(source: socket.socket, target: socket.socket) -> None:
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def test_a_server_that_is_not_up_yet_is_tried_again(late_server: str) -> None:
    with closing(connect(late_server, application_name="a test")) as connection:
        assert connection.server_version >= 130_000


def test_a_wrong_password_is_a_matter_of_configuration(
    warehouse: EmbeddedWarehouse,
) -> None:
    address = warehouse.start()
    url = f"postgresql://bizops:canary-guess@127.0.0.1:{address.port}/bizops"
    with pytest.raises(ConfigError, match="does not let us in") as raised:
        connect(url, application_name="a test")
    assert "password authentication failed" in str(raised.value)
    assert "canary" not in f"{raised.value} {raised.value.context}"


def test_an_unknown_database_is_a_matter_of_configuration(fresh_database: str) -> None:
    with pytest.raises(ConfigError, match='"missing" does not exist'):
        connect(with_parts(fresh_database, path="/missing"), application_name="a test")


def test_a_password_with_any_characters_gets_in(
    limited_role: LimitedRole, tmp_path: Path
) -> None:
    address = parse_address(resolve(limited_role.url, tmp_path))
    assert address.password == limited_role.password
    with connected(address.url, application_name="a test") as connection:
        assert connection.info.user == limited_role.name


def test_a_database_not_in_utf8_is_refused(
    fresh_database: str, machine: Machine
) -> None:
    name = urlsplit(fresh_database).path.removeprefix("/") + "_latin1"
    machine.query(
        fresh_database,
        f"create database {name} encoding 'LATIN1' locale 'C' template template0"
        " locale_provider libc",
    )
    try:
        with pytest.raises(ConfigError, match="encoding LATIN1"):
            connect(with_parts(fresh_database, path=name), application_name="a test")
    finally:
        machine.query(fresh_database, f"drop database {name} with (force)")


def test_a_server_too_old_is_refused(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "OLDEST_SERVER", 99)
    with pytest.raises(ConfigError, match="at least 99 is needed"):
        connect(fresh_database, application_name="a test")


@pytest.mark.parametrize(
    ("url", "missing"),
    [
        ("postgresql:///db", "host, user"),
        ("postgresql://u@h", "database"),
        ("host=h dbname=d", "user"),
    ],
)
def test_a_url_without_a_part_says_which(url: str, missing: str) -> None:
    with pytest.raises(ConfigError, match=f"names no {missing}$"):
        parse_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:canary@h/d",
        "postgresql://u:canary@h:port/d",
        "postgresql://u:canary@h1:1,h2:2/d",
        "postgresql://u:canary%ZZ@h/d",
        "canary",
    ],
)
def test_a_wrong_url_is_never_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_address(url)
    error = raised.value
    assert "canary" not in f"{error} {error.next_step} {error.context}"


def test_a_project_of_type_postgres_needs_a_url(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no url"):
        resolve_warehouse(WarehouseSettings(type="postgres"), directory=tmp_path)


def test_a_server_elsewhere_has_to_prove_its_name() -> None:
    assert "sslmode=verify-full" in parse_address("postgresql://u@db.example/d").url


def test_the_users_choice_of_tls_stands() -> None:
    url = parse_address("postgresql://u@db.example/d?sslmode=require").url
    assert "sslmode=require" in url
    assert "verify" not in url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "%2Frun%2Fpg"])
def test_a_server_on_this_machine_needs_no_certificate(host: str) -> None:
    assert "sslmode" not in parse_address(f"postgresql://u@{host}/d").url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40%2F%3A@db.example:6432/d%20b?sslmode=disable",
        "postgresql://u@/d?host=/run/postgresql&port=5433",
        "postgresql://u@[::1]:5433/d?options=-c%20lock_timeout%3D5s",
        "host=localhost port=5433 user='a b' password='it''s' dbname=d",
    ],
)
def test_the_completed_url_means_the_same_to_libpq(url: str) -> None:
    from psycopg2.extensions import parse_dsn

    if "''" in url:
        url = url.replace("''", "\\'")
    given = {"port": "5432", **parse_dsn(url)}
    address = parse_address(url)
    assert parse_dsn(address.url) == given
    assert address.password == given.get("password", "")
    assert address.host == given["host"]
    assert address.database == given["dbname"]


def test_a_server_without_tls_is_not_used_without_it_silently(
    fresh_database: str,
) -> None:
    url = with_parts(fresh_database, query="sslmode=verify-full")
    with pytest.raises(ConfigError, match="SSL") as raised:
        connect(parse_address(url).url, application_name="a test")
    assert "sslrootcert" in raised.value.next_step


def test_a_refused_statement_is_an_error_without_the_rows_values(
    fresh_database: str,
) -> None:
    def work() -> None:
        with (
            connected(fresh_database, application_name="a test") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("create schema s; create table s.t (email text unique)")
            cursor.execute("insert into s.t values ('canary'), ('canary')")

    with pytest.raises(DatabaseRefusedError, match="duplicate key") as raised:
        work()
    assert raised.value.context == {"SQLSTATE": "23505"}
    assert "canary" not in str(raised.value)


def test_a_server_that_goes_away_in_the_middle_is_unreachable(
    fresh_database: str, machine: Machine
) -> None:
    def work() -> None:
        with (
            connected(fresh_database, application_name="a test") as connection,
            connection.cursor() as cursor,
        ):
            pid = connection.info.backend_pid
            machine.query(fresh_database, "select pg_terminate_backend(%s)", pid)
            cursor.execute("select 1")

    with pytest.raises(UnreachableError, match="broke"):
        work()


def test_the_embedded_warehouse_is_only_started_when_asked_to(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="does not run"):
        resolve_warehouse(WarehouseSettings(), directory=tmp_path, start=False)
    assert list(tmp_path.iterdir()) == []
