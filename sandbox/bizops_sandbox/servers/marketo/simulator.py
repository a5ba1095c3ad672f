"""The state of one Marketo server: instance, clock, tokens, jobs, usage, faults."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.marketo_instance import LeadField
from bizops_sandbox.servers.marketo.export_jobs import ExportQueue
from bizops_sandbox.servers.marketo.service_clock import ServiceClock
from bizops_sandbox.servers.marketo.settings import Settings
from bizops_sandbox.servers.marketo.tokens import Tokens
from bizops_sandbox.servers.marketo.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from bizops_sandbox.projections.marketo_instance import (
        Activity,
        Lead,
        MarketoInstance,
        MemberField,
        ProgramMember,
    )
    from bizops_sandbox.servers.faults import Fault, FaultBoard
    from bizops_sandbox.servers.journal import Journal

    InstanceFactory = Callable[[date], MarketoInstance]

_ADDED_FIELD_ID = 9_001


class Simulator:
    """One instance being served.

    `make_instance` gives the instance as of the end of a day; it is called at the
    start and whenever the instance is moved to another day.
    """

    def __init__(
        self,
        make_instance: InstanceFactory,
        as_of: date,
        *,
        faults: FaultBoard,
        journal: Journal,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._make_instance = make_instance
        self.instance = make_instance(as_of)
        self.as_of = as_of
        self.clock = ServiceClock(self.instance.as_of)
        self.tokens = Tokens()
        self.jobs = ExportQueue()
        self.usage = Usage()
        self.faults = faults
        self.journal = journal
        self._leads_by_id: dict[int, Lead] = {}
        self._index()

    def move(self, as_of: date) -> None:
        """Show the instance as of another day; tokens, jobs and journal stay."""
        instance = self._make_instance(as_of)
        self.advance_jobs()
        self.instance, self.as_of = instance, as_of
        self.clock.move(instance.as_of)
        self._index()

    def _index(self) -> None:
        self._leads_by_id = {lead.id: lead for lead in self.instance.leads}

    def advance_jobs(self) -> None:
        """Let the jobs catch up with the clock."""
        self.jobs.advance(self)

    @property
    def calls_today(self) -> int:
        """The calls of the day, as a fault may pretend."""
        for fault in self.faults.lasting("calls_used"):
            return int(fault.parameters["used"])
        return sum(self.usage.calls(self.clock.central_day()).values())

    def lead(self, lead_id: int) -> Lead | None:
        """Return a visible lead by its id."""
        found = self._leads_by_id.get(lead_id)
        if found is None or lead_id in self._hidden("leads"):
            return None
        return self._as_faults_leave_it(found)

    def leads(self) -> Sequence[Lead]:
        """Return all visible leads, ordered by id."""
        if not self._has_lead_faults():
            return self.instance.leads
        hidden = self._hidden("leads")
        return [
            self._as_faults_leave_it(lead)
            for lead in self.instance.leads
            if lead.id not in hidden
        ]

    def lead_fields(self) -> Sequence[LeadField]:
        """Return the lead fields describe tells of."""
        removed = self._removed("leads")
        types = {
            str(fault.parameters["field"]): str(fault.parameters["data_type"])
            for fault in self.faults.lasting("field_retyped")
        }
        fields = [
            replace(field, data_type=types.get(field.rest_name or "", field.data_type))
            for field in self.instance.lead_fields
            if field.rest_name not in removed
        ]
        for number, fault in enumerate(self.faults.lasting("field_added")):
            name = str(fault.parameters["field"])
            data_type = str(fault.parameters["data_type"])
            identity = _ADDED_FIELD_ID + number
            fields.append(LeadField(identity, name, data_type, name, name))
        return fields

    def member_fields(self) -> Sequence[MemberField]:
        """Return the fields of program members."""
        removed = self._removed("members")
        fields = self.instance.member_fields
        return [field for field in fields if field.name not in removed]

    def members(self) -> Sequence[ProgramMember]:
        """Return all memberships, ordered by program and lead."""
        return self.instance.members

    def activities(self) -> Sequence[Activity]:
        """Return all visible activities in order."""
        hidden = self._hidden("activities")
        added = list(self.faults.lasting("attribute_added"))
        if not hidden and not added:
            return self.instance.activities
        return [
            _with_attributes(activity, added)
            for activity in self.instance.activities
            if activity.id not in hidden
        ]

    def assets(self, kind: str) -> Sequence[Any]:
        """Return the assets of a kind, ordered by id."""
        return self.instance.assets.get(kind, ())

    def _has_lead_faults(self) -> bool:
        names = ("rows_hidden", "leads_changed", "field_added")
        return any(self.faults.lasting(name) for name in names)

    def _as_faults_leave_it(self, lead: Lead) -> Lead:
        added = {
            str(fault.parameters["field"]): fault.parameters["value"]
            for fault in self.faults.lasting("field_added")
        }
        if added:
            lead = replace(lead, values={**lead.values, **added})
        for fault in self.faults.lasting("leads_changed"):
            if lead.id in fault.parameters["ids"]:
                lead = replace(lead, changed_at=self.clock.now())
        return lead

    def _hidden(self, kind: str) -> set[int]:
        return {
            int(identity)
            for fault in self.faults.lasting("rows_hidden")
            if str(fault.parameters["object"]) == kind
            for identity in fault.parameters["ids"]
        }

    def _removed(self, kind: str) -> set[str]:
        return {
            str(fault.parameters["field"])
            for fault in self.faults.lasting("field_removed")
            if str(fault.parameters["object"]) == kind
        }


def _with_attributes(activity: Activity, added: Sequence[Fault]) -> Activity:
    more = {
        str(fault.parameters["name"]): fault.parameters["value"]
        for fault in added
        if fault.parameters["type_id"] == activity.type_id
    }
    if not more:
        return activity
    whole = json.loads(activity.attributes) | more
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return replace(activity, attributes=text)
