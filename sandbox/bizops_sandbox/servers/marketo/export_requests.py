"""Reading what a new export job is to hold, as strictly as the service does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.marketo_activity_types import DELETE_LEAD
from bizops_sandbox.projections.marketo_fields import NOT_EXPORTABLE_TYPES
from bizops_sandbox.servers.marketo.answers import Refused
from bizops_sandbox.servers.marketo.reading import moment_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from bizops_sandbox.servers.marketo.simulator import Simulator

SEPARATORS = {"CSV": ",", "TSV": "\t", "SSV": ";"}
ACTIVITY_FIELDS = (
    "marketoGUID",
    "leadId",
    "activityDate",
    "activityTypeId",
    "campaignId",
    "primaryAttributeValueId",
    "primaryAttributeValue",
    "attributes",
)
_LONGEST = timedelta(days=31)
_MOST_PROGRAMS = 10
_LEAD_FILTERS = (
    "createdAt",
    "updatedAt",
    "smartListId",
    "smartListName",
    "staticListId",
    "staticListName",
)
_ACTIVITY_FILTERS = (
    "createdAt",
    "activityTypeIds",
    "primaryAttributeValueIds",
    "primaryAttributeValues",
)
_MEMBER_FILTERS = (
    "programId",
    "programIds",
    "isExhausted",
    "nurtureCadence",
    "statusNames",
    "updatedAt",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of time, both ends in it."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment lies in it."""
        return self.start <= moment <= self.end


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A checked request: columns, their headers, filters by name."""

    kind: str
    format: str
    fields: tuple[str, ...]
    headers: tuple[str, ...]
    filters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return SEPARATORS[self.format]

    def span(self, name: str) -> Span | None:
        """Return a date filter, if the request has it."""
        found = self.filters.get(name)
        return found if isinstance(found, Span) else None

    def numbers(self, name: str) -> frozenset[int] | None:
        """Return the whole numbers of a filter, if the request has it."""
        found = self.filters.get(name)
        return None if found is None else frozenset(found)


def read_request(simulator: Simulator, kind: str, document: object) -> ExportRequest:
    """Check the body of a create call.

    Raises:
        Refused: 1003 with the reason, or 1035 for a filter the subscription lacks.
    """
    if not isinstance(document, dict):
        raise Refused("609")
    wanted = str(document.get("format", "CSV")).upper()
    if wanted not in SEPARATORS:
        raise Refused("1003", f"Invalid format '{wanted}'")
    fields = _read_fields(simulator, kind, document.get("fields"))
    filters = document.get("filter")
    if not isinstance(filters, dict) or not filters:
        raise Refused("1003", "A filter must be specified")
    read = {
        "leads": _read_lead_filter,
        "activities": _read_activity_filter,
        "program/members": _read_member_filter,
    }[kind]
    checked = read(simulator, filters)
    if "programIds" in checked and "programId" not in fields:
        fields = ("programId", *fields)
    renamed = document.get("columnHeaderNames") or {}
    headers = tuple(str(renamed.get(name, name)) for name in fields)
    return ExportRequest(kind, wanted, fields, headers, checked)


def exportable_lead_fields(simulator: Simulator) -> set[str]:
    """Return the REST names an export of leads may hold."""
    return {
        field.rest_name
        for field in simulator.lead_fields()
        if field.rest_name is not None and field.data_type not in NOT_EXPORTABLE_TYPES
    }


def _read_fields(simulator: Simulator, kind: str, given: object) -> tuple[str, ...]:
    if kind == "activities":
        known: Collection[str] = (*ACTIVITY_FIELDS, "actionResult")
        if given is None:
            return ACTIVITY_FIELDS
    elif kind == "leads":
        known = exportable_lead_fields(simulator)
    else:
        known = {field.name for field in simulator.member_fields()}
    if not isinstance(given, list) or not given:
        raise Refused("1003", "fields cannot be blank")
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise Refused("1003", f"Invalid fields: [{', '.join(unknown)}]")
    return tuple(dict.fromkeys(given))


def _check_names(filters: Mapping[str, Any], known: Sequence[str]) -> None:
    unknown = [name for name in filters if name not in known]
    if unknown:
        raise Refused("1003", f"Invalid filter type: {unknown[0]}")


def _read_lead_filter(simulator: Simulator, filters: Mapping[str, Any]) -> Any:  # noqa: ANN401
    _check_names(filters, _LEAD_FILTERS)
    if len(filters) != 1:
        raise Refused("1003", "Exactly one filter type must be specified")
    name, value = next(iter(filters.items()))
    is_small = not simulator.settings.has_updated_at_filter
    if is_small and (name == "updatedAt" or name.startswith("smartList")):
        raise Refused("1035")
    if name in {"createdAt", "updatedAt"}:
        return {name: _read_span(value)}
    return {name: _read_list(simulator, name, value)}


def _read_list(simulator: Simulator, name: str, value: object) -> int:
    kind = "static_lists" if name.startswith("static") else "smart_lists"
    key = "id" if name.endswith("Id") else "name"
    for row in simulator.assets(kind):
        if row[key] == value:
            return int(row["id"])
    raise Refused("1003", f"List not found: {value}")


def _read_activity_filter(_: Simulator, filters: Mapping[str, Any]) -> Any:  # noqa: ANN401
    _check_names(filters, _ACTIVITY_FILTERS)
    if "createdAt" not in filters:
        raise Refused("1003", "createdAt filter must be specified")
    checked: dict[str, Any] = {"createdAt": _read_span(filters["createdAt"])}
    if "activityTypeIds" in filters:
        type_ids = _read_numbers("activityTypeIds", filters["activityTypeIds"])
        if DELETE_LEAD in type_ids:
            raise Refused("1003", f"Activity type {DELETE_LEAD} is not supported")
        checked["activityTypeIds"] = type_ids
    if {"primaryAttributeValueIds", "primaryAttributeValues"} <= filters.keys():
        message = "primaryAttributeValueIds and primaryAttributeValues are exclusive"
        raise Refused("1003", message)
    if "primaryAttributeValueIds" in filters:
        name = "primaryAttributeValueIds"
        checked[name] = _read_numbers(name, filters[name])
    if "primaryAttributeValues" in filters:
        checked["primaryAttributeValues"] = list(filters["primaryAttributeValues"])
    return checked


def _read_member_filter(simulator: Simulator, filters: Mapping[str, Any]) -> Any:  # noqa: ANN401
    _check_names(filters, _MEMBER_FILTERS)
    checked: dict[str, Any] = {}
    if "programIds" in filters:
        program_ids = _read_numbers("programIds", filters["programIds"])
        if not 1 <= len(program_ids) <= _MOST_PROGRAMS:
            raise Refused("1003", "programIds must hold 1 to 10 ids")
        checked["programIds"] = program_ids
    elif "programId" in filters:
        checked["programId"] = _read_numbers("programId", [filters["programId"]])
    else:
        raise Refused("1003", "programId or programIds filter must be specified")
    if "updatedAt" in filters:
        if not simulator.settings.has_updated_at_filter:
            raise Refused("1035")
        checked["updatedAt"] = _read_span(filters["updatedAt"])
    if "statusNames" in filters:
        checked["statusNames"] = [str(name) for name in filters["statusNames"]]
    if filters.get("isExhausted") or filters.get("nurtureCadence") == "paused":
        checked["isExhausted"] = True
    return checked


def _read_numbers(name: str, value: object) -> list[int]:
    is_right = isinstance(value, list) and all(type(part) is int for part in value)
    if not is_right or not isinstance(value, list):
        raise Refused("1003", f"{name} must be an array of integers")
    return value


def _read_span(value: object) -> Span:
    if not isinstance(value, dict) or set(value) != {"startAt", "endAt"}:
        raise Refused("1003", "startAt and endAt must be specified")
    start = moment_of(str(value["startAt"]), allows_date=False)
    end = moment_of(str(value["endAt"]), allows_date=False)
    if end < start:
        raise Refused("1003", "startAt must be before endAt")
    if end - start > _LONGEST:
        raise Refused("1003", "Date range must be 31 days or less")
    return Span(start, end)
