"""Events about the company's own people, and about organisations and persons."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003

from bizops_sandbox.world.events.base import BaseEvent


class EmployeeHired(BaseEvent, frozen=True, kw_only=True):
    """Somebody (or a technical user) gets access to the systems."""

    employee_key: str
    first_name: str
    last_name: str
    email: str
    title: str
    manager_key: str | None = None


class EmployeeLeft(BaseEvent, frozen=True, kw_only=True):
    """An employee's access ends."""

    employee_key: str


class OrganizationKnown(BaseEvent, frozen=True, kw_only=True):
    """An organisation shows up for the first time; its true, lasting facts.

    `currency` is what it is billed in; amounts of the log stay USD.
    `is_suspect` organisations never talk to sales: only their leads exist.
    """

    organization_key: str
    name: str
    segment: str
    country: str
    domain: str | None = None
    parent_key: str | None = None
    hosts: tuple[str, ...] = ()
    is_suspect: bool = False
    currency: str = "USD"


class PersonKnown(BaseEvent, frozen=True, kw_only=True):
    """A person shows up for the first time, with all addresses they use."""

    person_key: str
    organization_key: str
    first_name: str
    last_name: str
    title: str
    work_email: str | None = None
    free_email: str | None = None


class AccountCreated(BaseEvent, frozen=True, kw_only=True):
    """The CRM gets an account record for an organisation."""

    account_key: str
    organization_key: str
    name: str
    account_type: str
    segment: str
    industry: str
    employees: int
    annual_revenue: Decimal
    street: str
    city: str
    state: str | None
    postal_code: str
    country: str
    phone: str
    website: str | None
    source: str
    owner_key: str
    by: str


class AccountTypeSet(BaseEvent, frozen=True, kw_only=True):
    """An account becomes Customer or Former Customer."""

    account_key: str
    account_type: str
    by: str


class AccountParentSet(BaseEvent, frozen=True, kw_only=True):
    """An account is put below its parent account."""

    account_key: str
    parent_key: str
    by: str


class AccountsMerged(BaseEvent, frozen=True, kw_only=True):
    """Two account records of one organisation become one.

    Contacts and opportunities move to the survivor, but those named in
    `left_behind` keep pointing at the loser, as restored or synchronised records do.
    """

    loser_key: str
    survivor_key: str
    left_behind: tuple[str, ...] = ()
    by: str


class AccountDeleted(BaseEvent, frozen=True, kw_only=True):
    """An account record entered by mistake is deleted, with its contacts."""

    account_key: str
    by: str


class ContactCreated(BaseEvent, frozen=True, kw_only=True):
    """The CRM gets a contact record for a person."""

    contact_key: str
    person_key: str
    account_key: str
    email: str
    uses_free_email: bool = False
    title: str
    phone: str
    source: str
    street: str
    city: str
    postal_code: str
    country: str
    owner_key: str
    by: str


class ContactsMerged(BaseEvent, frozen=True, kw_only=True):
    """Two contact records of one person become one."""

    loser_key: str
    survivor_key: str
    by: str


class ContactDeleted(BaseEvent, frozen=True, kw_only=True):
    """A contact record is deleted, with its campaign memberships."""

    contact_key: str
    by: str


class EmailOptedOut(BaseEvent, frozen=True, kw_only=True):
    """A person unsubscribes: the lead or contact record says so from now on."""

    record_key: str
    by: str
