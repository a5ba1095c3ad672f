"""What GitLab's error answers mean: for a request, and for what is read. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from reading_kit.errors import ApiProblem
from reading_kit.retrying import Verdict, read_text_problem

#: Answers of proxies and firewalls, not of GitLab itself.
HTML = "HTML"
_PASSING = frozenset({408, 409, 420, 425, 500, 502, 503, 504, *range(520, 528)})
_TRIES_WHEN_BLOCKED = 3
#: Tries of a page before it is asked for in halves.
TRIES_OF_HEAVY_PAGES = 2
_BAD_PARAMETER = re.compile(
    r"\b(\w+) (?:is invalid|does not have a valid value|is not allowed)", re.IGNORECASE
)
#: Parameters whose loss costs calls or detail, but no rows.
DROPPABLE = frozenset(
    {
        "updated_after",
        "updated_before",
        "since",
        "until",
        "non_archived",
        "with_shared",
        "with_projects",
        "statistics",
        "with_stats",
        "license",
        "include_paths",
        "include_descendant_groups",
    }
)


def read_problem(status: int, body: str) -> ApiProblem:
    """Read an error answer: GitLab's JSON forms, a proxy's page, or plain text."""
    try:
        document = json.loads(body)
    except ValueError:
        problem = read_text_problem(status, body)
        is_page = body.lstrip()[:200].lower().startswith(("<!doctype", "<html"))
        return ApiProblem(status, HTML, problem.message) if is_page else problem
    if not isinstance(document, dict):
        return ApiProblem(status, f"HTTP_{status}", "unexpected answer")
    error, message = document.get("error"), document.get("message")
    code = error if isinstance(error, str) and " " not in error else f"HTTP_{status}"
    told = document.get("error_description") or message or error or "no reason given"
    return ApiProblem(status, code, told if isinstance(told, str) else json.dumps(told))


def is_blocked(problem: ApiProblem) -> bool:
    """Tell whether a firewall, not GitLab, refused."""
    return problem.status == 403 and problem.code == HTML


def lacks_scope(problem: ApiProblem) -> bool:
    """Tell whether the token was not made for this."""
    return problem.status == 403 and problem.code == "insufficient_scope"


def is_left_out(problem: ApiProblem) -> bool:
    """Tell whether what was asked for is not there for this token, tier or project."""
    return problem.status in {403, 404} and not is_blocked(problem)


def is_gone(problem: ApiProblem) -> bool:
    """Tell whether the group or project itself is gone, not one of its features."""
    return problem.status == 404 and bool(
        re.search(r"\b(project|group) not found", problem.message, re.IGNORECASE)
    )


def is_without_keyset(problem: ApiProblem) -> bool:
    """Tell whether a list cannot be paged by keyset."""
    return problem.status == 405 and "keyset" in problem.message.lower()


def is_too_deep(problem: ApiProblem) -> bool:
    """Tell whether a page lies beyond what offsets reach (50,000 rows)."""
    return problem.status == 405 and "offset" in problem.message.lower()


def find_bad_parameter(problem: ApiProblem) -> str | None:
    """Give the query parameter that was refused, if it can be done without."""
    if problem.status != 400:
        return None
    found = _BAD_PARAMETER.search(problem.message)
    return found[1] if found and found[1] in DROPPABLE else None


@dataclass(slots=True)
class Judge:
    """Decides for one request what an error answer calls for.

    Attributes:
        is_halvable: Whether a page that fails can be asked for in smaller ones, which
            is better than to repeat it: GitLab ends what takes longer than 60 s.
    """

    is_halvable: bool = False
    _blocks: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)

    def __call__(self, problem: ApiProblem) -> Verdict:
        """Decide."""
        if problem.status == 401:
            return Verdict.LOG_IN_AGAIN
        if problem.status == 429:
            return Verdict.WAIT
        if is_blocked(problem):
            self._blocks += 1
            is_last = self._blocks >= _TRIES_WHEN_BLOCKED
            return Verdict.FAIL if is_last else Verdict.RETRY
        if problem.status == 500 and self.is_halvable:
            self._failures += 1
            is_last = self._failures >= TRIES_OF_HEAVY_PAGES
            return Verdict.FAIL if is_last else Verdict.RETRY
        return Verdict.RETRY if problem.status in _PASSING else Verdict.FAIL
