"""The session of a run: one connection, its state lock, and what is retried."""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, Literal, TypeVar

import psycopg2

from target_postgres.connection import (
    Connection,
    Cursor,
    connect,
    explain_connect,
    explain_refusal,
    is_lost,
    is_retried,
    session_statement,
)
from target_postgres.errors import LockedError, TargetError, UnreachableError
from target_postgres.server_session import (
    ServerSession,
    end_session,
    identify,
    transaction_outcome,
    watch_client,
)
from target_postgres.state import prepare_state_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg2 import sql

    from target_postgres.faults import FaultPoints
    from target_postgres.settings import Settings

logger = logging.getLogger("target-postgres")

T = TypeVar("T")
End = Literal["commit", "later", "none"]
_STATE_LOCK_POLL_S = 0.1
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 8.0
_OUTCOME_WAIT_S = 60.0


def _trust(_cursor: Cursor) -> bool:
    return True


class Session:
    """Runs transactions, each as a whole or not at all.

    Not safe for several threads at once: one background thread owns it.
    """

    def __init__(self, settings: Settings, faults: FaultPoints) -> None:
        """Keep the settings; nothing is opened before the first use.

        Args:
            settings: The run's settings.
            faults: Points at which a test may kill the process.
        """
        self._settings = settings
        self._faults = faults
        self._connection: Connection | None = None
        self._former: ServerSession | None = None
        self._has_open_part = False
        self._local_session = self._session_statement(is_local=True)

    def _session_statement(self, *, is_local: bool) -> sql.Composed:
        return session_statement(
            lock_timeout_s=self._settings.lock_timeout_seconds,
            run_id=self._settings.run_id,
            is_local=is_local,
        )

    @property
    def is_open(self) -> bool:
        """Tell whether there is a connection."""
        return self._connection is not None and not self._connection.closed

    def open(self) -> None:
        """Connect and take the state lock, if that has not happened yet.

        Raises:
            UnreachableError: If the database does not answer.
            ConfigError: If it refuses the connection.
            LockedError: If another run holds the state.
        """
        self.transact(lambda _cursor: None, explain=lambda _error: None, end="none")

    def close(self) -> None:
        """Close the connection; its locks go with it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def cancel(self) -> None:
        """Ask the server to give up what it is doing; callable from any thread."""
        connection = self._connection
        if connection is not None:
            try:
                connection.cancel()
            except psycopg2.Error:
                logger.debug("the running statement could not be cancelled")

    def transact(
        self,
        work: Callable[[Cursor], T],
        *,
        explain: Callable[[psycopg2.Error], TargetError | None],
        end: End = "commit",
        is_there: Callable[[Cursor], bool] = _trust,
    ) -> T:
        """Run one transaction, again from its start when that may help.

        Args:
            work: The statements; may run several times.
            explain: Turns an error of a statement into the error to end with.
            end: `commit` ends the transaction; `later` leaves it to the next call,
                and it can no longer be run again from its start; `none` is for work
                that only reads.
            is_there: Looks whether what the transaction wrote is there. Asked when
                the answer to COMMIT was lost and the server says it took place: after
                a crash it may speak of another transaction of the same number.

        Raises:
            TargetError: What `explain` made of the error, or UnreachableError.
        """
        attempts = self._settings.connect_attempts
        for attempt in range(1, attempts + 1):
            try:
                return self._attempt(work, end=end, is_there=is_there)
            except psycopg2.Error as error:
                connection = self._connection
                lost = is_lost(error, connection)
                may_retry = (lost or is_retried(error)) and not self._has_open_part
                self._abandon(keep=not lost)
                if attempt == attempts or not may_retry:
                    raise self._final(error, lost=lost, explain=explain) from None
                pause_s = min(_FIRST_PAUSE_S * 2 ** (attempt - 1), _LONGEST_PAUSE_S)
                logger.warning(
                    "%s; try %d of %d",
                    "connection lost" if lost else f"conflict [{error.pgcode}]",
                    attempt + 1,
                    attempts,
                )
                time.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311
        raise AssertionError  # the last attempt returns or raises

    def _final(
        self,
        error: psycopg2.Error,
        *,
        lost: bool,
        explain: Callable[[psycopg2.Error], TargetError | None],
    ) -> TargetError:
        if self._connection is None and error.pgcode and not lost:
            return explain_refusal(error, doing="opening the session")
        if lost or self._connection is None:
            return explain_connect(error, self._settings.connection)
        return explain(error) or UnreachableError("the connection cannot be used")

    def _abandon(self, *, keep: bool) -> None:
        connection = self._connection
        self._has_open_part = False
        if connection is None:
            return
        try:
            if keep and not connection.closed:
                connection.rollback()
                return
            connection.close()
        except psycopg2.Error:
            logger.debug("the broken connection could not be closed")
        self._connection = None

    def _attempt(
        self,
        work: Callable[[Cursor], T],
        *,
        end: End,
        is_there: Callable[[Cursor], bool],
    ) -> T:
        connection = self._opened()
        with connection.cursor() as cursor:
            if not self._has_open_part:
                cursor.execute(self._local_session)
            result = work(cursor)
            if end == "later":
                self._has_open_part = True
            if self._has_open_part and end != "commit":
                return result
            cursor.execute("select pg_current_xact_id_if_assigned()::text")
            row = cursor.fetchone()
        transaction_id: str | None = row[0] if row else None
        if transaction_id is None:
            connection.rollback()
            return result
        self._has_open_part = False
        self._faults.reach("before_commit")
        try:
            connection.commit()
        except psycopg2.Error as error:
            if not is_lost(error, connection):
                raise
            # The answer to COMMIT was lost: ask the server what became of it.
            self._abandon(keep=False)
            if not self._was_committed(transaction_id, is_there=is_there):
                raise
        self._faults.reach("after_commit")
        return result

    def _was_committed(
        self, transaction_id: str, *, is_there: Callable[[Cursor], bool]
    ) -> bool:
        deadline = time.monotonic() + _OUTCOME_WAIT_S
        attempts_left = self._settings.connect_attempts
        while True:
            try:
                connection = self._opened()
                outcome = transaction_outcome(
                    connection, transaction_id, is_there=is_there
                )
                if outcome is not None:
                    return outcome
            except psycopg2.Error as error:
                if not is_lost(error, self._connection):
                    raise
                self._abandon(keep=False)
                attempts_left -= 1
            if time.monotonic() > deadline or not attempts_left:
                raise UnreachableError(
                    "the connection was lost during COMMIT and the server does not say"
                    " whether it took place"
                )
            time.sleep(_FIRST_PAUSE_S)

    def _opened(self) -> Connection:
        if self._connection is None:
            settings = self._settings
            connection = connect(
                settings.connection, self._session_statement(is_local=False)
            )
            try:
                watch_client(connection)
                if self._former is not None:
                    end_session(connection, self._former)
                self._former = identify(connection)
                if settings.state_id is not None:
                    self._lock_state(connection, settings.state_id)
                    prepare_state_tables(connection, settings.state_schema)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _lock_state(self, connection: Connection, state_id: str) -> None:
        deadline = time.monotonic() + self._settings.state_lock_wait_seconds
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select pg_try_advisory_lock(hashtextextended(%s, 0))",
                    (f"bizops.state:{state_id}",),
                )
                row = cursor.fetchone()
            connection.commit()
            if row and row[0]:
                return
            if time.monotonic() > deadline:
                raise LockedError(f"another run writes state {state_id!r}")
            time.sleep(_STATE_LOCK_POLL_S)
