"""The activity log of `/rest/v1`: types, page tokens, rows, changes, deletions."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.marketo_activity_types import (
    CHANGE_DATA_VALUE,
    DELETE_LEAD,
    NEW_LEAD,
)
from bizops_sandbox.servers.marketo.answers import Refused, rows_answer, void_answer
from bizops_sandbox.servers.marketo.formats import plain_datetime
from bizops_sandbox.servers.marketo.paging import page_facts, refuse_expired_token
from bizops_sandbox.servers.marketo.reading import (
    batch_rows,
    listed,
    moment_of,
    page_token,
    parameters_of,
    required,
    simulator_of,
    token_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.marketo_instance import (
        Activity,
        ActivityType,
        AttributeSpec,
    )
    from bizops_sandbox.servers.marketo.simulator import Simulator

_MOST_TYPES = 10
_MOST_LEADS = 30
# A call looks at so many entries for each row it may return, then asks to be repeated.
_LOOKED_AT_PER_ROW = 10
_KIND = "activities"


@dataclass(frozen=True, slots=True)
class _Found:
    """The activities of one page, and where the next one begins."""

    activities: Sequence[Activity]
    token: str
    has_more: bool


async def list_types(request: Request) -> Response:
    """Answer `GET /rest/v1/activities/types.json`."""
    types = simulator_of(request).instance.activity_types
    return rows_answer([_type_row(kind) for kind in types])


async def give_page_token(request: Request) -> Response:
    """Answer `GET /rest/v1/activities/pagingtoken.json?sinceDatetime=`."""
    asked = await parameters_of(request)
    since = moment_of(required(asked, "sinceDatetime"))
    activities = simulator_of(request).activities()
    start = bisect_left(activities, since, key=lambda activity: activity.at)
    last_id = activities[start - 1].id if start else 0
    return void_answer(token=page_token(_KIND, last_id, 1))


async def list_activities(request: Request) -> Response:
    """Answer `/rest/v1/activities.json`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    types = _numbers(required(asked, "activityTypeIds"))
    if len(types) > _MOST_TYPES:
        raise Refused("1003", f"activityTypeIds may hold {_MOST_TYPES} ids")
    leads = _lead_filter(simulator, asked)
    assets = _numbers(asked.get("assetIds", ""))

    def is_wanted(activity: Activity) -> bool:
        return (
            activity.type_id in types
            and (leads is None or activity.lead_id in leads)
            and (not assets or activity.primary_id in assets)
        )

    found = _look(request, asked, is_wanted)
    rows = [_activity_row(simulator, activity) for activity in found.activities]
    return rows_answer(rows, token=found.token, has_more=found.has_more)


async def list_deleted_leads(request: Request) -> Response:
    """Answer `/rest/v1/activities/deletedleads.json`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    found = _look(request, asked, lambda activity: activity.type_id == DELETE_LEAD)
    rows = [_activity_row(simulator, activity) for activity in found.activities]
    return rows_answer(rows, token=found.token, has_more=found.has_more)


async def list_lead_changes(request: Request) -> Response:
    """Answer `/rest/v1/activities/leadchanges.json?fields=`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    names = {
        field.display_name: field
        for field in simulator.lead_fields()
        if field.rest_name in listed(required(asked, "fields"))
    }
    leads = _lead_filter(simulator, asked)

    def is_wanted(activity: Activity) -> bool:
        is_change = (
            activity.type_id == CHANGE_DATA_VALUE and activity.primary_value in names
        )
        return (is_change or activity.type_id == NEW_LEAD) and (
            leads is None or activity.lead_id in leads
        )

    found = _look(request, asked, is_wanted)
    rows = []
    for activity in found.activities:
        row = _activity_row(simulator, activity)
        changed = json.loads(activity.attributes)
        field = names.get(row.pop("primaryAttributeValue", None) or "")
        row.pop("primaryAttributeValueId", None)
        row["fields"] = (
            []
            if field is None
            else [
                {
                    "id": field.id,
                    "name": field.rest_name,
                    "newValue": changed.get("New Value"),
                    "oldValue": changed.get("Old Value"),
                }
            ]
        )
        rows.append(row)
    return rows_answer(rows, token=found.token, has_more=found.has_more)


def _look(
    request: Request,
    asked: Mapping[str, str],
    is_wanted: Callable[[Activity], bool],
) -> _Found:
    """Look at the log from where the token stands; few or no rows are no end."""
    simulator = simulator_of(request)
    last_id, page = token_numbers(required(asked, "nextPageToken"), _KIND)[:2]
    size = batch_rows(asked, simulator.settings.page_rows)
    facts = page_facts(request, page)
    refuse_expired_token(request, facts)
    activities = simulator.activities()
    start = bisect_right(activities, last_id, key=lambda activity: activity.id)
    if simulator.faults.take({"page_empty"}, facts) is not None:
        return _Found([], page_token(_KIND, last_id, page), has_more=True)
    if simulator.faults.take({"page_duplicated"}, facts) is not None:
        start = max(start - size, 0)
    found: list[Activity] = []
    place = start
    stop = min(start + size * _LOOKED_AT_PER_ROW, len(activities))
    while place < stop and len(found) < size:
        if is_wanted(activities[place]):
            found.append(activities[place])
        place += 1
    last_id = activities[place - 1].id if place else last_id
    return _Found(
        found, page_token(_KIND, last_id, page + 1), has_more=place < len(activities)
    )


def _numbers(text: str) -> set[int]:
    values = listed(text)
    for value in values:
        if not value.isdecimal():
            raise Refused(
                "1001", f"Invalid value '{value}'. Required of type 'Integer'"
            )
    return {int(value) for value in values}


def _lead_filter(simulator: Simulator, asked: Mapping[str, str]) -> set[int] | None:
    leads = _numbers(asked.get("leadIds", ""))
    if len(leads) > _MOST_LEADS:
        raise Refused("1003", f"leadIds may hold {_MOST_LEADS} ids")
    if asked.get("listId"):
        list_id = next(iter(_numbers(asked["listId"])))
        return set(simulator.instance.list_members.get(list_id, ()))
    return leads or None


def _type_row(kind: ActivityType) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
    }
    if kind.api_name is not None:
        row["apiName"] = kind.api_name
    if kind.primary is not None:
        row["primaryAttribute"] = _attribute_row(kind.primary)
    row["attributes"] = [_attribute_row(spec) for spec in kind.attributes]
    return row


def _attribute_row(spec: AttributeSpec) -> dict[str, Any]:
    row = {"name": spec.name, "dataType": spec.data_type}
    return row if spec.api_name is None else {**row, "apiName": spec.api_name}


def _activity_row(simulator: Simulator, activity: Activity) -> dict[str, Any]:
    at = plain_datetime(activity.at)
    if simulator.settings.is_offset_datetime:
        at = at.removesuffix("Z") + "+0000"
    row: dict[str, Any] = {
        "id": activity.id,
        "marketoGUID": str(activity.id),
        "leadId": activity.lead_id,
        "activityDate": at,
        "activityTypeId": activity.type_id,
    }
    optional = {
        "campaignId": activity.campaign_id,
        "primaryAttributeValueId": activity.primary_id,
        "primaryAttributeValue": activity.primary_value,
    }
    row |= {name: value for name, value in optional.items() if value is not None}
    row["attributes"] = [
        {"name": name, "value": value}
        for name, value in json.loads(activity.attributes).items()
    ]
    return row
