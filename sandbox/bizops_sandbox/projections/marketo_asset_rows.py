"""What an email, a form, a page or a list says of itself, before it has its id.

`number` counts the assets of a kind from 0; URLs are made of it as ids are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Row = dict[str, object]

SITE = "https://www.brightloom.example"
APP = "https://app-sandbox.marketo.example"
WORKSPACE = "Default"
FIRST_IDS = {
    "folders": 11,
    "channels": 1,
    "email_templates": 1,
    "segmentations": 1,
    "forms": 501,
    "landing_pages": 701,
    "programs": 1001,
    "static_lists": 1001,
    "smart_campaigns": 2001,
    "emails": 3001,
    "smart_lists": 4001,
}
_SENDER = "news@brightloom.example"


def _url(kind: str, code: str, number: int) -> str:
    return f"{APP}/#{code}{FIRST_IDS[kind] + number}A1"


def template_row(number: int, name: str, folder: Row) -> Row:
    """An email template."""
    return {
        "name": name,
        "description": "",
        "url": _url("email_templates", "EMT", number),
        "folder": folder,
        "status": "approved",
        "version": 2,
        "workspace": WORKSPACE,
    }


def email_row(number: int, name: str, folder: Row, template_id: object) -> Row:
    """An email; its subject is the last part of its name."""
    return {
        "name": name,
        "description": "",
        "subject": {"type": "Text", "value": name.rpartition(".")[2]},
        "fromName": {"type": "Text", "value": "Brightloom"},
        "fromEmail": {"type": "Text", "value": _SENDER},
        "replyEmail": {"type": "Text", "value": _SENDER},
        "folder": folder,
        "operational": False,
        "textOnly": False,
        "publishToMSI": False,
        "webView": False,
        "status": "approved",
        "template": template_id,
        "workspace": WORKSPACE,
        "version": 2,
        "autoCopyToText": True,
        "ccFields": None,
        "preHeader": None,
        "url": _url("emails", "EM", number),
    }


def form_row(number: int, name: str, folder: Row) -> Row:
    """A form."""
    return {
        "name": name,
        "description": "",
        "url": _url("forms", "FO", number),
        "status": "approved",
        "theme": "simple",
        "language": "English",
        "locale": "en_US",
        "progressiveProfiling": False,
        "labelPosition": "left",
        "fontFamily": "Helvetica",
        "fontSize": "13px",
        "folder": folder,
        "knownVisitor": {"type": "form", "template": None},
        "thankYouList": [{"followupType": "none", "default": True}],
        "buttonLocation": 120,
        "buttonLabel": "Submit",
        "waitingLabel": "Please Wait",
        "workSpaceId": 1,
    }


def page_row(number: int, path: str, title: str, folder: Row) -> Row:
    """A landing page."""
    return {
        "name": path,
        "description": "",
        "URL": f"{SITE}/{path}.html",
        "computedUrl": _url("landing_pages", "LP", number),
        "customHeadHTML": "",
        "facebookOgTags": "",
        "folder": folder,
        "formPrefill": False,
        "keywords": "",
        "mobileEnabled": False,
        "robots": "index, follow",
        "status": "approved",
        "template": 1,
        "title": title,
        "workspace": WORKSPACE,
    }


def smart_campaign_row(number: int, name: str, kind: str, folder_id: int) -> Row:
    """A smart campaign, `kind` batch or trigger, not active yet."""
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
        "folder": {"id": folder_id, "type": "Folder"},
        "workspace": WORKSPACE,
        "computedUrl": _url("smart_campaigns", "SC", number),
        "status": "Inactive",
    }


def list_row(kind: str, number: int, name: str, folder_id: int) -> Row:
    """A static list or a smart list."""
    code = "ST" if kind == "static_lists" else "SL"
    row: Row = {
        "name": name,
        "description": "",
        "url": _url(kind, code, number),
        "folder": {"id": folder_id, "type": "Folder"},
        "workspace": WORKSPACE,
    }
    if kind == "static_lists":
        row["computedUrl"] = row["url"]
    return row


def folder_row(number: int, name: str) -> Row:
    """A folder; the first one is the root of all others."""
    is_root = number == 0
    root_id = FIRST_IDS["folders"]
    path = "/Marketing Activities"
    return {
        "name": name,
        "description": "",
        "url": _url("folders", "MF", number),
        "folderId": {"id": root_id + number, "type": "Folder"},
        "folderType": "Marketing Folder",
        "parent": None if is_root else {"id": root_id, "type": "Folder"},
        "path": path if is_root else f"{path}/{name}",
        "isArchive": False,
        "isSystem": is_root,
        "accessZoneId": 1,
        "workspace": WORKSPACE,
    }


TAG_TYPES: tuple[Row, ...] = (
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
)
