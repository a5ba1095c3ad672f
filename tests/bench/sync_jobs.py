"""What a service wants before it gives files: the jobs of a tap, made once more.

The jobs are those that the tap has asked for, word for word, made as fast as the
server allows; each function gives the targets of their results.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.bench.sync_asking import each_at_once, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.sync_asking import Asker
    from tests.bench.sync_recording import Exchange

_MARKETO_AT_ONCE = 10
_FACEBOOK_LOOKS = 50


def made_by(exchanges: Sequence[Exchange], pattern: str) -> list[Exchange]:
    """Give the successful POSTs to a path."""
    return [
        each
        for each in exchanges
        if each.method == "POST"
        and each.status < 300
        and re.fullmatch(pattern, each.path)
    ]


def make_no_jobs(asker: Asker, exchanges: Sequence[Exchange]) -> list[str]:
    """Give nothing: the service has no jobs."""
    return []


def make_salesforce_jobs(asker: Asker, exchanges: Sequence[Exchange]) -> list[str]:
    """Make bulk query jobs; give their result pages."""

    def make(job: Exchange) -> list[str]:
        path = f"{job.path}/{asker.post(job.path, job.body)['id']}"
        until(lambda: _told(asker.get(path), "state", "JobComplete"))
        pages: list[str] = []
        more: str | None = f"{path}/resultPages"
        while more:
            answer = asker.get(more)
            pages += [page["resultUrl"] for page in answer["resultPages"]]
            more = None if answer.get("done") else answer.get("nextRecordsUrl")
        return pages

    jobs = made_by(exchanges, r"/services/data/v[\d.]+/jobs/query")
    return [page for pages in each_at_once(make, jobs) for page in pages]


def make_zuora_jobs(asker: Asker, exchanges: Sequence[Exchange]) -> list[str]:
    """Make batch queries; give their files."""

    def make(job: Exchange) -> list[str]:
        path = f"{job.path}jobs/{asker.post(job.path, job.body)['id']}"
        done = until(lambda: _told(asker.get(path), "status", "completed"))
        files: list[str] = []
        for batch in done["batches"]:
            files += batch.get("segments") or [batch["fileId"]]
        return [f"/v1/files/{file}" for file in files]

    jobs = made_by(exchanges, r"/v1/batch-query/")
    return [file for files in each_at_once(make, jobs) for file in files]


def make_marketo_jobs(asker: Asker, exchanges: Sequence[Exchange]) -> list[str]:
    """Make export jobs, ten in the queue at most; give their files."""
    waiting = made_by(exchanges, r"/bulk/v1/\w+(/\w+)*/export/create\.json")
    queued: dict[str, str] = {}
    files: list[str] = []

    def fill() -> None:
        while waiting and len(queued) < _MARKETO_AT_ONCE:
            job = waiting.pop(0)
            base = job.path.removesuffix("/create.json")
            export_id = asker.post(job.path, job.body)["result"][0]["exportId"]
            asker.post(f"{base}/{export_id}/enqueue.json", "")
            queued[export_id] = base

    def look() -> list[str] | None:
        fill()
        for base in set(queued.values()):
            for row in asker.get(f"{base}.json")["result"]:
                name, is_done = row["exportId"], row["status"] == "Completed"
                if is_done and queued.pop(name, None):
                    files.append(f"{base}/{name}/file.json")
        return None if queued or waiting else files

    return until(look)


def make_facebook_jobs(asker: Asker, exchanges: Sequence[Exchange]) -> list[str]:
    """Make report runs; what they give is downloaded from the tap's own, the same."""
    runs = each_at_once(
        lambda job: str(asker.post(job.path, job.body, is_form=True)["report_run_id"]),
        made_by(exchanges, r"/v[\d.]+/act_\d+/insights"),
    )

    def look(some: Sequence[str]) -> list[str]:
        elements = [{"method": "GET", "relative_url": run} for run in some]
        answers = asker.post_form("/", {"batch": json.dumps(elements)})
        told = [json.loads(answer["body"])["async_status"] for answer in answers]
        pairs = zip(some, told, strict=True)
        return [run for run, word in pairs if word != "Job Completed"]

    def look_at_all() -> list[str] | None:
        some, runs[:_FACEBOOK_LOOKS] = runs[:_FACEBOOK_LOOKS], []
        runs.extend(look(some))
        return None if runs else []

    return until(look_at_all) if runs else []


def _told(answer: Any, name: str, word: str) -> Any:
    state = answer[name]
    if state.lower() in {"failed", "aborted", "error"}:
        raise RuntimeError(f"a job of the server is {state}")
    return answer if state == word else None
