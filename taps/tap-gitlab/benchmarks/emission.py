"""Measures how fast merge requests are written, against the SDK's own record path.

Both sides begin with the same answers in memory (1,000 pages of 100 rows by default,
about 2.5 kB each) and end with RECORD lines in a file: ours as the tap does it, the
SDK's with the rows of ``json.loads`` through ``Stream.sync``, the way a tap on the SDK
alone would. Run: ``python benchmarks/emission.py [PAGES]``.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap

from reading_kit.jsonlines import LineEncoder
from reading_kit.timestamps import format_instant
from reading_kit.writing import BlockWriter
from tap_gitlab.change_columns import MERGE_REQUESTS
from tap_gitlab.columns import build_schema
from tap_gitlab.rows import RowReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE_ROWS = 100
START = datetime(2018, 1, 1, tzinfo=UTC)
PERSON = {
    "id": 17,
    "username": "zoe",
    "name": 'Zoë "Z" Example',
    "state": "active",
    "locked": False,
    "avatar_url": "https://secure.gravatar.example/avatar/0?s=80&d=identicon",
    "web_url": "https://gitlab.example.com/zoe",
}


def make_row(number: int) -> dict[str, Any]:
    """Make a merge request as GitLab lists it."""
    moment = format_instant(START + timedelta(seconds=number))
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
        "merged_by": PERSON,
        "merge_user": PERSON,
        "merged_at": moment,
        "closed_by": None,
        "closed_at": None,
        "target_branch": "master",
        "source_branch": f"branch-{number}",
        "user_notes_count": number % 9,
        "upvotes": 0,
        "downvotes": 0,
        "author": PERSON,
        "assignees": [PERSON],
        "assignee": PERSON,
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


def make_page(number: int) -> bytes:
    """Make the body of one answer."""
    rows = range(number * PAGE_ROWS, (number + 1) * PAGE_ROWS)
    return json.dumps([make_row(row) for row in rows]).encode()


class PlainStream(Stream):
    """A stream as the SDK has it: dicts through its own record path."""

    name = "merge_requests"
    schema = build_schema(MERGE_REQUESTS, ("id",))
    primary_keys = ("id",)
    replication_key = "updated_at"
    is_sorted = True
    pages: tuple[bytes, ...] = ()

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:  # noqa: ANN401, ARG002
        """Give the rows of the answers."""
        for page in self.pages:
            yield from json.loads(page)


class PlainTap(Tap):
    """A tap of that stream."""

    name = "plain"

    def discover_streams(self) -> list[Stream]:
        """Give the stream."""
        return [PlainStream(self)]


def write_ours(pages: tuple[bytes, ...], path: Path) -> None:
    """Write the lines as tap-gitlab does."""
    reader = RowReader.of("merge_requests", MERGE_REQUESTS)
    encoder = LineEncoder("merge_requests", time_extracted=START)
    with path.open("w", encoding="utf-8") as file, redirect_stdout(file):
        writer = BlockWriter()
        for page in pages:
            writer.write_block(encoder.encode(reader.read(page, {"group_id": 1})))
        writer.flush()


def write_plainly(pages: tuple[bytes, ...], path: Path) -> None:
    """Write the lines as a tap on the SDK alone would."""
    PlainStream.pages = pages
    with path.open("w", encoding="utf-8") as file, redirect_stdout(file):
        PlainTap(config={}).streams["merge_requests"].sync()


def measure(
    work: Callable[[tuple[bytes, ...], Path], None],
    pages: tuple[bytes, ...],
    path: Path,
) -> float:
    """Give the records that some work writes in a second of processor time."""
    began_s = time.process_time()
    work(pages, path)
    return len(pages) * PAGE_ROWS / (time.process_time() - began_s)


def main() -> None:
    """Measure both, the SDK's with a tenth of the rows."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    some = tuple(make_page(number) for number in range(min(count, 50)))
    pages = tuple(some[number % len(some)] for number in range(count))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines"
        ours = measure(write_ours, pages, path)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        plain = measure(write_plainly, pages[: max(count // 10, 1)], path)
    print(f"ours: {ours:,.0f} records/s; the SDK's own: {plain:,.0f} records/s")
    print(f"ratio {ours / plain:.1f}; peak memory of ours {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
