"""Notifications when a run has ended; one that fails is a warning, never a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_cli.errors import BizopsError
from bizops_cli.process.environment import plugin_environment
from bizops_cli.process.notification import post, run_command
from bizops_cli.runlog.events import Note
from bizops_cli.runlog.record import to_dict

if TYPE_CHECKING:
    from bizops_cli.model import Notification, Project, RunRecord
    from bizops_cli.runlog.events import OnEvent


def notify(project: Project, record: RunRecord, *, on_event: OnEvent) -> None:
    """Tell everybody who wants to know of a run that has ended so."""
    for notification in project.notifications:
        if record.status in notification.on:
            try:
                _tell(notification, project, record)
            except BizopsError as error:
                on_event(Note(f"a notification failed: {error}", "warning"))


def message_of(record: RunRecord) -> dict[str, Any]:
    """Return what is sent: `text` for a chat, `run` for a program."""
    text = (
        f"{record.project} ({record.environment}): run {record.run_id} of job "
        f"{record.job} {record.status}, {record.rows:,} rows"
    )
    if record.message:
        text += f": {record.message}"
    return {"text": text, "run": to_dict(record)}


def _tell(notification: Notification, project: Project, record: RunRecord) -> None:
    message = message_of(record)
    if notification.webhook is not None:
        post(notification.webhook.reveal(), message)
    if notification.command:
        own = {
            "BIZOPS_RUN_ID": record.run_id,
            "BIZOPS_RUN_STATUS": record.status,
            "BIZOPS_RUN_TEXT": message["text"],
        }
        run_command(
            notification.command,
            message,
            directory=project.directory,
            variables=plugin_environment(own),
        )
