"""What dbt says while it works, as values."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class DbtProgress:
    """A node was started or has ended.

    Attributes:
        event: Which of both.
        unique_id: For example `model.bizops.fct_opportunities`.
        name: Its short name.
        resource_type: model, test, seed, snapshot, ...
        status: dbt's word for how it stands, such as `success`, `pass` or `error`.
        finished: Nodes ended so far, this one included.
        total: Nodes to do; None while that is not known.
        duration_s: How long it took; None at the start.
    """

    event: Literal["started", "finished"]
    unique_id: str
    name: str
    resource_type: str
    status: str
    finished: int
    total: int | None
    duration_s: float | None = None


class ProgressReader:
    """Turns dbt's events into `DbtProgress`. dbt calls it from several threads."""

    def __init__(self, on_progress: Callable[[DbtProgress], None]) -> None:
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._finished = 0
        self._total: int | None = None

    def __call__(self, event: Any) -> None:  # noqa: ANN401 - a protobuf message
        """Take one event of dbt."""
        name = event.info.name
        if name == "ConcurrencyLine":
            self._total = event.data.node_count
        elif name in ("NodeStart", "NodeFinished"):
            with self._lock:
                self._report(event, is_end=name == "NodeFinished")

    def _report(self, event: Any, *, is_end: bool) -> None:  # noqa: ANN401
        node = event.data.node_info
        self._finished += is_end
        self._on_progress(
            DbtProgress(
                event="finished" if is_end else "started",
                unique_id=node.unique_id,
                name=node.node_name,
                resource_type=node.resource_type,
                status=event.data.run_result.status if is_end else "started",
                finished=self._finished,
                total=self._total,
                duration_s=event.data.run_result.execution_time if is_end else None,
            )
        )
