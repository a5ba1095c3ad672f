"""Rows as armed faults leave them: fields gone or changed, rows hidden or updated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import stamp
from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.gitlab.access import simulator_of
from bizops_sandbox.servers.gitlab.answers import forbidden, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from bizops_sandbox.servers.gitlab.simulator import Simulator

    Row = dict[str, Any]

_CHANGING = ("field_removed", "field_added", "field_retyped", "field_null")


def facts_of(request: Request, *, page: int | None = None) -> Facts:
    """What is known of a request for faults."""
    facts: Facts = request.scope["bizops_sandbox.facts"]
    return Facts(facts.host, facts.method, facts.path, facts.object, page)


def seen_rows(request: Request, kind: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a list but those that lasting faults hide.

    Raises:
        Refused: when the object's feature is off.
    """
    simulator = simulator_of(request)
    check_feature(simulator, kind)
    hidden = {
        identity
        for fault in simulator.faults_of("rows_hidden", kind)
        for identity in fault.parameters["ids"]
    }
    if hidden:
        rows = [row for row in rows if row.get("id") not in hidden]
    return rows


def shown_rows(
    simulator: Simulator,
    kind: str,
    rows: Sequence[Row],
    finish: Callable[[Row], Row] | None,
) -> list[Row]:
    """The rows of a page, finished, with the fields that lasting faults leave."""
    found = [finish(row) if finish else row for row in rows]
    if any(simulator.faults_of(name, kind) for name in _CHANGING):
        found = [seen_row(simulator, kind, row) for row in found]
    return found


def check_feature(simulator: Simulator, kind: str) -> None:
    """See that no fault has switched an object off.

    Raises:
        Refused: 403 or 404 as the fault says.
    """
    for fault in simulator.faults_of("feature_off", kind):
        fault.used += 1
        raise missing() if int(fault.parameters["status"]) == 404 else forbidden()


def seen_row(simulator: Simulator, kind: str, row: Row) -> Row:
    """A row with the fields that lasting faults leave it."""
    row = dict(row)
    for fault in simulator.faults_of("field_removed", kind):
        row.pop(str(fault.parameters["field"]), None)
    for fault in simulator.faults_of("field_added", kind):
        row[str(fault.parameters["field"])] = fault.parameters["value"]
    for fault in simulator.faults_of("field_null", kind):
        row[str(fault.parameters["field"])] = None
    for fault in simulator.faults_of("field_retyped", kind):
        name = str(fault.parameters["field"])
        row[name] = 4_711 if isinstance(row.get(name), str) else str(row.get(name))
    return row


def updated_rows(simulator: Simulator, kind: str, rows: Sequence[Row]) -> list[Row]:
    """The rows with the times of update that lasting faults give them.

    Rows that were updated just now stand first in the list as it is before sorting.
    """
    now = stamp(simulator.clock.now())
    found = list(rows)
    for fault in simulator.faults_of("rows_updated", kind):
        count = int(fault.parameters["rows"])
        oldest = sorted(found, key=lambda row: row["updated_at"])[:count]
        ids = {row["id"] for row in oldest}
        found = [
            row | {"updated_at": now} if row["id"] in ids else row for row in found
        ]
    if simulator.faults_of("one_instant", kind):
        found = [row | {"updated_at": now} for row in found]
    return found
