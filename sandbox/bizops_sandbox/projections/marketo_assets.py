"""Programs, emails, forms, pages, lists and folders, in the API's own field names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo_asset_rows import (
    APP,
    FIRST_IDS,
    TAG_TYPES,
    WORKSPACE,
    email_row,
    folder_row,
    form_row,
    list_row,
    page_row,
    smart_campaign_row,
    template_row,
)

if TYPE_CHECKING:
    from datetime import datetime

    Row = dict[str, object]

_CHANNELS = {
    "paid_search": ("Paid Search", "Program"),
    "paid_social": ("Paid Social", "Program"),
    "display": ("Display", "Program"),
    "content_syndication": ("Content Syndication", "Program"),
    "webinar": ("Webinar", "Event with Webinar"),
    "conference": ("Conference", "Event"),
    "email": ("Email Send", "Email"),
    "partner": ("Partner", "Program"),
}
_STATUSES = {
    "webinar": ("Invited", "Registered", "Attended"),
    "conference": ("Invited", "Attended", "Visited Booth"),
}
_FOLDERS = ("Marketing Activities", "Emails", "Web", "Leads")
_PLAIN_STATUSES = ("Sent", "Responded", "Engaged")
NOT_IN_PROGRAM = "Not in Program"


@dataclass(frozen=True, slots=True)
class Status:
    """A step of a channel; `id` is what activities call it."""

    id: int
    name: str
    step: int
    is_success: bool


@dataclass(slots=True)
class Program:
    """A program and the assets below it; `campaign_key` leads back to the log."""

    campaign_key: str
    campaign_name: str
    made_at: datetime
    channel: str
    row: Row
    costs: list[Row]
    respond_campaign_id: int
    send_campaign_id: int
    email: Row
    list_id: int | None
    total_cost_usd: int = 0
    is_deleted: bool = False

    @property
    def id(self) -> int:
        """The program's id."""
        return int(str(self.row["id"]))

    @property
    def name(self) -> str:
        """The program's name."""
        return str(self.row["name"])


@dataclass(slots=True)
class AssetShelf:
    """All assets by kind, in the order they were made, which is that of their ids."""

    made_at: datetime
    rows: dict[str, list[Row]] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    newsletters: dict[str, Row] = field(default_factory=dict)
    pages: dict[str, Row] = field(default_factory=dict)
    forms: dict[str, Row] = field(default_factory=dict)
    folder_ids: dict[str, int] = field(default_factory=dict)
    global_campaigns: dict[str, int] = field(default_factory=dict)
    global_lists: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """How many assets of a kind there are."""
        return len(self.rows.get(kind, ()))

    def add(self, kind: str, at: datetime, row: Row) -> Row:
        """Put a new asset on the shelf, with its id and stamps."""
        identity = FIRST_IDS[kind] + self.count(kind)
        whole = {"id": identity, **row, "createdAt": at, "updatedAt": at}
        self.rows.setdefault(kind, []).append(whole)
        return whole

    def add_email(self, at: datetime, name: str, folder: str) -> Row:
        """Put a new email on the shelf."""
        template_id = self.rows["email_templates"][0]["id"]
        count = self.count("emails")
        row = email_row(count, name, self.folder(folder), template_id)
        return self.add("emails", at, row)

    def add_smart_campaign(self, at: datetime, name: str, kind: str) -> Row:
        """Put a new smart campaign on the shelf."""
        folder_id = self.folder_ids["Marketing Activities"]
        count = self.count("smart_campaigns")
        row = smart_campaign_row(count, name, kind, folder_id)
        return self.add("smart_campaigns", at, row)

    def add_list(self, at: datetime, kind: str, name: str, folder: str) -> Row:
        """Put a new static or smart list on the shelf."""
        row = list_row(kind, self.count(kind), name, self.folder_ids[folder])
        return self.add(kind, at, row)

    def folder(self, name: str) -> Row:
        """The reference to a folder as assets carry it."""
        return {"type": "Folder", "value": self.folder_ids[name], "folderName": name}

    def static_list(self, list_id: int) -> Row:
        """A static list by its id."""
        return self.rows["static_lists"][list_id - FIRST_IDS["static_lists"]]

    def id_of(self, row: Row) -> int:
        """The id of an asset."""
        return int(str(row["id"]))


def slug(text: str) -> str:
    """A name as part of a URL."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@cache
def statuses(channel: str) -> tuple[Status, ...]:
    """The statuses of a channel, from not a member to success."""
    order = list(_CHANNELS).index(channel) * 10
    names = (NOT_IN_PROGRAM, *_STATUSES.get(channel, _PLAIN_STATUSES))
    return tuple(
        Status(order + number, name, number * 10, is_success=number >= 2)
        for number, name in enumerate(names)
    )


def make_shelf(at: datetime, contents: tuple[str, ...]) -> AssetShelf:
    """What the instance has before the first campaign; `contents` are documents."""
    shelf = AssetShelf(made_at=at)
    for name in (*_FOLDERS, *(label for label, _ in _CHANNELS.values())):
        row = shelf.add("folders", at, folder_row(shelf.count("folders"), name))
        shelf.folder_ids[name] = shelf.id_of(row)
    _add_channels(shelf)
    template = template_row(0, "Plain 2016", shelf.folder("Emails"))
    shelf.add("email_templates", at, template)
    for content in contents:
        _add_web(shelf, content, f"Download: {content}", f"resources-{slug(content)}")
        name = f"Newsletter {len(shelf.newsletters) + 1}: {content}"
        shelf.newsletters[content] = shelf.add_email(at, name, "Emails")
    _add_web(shelf, "webinar", "Webinar registration", "webinars")
    for name, kind in (("Newsletter.Send", "batch"), ("Scoring", "trigger")):
        row = shelf.add_smart_campaign(at, name, kind)
        row |= {"isActive": True, "status": "Active"}
        shelf.global_campaigns[name] = shelf.id_of(row)
    for name in ("All MQLs", "Newsletter readers"):
        row = shelf.add_list(at, "static_lists", name, "Leads")
        shelf.global_lists[name] = shelf.id_of(row)
    for name in ("Active in the last 90 days", "Unsubscribed"):
        shelf.add_list(at, "smart_lists", name, "Leads")
    segmentation: Row = {
        "name": "Size",
        "description": "By number of employees",
        "status": "approved",
        "workspace": WORKSPACE,
        "folder": shelf.folder("Leads"),
    }
    shelf.add("segmentations", at, segmentation)
    return shelf


def add_program(
    shelf: AssetShelf,
    at: datetime,
    *,
    key: str,
    channel: str,
    name: str,
    campaign_name: str,
    **more: object,
) -> Program:
    """A program with its email, its two smart campaigns and perhaps its list."""
    label, kind = _CHANNELS[channel]
    code = {"Email": "EBP", "Event": "ME", "Event with Webinar": "ME"}.get(kind, "PG")
    row: Row = {
        "name": name,
        "description": "",
        "url": f"{APP}/#{code}{FIRST_IDS['programs'] + shelf.count('programs')}A1",
        "type": "Default" if kind == "Program" else kind,
        "channel": label,
        "folder": shelf.folder(label),
        "status": "unlocked" if kind == "Email" else "",
        "workspace": WORKSPACE,
        "headStart": False,
        **more,
    }
    row = shelf.add("programs", at, row)
    below = {"parentProgramId": row["id"], "programName": name}
    respond = shelf.add_smart_campaign(at, f"{name}.01 Responses", "trigger")
    send = shelf.add_smart_campaign(at, f"{name}.02 Invitation", "batch")
    respond |= below
    send |= below
    list_id = None
    if channel == "conference":
        scans = shelf.add_list(at, "static_lists", f"{name}.Badge scans", label)
        scans["programName"] = name
        list_id = shelf.id_of(scans)
    shelf.programs[key] = Program(
        campaign_key=key,
        campaign_name=campaign_name,
        made_at=at,
        channel=channel,
        row=row,
        costs=[],
        respond_campaign_id=shelf.id_of(respond),
        send_campaign_id=shelf.id_of(send),
        email=shelf.add_email(at, f"{name}.Invitation", label),
        list_id=list_id,
    )
    return shelf.programs[key]


def _add_web(shelf: AssetShelf, content: str, form: str, path: str) -> None:
    folder, at = shelf.folder("Web"), shelf.made_at
    row = form_row(shelf.count("forms"), form, folder)
    shelf.forms[content] = shelf.add("forms", at, row)
    page = page_row(shelf.count("landing_pages"), path, content, folder)
    shelf.pages[content] = shelf.add("landing_pages", at, page)


def _add_channels(shelf: AssetShelf) -> None:
    for channel, (label, kind) in _CHANNELS.items():
        progression = [
            {
                "name": status.name,
                "description": "",
                "hidden": False,
                "type": "",
                "step": status.step,
                "success": status.is_success,
            }
            for status in statuses(channel)
        ]
        row: Row = {
            "name": label,
            "applicableProgramType": kind.lower(),
            "progressionStatuses": progression,
        }
        shelf.add("channels", shelf.made_at, row)
    shelf.rows["tag_types"] = [dict(row) for row in TAG_TYPES]
