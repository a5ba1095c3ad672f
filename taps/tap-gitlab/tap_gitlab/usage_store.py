"""Service Ping payloads of this run, asked for once although two streams read them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from reading_kit.jsonlines import decode_json_bytes
from reading_kit.pages import keep, keeping
from tap_gitlab.rows import read_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tap_gitlab.client import GitlabClient

_PATH = "/usage_data/service_ping"


class PingStore:
    """Keeps payloads in files, so that many instances need no more memory than one."""

    def __init__(self, new_path: Callable[[], Path]) -> None:
        self._new_path = new_path
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._paths: dict[str, Path] = {}

    def payload(self, client: GitlabClient) -> dict[str, Any]:
        """Give an instance's cached payload; an empty one where there is none.

        Raises:
            TapError: as ``GitlabClient.get`` tells.
        """
        name = client.instance.name
        with self._lock:
            asking = self._asking.setdefault(name, threading.Lock())
        with asking:
            path = self._paths.get(name) or self._ask(client)
            self._paths[name] = path
        found = decode_json_bytes(path.read_bytes())
        return found if isinstance(found, dict) else {}

    def _ask(self, client: GitlabClient) -> Path:
        body = client.get(_PATH, _check).value
        path = self._new_path()
        with keeping(path) as file:
            keep(file, body)
        return path


def _check(body: bytes) -> bytes:
    read_json(body)
    return body
