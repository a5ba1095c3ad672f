"""What a target should hold, from the sandbox's projection and not from its server."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tap_marketo.naming import clean_name

#: Columns some streams have and the projection does not know of.
BASE = {
    "marketoGUID",
    "leadId",
    "activityDate",
    "activityTypeId",
    "campaignId",
    "primary_attribute_name",
    "primary_attribute_value",
    "primary_attribute_value_id",
}


def plain(value: Any) -> Any:
    """Give a projected value as a record has it."""
    if isinstance(value, datetime):
        return value.isoformat()[:19] + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\0", "").replace("\r\n", "\n")
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def nullable(value: Any) -> Any:
    """In CSV an empty text and the word null are null."""
    return None if value in ("", "null") else value


def leads(instance: Any) -> dict[int, dict[str, Any]]:
    names = [
        field.rest_name
        for field in instance.lead_fields
        if field.rest_name is not None and field.data_type != "formula"
    ]
    return {
        lead.id: {name: nullable(plain(lead.values.get(name))) for name in names}
        for lead in instance.leads
    }


def activities(instance: Any, type_id: int) -> dict[str, dict[str, Any]]:
    kind = next(each for each in instance.activity_types if each.id == type_id)
    names = [spec.name for spec in kind.attributes]
    number_kinds = {"float", "percent", "currency", "integer", "score"}
    numbers = {spec.name for spec in kind.attributes if spec.data_type in number_kinds}
    booleans = {spec.name for spec in kind.attributes if spec.data_type == "boolean"}
    found = {}
    for activity in instance.activities:
        if activity.type_id != type_id:
            continue
        given = json.loads(activity.attributes, parse_float=Decimal)
        record = {
            "marketoGUID": str(activity.id),
            "leadId": activity.lead_id,
            "activityDate": plain(activity.at),
            "activityTypeId": type_id,
            "campaignId": activity.campaign_id,
            "primary_attribute_name": kind.primary.name if kind.primary else None,
            "primary_attribute_value": nullable(plain(activity.primary_value)),
            "primary_attribute_value_id": None
            if activity.primary_id is None
            else str(activity.primary_id),
        }
        for name in names:
            value = plain(given.get(name))
            if value is not None and name in numbers:
                value = Decimal(str(value))
            elif value is not None and name in booleans:
                value = {"true": True, "false": False}[str(value).lower()]
            elif value is not None:
                value = str(value)
            record[clean_name(name)] = value
        found[record["marketoGUID"]] = record
    return found


def assets(instance: Any, kind: str, *, hidden: tuple[str, ...] = ()) -> dict[Any, Any]:
    rows = instance.assets.get(kind, ())
    found = {
        row.get("id", row.get("tagType")): {
            name: plain(value) for name, value in row.items() if name not in hidden
        }
        for row in rows
    }
    for row in found.values():
        # The API says date-time of these, and may give a date.
        for name in ("startDate", "endDate"):
            if row.get(name):
                row[name] = f"{row[name][:10]}T00:00:00Z"
    return found


def members(instance: Any) -> dict[tuple[int, int], dict[str, Any]]:
    return {
        (each.program_id, each.lead_id): {
            "programId": each.program_id,
            "leadId": each.lead_id,
            "program": each.program_name,
            "statusName": each.status,
            "acquiredBy": each.is_acquired_by,
            "reachedSuccess": each.has_success,
            "membershipDate": plain(each.joined_at),
            "updatedAt": plain(each.updated_at),
        }
        for each in instance.members
    }
