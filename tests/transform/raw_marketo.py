"""The sample company's Marketo as raw tables, as tap-marketo leaves them."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.marketo import project_marketo
from tap_marketo.describing import BASE_COLUMNS, QUIET_COLUMNS, kind_of
from tap_marketo.naming import clean_name, name_activity_streams
from tap_marketo.rest_specs import LIST_MEMBERSHIPS, REST_SPECS

from .raw_tables import RawTable, loaded_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.projections.marketo_instance import (
        ActivityType,
        MarketoInstance,
    )
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

    Row = dict[str, Any]

SCHEMA = "raw_marketo"
# What target-postgres makes of the kinds of the tap's columns.
COLUMN_TYPES = {
    "string": "text",
    "integer": "bigint",
    "number": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
    "array": "jsonb",
    "object": "jsonb",
    "objects": "jsonb",
}
# The stream of each kind of asset, where its name is another one.
ASSETS = {
    "programs": "programs",
    "lists": "static_lists",
    "emails": "emails",
    "forms": "forms",
    "landing_pages": "landing_pages",
}
_NUMBERS = {"integer", "number"}


def marketo_tables(
    events: Iterable[Event], parameters: Parameters, day: date
) -> dict[str, RawTable]:
    """Give the streams that models read, by `marketo.<stream>`."""
    instance = project_marketo(events, parameters, day)
    specs = {spec.name: spec.columns for spec in (*REST_SPECS, LIST_MEMBERSHIPS)}
    found: dict[str, tuple[dict[str, str], list[Row]]] = {
        "leads": _leads(instance),
        "program_members": _members(instance),
        "campaigns": (specs["campaigns"], _smart_campaigns(instance)),
        "list_memberships": (specs["list_memberships"], _memberships(instance)),
        **_activities(instance),
    }
    for stream, kind in ASSETS.items():
        rows = [_plain(row) for row in instance.assets.get(kind, ())]
        found[stream] = (specs[stream], rows)
    return {
        f"marketo.{stream}": loaded_table(
            stream,
            {name: COLUMN_TYPES[kind] for name, kind in kinds.items()},
            [_cells(row, kinds) for row in rows],
            extracted_at=instance.as_of,
            schema=SCHEMA,
        )
        for stream, (kinds, rows) in found.items()
    }


def _leads(instance: MarketoInstance) -> tuple[dict[str, str], list[Row]]:
    kinds = {
        field.rest_name: kind_of(field.data_type)
        for field in instance.lead_fields
        if field.rest_name is not None and field.data_type != "formula"
    }
    return kinds, [dict(lead.values) for lead in instance.leads]


def _members(instance: MarketoInstance) -> tuple[dict[str, str], list[Row]]:
    kinds = {f.name: kind_of(f.data_type) for f in instance.member_fields}
    rows = [
        {
            "programId": each.program_id,
            "leadId": each.lead_id,
            "program": each.program_name,
            "statusName": each.status,
            "acquiredBy": each.is_acquired_by,
            "reachedSuccess": each.has_success,
            "membershipDate": each.joined_at,
            "reachedSuccessDate": each.success_at,
            "updatedAt": each.updated_at,
        }
        for each in instance.members
    ]
    return kinds, rows


def _smart_campaigns(instance: MarketoInstance) -> list[Row]:
    return [
        dict(row)
        | {"programId": row.get("parentProgramId"), "active": row.get("isActive")}
        for row in instance.assets.get("smart_campaigns", ())
    ]


def _memberships(instance: MarketoInstance) -> list[Row]:
    return [
        {"list_id": list_id, "lead_id": lead_id}
        for list_id, leads in instance.list_members.items()
        for lead_id in leads
    ]


def _activities(
    instance: MarketoInstance,
) -> dict[str, tuple[dict[str, str], list[Row]]]:
    """Give a stream for each type of activity, also for those without any."""
    streams = name_activity_streams((t.id, t.name) for t in instance.activity_types)
    types = {each.id: each for each in instance.activity_types}
    found: dict[str, tuple[dict[str, str], list[Row]]] = {
        streams[each.id]: (_activity_kinds(each), []) for each in types.values()
    }
    for activity in instance.activities:
        kind = types[activity.type_id]
        given = json.loads(activity.attributes, parse_float=Decimal)
        found[streams[kind.id]][1].append(
            {
                "marketoGUID": str(activity.id),
                "leadId": activity.lead_id,
                "activityDate": activity.at,
                "activityTypeId": activity.type_id,
                "campaignId": activity.campaign_id,
                "primary_attribute_name": kind.primary.name if kind.primary else None,
                "primary_attribute_value": activity.primary_value,
                "primary_attribute_value_id": _text(activity.primary_id),
            }
            | {clean_name(name): value for name, value in given.items()}
        )
    return found


def _activity_kinds(kind: ActivityType) -> dict[str, str]:
    base = {n: k for n, k in BASE_COLUMNS.items() if n not in QUIET_COLUMNS}
    return base | {
        clean_name(each.name): kind_of(each.data_type) for each in kind.attributes
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _cells(row: Row, kinds: dict[str, str]) -> Row:
    """Give a row's values as its columns take them; empty texts are none."""
    cells = {}
    for name, kind in kinds.items():
        value = row.get(name)
        if value is None or value == "":
            cells[name] = None
        elif COLUMN_TYPES[kind] == "jsonb":
            cells[name] = json.dumps(_plain(value))
        elif kind in _NUMBERS:
            cells[name] = Decimal(str(value))
        elif kind == "string":
            cells[name] = str(_plain(value)).replace("\0", "")
        else:
            cells[name] = value
    return cells
