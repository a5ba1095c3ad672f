"""A plain client of the benchmarks: what stands before a plain download."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeVar

    T = TypeVar("T")
    S = TypeVar("S")

AT_ONCE = 8
_POLL_S = 0.02


class Asker:
    """Asks one server, over connections that stay open.

    Attributes:
        headers: Of every request; the login is among them.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str] | None = None) -> None:
        self.base_url = base_url
        self.headers = dict(headers or {})
        self._pool = urllib3.PoolManager(maxsize=AT_ONCE)

    def get(self, target: str) -> Any:
        """Get a target and decode its JSON."""
        return self._ask("GET", target, None, "")

    def post(self, target: str, body: str, *, is_form: bool = False) -> Any:
        """Post JSON, or a form, and decode the JSON answer."""
        kind = "x-www-form-urlencoded" if is_form else "json"
        return self._ask("POST", target, body.encode(), f"application/{kind}")

    def post_form(self, target: str, form: Mapping[str, str]) -> Any:
        """Post a form and decode the JSON answer."""
        return self.post(target, urlencode(form), is_form=True)

    def _ask(self, method: str, target: str, body: bytes | None, kind: str) -> Any:
        headers = {**self.headers, **({"Content-Type": kind} if kind else {})}
        answer = self._pool.request(
            method, f"{self.base_url}{target}", body=body, headers=headers, timeout=600
        )
        if answer.status >= 400:
            raise RuntimeError(f"{method} {target}: HTTP {answer.status}")
        return json.loads(answer.data)


def each_at_once(work: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """Do some work for all items, eight at once; give the results in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, items))


def until(is_done: Callable[[], T | None]) -> T:
    """Ask again and again until there is an answer."""
    while (found := is_done()) is None:
        time.sleep(_POLL_S)
    return found
