"""Writing the records of every source as JSON lines, one file an object."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from bizops_sandbox.projections.salesforce_org import ObjectTable
    from bizops_sandbox.servers.company import Company

    # A file's name and its records.
    Tables = Iterator[tuple[str, Iterable[Mapping[str, Any]]]]

_LINES_AT_ONCE = 1_000
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def write_records(
    company: Company, source: str, day: date, directory: Path
) -> dict[str, int]:
    """Write `<object>.jsonl` for each object of a source, values as its API has them.

    Args:
        company: The company.
        source: The name of the source.
        day: The day whose end is shown.
        directory: Where to write; it is made when it is not there.

    Returns:
        How many records each file has.

    Raises:
        ParameterError: (a ValueError) for a day outside the company's time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    return {
        name: _write(directory / f"{name}.jsonl", rows)
        for name, rows in _TABLES[source](company, day)
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    count, left = 0, iter(rows)
    with path.open("wb") as file:
        while chunk := list(islice(left, _LINES_AT_ONCE)):
            file.write(_ENCODER.encode_lines(chunk))
            count += len(chunk)
    return count


def _salesforce(company: Company, day: date) -> Tables:
    for name, table in company.salesforce(day).objects.items():
        yield name, _salesforce_records(table)


def _salesforce_records(table: ObjectTable) -> Iterator[Mapping[str, Any]]:
    from bizops_sandbox.servers.salesforce.formats import COMPOUND_TYPES, rest_value

    fields = [field for field in table.fields if field.type not in COMPOUND_TYPES]
    for row in table.rows:
        yield {field.name: rest_value(field, row) for field in fields}


def _marketo(company: Company, day: date) -> Tables:
    from bizops_sandbox.projections.marketo import project_marketo
    from bizops_sandbox.servers.marketo.export_files import member_values
    from bizops_sandbox.servers.marketo.formats import asset_row, rest_value

    instance = project_marketo(company.events, company.parameters, day)
    yield (
        "leads",
        (
            {name: rest_value(value) for name, value in lead.values.items()}
            | {
                "id": lead.id,
                "createdAt": rest_value(lead.created_at),
                "updatedAt": rest_value(lead.updated_at),
            }
            for lead in instance.leads
        ),
    )
    yield (
        "activities",
        (
            {
                "id": activity.id,
                "leadId": activity.lead_id,
                "activityDate": rest_value(activity.at),
                "activityTypeId": activity.type_id,
                "campaignId": activity.campaign_id,
                "primaryAttributeValueId": activity.primary_id,
                "primaryAttributeValue": activity.primary_value,
                "attributes": msgspec.Raw(activity.attributes.encode()),
            }
            for activity in instance.activities
        ),
    )
    yield (
        "program_members",
        (
            {name: rest_value(value) for name, value in member_values(member).items()}
            for member in instance.members
        ),
    )
    yield (
        "list_members",
        (
            {"listId": list_id, "leadId": lead_id}
            for list_id, leads in instance.list_members.items()
            for lead_id in leads
        ),
    )
    for kind, rows in instance.assets.items():
        yield kind, map(asset_row, rows)


def _zuora(company: Company, day: date) -> Tables:
    from bizops_sandbox.projections.zuora import project_zuora

    tenant = project_zuora(company.events, company.parameters, day)
    for name, table in tenant.objects.items():
        yield name, table.rows


def _facebook(company: Company, day: date) -> Tables:
    from bizops_sandbox.projections.facebook import project_facebook

    business = project_facebook(company.events, company.parameters, day)
    yield "AdAccount", map(as_document, business.accounts)
    kinds = dict.fromkeys(node.kind for node in business.nodes)
    for kind in kinds:
        yield (
            kind,
            (
                {"id": node.id, "account_id": node.account_id, **node.values}
                for node in business.nodes
                if node.kind == kind
            ),
        )
    yield "ad_days", map(as_document, business.ad_days)
    yield "conversions", map(as_document, business.conversions)


def _gitlab(company: Company, day: date) -> Tables:
    from bizops_sandbox.projections.gitlab import project_gitlab
    from bizops_sandbox.projections.gitlab_show_people import account
    from bizops_sandbox.projections.gitlab_show_places import group_row

    site = project_gitlab(company.events, company.parameters, day)
    projects = list(site.projects.values())
    yield "users", map(account, site.people)
    yield "groups", map(group_row, site.groups.values())
    yield "projects", map(site.project_row, projects)
    for kind in _PROJECT_KINDS:
        yield (
            kind,
            (
                {"project_id": project.id, **row}
                for project in projects
                for row in site.rows(kind, project)
            ),
        )
    yield (
        "commits",
        (
            {"project_id": project.id, **site.commit_row(project, commit)}
            for project in projects
            for commit in project.commits
        ),
    )
    yield "milestones", site.milestones
    yield "labels", site.labels
    yield "epics", site.epics
    yield (
        "licenses",
        (
            {"instance_uuid": uuid, **row}
            for uuid, instance in site.instances.items()
            for row in instance.license_rows()
        ),
    )
    payloads = (instance.payload() for instance in site.instances.values())
    yield "service_pings", (payload for payload in payloads if payload)


def as_document(value: object) -> dict[str, Any]:
    """Return a dataclass as a JSON object: dates as texts, amounts as numbers."""
    document: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(Decimal,))
    return document


_PROJECT_KINDS = (
    "issues",
    "merge_requests",
    "pipelines",
    "jobs",
    "deployments",
    "environments",
    "releases",
    "tags",
    "branches",
    "events",
    "members",
)
_TABLES: Mapping[str, Callable[[Company, date], Tables]] = {
    "salesforce": _salesforce,
    "marketo": _marketo,
    "zuora": _zuora,
    "facebook": _facebook,
    "gitlab": _gitlab,
}
