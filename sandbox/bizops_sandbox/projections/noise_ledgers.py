"""The ledgers of noise of the sources beside Salesforce, in one form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 (dataclasses)
from typing import TYPE_CHECKING, Protocol

from bizops_sandbox.projections import facebook_noise, marketo_noise
from bizops_sandbox.projections.gitlab_noise import gitlab_noise
from bizops_sandbox.projections.zuora import zuora_noise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

HANDLING: Mapping[str, str] = {
    **marketo_noise.HANDLING,
    **facebook_noise.HANDLING,
    "missing_crm_id": "the subscription's opportunity names the customer",
    "crm_id_15char": "make it 18 characters, then compare",
    "bill_run_late": "visible after its stamp: read again with an overlap",
    "duplicate_invoice": "a draft that was deleted: not counted",
    "unmapped_product": "code UNMAPPED, its revenue counts",
    "issue_deleted": "gone without a trace",
    "project_deleted": "gone, with all that is in it",
    "project_moved": "the same id at another path",
    "metric_failed": "a sentinel is no count: none",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a source's records differ from the plain truth."""

    source: str
    code: str
    object_name: str
    source_id: str
    other_id: str
    at: datetime


def differences(
    events: Iterable[Event], params: Parameters, as_of: date, sources: frozenset[str]
) -> Iterator[Difference]:
    """All of the given sources, at the end of a day."""
    for source in ("marketo", "zuora", "facebook", "gitlab"):
        if source in sources:
            for row in _ledger(source, events, params, as_of):
                yield Difference(
                    source=source,
                    code=row.code,
                    object_name=row.object_name,
                    source_id=row.source_id,
                    other_id=row.other_id or "",
                    at=row.at,
                )


class _Row(Protocol):
    """What a row of every source's ledger has."""

    @property
    def code(self) -> str: ...
    @property
    def object_name(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def other_id(self) -> str | None: ...
    @property
    def at(self) -> datetime: ...


def _ledger(
    source: str, events: Iterable[Event], params: Parameters, as_of: date
) -> Iterable[_Row]:
    if source == "marketo":
        return marketo_noise.marketo_noise(events, params, as_of)
    if source == "zuora":
        return zuora_noise(events, params, as_of)
    if source == "facebook":
        return facebook_noise.facebook_noise(events, params, as_of)
    return gitlab_noise(events, params, as_of)
