"""The state of one Zuora server: tenant, clock, tokens, jobs, files, faults."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.zuora_fields import label_of
from bizops_sandbox.projections.zuora_tenant import DELETED_AT, FieldSpec
from bizops_sandbox.servers.clock import VirtualClock
from bizops_sandbox.servers.zuora.actions import Cursors
from bizops_sandbox.servers.zuora.batch_jobs import BatchJobs
from bizops_sandbox.servers.zuora.data_jobs import DataJobs
from bizops_sandbox.servers.zuora.files import Files
from bizops_sandbox.servers.zuora.limits import Limits
from bizops_sandbox.servers.zuora.selection import NUMBERS
from bizops_sandbox.servers.zuora.settings import Settings
from bizops_sandbox.servers.zuora.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from bizops_sandbox.projections.zuora_tenant import ObjectTable, ZuoraTenant
    from bizops_sandbox.servers.faults import FaultBoard
    from bizops_sandbox.servers.journal import Journal

    # The tenant as of the end of a day, with Invoice Settlement or without.
    TenantFactory = Callable[[date, bool], ZuoraTenant]

_FROM = re.compile(r'\bfrom\s+"?(?:\w+\.)*([A-Za-z_]\w*)', re.IGNORECASE)
_FIELD_FAULTS = (
    "field_removed",
    "field_added",
    "field_retyped",
    "field_unexportable",
)


class Simulator:
    """One tenant being served.

    `make_tenant` gives the tenant as of the end of a day; it is called once at the
    start and whenever the tenant is moved to another day.
    """

    def __init__(
        self,
        make_tenant: TenantFactory,
        as_of: date,
        *,
        faults: FaultBoard,
        journal: Journal,
        base_url: str = "",
        settings: Settings | None = None,
    ) -> None:
        self.base_url = base_url
        self.settings = settings or Settings()
        self._make_tenant = make_tenant
        self.tenant = make_tenant(as_of, self.settings.has_invoice_settlement)
        self.as_of = as_of
        self.clock = VirtualClock(self.tenant.as_of)
        self.tokens = Tokens()
        self.limits = Limits()
        self.batch_jobs = BatchJobs()
        self.data_jobs = DataJobs()
        self.files = Files()
        self.cursors = Cursors()
        self.faults = faults
        self.journal = journal
        self.downloads = 0

    def move(self, as_of: date) -> None:
        """Show the tenant as of another day; tokens, jobs and journal stay.

        Raises:
            ValueError: for a day outside the company's time.
        """
        tenant = self._make_tenant(as_of, self.settings.has_invoice_settlement)
        self.tenant, self.as_of = tenant, as_of
        self.clock.move(tenant.as_of)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings; another kind of tenant is made when they ask for it."""
        before = self.settings.has_invoice_settlement
        self.settings = replace(self.settings, **changes)
        if self.settings.has_invoice_settlement is not before:
            self.move(self.as_of)

    def tables(self) -> list[ObjectTable]:
        """Return all objects, less what faults took from them."""
        removed = self._named("object_removed")
        return [
            self._as_faults_leave_it(table)
            for table in self.tenant.objects.values()
            if table.name.lower() not in removed
        ]

    def permitted_tables(self) -> list[ObjectTable]:
        """Return the objects the user may query."""
        return [table for table in self.tables() if not self.is_forbidden(table.name)]

    def table(self, name: str) -> ObjectTable | None:
        """Return an object by its name in any case."""
        wanted = name.lower()
        if wanted in self._named("object_removed"):
            return None
        for table in self.tenant.objects.values():
            if table.name.lower() == wanted:
                return self._as_faults_leave_it(table)
        return None

    def is_forbidden(self, name: str) -> bool:
        """Say whether the user lacks the permission to query an object."""
        return name.lower() in self._named("object_forbidden")

    def object_in(self, query: str) -> str:
        """Return the object a query is about, as the tenant writes it."""
        match = _FROM.search(query)
        if match is None:
            return ""
        name = match.group(1)
        if name.lower() == "orders":
            return "Order"
        known = {known.lower(): known for known in self.tenant.objects}
        return known.get(name.lower(), name)

    def _named(self, fault: str) -> frozenset[str]:
        return frozenset(
            str(armed.parameters["object"]).lower()
            for armed in self.faults.lasting(fault)
        )

    def _as_faults_leave_it(self, table: ObjectTable) -> ObjectTable:
        for name in _FIELD_FAULTS:
            for parameters in self._armed(name, table):
                table = _CHANGES[name](table, parameters)
        hidden = self._ids("rows_hidden", table)
        if hidden:
            rows = tuple(row for row in table.rows if row["Id"] not in hidden)
            table = replace(table, rows=rows)
        deleted = self._ids("rows_deleted", table)
        if deleted:
            now = self.clock.now()
            stamps = {DELETED_AT: now, "UpdatedDate": now}
            table = replace(
                table,
                rows=tuple(
                    {**row, **stamps} if row["Id"] in deleted else row
                    for row in table.rows
                ),
            )
        return table

    def _armed(self, fault: str, table: ObjectTable) -> list[Mapping[str, Any]]:
        return [
            armed.parameters
            for armed in self.faults.lasting(fault)
            if str(armed.parameters["object"]).lower() == table.name.lower()
        ]

    def _ids(self, fault: str, table: ObjectTable) -> set[str]:
        return {
            str(identity)
            for parameters in self._armed(fault, table)
            for identity in parameters["ids"]
        }


def _is_meant(spec: FieldSpec, parameters: Mapping[str, Any]) -> bool:
    return spec.name.lower() == str(parameters["field"]).lower()


def _remove_field(table: ObjectTable, parameters: Mapping[str, Any]) -> ObjectTable:
    kept = tuple(spec for spec in table.fields if not _is_meant(spec, parameters))
    return replace(table, fields=kept)


def _add_field(table: ObjectTable, parameters: Mapping[str, Any]) -> ObjectTable:
    name, kind = str(parameters["field"]), str(parameters["type"])
    value = _retyped(str(parameters["value"]) or None, kind)
    spec = FieldSpec(name, kind, label_of(name), is_custom=name.endswith("__c"))
    rows = tuple({**row, name: value} for row in table.rows)
    return replace(table, fields=(*table.fields, spec), rows=rows)


def _retype_field(table: ObjectTable, parameters: Mapping[str, Any]) -> ObjectTable:
    kind = str(parameters["type"])
    meant = [spec for spec in table.fields if _is_meant(spec, parameters)]
    if not meant:
        return table
    name = meant[0].name
    fields = tuple(
        replace(spec, type=kind) if spec.name == name else spec for spec in table.fields
    )
    rows = tuple({**row, name: _retyped(row[name], kind)} for row in table.rows)
    return replace(table, fields=fields, rows=rows)


def _retyped(value: Any, kind: str) -> Any:  # noqa: ANN401
    """Write a value as one of another type; None when that cannot be."""
    if value is None:
        return None
    if kind in NUMBERS:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return None
    if kind == "boolean":
        return str(value).lower() in {"true", "1", "yes"}
    return str(value)


def _hide_field(table: ObjectTable, parameters: Mapping[str, Any]) -> ObjectTable:
    fields = tuple(
        replace(spec, is_exportable=False) if _is_meant(spec, parameters) else spec
        for spec in table.fields
    )
    return replace(table, fields=fields)


_CHANGES: Mapping[str, Callable[[ObjectTable, Mapping[str, Any]], ObjectTable]] = {
    "field_removed": _remove_field,
    "field_added": _add_field,
    "field_retyped": _retype_field,
    "field_unexportable": _hide_field,
}
