"""Which record of which source is of whom: ids and keys, no value of any record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_conversions import is_onsite
from bizops_sandbox.projections.facebook_ids import graph_id
from bizops_sandbox.projections.marketo import fold_marketo
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record of a source and the truth behind it; no person for organisations."""

    source: str
    object_name: str
    source_id: str
    key: str
    person_key: str
    organization_key: str


def marketo_records(
    events: Iterable[Event], params: Parameters, as_of: date
) -> Iterator[NamedRecord]:
    """Every person record that is or was in the marketing tool."""
    owners = {
        event.person_key: event.organization_key
        for event in events_until(events, day_end(as_of))
        if isinstance(event, log.PersonKnown)
    }
    state = fold_marketo(events, params, day_end(as_of), keeps_activities=False)
    for lead in state.leads:
        owner = owners.get(lead.person_key, "")
        yield NamedRecord(
            "marketo", "Lead", str(lead.id), lead.key, lead.person_key, owner
        )


def zuora_records(events: Iterable[Event], as_of: date) -> Iterator[NamedRecord]:
    """Billing accounts of customers, subscription versions, invoices.

    Accounts of resellers are of no customer: there are none of them here.
    """
    owners: dict[str, str] = {}
    opened: set[str] = set()
    for event in events_until(events, day_end(as_of)):
        if isinstance(event, log.SubscriptionStarted):
            owner, key = event.organization_key, event.subscription_key
            owners[key] = owner
            if not event.is_partner_billed and owner not in opened:
                opened.add(owner)
                account_id = zuora_id("Account", owner)
                yield NamedRecord("zuora", "Account", account_id, owner, "", owner)
            record_id = zuora_id("Subscription", key)
            yield NamedRecord("zuora", "Subscription", record_id, key, "", owner)
        elif isinstance(event, log.InvoicePosted):
            key, owner = event.invoice_key, owners[event.subscription_key]
            record_id = zuora_id("Invoice", key)
            yield NamedRecord("zuora", "Invoice", record_id, key, "", owner)


def facebook_records(
    events: Iterable[Event], params: Parameters, as_of: date
) -> Iterator[NamedRecord]:
    """Every lead that came through a form on the platform."""
    owners: dict[str, str] = {}
    ads: set[str] = set()
    for event in events_until(events, day_end(as_of)):
        if isinstance(event, log.PersonKnown):
            owners[event.person_key] = event.organization_key
        elif isinstance(event, log.CampaignPlanned):
            if event.channel == "paid_social" and event.parent_key is not None:
                ads.add(event.campaign_key)
        elif isinstance(event, log.TouchMade) and event.campaign_key in ads:
            if event.ad_key is None or not is_onsite(event, params):
                continue
            key = f"{event.person_key}|{event.campaign_key}|{event.at.isoformat()}"
            yield NamedRecord(
                "facebook",
                "Lead",
                graph_id("Lead", key),
                key,
                event.person_key,
                owners.get(event.person_key, ""),
            )


def gitlab_records(events: Iterable[Event], as_of: date) -> Iterator[NamedRecord]:
    """Instances by UUID, licences by digest, developers by user name."""
    for event in events_until(events, day_end(as_of)):
        match event:
            case log.InstanceInstalled():
                uuid, owner = event.instance_uuid, event.organization_key
                yield NamedRecord("gitlab", "Instance", uuid, uuid, "", owner)
            case log.LicenseIssued():
                key, owner = event.license_key, event.organization_key
                yield NamedRecord("gitlab", "License", event.digest, key, "", owner)
            case log.DeveloperJoined():
                key, name = event.developer_key, event.username
                yield NamedRecord("gitlab", "User", name, key, key, "")
            case _:
                pass


def named_records(
    events: Iterable[Event], params: Parameters, as_of: date, sources: frozenset[str]
) -> Iterator[NamedRecord]:
    """The records of the sources beside Salesforce, at the end of a day."""
    if "marketo" in sources:
        yield from marketo_records(events, params, as_of)
    if "zuora" in sources:
        yield from zuora_records(events, as_of)
    if "facebook" in sources:
        yield from facebook_records(events, params, as_of)
    if "gitlab" in sources:
        yield from gitlab_records(events, as_of)
