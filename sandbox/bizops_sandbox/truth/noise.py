"""The ledger of noise: where the records lie, and what to make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.salesforce_visibility import is_purged_later
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

HANDLING = {
    "lead_dup": "one lead if e-mail, merge or conversion links the records",
    "account_dup": "another account until it is merged",
    "merge": "the loser is resolved to its survivor",
    "stale_merge_reference": "follow the merge from the id it still names",
    "free_mail": "says nothing about the organisation",
    "email_case": "compare without case and outer blanks",
    "soft_delete": "excluded",
    "purge": "gone after the recycle bin: known only to earlier loads",
    "opportunity_duplicate": "excluded",
    "null_custom_iacv": "derived from ACV and renewal ACV",
    "backdated_close": "the close date counts; before creation it has no duration",
    "reopened_opportunity": "one opportunity, its last closing counts",
    "unrecorded_acceptance": "the first history row past acceptance counts",
    "early_acceptance": "the date written down counts",
}


@dataclass(frozen=True, slots=True)
class Noise:
    """One place where the records differ from the plain truth."""

    code: str
    object_name: str
    key: str
    at: datetime
    other_key: str | None = None

    @property
    def source_id(self) -> str:
        """The Salesforce id of the record."""
        return salesforce_id(self.object_name, self.key)

    @property
    def other_id(self) -> str:
        """The Salesforce id of the other record, if there is one."""
        if self.other_key is None:
            return ""
        return salesforce_id(self.object_name, self.other_key)


@dataclass(slots=True)
class _Ledger:
    params: Parameters
    rows: list[Noise] = field(default_factory=list)
    first_lead: dict[str, str] = field(default_factory=dict)
    first_account: dict[str, str] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)

    def note(
        self,
        code: str,
        object_name: str,
        key: str,
        event: Event,
        other: str | None = None,
    ) -> None:
        """Write one line."""
        self.rows.append(Noise(code, object_name, key, event.at, other))

    def deleted(self, object_name: str, key: str, event: Event) -> None:
        """Write down a deletion, and whether it is purged later."""
        self.note("soft_delete", object_name, key, event)
        record_id = salesforce_id(object_name, key)
        if is_purged_later(record_id, self.params.noise, self.params.seed):
            self.note("purge", object_name, key, event)


def noise_ledger(
    events: Iterable[Event], params: Parameters, as_of: date
) -> list[Noise]:
    """All noise up to the end of a day, in time order."""
    ledger = _Ledger(params=params)
    for event in events_until(events, day_end(as_of)):
        _note_person(ledger, event)
    return ledger.rows


def _note_address(
    ledger: _Ledger,
    object_name: str,
    key: str,
    event: log.LeadCreated | log.ContactCreated,
) -> None:
    if event.uses_free_email:
        ledger.note("free_mail", object_name, key, event)
    if event.email != event.email.strip().lower():
        ledger.note("email_case", object_name, key, event)


def _note_person(ledger: _Ledger, event: Event) -> None:
    match event:
        case log.LeadCreated():
            first = ledger.first_lead.setdefault(event.person_key, event.lead_key)
            if first != event.lead_key:
                ledger.note("lead_dup", "Lead", event.lead_key, event, first)
            _note_address(ledger, "Lead", event.lead_key, event)
        case log.ContactCreated():
            _note_address(ledger, "Contact", event.contact_key, event)
        case log.LeadsMerged():
            ledger.note("merge", "Lead", event.loser_key, event, event.survivor_key)
        case log.ContactsMerged():
            ledger.note("merge", "Contact", event.loser_key, event, event.survivor_key)
        case log.LeadDeleted():
            ledger.deleted("Lead", event.lead_key, event)
        case log.ContactDeleted():
            ledger.deleted("Contact", event.contact_key, event)
        case log.CampaignDeleted():
            ledger.deleted("Campaign", event.campaign_key, event)
        case _:
            _note_account(ledger, event)


def _note_account(ledger: _Ledger, event: Event) -> None:
    match event:
        case log.AccountCreated():
            first = ledger.first_account.setdefault(
                event.organization_key, event.account_key
            )
            if first != event.account_key:
                ledger.note("account_dup", "Account", event.account_key, event, first)
        case log.AccountsMerged():
            ledger.note("merge", "Account", event.loser_key, event, event.survivor_key)
            for key in event.left_behind:
                name = "Contact" if ".p" in key else "Opportunity"
                ledger.note("stale_merge_reference", name, key, event)
        case log.AccountDeleted():
            ledger.deleted("Account", event.account_key, event)
        case _:
            _note_deal(ledger, event)


def _note_deal(ledger: _Ledger, event: Event) -> None:
    match event:
        case log.OpportunityCreated():
            ledger.steps[event.opportunity_key] = "new"
        case log.OpportunityStaged():
            _note_stage(ledger, event)
        case log.OpportunityClosed():
            _note_closing(ledger, event)
        case log.OpportunityDeleted():
            ledger.deleted("Opportunity", event.opportunity_key, event)
        case _:
            pass


def _note_stage(ledger: _Ledger, event: log.OpportunityStaged) -> None:
    key, before = event.opportunity_key, ledger.steps[event.opportunity_key]
    if before == "closed":
        ledger.note("reopened_opportunity", "Opportunity", key, event)
    if event.accepted_on is not None and event.accepted_on < event.at.date():
        ledger.note("early_acceptance", "Opportunity", key, event)
    if before == "new" and event.accepted_on is None:
        ledger.note("unrecorded_acceptance", "Opportunity", key, event)
    ledger.steps[key] = "open"


def _note_closing(ledger: _Ledger, event: log.OpportunityClosed) -> None:
    key = event.opportunity_key
    if event.outcome == "duplicate" or event.duplicate_of is not None:
        other = event.duplicate_of
        ledger.note("opportunity_duplicate", "Opportunity", key, event, other)
    if event.outcome == "won" and not event.is_iacv_recorded:
        ledger.note("null_custom_iacv", "Opportunity", key, event)
    if event.close_date < event.at.date():
        ledger.note("backdated_close", "Opportunity", key, event)
    ledger.steps[key] = "closed"
