"""S14, P15: TLS with a real server; no certificate is trusted that should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from certificates import Authority
from own_server import OwnServer, with_tls
from target_runs import Database, record, schema, state
from tls_front import TlsFront

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = [schema(id="integer"), record(id=1), state({"n": 1})]
TRUSTED, STRANGER = Authority("trusted"), Authority("stranger")
PEOPLE = """
hostssl all certified 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 trust
hostnossl all all 127.0.0.1/32 reject
"""


class Place:
    """A server behind TLS: the same settings lead to it, its certificate changes."""

    def __init__(self, port: int, present: Any) -> None:
        self.port = port
        self.present = present
        self.is_front = isinstance(getattr(present, "__self__", None), TlsFront)


def real_server(programs: Path) -> Iterator[Place]:
    server = OwnServer(programs)

    def present(certificate: tuple[bytes, bytes]) -> None:
        server.install("server.crt", certificate[0])
        server.install("server.key", certificate[1])

    present(TRUSTED.issue("localhost"))
    clients = server.install("clients.crt", TRUSTED.certificate)
    server.configure(
        "ssl = on",
        f"ssl_cert_file = '{server.folder / 'server.crt'}'",
        f"ssl_key_file = '{server.folder / 'server.key'}'",
        f"ssl_ca_file = '{clients}'",
    )
    (server.data / "pg_hba.conf").write_text(PEOPLE)
    server.start()
    server.execute(
        "create role certified login; grant create on database postgres to certified"
    )

    def present_now(certificate: tuple[bytes, bytes]) -> None:
        present(certificate)
        server.reload()

    yield Place(server.port, present_now)
    server.remove()


def front(url: str, folder: Path) -> Iterator[Place]:
    parts = psycopg2.extensions.parse_dsn(url)
    made = TlsFront((parts["host"], int(parts["port"])), folder)
    made.present(TRUSTED.issue("localhost"))
    yield Place(made.port, made.present)
    made.close()


@pytest.fixture(scope="module", params=["front", *with_tls()], ids=str)
def place(
    request: pytest.FixtureRequest,
    shared_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    if request.param == "front":
        yield from front(shared_database, tmp_path_factory.mktemp("front"))
    else:
        yield from real_server(request.param)


@pytest.fixture
def tls(place: Place, shared_database: str, db: Database, tmp_path: Path) -> Database:
    root = tmp_path / "root.crt"
    root.write_bytes(TRUSTED.certificate)
    parts = psycopg2.extensions.parse_dsn(shared_database)
    is_front = place.is_front
    config = {
        "host": "localhost",
        "port": place.port,
        "user": parts["user"] if is_front else "bizops",
        "password": parts.get("password"),
        "database": parts["dbname"] if is_front else "postgres",
        "default_target_schema": "raw",
        "sslmode": "verify-full",
        "sslrootcert": str(root),
    }
    return Database(db.url, tmp_path, config)


def refuses(db: Database, *words: str, **settings: Any) -> None:
    outcome = db.load(LINES, connect_attempts=1, **settings)
    assert (outcome.status, outcome.states) == (2, []), outcome.message
    assert any(each in outcome.message for each in words), outcome.message


def test_s14_a_certificate_of_the_trusted_authority_is_taken(tls: Database) -> None:
    assert tls.load(LINES).states == ['{"n": 1}']
    process = tls.run(LINES)
    assert (process.status, process.states) == (0, ['{"n": 1}'])


@pytest.mark.parametrize("mode", ["require", "prefer"])
def test_s14_the_line_is_encrypted_also_when_nothing_is_checked(
    tls: Database, mode: str
) -> None:
    assert tls.load(LINES, sslmode=mode, sslrootcert=None).status == 0


def test_s14_a_server_that_wants_tls_is_not_reached_without(tls: Database) -> None:
    refuses(tls, "no pg_hba.conf entry", "reject", sslmode="disable")


def test_s14_an_unknown_authority_is_refused(tls: Database, tmp_path: Path) -> None:
    other = tmp_path / "other.crt"
    other.write_bytes(STRANGER.certificate)
    for mode in ("verify-ca", "verify-full"):
        refuses(tls, "verify failed", sslmode=mode, sslrootcert=str(other))


def test_s14_without_a_root_the_systems_is_used_and_does_not_know_it(
    tls: Database,
) -> None:
    for mode in ("verify-ca", "verify-full"):
        refuses(tls, "verify failed", sslmode=mode, sslrootcert=None)


def test_s14_a_root_file_that_is_not_there_is_named(tls: Database) -> None:
    refuses(tls, "nowhere.crt", sslrootcert="/nowhere.crt")


def test_s14_another_name_in_the_certificate_is_refused(
    tls: Database,
) -> None:
    refuses(tls, "does not match host name", host="127.0.0.1")
    assert tls.load(LINES, host="127.0.0.1", sslmode="verify-ca").status == 0


def test_s14_an_expired_certificate_is_refused(tls: Database, place: Place) -> None:
    place.present(TRUSTED.issue("localhost", days=-1))
    try:
        for mode in ("verify-ca", "verify-full"):
            refuses(tls, "expired", "verify failed", sslmode=mode)
    finally:
        place.present(TRUSTED.issue("localhost"))
    assert tls.load(LINES).status == 0


@pytest.fixture
def client(tls: Database, place: Place, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Settings of a client with a certificate, where one is asked for."""
    certificate, key = TRUSTED.issue("certified")
    (tmp_path / "client.crt").write_bytes(certificate)
    (tmp_path / "client.key").write_bytes(key)
    (tmp_path / "client.key").chmod(0o600)
    files = {
        "sslcert": str(tmp_path / "client.crt"),
        "sslkey": str(tmp_path / "client.key"),
    }
    if place.is_front:
        place.present(TRUSTED.issue("localhost"), clients=TRUSTED.certificate)
        yield files
        place.present(TRUSTED.issue("localhost"))
    else:
        yield {**files, "user": "certified", "default_target_schema": "certified"}


def test_s14_a_client_shows_its_certificate(
    tls: Database, client: dict[str, Any]
) -> None:
    assert tls.load(LINES, **client).status == 0


def test_s14_a_clients_key_that_others_may_read_is_refused(
    tls: Database, client: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "client.key").chmod(0o644)
    refuses(tls, "private key file", **client)


def test_s14_a_client_without_a_certificate_is_refused(
    tls: Database, client: dict[str, Any]
) -> None:
    refuses(tls, "certificate", **{**client, "sslcert": None, "sslkey": None})


def test_s14_a_clients_certificate_of_a_stranger_is_refused(
    tls: Database, client: dict[str, Any], tmp_path: Path
) -> None:
    certificate, key = STRANGER.issue("certified")
    (tmp_path / "client.crt").write_bytes(certificate)
    (tmp_path / "client.key").write_bytes(key)
    refuses(tls, "unknown ca", **client)


def test_p15_a_server_without_tls_is_never_spoken_to_in_clear(
    db: Database, tmp_path: Path
) -> None:
    root = tmp_path / "root.crt"
    root.write_bytes(TRUSTED.certificate)
    for mode in ("require", "verify-ca", "verify-full"):
        settings = {"sslmode": mode, "sslrootcert": str(root)}
        url = f"{db.url}?sslmode={mode}&sslrootcert={root}"
        refuses(db, "does not support SSL", url=url)
        refuses(db, "does not support SSL", **settings)
