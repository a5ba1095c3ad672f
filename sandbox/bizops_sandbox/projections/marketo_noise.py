"""Where the Marketo instance lies, and about which record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo import fold_marketo
from bizops_sandbox.projections.marketo_leads import lacks_crm_id
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.projections.marketo_state import InstanceState
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

HANDLING = {
    "marketo_lead_unlinked": "joined to the CRM by e-mail only",
    "marketo_lead_only": "a person the CRM does not know (yet)",
    "marketo_lead_merged": "the loser is gone; the merge activity names it",
    "marketo_lead_deleted": "gone; only the deletion activity is left",
    "marketo_lead_kept": "deleted in the CRM, kept here: a person, no lead of the CRM",
    "marketo_program_renamed": "another name than the CRM's campaign",
    "marketo_program_unlinked": "joined to the CRM's campaign by name only",
    "marketo_program_deleted": "gone, with its members; activities still name it",
}


@dataclass(frozen=True, slots=True)
class MarketoNoise:
    """One place where the instance differs from the plain truth."""

    code: str
    object_name: str
    source_id: str
    at: datetime
    other_id: str = ""


def marketo_noise(
    events: Iterable[Event], params: Parameters, as_of: date
) -> list[MarketoNoise]:
    """All of Marketo's noise at the end of a day, in time order.

    `source_id` and `other_id` are Marketo's ids as text; `at` is when the record was
    made.
    """
    state = fold_marketo(events, params, day_end(as_of), keeps_activities=False)
    rows = [*_lead_rows(state), *_program_rows(state)]
    return sorted(rows, key=lambda row: (row.at, row.object_name, row.source_id))


def forgotten_people(
    events: Iterable[Event], params: Parameters, as_of: date
) -> frozenset[str]:
    """The people whose record is deleted at the end of a day, by their keys."""
    state = fold_marketo(events, params, day_end(as_of), keeps_activities=False)
    return frozenset(
        person_key
        for person_key, lead in state.by_person.items()
        if lead.survivor.is_gone
    )


def _lead_rows(state: InstanceState) -> Iterator[MarketoNoise]:
    for lead in state.leads:
        code, other = "", ""
        if lead.merged_into is not None:
            code, other = "marketo_lead_merged", str(lead.survivor.id)
        elif lead.is_gone:
            code = "marketo_lead_deleted"
        elif lead.values.get("sfdcIsDeleted") is True:
            code = "marketo_lead_kept"
        elif lead.key == lead.person_key:
            code = "marketo_lead_only"
        elif lacks_crm_id(state, lead.key):
            code = "marketo_lead_unlinked"
        if code:
            yield MarketoNoise(code, "Lead", str(lead.id), lead.created_at, other)


def _program_rows(state: InstanceState) -> Iterator[MarketoNoise]:
    for program in state.shelf.programs.values():
        at, identity = program.made_at, str(program.id)
        if program.is_deleted:
            yield MarketoNoise("marketo_program_deleted", "Program", identity, at)
        if "sfdcId" not in program.row:
            yield MarketoNoise("marketo_program_unlinked", "Program", identity, at)
        if program.name != program.campaign_name:
            yield MarketoNoise("marketo_program_renamed", "Program", identity, at)
