"""Merge requests of GitLab: pages of JSON, about 2.5 kB a row."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream

from reading_kit.jsonlines import LineEncoder
from reading_kit.timestamps import format_instant
from reading_kit.writing import BlockWriter
from tap_gitlab.change_columns import MERGE_REQUESTS
from tap_gitlab.columns import build_schema
from tap_gitlab.rows import RowReader
from tests.bench.emitting.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from singer_sdk import Tap

    Pages = tuple[bytes, ...]

_PAGE_ROWS = 100
#: Pages that differ; they come again and again.
_DISTINCT_PAGES = 50
_START = datetime(2018, 1, 1, tzinfo=UTC)
_PERSON = {
    "id": 17,
    "username": "zoe",
    "name": 'Zoë "Z" Example',
    "state": "active",
    "locked": False,
    "avatar_url": "https://secure.gravatar.example/avatar/0?s=80&d=identicon",
    "web_url": "https://gitlab.example.com/zoe",
}


def _make_row(number: int) -> dict[str, Any]:
    """Make a merge request as GitLab lists it."""
    moment = format_instant(_START + timedelta(seconds=number))
    url = f"https://gitlab.example.com/g/p/-/merge_requests/{number}"
    path = {"short": f"!{number}", "relative": f"!{number}", "full": f"g/p!{number}"}
    return {
        "id": 10_000 + number,
        "iid": number,
        "project_id": 26,
        "title": f"Change {number}",
        "description": "## What does this do?\n\nIt says so. " * 6,
        "state": "merged",
        "created_at": moment,
        "updated_at": moment,
        "merged_by": _PERSON,
        "merge_user": _PERSON,
        "merged_at": moment,
        "closed_by": None,
        "closed_at": None,
        "target_branch": "master",
        "source_branch": f"branch-{number}",
        "user_notes_count": number % 9,
        "upvotes": 0,
        "downvotes": 0,
        "author": _PERSON,
        "assignees": [_PERSON],
        "assignee": _PERSON,
        "reviewers": [],
        "source_project_id": 26,
        "target_project_id": 26,
        "labels": ["bug", "Community contribution"],
        "draft": False,
        "work_in_progress": False,
        "milestone": None,
        "merge_when_pipeline_succeeds": False,
        "merge_status": "can_be_merged",
        "detailed_merge_status": "not_open",
        "sha": f"{number:040x}",
        "merge_commit_sha": f"{number + 1:040x}",
        "squash_commit_sha": None,
        "prepared_at": moment,
        "reference": f"!{number}",
        "references": path,
        "web_url": url,
        "time_stats": {"time_estimate": 0, "total_time_spent": 0},
        "squash": False,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": False,
        "blocking_discussions_resolved": True,
    }


def _make_page(number: int) -> bytes:
    """Make the body of one answer."""
    rows = range(number * _PAGE_ROWS, (number + 1) * _PAGE_ROWS)
    return json.dumps([_make_row(row) for row in rows]).encode()


def _prepare(folder: Path, rows: int) -> Pages:
    del folder
    count = rows // _PAGE_ROWS
    some = [_make_page(number) for number in range(min(count, _DISTINCT_PAGES))]
    return tuple(some[number % len(some)] for number in range(count))


def _write_ours(source: Pages, folder: Path) -> None:
    del folder
    reader = RowReader.of("merge_requests", MERGE_REQUESTS)
    encoder = LineEncoder("merge_requests", time_extracted=_START)
    writer = BlockWriter()
    for page in source:
        writer.write_block(encoder.encode(reader.read(page, {"group_id": 1})))
    writer.flush()


class _SdkStream(Stream):
    name = "merge_requests"
    primary_keys: ClassVar[Sequence[str]] = ("id",)
    replication_key = "updated_at"
    source: Pages = ()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        del context
        for page in self.source:
            yield from json.loads(page)


def _make_sdk_stream(tap: Tap, source: Pages) -> Stream:
    stream = _SdkStream(tap, schema=build_schema(MERGE_REQUESTS, ("id",)))
    stream.source = source
    return stream


CASES = (
    Case(
        "tap-gitlab",
        "merge requests, JSON of 2.5 kB a row",
        _prepare,
        _write_ours,
        _make_sdk_stream,
    ),
)
