"""The insights edge: at once, or as a report run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook.fault_kinds import RUN_FAULTS, names
from bizops_sandbox.servers.facebook.graph_errors import too_much_data
from bizops_sandbox.servers.facebook.insight_query import InsightQuery, read_query
from bizops_sandbox.servers.facebook.insight_rows import gather, make_rows
from bizops_sandbox.servers.facebook.paging import cut, page_document
from bizops_sandbox.servers.facebook.report_runs import (
    ReportRun,
    apply_fault,
    readable_rows,
    too_heavy,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.insight_rows import GatheredRows
    from bizops_sandbox.servers.facebook.simulator import Simulator

_MOST_REPORTS = 8
_PAGE_PARAMETERS = frozenset({"limit", "after", "before", "appsecret_proof"})


def read_insights(call: Call, scope: Node, simulator: Simulator) -> Any:  # noqa: ANN401
    """Answer `GET .../insights` with one page of rows.

    Raises:
        GraphError: for a bad parameter; code 1 for a report above the budget.
    """
    key = _key(call, simulator)
    rows = simulator.reports.get(key)
    if rows is None:
        rows = _rows_at_once(call, scope, simulator)
        simulator.reports[key] = rows
        while len(simulator.reports) > _MOST_REPORTS:
            simulator.reports.popitem(last=False)
    return _page(call, rows, simulator)


def _key(call: Call, simulator: Simulator) -> Hashable:
    """What decides the rows of a report: pages of one report share them."""
    asked = {k: v for k, v in call.params.items() if k not in _PAGE_PARAMETERS}
    return (
        call.path,
        tuple(sorted(asked.items())),
        simulator.as_of,
        simulator.settings,
        simulator.lasting_faults(),
    )


def _rows_at_once(
    call: Call, scope: Node, simulator: Simulator
) -> list[dict[str, Any]]:
    query = read_query(call, scope, simulator)
    gathered = gather(query, simulator)
    if _weight(query, gathered) > simulator.settings.sync_budget:
        raise too_much_data()
    return make_rows(query, gathered, simulator)


def start_run(call: Call, scope: Node, simulator: Simulator) -> Any:  # noqa: ANN401
    """Answer `POST .../insights` with the id of a new run.

    A report above the budget is found out only when it runs: the run fails.

    Raises:
        GraphError: for a bad parameter.
    """
    query = read_query(call, scope, simulator)
    gathered = gather(query, simulator)
    is_heavy = _weight(query, gathered) > simulator.settings.async_budget
    run = ReportRun(
        id=simulator.runs.next_id(),
        account_id=scope.account_id,
        since=query.since,
        until=query.until,
        made_at=simulator.clock.now(),
        rows=() if is_heavy else make_rows(query, gathered, simulator),
        polls_needed=simulator.settings.run_polls,
        failure=too_heavy() if is_heavy else None,
    )
    fault = simulator.take_fault(names(RUN_FAULTS), call)
    apply_fault(run, fault, is_account=scope.kind == "AdAccount")
    simulator.runs.keep(run)
    return {"report_run_id": run.id}


def read_run(call: Call, run: ReportRun, simulator: Simulator) -> Any:  # noqa: ANN401
    """Answer `GET /{run}/insights` with one page of its rows.

    Raises:
        GraphError: 2601 when it cannot be read.
    """
    return _page(call, readable_rows(run), simulator)


def _page(call: Call, rows: Sequence[Mapping[str, Any]], simulator: Simulator) -> Any:  # noqa: ANN401
    keys = [str(number) for number in range(len(rows))]
    part = cut(call, keys, simulator)
    return page_document(call, keys, rows[part.shown], part)


def _weight(query: InsightQuery, gathered: GatheredRows) -> int:
    return len(gathered) * query.weight_per_row
