"""The state of one Salesforce server: org, clock, sessions, jobs, cursors, faults."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.servers.clock import VirtualClock
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.salesforce.fault_kinds import ALL_FAULTS
from bizops_sandbox.servers.salesforce.kept_lines import KeptLines
from bizops_sandbox.servers.salesforce.query_jobs import QueryJobs
from bizops_sandbox.servers.salesforce.record_ids import record_id
from bizops_sandbox.servers.salesforce.sessions import Sessions
from bizops_sandbox.servers.salesforce.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from bizops_sandbox.projections.salesforce_org import (
        FieldSpec,
        ObjectTable,
        Row,
        SalesforceOrg,
    )

    OrgFactory = Callable[[date], SalesforceOrg]

_CURSOR_LIFE = timedelta(days=2)
_MOST_CURSORS = 100


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a REST query has found, kept for the pages after the first."""

    table: ObjectTable
    fields: tuple[FieldSpec, ...]
    rows: Sequence[Row]
    opened_at: datetime


@dataclass(slots=True)
class Usage:
    """What was used of the org's daily limits."""

    api_requests: int = 0


class Simulator:
    """One org being served.

    `make_org` gives the org as of the end of a day; it is called once at the start and
    whenever the org is moved to another day.
    """

    def __init__(
        self,
        make_org: OrgFactory,
        as_of: date,
        *,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._make_org = make_org
        self.org = make_org(as_of)
        self.as_of = as_of
        self.clock = VirtualClock(self.org.as_of)
        self.sessions = Sessions(
            org_id=self.org.org_id,
            refresh_token=self.settings.credentials.refresh_token,
            session_s=self.settings.session_s,
        )
        self.jobs = QueryJobs()
        self.faults = FaultBoard(ALL_FAULTS)
        self.journal = Journal()
        self.usage = Usage()
        self.kept_lines = KeptLines()
        # With other sources beside it, the whole company moves together.
        self.move_all: Callable[[date], None] = self.move
        self.login_url = ""
        self.instance_url = ""
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()
        self._cursors_opened = 0

    @property
    def user_id(self) -> str:
        """The integration user: the org's first user, or one made up."""
        users = self.org.objects.get("User")
        if users is None or not users.rows:
            return record_id("005", 1)
        return str(users.rows[0]["Id"])

    @property
    def api_requests_used(self) -> int:
        """The requests of the day, as a fault may pretend."""
        for fault in self.faults.lasting("api_usage"):
            return int(fault.parameters["used"])
        return self.usage.api_requests

    def move(self, as_of: date) -> None:
        """Show the org as of another day; sessions, jobs and journal stay."""
        org = self._make_org(as_of)
        self.org, self.as_of = org, as_of
        self.kept_lines.clear()
        self.clock.move(org.as_of)

    def table(self, name: str) -> ObjectTable | None:
        """Return an object by its name in any case, less what faults took from it."""
        wanted = name.lower()
        for table in self.org.objects.values():
            if table.name.lower() == wanted:
                return self._as_faults_leave_it(table)
        return None

    def open_cursor(
        self,
        table: ObjectTable,
        fields: tuple[FieldSpec, ...],
        rows: Sequence[Row],
    ) -> str:
        """Keep the rows of a REST query and return the cursor's id."""
        self._cursors_opened += 1
        cursor_id = record_id("01g", 10**9 + self._cursors_opened)
        self._cursors[cursor_id] = Cursor(table, fields, rows, self.clock.now())
        while len(self._cursors) > _MOST_CURSORS:
            self._cursors.popitem(last=False)
        return cursor_id

    def cursor(self, cursor_id: str) -> Cursor | None:
        """Return a cursor unless it is unknown or older than two days."""
        cursor = self._cursors.get(cursor_id)
        if cursor is None or self.clock.now() - cursor.opened_at > _CURSOR_LIFE:
            return None
        return cursor

    def _as_faults_leave_it(self, table: ObjectTable) -> ObjectTable:
        removed = {
            str(fault.parameters["field"]).lower()
            for fault in self.faults.lasting("field_removed")
            if str(fault.parameters["object"]).lower() == table.name.lower()
        }
        hidden = {
            identity
            for fault in self.faults.lasting("rows_hidden")
            if str(fault.parameters["object"]).lower() == table.name.lower()
            for identity in fault.parameters["ids"]
        }
        if removed:
            kept = tuple(f for f in table.fields if f.name.lower() not in removed)
            table = replace(table, fields=kept)
        if hidden:
            rows = tuple(row for row in table.rows if row["Id"] not in hidden)
            table = replace(table, rows=rows)
        return table
