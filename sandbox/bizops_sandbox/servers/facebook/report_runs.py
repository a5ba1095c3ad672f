"""Asynchronous report runs: made, polled, read; they fail as reports do."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.facebook_ids import graph_id
from bizops_sandbox.servers.facebook.graph_errors import (
    REDUCE,
    TOO_MUCH_SUBCODE,
    no_such_object,
    run_unreadable,
)
from bizops_sandbox.servers.facebook.nodes import check_fields, read_fields
from bizops_sandbox.servers.facebook.settings import RUN_ERRORS_SINCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator
    from bizops_sandbox.servers.faults import Fault

NOT_STARTED = "Job Not Started"
STARTED = "Job Started"
RUNNING = "Job Running"
COMPLETED = "Job Completed"
FAILED = "Job Failed"
SKIPPED = "Job Skipped"
_LIFE = timedelta(days=30)
_MOST_RUNS = 1_000
_FAILED_USER_TITLE = "Report failed"
_FAILED_USER_MESSAGE = "Sorry, your ads report could not be made. Please try again."


@dataclass(slots=True)
class ReportRun:
    """One run. `rows` are those of the moment it was made."""

    id: str
    account_id: str
    since: date
    until: date
    made_at: datetime
    rows: Sequence[Mapping[str, Any]]
    polls_needed: int
    failure: Mapping[str, Any] | None = None
    is_skipped: bool = False
    stuck_percent: int | None = None
    missing_polls: int = 0
    unreadable_reads: int = 0
    polls: int = 0

    @property
    def state(self) -> tuple[str, int]:
        """Status and percentage now; 100 % is reached before the status says so."""
        if self.stuck_percent is not None:
            status = RUNNING if self.stuck_percent else NOT_STARTED
            return status, self.stuck_percent
        if self.polls <= self.polls_needed:
            return self._unfinished()
        if self.failure is not None:
            return FAILED, 0
        return (SKIPPED, 0) if self.is_skipped else (COMPLETED, 100)

    def _unfinished(self) -> tuple[str, int]:
        if self.polls == self.polls_needed and self.polls > 1:
            return RUNNING, 0 if self.failure or self.is_skipped else 100
        if self.polls <= 1:
            return NOT_STARTED, 0
        return RUNNING if self.polls > 2 else STARTED, 100 * self.polls // (
            self.polls_needed + 1
        )


@dataclass(slots=True)
class ReportRuns:
    """The runs of the server, the oldest forgotten first."""

    made: int = 0
    _runs: OrderedDict[str, ReportRun] = field(default_factory=OrderedDict)

    def next_id(self) -> str:
        """The id of the next run."""
        self.made += 1
        return graph_id("AdReportRun", str(self.made))

    def keep(self, run: ReportRun) -> None:
        """Remember a run."""
        self._runs[run.id] = run
        while len(self._runs) > _MOST_RUNS:
            self._runs.popitem(last=False)

    def find(self, run_id: str, now: datetime) -> ReportRun | None:
        """Return a run unless it is unknown or older than a month."""
        run = self._runs.get(run_id)
        if run is None or now - run.made_at > _LIFE:
            return None
        return run


def too_heavy() -> dict[str, Any]:
    """Why a run fails whose report is above the budget."""
    return failure_of(100, TOO_MUCH_SUBCODE, f"(#100) {REDUCE}")


def failure_of(code: int, subcode: int, message: str) -> dict[str, Any]:
    """The fields that tell why a run failed."""
    return {
        "error_code": code,
        "error_subcode": subcode,
        "error_message": message,
        "error_user_title": _FAILED_USER_TITLE,
        "error_user_msg": _FAILED_USER_MESSAGE,
    }


def apply_fault(run: ReportRun, fault: Fault | None, *, is_account: bool) -> None:
    """Let a fault decide what becomes of a run that is being made."""
    if fault is None:
        return
    given = fault.parameters
    match fault.kind.name:
        case "run_failed":
            is_short = (run.until - run.since).days + 1 <= given["unless_days"]
            is_spared = given["unless_below_account"] and not is_account
            if not is_short and not is_spared:
                run.failure = failure_of(
                    given["error_code"], given["error_subcode"], given["error_message"]
                )
        case "run_skipped":
            run.is_skipped = True
        case "run_stuck":
            run.stuck_percent = given["percent"]
        case "run_slow":
            run.polls_needed += given["polls"]
        case "run_missing":
            run.missing_polls = given["polls"]
        case "run_unreadable":
            run.unreadable_reads = given["reads"]
        case _:
            pass


def poll(call: Call, run: ReportRun, simulator: Simulator) -> dict[str, Any]:
    """Answer one look at a run, which brings it a step further.

    Raises:
        GraphError: when the run is not to be found yet.
    """
    if run.missing_polls:
        run.missing_polls -= 1
        raise no_such_object(run.id)
    run.polls += 1
    document = _document(run, call.version)
    if "fields" not in call.params:
        return document
    wanted = read_fields(call.params["fields"])
    check_fields(wanted, "AdReportRun", simulator)
    names = {name for name, _ in wanted} | {"id"}
    return {name: value for name, value in document.items() if name in names}


def _document(run: ReportRun, version: int) -> dict[str, Any]:
    status, percent = run.state
    is_running = status in {NOT_STARTED, STARTED, RUNNING}
    made_at_s = int(run.made_at.timestamp())
    document: dict[str, Any] = {
        "id": run.id,
        "account_id": run.account_id,
        "time_ref": made_at_s,
        "async_status": status,
        "async_percent_completion": percent,
        "is_running": is_running,
        "date_start": run.since.isoformat(),
        "date_stop": run.until.isoformat(),
    }
    if status == COMPLETED:
        document["time_completed"] = made_at_s + run.polls
    if status == FAILED and version >= RUN_ERRORS_SINCE and run.failure:
        document |= run.failure
    return document


def readable_rows(run: ReportRun) -> Sequence[Mapping[str, Any]]:
    """The rows of a complete run.

    Raises:
        GraphError: 2601 before it is complete, or as a fault wants.
    """
    if run.missing_polls:
        raise no_such_object(run.id)
    if run.state[0] != COMPLETED:
        raise run_unreadable()
    if run.unreadable_reads:
        run.unreadable_reads -= 1
        raise run_unreadable()
    return run.rows
