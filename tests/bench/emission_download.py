"""What a sync is held against: the same result pages, downloaded by curl in parallel.

The jobs are all started at once; how long they took is told, and curl measures the
transfer alone. A sync also logs in, asks what there is, converts and writes.
"""

from __future__ import annotations

import json
import shutil
import time
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.bench.measuring import Command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DATA = "/services/data/v64.0"
_PARALLEL = 8
#: Types of fields a bulk query cannot have.
_UNREADABLE = frozenset({"address", "location", "base64"})
_POLL_S = 0.1


def make_download(
    ready: dict[str, Any], objects: Sequence[str], folder: Path
) -> Command:
    """Have the org make the results of some objects; return how curl gets them all.

    Args:
        ready: The ready line of a sandbox.
        objects: Names of the objects.
        folder: Where the pages go.

    Raises:
        RuntimeError: curl is not there, or the org does not make the results.
    """
    program = shutil.which("curl")
    if program is None:
        raise RuntimeError("curl is not installed")
    org = _Org(ready)
    paths = [org.start_job(name) for name in objects]
    org.wait(paths)
    pages = [page for path in paths for page in org.pages(path)]
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'header = "Authorization: Bearer {org.token}"', "compressed", "fail"]
    for number, page in enumerate(pages):
        lines += [f'url = "{org.url}{page}"', f'output = "{folder / str(number)}"']
    config = folder.with_suffix(".curl")
    config.touch(mode=0o600)
    config.write_text("\n".join(lines), "utf-8")
    flags = ("--silent", "--show-error", "--parallel", "--parallel-immediate")
    return Command(
        (program, *flags, "--parallel-max", str(_PARALLEL), "--config", config)
    )


class _Org:
    """An org of the sandbox, asked without the tap."""

    def __init__(self, ready: dict[str, Any]) -> None:
        variables = ready["env"]
        form = {
            "grant_type": "refresh_token",
            "client_id": variables["SALESFORCE_CLIENT_ID"],
            "client_secret": variables["SALESFORCE_CLIENT_SECRET"],
            "refresh_token": variables["SALESFORCE_REFRESH_TOKEN"],
        }
        answer = _ask(
            f"{variables['SALESFORCE_LOGIN_URL']}/services/oauth2/token",
            body=urllib.parse.urlencode(form).encode(),
        )
        self.token = str(answer["access_token"])
        self.url = str(answer["instance_url"])

    def start_job(self, name: str) -> str:
        described = self._ask(f"{_DATA}/sobjects/{name}/describe")
        fields = [
            field["name"]
            for field in described["fields"]
            if field["type"] not in _UNREADABLE
        ]
        query = f"SELECT {', '.join(fields)} FROM {name}"
        job = self._ask(
            f"{_DATA}/jobs/query", {"operation": "queryAll", "query": query}
        )
        return f"{_DATA}/jobs/query/{job['id']}"

    def wait(self, paths: Sequence[str]) -> None:
        waiting = list(paths)
        while waiting:
            states = {path: self._ask(path)["state"] for path in waiting}
            for path, state in states.items():
                if state in {"Failed", "Aborted"}:
                    raise RuntimeError(f"the job {path} is {state}")
            waiting = [path for path in waiting if states[path] != "JobComplete"]
            if waiting:
                time.sleep(_POLL_S)

    def pages(self, path: str) -> list[str]:
        pages: list[str] = []
        more: str | None = f"{path}/resultPages"
        while more:
            answer = self._ask(more)
            pages += [page["resultUrl"] for page in answer["resultPages"]]
            more = None if answer.get("done") else answer.get("nextRecordsUrl")
        return pages

    def _ask(self, path: str, value: object = None) -> Any:
        body = None if value is None else json.dumps(value).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        return _ask(f"{self.url}{path}", body=body, headers=headers)


def _ask(url: str, *, body: bytes | None, headers: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(url, data=body, headers=headers or {})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        return json.loads(answer.read())
