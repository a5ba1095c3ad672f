"""What became of a session, and of a transaction whose answer was lost."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
from target_runs import Database, as_bytes, record, schema, state

from target_postgres.engine import Engine
from target_postgres.lines import Lines
from target_postgres.server_session import (
    end_session,
    identify,
    transaction_outcome,
    watch_client,
)
from target_postgres.settings import read_settings

if TYPE_CHECKING:
    import pytest


def transaction_id(connection: psycopg2.extensions.connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()::text")
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def test_a_former_session_is_ended_and_no_other(db: Database) -> None:
    first, second, third = (psycopg2.connect(db.url) for _ in range(3))
    former = identify(first)
    assert former is not None
    second_session = identify(second)
    assert second_session is not None
    # The same process id at another time is somebody else.
    end_session(third, type(former)(second_session.pid, former.started_at))
    end_session(third, former)
    with second.cursor() as cursor:
        cursor.execute("select pg_sleep(0.2), 1")
        assert cursor.fetchone() == ("", 1)
    gone = db.execute("select 1 from pg_stat_activity where pid = %s", former.pid)
    assert gone == []
    for connection in (first, second, third):
        connection.close()


def test_the_server_is_told_to_look_for_us(db: Database) -> None:
    with closing(psycopg2.connect(db.url)) as connection:
        watch_client(connection)
        with connection.cursor() as cursor:
            cursor.execute("show tcp_keepalives_idle")
            assert cursor.fetchone() == ("30",)


def test_p17_a_commit_is_believed_only_when_its_rows_are_there(db: Database) -> None:
    with closing(psycopg2.connect(db.url)) as connection:
        committed = transaction_id(connection)
        connection.commit()
        aborted = transaction_id(connection)
        connection.rollback()

        def ask(number: str, *, found: bool) -> bool | None:
            return transaction_outcome(connection, number, is_there=lambda _: found)

        assert ask(committed, found=True) is True
        assert ask(committed, found=False) is False
        assert ask(aborted, found=True) is False
        # A server that crashed knows nothing of the number.
        assert ask(str(int(committed) + 10**6), found=True) is False
        with closing(psycopg2.connect(db.url)) as other:
            assert ask(transaction_id(other), found=True) is None


def test_p17_rows_of_a_lost_commit_are_sent_again_when_a_stranger_has_its_number(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the first COMMIT of rows is lost in a crash that undoes it."""
    engine = Engine(read_settings(db.config), emit_state=lambda _: None)
    session = engine._session
    attempts = 0
    attempt = session._attempt

    def crash_once(work, *, end, is_there):  # type: ignore[no-untyped-def]
        nonlocal attempts
        if end == "none":
            return attempt(work, end=end, is_there=is_there)
        attempts += 1
        if attempts == 1:
            connection = session._opened()
            with connection.cursor() as cursor:
                cursor.execute(session._local_session)
                work(cursor)
            connection.rollback()
            with connection.cursor() as cursor:
                cursor.execute("create schema if not exists raw")
                cursor.execute(
                    "create table if not exists raw.log (v bigint,"
                    " _sdc_sequence bigint)"
                )
            stranger = transaction_id(connection)
            connection.commit()
            assert not session._was_committed(stranger, is_there=is_there)
            raise psycopg2.OperationalError
        return attempt(work, end=end, is_there=is_there)

    monkeypatch.setattr(session, "_attempt", crash_once)
    lines = [schema("log", keys=[], v="integer"), record("log", v=1), state(1)]
    engine.run([Lines.of(1, [as_bytes(line) for line in lines])])
    assert attempts == 2
    assert db.rows("log", "v") == [("1",)]
