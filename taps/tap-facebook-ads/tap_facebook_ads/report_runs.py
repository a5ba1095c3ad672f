"""Report runs: made, looked at, several with one request.

Protocol: ``POST …/insights`` gives a run's id; ``GET /{run}`` its ``async_status``,
which alone tells when it is done (100 % may come before); ``GET /{run}/insights``
its rows.
"""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_facebook_ads.problems import (
    Cause,
    GraphError,
    GraphProblem,
    classify,
    make_problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_facebook_ads.client import BatchItem, GraphClient
    from tap_facebook_ads.slices import Part

logger = logging.getLogger(__name__)

MOST_LOOKS_PER_CALL = 50


class RunStatus(enum.Enum):
    """How a run stands."""

    WAITING = "not started"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSING = "not found"
    UNSEEN = "no answer about it"


_STATUSES: Mapping[str, RunStatus] = {
    "job not started": RunStatus.WAITING,
    "job started": RunStatus.RUNNING,
    "job running": RunStatus.RUNNING,
    "job completed": RunStatus.COMPLETED,
    "job failed": RunStatus.FAILED,
    "job skipped": RunStatus.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class RunLook:
    """What one look at a run has shown; ``problem`` tells why it failed."""

    status: RunStatus
    problem: GraphProblem | None = None


class ReportRuns:
    """Starts runs and looks at them."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self._looks_per_call = MOST_LOOKS_PER_CALL

    def submit(self, part: Part, params: Mapping[str, str]) -> str:
        """Start a run and give its id.

        Raises:
            GraphError: the service refused.
        """
        answer = self._client.post_json(f"{part.scope_id}/insights", params)
        run_id = answer.get("report_run_id") if isinstance(answer, dict) else None
        if not run_id:
            problem = GraphProblem(200, "HTTP_200", "a report run without an id")
            raise GraphError(problem)
        return str(run_id)

    def look(self, run_ids: Sequence[str]) -> dict[str, RunLook]:
        """Look at runs, many at a time.

        Raises:
            TapError: nothing can be seen at all, or the token is dead.
        """
        looks: dict[str, RunLook] = {}
        rest = list(run_ids)
        while rest:
            now, rest = rest[: self._looks_per_call], rest[self._looks_per_call :]
            looks |= self._look_at_one(now[0]) if len(now) == 1 else self._batch(now)
        return looks

    def _look_at_one(self, run_id: str) -> dict[str, RunLook]:
        try:
            document = self._client.get_json(run_id, {})
        except GraphError as error:
            return {run_id: self._judge(error.graph_problem)}
        return {run_id: read_look(document)}

    def _batch(self, run_ids: Sequence[str]) -> dict[str, RunLook]:
        try:
            items = self._client.post_batch(run_ids)
        except GraphError as error:
            if error.cause is not Cause.BATCH_TIMEOUT:
                raise
            self._shrink(len(run_ids))
            return dict.fromkeys(run_ids, RunLook(RunStatus.UNSEEN))
        if any(self._is_timeout(item) for item in items):
            self._shrink(len(run_ids))
        return {
            run_id: self._read_item(item)
            for run_id, item in zip(run_ids, items, strict=True)
        }

    def _shrink(self, looks: int) -> None:
        self._looks_per_call = max(min(looks, self._looks_per_call) // 2, 1)
        logger.info("looking at %d report runs at a time", self._looks_per_call)

    @staticmethod
    def _is_timeout(item: BatchItem) -> bool:
        is_error = item.problem is not None
        return is_error and classify(item.problem) is Cause.BATCH_TIMEOUT  # type: ignore[arg-type] # just checked

    def _read_item(self, item: BatchItem) -> RunLook:
        if item.problem is not None:
            return self._judge(item.problem)
        if item.document is None:
            return RunLook(RunStatus.UNSEEN)
        return read_look(item.document)

    def _judge(self, problem: GraphProblem) -> RunLook:
        """Judge a refusal to look; what passes is looked at again later."""
        match classify(problem):
            case Cause.MISSING:
                return RunLook(RunStatus.MISSING, problem)
            case Cause.TEMPORARY | Cause.BATCH_TIMEOUT | Cause.RUN_UNREADABLE:
                return RunLook(RunStatus.UNSEEN, problem)
            case Cause.LIMIT:
                self._client.hold_for_limit(problem)
                return RunLook(RunStatus.UNSEEN, problem)
            case _:
                raise self._client.explain(GraphError(problem))


def read_look(document: Mapping[str, Any]) -> RunLook:
    """Read a run's document; a status not heard of counts as running."""
    words = str(document.get("async_status") or "").lower()
    status = _STATUSES.get(words, RunStatus.RUNNING)
    if status is not RunStatus.FAILED:
        return RunLook(status)
    names = {
        "error_code": "code",
        "error_subcode": "error_subcode",
        "error_message": "message",
        "error_user_msg": "error_user_msg",
    }
    error = {new: document[old] for old, new in names.items() if old in document}
    return RunLook(status, make_problem(0, error))


def ids_in(rows: Iterable[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    """Give the distinct ids of some rows, in their order."""
    found = (str(row[name]) for row in rows if row.get(name) is not None)
    return tuple(dict.fromkeys(found))
