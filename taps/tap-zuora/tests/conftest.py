"""A real sandbox server and real tap processes for the tests."""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bizops_sandbox.projections.zuora import project_zuora
from reading_kit.testing.beside import load_beside
from reading_kit.testing.processes import serving
from reading_kit.testing.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bizops_sandbox.projections.zuora_tenant import ObjectTable, ZuoraTenant
    from bizops_sandbox.servers.company import Company

USERNAME = "integration@acme.example"
PASSWORD = "sandbox-zuora-password"
#: What describe lists and no query can join.
UNJOINABLE = "SubscriptionStatusHistory"
DEFAULTS = {
    "job_polls": 1,
    "slow_filter_factor": 1,
    "compresses": True,
    "token_s": 3_599,
    "batch_jobs": 50,
    "data_query_jobs": 15,
    "output_rows": 500_000,
    "segment_rows": 0,
    "tenant_zone": "America/Los_Angeles",
    "has_invoice_settlement": False,
    "forced_deletes": "honoured",
    "forbidden_batches": "vanish",
    "lists_to_many": False,
    "batch_paths": "both",
    "refused_hosts": [],
    "requests_per_minute": 50_000,
}


@dataclass
class Tenant(Sandbox):
    """The sandbox as a tenant of Zuora."""

    ready: dict[str, Any] = field(default_factory=dict)
    company: Company = None  # type: ignore[assignment]
    _catalogs: dict[bool, dict[str, Any]] = field(default_factory=dict)
    _tenants: dict[tuple[str, bool], ZuoraTenant] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.ready["env"]["ZUORA_BASE_URL"]

    def reset(self) -> None:
        self.calm()
        self.set(**DEFAULTS)
        if self.control("GET", "")["as_of"] != self.ready["as_of"]:
            self.move(self.ready["as_of"])
        self.forget()

    def set(self, **settings: Any) -> None:
        self.control("POST", "/settings", settings)

    def forget(self) -> None:
        """Begin the journal of requests anew."""
        self.control("DELETE", "/requests")

    def select(
        self,
        *names: str,
        replication: str | None = None,
        settlement: bool = False,
    ) -> dict[str, Any]:
        """Give a catalog that selects some streams whole, as a user would write it."""
        if settlement not in self._catalogs:
            self._catalogs[settlement] = self.discover()
            self.forget()
        catalog = copy.deepcopy(self._catalogs[settlement])
        assert set(names) <= {entry["tap_stream_id"] for entry in catalog["streams"]}
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if item["breadcrumb"] == []:
                    item["metadata"]["selected"] = entry["tap_stream_id"] in names
                elif item["metadata"]["inclusion"] == "available":
                    item["metadata"]["selected"] = True
                if item["breadcrumb"] == [] and replication:
                    item["metadata"]["forced-replication-method"] = replication
            if replication:
                entry["replication_method"] = replication
        return catalog

    def jobs(self) -> list[dict[str, Any]]:
        """Give the requests that made jobs."""
        return [
            entry
            for entry in self.requests("POST", "")
            if entry["path"].rstrip("/").endswith(("batch-query", "query/jobs"))
        ]

    def tenant(self, day: str, *, settlement: bool = False) -> ZuoraTenant:
        """Give the projection itself, an independent path to the same rows."""
        if (day, settlement) not in self._tenants:
            self._tenants[day, settlement] = project_zuora(
                self.company.events,
                self.company.parameters,
                date.fromisoformat(day),
                has_invoice_settlement=settlement,
            )
        return self._tenants[day, settlement]

    def expected(
        self, stream: str, day: str | None = None, *, settlement: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Give the rows of an object at the end of a day as records, by Id."""
        tenant = self.tenant(day or self.ready["as_of"], settlement=settlement)
        table = tenant.objects[stream]
        columns = list_columns(table)
        return {
            row["Id"]: to_record(row, columns, table.has_deleted_support)
            for row in table.rows
        }


def list_columns(table: ObjectTable) -> dict[str, str]:
    """Give where a row holds each column of a record."""
    columns = {
        spec.name: spec.name
        for spec in table.fields
        if spec.is_exportable and spec.is_selectable
    }
    for relation in table.relations:
        is_joined = relation.is_to_one and relation.name not in {table.name, UNJOINABLE}
        if is_joined:
            columns.setdefault(f"{relation.name}Id", relation.key)
    return columns


def to_record(
    row: Mapping[str, Any], columns: Mapping[str, str], has_deletion: bool
) -> dict[str, Any]:
    record = {name: to_json(row[key]) for name, key in columns.items()}
    if has_deletion:
        is_deleted = row["deleted_at"] is not None
        record["Deleted"] = is_deleted
        record["_sdc_deleted_at"] = record["UpdatedDate"] if is_deleted else None
    return record


def to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    if isinstance(value, date):
        return value.isoformat()
    return value or None if isinstance(value, str) else value


@pytest.fixture(scope="session")
def _company() -> Company:
    return load_beside(__file__, "troubled_tenant").make_company()


@pytest.fixture(scope="session")
def _server() -> Iterator[dict[str, Any]]:
    script = Path(__file__).with_name("troubled_tenant.py")
    with serving([sys.executable, str(script)]) as ready:
        yield ready


@pytest.fixture(scope="session")
def _catalogs() -> dict[bool, dict[str, Any]]:
    return {}


@pytest.fixture(scope="session")
def _tenants() -> dict[tuple[str, bool], ZuoraTenant]:
    return {}


@pytest.fixture
def zuora(_server, _company, _catalogs, _tenants, tmp_path) -> Tenant:
    """Give the sample company's tenant: nothing armed, its last day."""
    env = _server["env"]
    settings = {
        "base_url": env["ZUORA_BASE_URL"],
        "client_id": env["ZUORA_CLIENT_ID"],
        "client_secret": env["ZUORA_CLIENT_SECRET"],
        "start_date": "2016-02-01",
        "safety_lag_minutes": 0,
        "window_in_days": 1000,
        "poll_interval_seconds": 0,
        "retry_delay_max_seconds": 0.02,
    }
    tenant = Tenant(
        "tap-zuora",
        _server["control_url"],
        tmp_path,
        settings,
        ready=_server,
        company=_company,
        _catalogs=_catalogs,
        _tenants=_tenants,
    )
    tenant.reset()
    return tenant
