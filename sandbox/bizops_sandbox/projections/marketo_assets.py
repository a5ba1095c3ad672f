"""Programs, emails, forms, pages, lists and folders, in the API's own field names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    Row = dict[str, object]

SITE = "https://www.brightloom.example"
WORKSPACE = "Default"
_SENDER = "news@brightloom.example"
_APP = "https://app-sandbox.marketo.example"
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
_PLAIN_STATUSES = ("Sent", "Responded", "Engaged")
NOT_IN_PROGRAM = "Not in Program"
FIRST_LIST_ID = 1001


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

    def add(self, kind: str, at: datetime, first_id: int, row: Row) -> Row:
        """Put a new asset on the shelf, with its id and stamps."""
        shelf = self.rows.setdefault(kind, [])
        whole = {"id": first_id + len(shelf), **row, "createdAt": at, "updatedAt": at}
        shelf.append(whole)
        return whole

    def folder(self, name: str) -> Row:
        """The reference to a folder as assets carry it."""
        return {"type": "Folder", "value": self.folder_ids[name], "folderName": name}

    def static_list(self, list_id: int) -> Row:
        """A static list by its id."""
        return self.rows["static_lists"][list_id - FIRST_LIST_ID]

    def id_of(self, row: Row) -> int:
        """The id of an asset."""
        return int(str(row["id"]))


def slug(text: str) -> str:
    """A name as part of a URL."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def statuses(channel: str) -> tuple[Status, ...]:
    """The statuses of a channel, from not a member to success."""
    order = list(_CHANNELS).index(channel) * 10
    names = (NOT_IN_PROGRAM, *_STATUSES.get(channel, _PLAIN_STATUSES))
    return tuple(
        Status(order + number, name, number * 10, is_success=number >= 2)
        for number, name in enumerate(names, start=0)
    )


def make_shelf(at: datetime, contents: tuple[str, ...]) -> AssetShelf:
    """What the instance has before the first campaign; `contents` are documents."""
    shelf = AssetShelf(made_at=at)
    _add_folders(shelf)
    _add_channels(shelf)
    template = shelf.add("email_templates", at, 1, _template(shelf, "Plain 2016"))
    for number, content in enumerate(contents):
        form = shelf.add("forms", at, 501, _form(shelf, f"Download: {content}"))
        page = _page(shelf, f"resources-{slug(content)}", content)
        shelf.forms[content] = form
        shelf.pages[content] = shelf.add("landing_pages", at, 701, page)
        mail = _email(shelf, f"Newsletter {number + 1}: {content}", "Emails", template)
        shelf.newsletters[content] = shelf.add("emails", at, 3001, mail)
    webinar = shelf.add("forms", at, 501, _form(shelf, "Webinar registration"))
    shelf.forms["webinar"] = webinar
    shelf.pages["webinar"] = shelf.add(
        "landing_pages", at, 701, _page(shelf, "webinars", "Webinars")
    )
    for name, kind in (("Newsletter.Send", "batch"), ("Scoring", "trigger")):
        row = shelf.add("smart_campaigns", at, 2001, _smart(shelf, name, kind))
        row |= {"isActive": True, "status": "Active"}
        shelf.global_campaigns[name] = shelf.id_of(row)
    for name in ("All MQLs", "Newsletter readers"):
        row = shelf.add("static_lists", at, FIRST_LIST_ID, _static_list(shelf, name))
        shelf.global_lists[name] = shelf.id_of(row)
    for name in ("Active in the last 90 days", "Unsubscribed"):
        shelf.add("smart_lists", at, 4001, _smart_list(shelf, name))
    segments = {"name": "Size", "description": "By number of employees"}
    segmentation = {**segments, "status": "approved", "workspace": WORKSPACE}
    shelf.add("segmentations", at, 1, segmentation | {"folder": shelf.folder("Leads")})
    return shelf


def add_program(
    shelf: AssetShelf,
    at: datetime,
    *,
    key: str,
    channel: str,
    name: str,
    **more: object,
) -> Program:
    """A program with its email, its two smart campaigns and perhaps its list."""
    label, kind = _CHANNELS[channel]
    program_type = "Default" if kind == "Program" else kind
    code = {"Email": "EBP", "Event": "ME", "Event with Webinar": "ME"}.get(kind, "PG")
    row = shelf.add(
        "programs",
        at,
        1001,
        {
            "name": name,
            "description": "",
            "url": "",
            "type": program_type,
            "channel": label,
            "folder": shelf.folder(label),
            "status": "unlocked" if kind == "Email" else "",
            "workspace": WORKSPACE,
            "headStart": False,
            **more,
        },
    )
    row["url"] = f"{_APP}/#{code}{row['id']}A1"
    below = {"parentProgramId": row["id"], "programName": name}
    respond = _smart(shelf, f"{name}.01 Responses", "trigger") | below
    send = _smart(shelf, f"{name}.02 Invitation", "batch") | below
    respond_row = shelf.add("smart_campaigns", at, 2001, respond)
    send_row = shelf.add("smart_campaigns", at, 2001, send)
    template = shelf.rows["email_templates"][0]
    mail = _email(shelf, f"{name}.Invitation", label, template)
    list_id = None
    if channel == "conference":
        attendees = _static_list(shelf, f"{name}.Badge scans", folder=label)
        attendees["programName"] = name
        list_id = shelf.id_of(shelf.add("static_lists", at, FIRST_LIST_ID, attendees))
    program = Program(
        campaign_key=key,
        channel=channel,
        row=row,
        costs=[],
        respond_campaign_id=shelf.id_of(respond_row),
        send_campaign_id=shelf.id_of(send_row),
        email=shelf.add("emails", at, 3001, mail),
        list_id=list_id,
    )
    shelf.programs[key] = program
    return program


def channel_label(channel: str) -> str:
    """The channel as Marketo calls it."""
    return _CHANNELS[channel][0]


def _add_folders(shelf: AssetShelf) -> None:
    names = ["Marketing Activities", "Emails", "Web", "Leads"]
    names += [label for label, _ in _CHANNELS.values()]
    for name in names:
        row = shelf.add("folders", shelf.made_at, 11, {"name": name})
        shelf.folder_ids[name] = shelf.id_of(row)
        is_root = name == "Marketing Activities"
        path = "/Marketing Activities"
        row |= {
            "description": "",
            "url": f"{_APP}/#MF{row['id']}A1",
            "folderId": {"id": row["id"], "type": "Folder"},
            "folderType": "Marketing Folder",
            "parent": None if is_root else {"id": 11, "type": "Folder"},
            "path": path if is_root else f"{path}/{name}",
            "isArchive": False,
            "isSystem": is_root,
            "accessZoneId": 1,
            "workspace": WORKSPACE,
        }


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
        shelf.add("channels", shelf.made_at, 1, row)
    shelf.rows["tag_types"] = [
        {
            "tagType": "Program Spend",
            "applicableProgramTypes": "program, event, webinar, email",
            "required": True,
            "allowableValues": "[Yes, No]",
        },
        {
            "tagType": "Quarter",
            "applicableProgramTypes": "program, event, webinar, email",
            "required": False,
            "allowableValues": "[Q1, Q2, Q3, Q4]",
        },
    ]


def _template(shelf: AssetShelf, name: str) -> Row:
    return {
        "name": name,
        "description": "",
        "url": f"{_APP}/#EMT1A1",
        "folder": shelf.folder("Emails"),
        "status": "approved",
        "version": 2,
        "workspace": WORKSPACE,
    }


def _email(shelf: AssetShelf, name: str, folder: str, template: Row) -> Row:
    return {
        "name": name,
        "description": "",
        "subject": {"type": "Text", "value": name.rpartition(".")[2]},
        "fromName": {"type": "Text", "value": "Brightloom"},
        "fromEmail": {"type": "Text", "value": _SENDER},
        "replyEmail": {"type": "Text", "value": _SENDER},
        "folder": shelf.folder(folder),
        "operational": False,
        "textOnly": False,
        "publishToMSI": False,
        "webView": False,
        "status": "approved",
        "template": template["id"],
        "workspace": WORKSPACE,
        "version": 2,
        "autoCopyToText": True,
        "ccFields": None,
        "preHeader": None,
        "url": f"{_APP}/#EM{3001 + len(shelf.rows.get('emails', []))}A1",
    }


def _form(shelf: AssetShelf, name: str) -> Row:
    return {
        "name": name,
        "description": "",
        "url": f"{_APP}/#FO{501 + len(shelf.rows.get('forms', []))}A1",
        "status": "approved",
        "theme": "simple",
        "language": "English",
        "locale": "en_US",
        "progressiveProfiling": False,
        "labelPosition": "left",
        "fontFamily": "Helvetica",
        "fontSize": "13px",
        "folder": shelf.folder("Web"),
        "knownVisitor": {"type": "form", "template": None},
        "thankYouList": [{"followupType": "none", "default": True}],
        "buttonLocation": 120,
        "buttonLabel": "Submit",
        "waitingLabel": "Please Wait",
        "workSpaceId": 1,
    }


def _page(shelf: AssetShelf, path: str, title: str) -> Row:
    return {
        "name": path,
        "description": "",
        "URL": f"{SITE}/{path}.html",
        "computedUrl": f"{_APP}/#LP{701 + len(shelf.rows.get('landing_pages', []))}A1",
        "customHeadHTML": "",
        "facebookOgTags": "",
        "folder": shelf.folder("Web"),
        "formPrefill": False,
        "keywords": "",
        "mobileEnabled": False,
        "robots": "index, follow",
        "status": "approved",
        "template": 1,
        "title": title,
        "workspace": WORKSPACE,
    }


def _smart(shelf: AssetShelf, name: str, kind: str) -> Row:
    number = len(shelf.rows.get("smart_campaigns", []))
    return {
        "name": name,
        "description": "",
        "type": kind,
        "isSystem": False,
        "isActive": False,
        "isRequestable": False,
        "isCommunicationLimitEnabled": False,
        "recurrence": {"weekdayOnly": False},
        "qualificationRuleType": "once",
        "qualificationRuleInterval": None,
        "qualificationRuleUnit": None,
        "maxMembers": None,
        "smartListId": 5001 + number,
        "flowId": 6001 + number,
        "folder": {"id": shelf.folder_ids["Marketing Activities"], "type": "Folder"},
        "workspace": WORKSPACE,
        "computedUrl": f"{_APP}/#SC{2001 + number}A1",
        "status": "Inactive",
    }


def _static_list(shelf: AssetShelf, name: str, folder: str = "Leads") -> Row:
    number = len(shelf.rows.get("static_lists", []))
    return {
        "name": name,
        "description": "",
        "url": f"{_APP}/#ST{1001 + number}A1",
        "folder": {"id": shelf.folder_ids[folder], "type": "Folder"},
        "workspace": WORKSPACE,
        "computedUrl": f"{_APP}/#ST{1001 + number}A1",
    }


def _smart_list(shelf: AssetShelf, name: str) -> Row:
    number = len(shelf.rows.get("smart_lists", []))
    return {
        "name": name,
        "description": "",
        "url": f"{_APP}/#SL{4001 + number}A1",
        "folder": {"id": shelf.folder_ids["Leads"], "type": "Folder"},
        "workspace": WORKSPACE,
    }
