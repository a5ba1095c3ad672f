"""Writes what was read: one transaction for the rows of all streams and the state.

Values in statements with names of the input are `sql.Literal`, never parameters beside
them: psycopg2 would read a `%` of a name as a placeholder.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import errors, sql

from target_postgres.catalog import TableInfo, qualified, read_table
from target_postgres.connection import Cursor, explain_refusal
from target_postgres.errors import BadInputError, Place, TargetError
from target_postgres.evolution import ensure_table
from target_postgres.rejects import TABLE as REJECTS_TABLE
from target_postgres.rejects import Reject, write_rejects
from target_postgres.staging import (
    drop_staging,
    prepare_staging,
    staging_name,
    swap,
)
from target_postgres.state import write_state
from target_postgres.statements import (
    activate,
    copy_rows,
    delete_marked,
    make_temporary,
    merge_statement,
)
from target_postgres.tables import (
    SEQUENCE,
    TableName,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from target_postgres.batch import Flush, StreamBatch
    from target_postgres.faults import FaultPoints
    from target_postgres.numbering import RowNumbers
    from target_postgres.session import Session
    from target_postgres.settings import Settings

logger = logging.getLogger("target-postgres")

_SAVEPOINT = "_bizops_copy"
_GOOD_ROWS_SAVEPOINT = "_bizops_good_rows"
_SIFTED_ROWS = 256
_BAD_DATA_CLASS = "22"
_COPY_CONTEXT = re.compile(r"COPY .*?, line (\d+)(?:, column (.*?))?(?:: .*)?$", re.S)


@dataclass(slots=True)
class _Step:
    """What is being done, for the message when it fails."""

    doing: str = "opening the session"
    batch: StreamBatch | None = None


@dataclass(slots=True)
class Loader:
    """Carries out flushes. Owned by one thread.

    Attributes:
        session: The database session.
        settings: The run's settings.
        faults: Points at which a test may kill the process.
        first_sequence: `_sdc_sequence` minus the record's number.
        numbers: Where each record stood.
    """

    session: Session
    settings: Settings
    faults: FaultPoints
    first_sequence: int
    numbers: RowNumbers
    _fresh: dict[TableName, bool] = field(default_factory=dict)
    _staging_oids: dict[TableName, int] = field(default_factory=dict)
    _step: _Step = field(default_factory=_Step)

    def read_tables(self, name: TableName) -> tuple[TableInfo | None, TableInfo | None]:
        """Look at a table, and at its staging table, before its stream is compiled.

        Returns:
            Each None when it is not there; the second only if this run made it.

        Raises:
            TargetError: If the database cannot be asked.
        """
        self._step = _Step(f"looking at {name}")
        is_staged = name in self._staging_oids

        def work(cursor: Cursor) -> tuple[TableInfo | None, TableInfo | None]:
            staged = read_table(cursor, staging_name(name)) if is_staged else None
            return read_table(cursor, name), staged

        return self.session.transact(work, explain=self._explain, end="none")

    def write(self, flush: Flush) -> None:
        """Write a flush; when this returns it is committed.

        Raises:
            BadInputError: If the database cannot read a value as its column's type.
            DatabaseRefusedError: If it refuses a statement.
            UnreachableError: If it stays away.
        """
        before = dict(self._fresh), dict(self._staging_oids)

        def work(cursor: Cursor) -> None:
            # A transaction that is run again must not remember the failed one.
            self._fresh, self._staging_oids = dict(before[0]), dict(before[1])
            for batch in flush.batches:
                if self.settings.load_method == "overwrite":
                    self._stage_batch(cursor, batch)
                else:
                    self._write_batch(cursor, batch)
            self._step = _Step("writing the state")
            state_id = self.settings.state_id
            if flush.state is not None and state_id is not None:
                write_state(
                    cursor,
                    flush.state,
                    schema=self.settings.state_schema,
                    state_id=state_id,
                    run_id=self.settings.run_id,
                )

        self.session.transact(
            work,
            explain=self._explain,
            end="commit" if flush.commits else "later",
            is_there=lambda cursor: self._is_there(cursor, flush),
        )

    def _is_there(self, cursor: Cursor, flush: Flush) -> bool:
        """Look for the flush's last row without a key; others may well come again."""
        for batch in flush.batches:
            design = batch.design
            number = batch.last_sequence
            if number is not None and not design.keys:
                cursor.execute(
                    sql.SQL("select exists(select from {} where {} = {})").format(
                        qualified(
                            staging_name(design.name)
                            if design.name in self._staging_oids
                            else design.name
                        ),
                        sql.Identifier(SEQUENCE),
                        sql.Literal(number),
                    )
                )
                row = cursor.fetchone()
                return bool(row and row[0])
        return True

    def _write_batch(self, cursor: Cursor, batch: StreamBatch) -> None:
        design = batch.design
        self._step = _Step(f"preparing table {design.name}", batch)
        ready = ensure_table(
            cursor, design, rebuilt_view_schemas=self.settings.rebuilt_view_schemas
        )
        # A table that was empty when this run came to it is filled by plain COPY for
        # as long as no key comes twice.
        self._fresh.setdefault(design.name, ready.is_empty)
        self._step = _Step(f"writing rows to {design.name}", batch)
        if self.settings.on_bad_record == "quarantine":
            self._write_good_rows(cursor, batch, ready.defaults)
        else:
            self._write_rows(cursor, batch, ready.defaults)
        if batch.activation is not None:
            self._step = _Step(f"activating a version of {design.name}", batch)
            activate(
                cursor,
                design,
                batch.activation,
                removes=self.settings.hard_delete,
            )

    def _stage_batch(self, cursor: Cursor, batch: StreamBatch) -> None:
        design = batch.design
        self._step = _Step(f"preparing the new rows of {design.name}", batch)
        staged, oid = prepare_staging(
            cursor, design, known_oid=self._staging_oids.get(design.name)
        )
        self._staging_oids[design.name] = oid
        self._write_batch(cursor, replace(batch, design=staged))
        if batch.ends_overwrite:
            self._step = _Step(f"overwriting {design.name}", batch)
            swap(
                cursor,
                design,
                staged,
                rebuilt_view_schemas=self.settings.rebuilt_view_schemas,
            )
            del self._staging_oids[design.name]

    def drop_staging(self) -> None:
        """Drop the staging tables of a run that has failed, if that can be done."""

        def work(cursor: Cursor) -> None:
            for name, oid in self._staging_oids.items():
                staging = staging_name(name)
                found = read_table(cursor, staging)
                if found is not None and found.oid == oid:
                    drop_staging(cursor, staging)

        if self._staging_oids and self.session.is_open:
            self._step = _Step("dropping staging tables")
            self.session.transact(work, explain=self._explain)

    def _write_rows(
        self, cursor: Cursor, batch: StreamBatch, defaults: Mapping[str, str]
    ) -> None:
        design = batch.design
        if not batch.rows or not design.columns:
            return
        omitted = _said_by_defaults(batch, defaults)
        if not design.keys:
            copy_rows(cursor, batch, qualified(design.name), omitted=omitted)
            self.faults.reach("after_copy")
            return
        is_fresh = self._fresh[design.name] and not batch.has_deletions
        if not (is_fresh and self._try_plain_copy(cursor, batch, omitted)):
            self._fresh[design.name] = False
            self._merge(cursor, batch)

    def _write_good_rows(
        self, cursor: Cursor, batch: StreamBatch, defaults: Mapping[str, str]
    ) -> None:
        """Write the rows PostgreSQL takes, and set aside those it does not."""
        rejects = list(batch.rejects)
        savepoint = sql.Identifier(_GOOD_ROWS_SAVEPOINT)
        cursor.execute(sql.SQL("savepoint {}").format(savepoint))
        try:
            self._write_rows(cursor, batch, defaults)
        except psycopg2.DataError as error:
            if _row_index(error) is None:
                raise
            cursor.execute(sql.SQL("rollback to savepoint {}").format(savepoint))
            good = self._sift(cursor, batch, rejects)
            self._write_rows(cursor, replace(batch, rows=good), defaults)
        if rejects:
            logger.warning(
                "stream %r: %d records set aside in %s",
                batch.design.stream,
                len(rejects),
                REJECTS_TABLE,
            )
            write_rejects(
                cursor,
                rejects,
                schema=batch.design.name.schema,
                run_id=self.settings.run_id,
            )

    def _sift(
        self, cursor: Cursor, batch: StreamBatch, rejects: list[Reject]
    ) -> list[str]:
        """Try rows on a temporary table, some at a time; give those it takes."""
        temporary = make_temporary(cursor, batch)
        savepoint = sql.Identifier(_SAVEPOINT)
        good: list[str] = []
        for start in range(0, len(batch.rows), _SIFTED_ROWS):
            rows = list(batch.rows[start : start + _SIFTED_ROWS])
            while rows:
                piece = replace(batch, rows=rows)
                self._step = _Step(self._step.doing, piece)
                cursor.execute(sql.SQL("savepoint {}").format(savepoint))
                try:
                    copy_rows(cursor, piece, temporary, omitted=batch.shared)
                    break
                except psycopg2.DataError as error:
                    index = _row_index(error)
                    if index is None:
                        raise
                    undo = sql.SQL("rollback to savepoint {}").format(savepoint)
                    cursor.execute(undo)
                    reason = BadInputError(_reason(error), self._place(error, piece))
                    rejects.append(Reject.of_text(reason, rows.pop(index)))
            good.extend(rows)
        cursor.execute(sql.SQL("drop table {}").format(temporary))
        self._step = _Step(self._step.doing, batch)
        return good

    def _try_plain_copy(
        self, cursor: Cursor, batch: StreamBatch, omitted: Collection[str]
    ) -> bool:
        savepoint = sql.Identifier(_SAVEPOINT)
        cursor.execute(sql.SQL("savepoint {}").format(savepoint))
        try:
            copy_rows(cursor, batch, qualified(batch.design.name), omitted=omitted)
        except errors.UniqueViolation:
            cursor.execute(sql.SQL("rollback to savepoint {}").format(savepoint))
            return False
        cursor.execute(sql.SQL("release savepoint {}").format(savepoint))
        self.faults.reach("after_copy")
        return True

    def _merge(self, cursor: Cursor, batch: StreamBatch) -> None:
        temporary = make_temporary(cursor, batch)
        copy_rows(cursor, batch, temporary, omitted=batch.shared)
        self.faults.reach("after_copy")
        if batch.has_deletions:
            delete_marked(cursor, batch, temporary)
        cursor.execute(merge_statement(batch, temporary))
        cursor.execute(sql.SQL("drop table {}").format(temporary))

    def _explain(self, error: psycopg2.Error) -> TargetError:
        batch = self._step.batch
        code = error.pgcode or ""
        if batch is not None and code.startswith(_BAD_DATA_CLASS):
            place = self._place(error, batch)
            return BadInputError(_reason(error), place)
        refusal = explain_refusal(error, doing=self._step.doing)
        if batch is None:
            return refusal
        place = self._place(error, batch)
        return type(refusal)(f"{refusal} ({place})")

    def _place(self, error: psycopg2.Error, batch: StreamBatch) -> Place:
        """Find the line of the input from the row COPY stopped at."""
        match = _COPY_CONTEXT.match(error.diag.context or "")
        index = _row_index(error)
        if match is None or index is None:
            return Place(stream=batch.design.stream)
        design, name = batch.design, match[2]
        field = design.property_by_column.get(name, name) if name else None
        if SEQUENCE not in design.columns or index >= len(batch.rows):
            return Place(stream=design.stream, field=field)
        number = batch.sequence(index) - self.first_sequence
        return self.numbers.place(number, stream=design.stream, field=field)


def _said_by_defaults(
    batch: StreamBatch, defaults: Mapping[str, str]
) -> frozenset[str]:
    """Name the shared columns whose default gives the batch's value."""
    own = batch.design.defaults
    return frozenset(
        column
        for column, value in batch.shared.items()
        if (own.get(column) if column in own else value) == defaults.get(column)
    )


def _row_index(error: psycopg2.Error) -> int | None:
    match = _COPY_CONTEXT.match(error.diag.context or "")
    return int(match[1]) - 1 if match else None


def _reason(error: psycopg2.Error) -> str:
    # The server's own words hold the value.
    return f"a value PostgreSQL does not take: {type(error).__name__}"
