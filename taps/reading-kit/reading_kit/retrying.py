"""What an error answer means for the request that got it, and how long to wait. Pure.

The rules here go by the HTTP status alone; a tap gives its own where the service's
codes say more.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reading_kit.errors import ApiProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tries of one request, and of one waiting for its turn.
TRIES = 8
WAITS = 10
TRANSIENT_STATUSES = frozenset({408, 420, 425, 429, 500, 502, 503, 504})
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class Verdict(enum.Enum):
    """What to do after an error answer.

    ``WAIT`` is for a service that is well but wants to be asked later (rate limits,
    slots that are taken): such waits are longer and are counted apart from failures.
    """

    RETRY = "retry"
    WAIT = "wait"
    LOG_IN_AGAIN = "log in again"
    DAILY_LIMIT = "daily limit"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait before the next try.

    Attributes:
        delay_s: Fixed part in seconds.
        jitter_s: Upper end of the random part in seconds.
    """

    delay_s: float
    jitter_s: float


def read_problem(status: int, body: str) -> ApiProblem:
    """Read an error answer: a JSON object with the usual names, HTML, or text."""
    try:
        value = json.loads(body)
    except ValueError:
        return read_text_problem(status, body)
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return ApiProblem(status, f"HTTP_{status}", "unexpected answer")
    error = first.get("error")
    inner = error if isinstance(error, dict) else first
    code = inner.get("errorCode") or inner.get("code") or inner.get("error")
    text = inner.get("message") or inner.get("error_description") or ""
    return ApiProblem(status, str(code or f"HTTP_{status}"), str(text))


def read_text_problem(status: int, body: str) -> ApiProblem:
    """Read an error answer that is not JSON: a page's title, or the first words."""
    title = _TITLE.search(body)
    text = title[1].strip() if title else body.strip()[:200] or "empty answer"
    return ApiProblem(status, f"HTTP_{status}", text)


def judge(problem: ApiProblem) -> Verdict:
    """Decide by the status what an error answer calls for."""
    if problem.status == 401:
        return Verdict.LOG_IN_AGAIN
    if problem.status == 429:
        return Verdict.WAIT
    if problem.status in TRANSIENT_STATUSES:
        return Verdict.RETRY
    return Verdict.FAIL


def plan_pause(
    *,
    failures: int,
    retry_after_s: float | None,
    longest_s: float,
    first_s: float = 1.0,
) -> Pause:
    """Plan the wait after the n-th failure: doubled each time, full jitter.

    A wait the server asks for is the least wait. Nothing waits longer than
    ``longest_s``.
    """
    jitter_s = min(first_s * 2.0 ** (failures - 1), longest_s)
    delay_s = min(retry_after_s or 0.0, longest_s)
    return Pause(delay_s, min(jitter_s, longest_s - delay_s))


def plan_wait(
    *, retry_after_s: float | None, usual_s: float, longest_s: float
) -> Pause:
    """Plan the wait for one's turn: as the server asks, or else ``usual_s``.

    A third of it comes on top by chance, so that many waiting do not come at once.
    """
    wanted_s = usual_s if retry_after_s is None else retry_after_s
    delay_s = min(wanted_s, longest_s)
    return Pause(delay_s, min(wanted_s / 3, longest_s - delay_s))


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Give the seconds of a ``Retry-After`` header; other forms count as none."""
    text = headers.get("Retry-After", "").strip()
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
