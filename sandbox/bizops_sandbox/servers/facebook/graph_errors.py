"""Refusals in the Graph API's form: one error object with code and subcode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OAUTH = "OAuthException"
METHOD = "GraphMethodException"
REDUCE = "Please reduce the amount of data you're asking for, then retry your request"
TOO_MUCH_SUBCODE = 1487534
_GRAPH_DOCS = "https://developers.facebook.com/docs/graph-api"
_INSIGHTS_DOCS = (
    "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/"
)
TOKEN_MESSAGES = {
    458: "Error validating access token: The user has not authorized application "
    "{app_id}.",
    460: "Error validating access token: The session has been invalidated because the "
    "user changed their password or Facebook has changed the session for security "
    "reasons.",
    463: "Error validating access token: Session has expired on {expired}. The current "
    "time is {now}.",
    467: "Error validating access token: The session is invalid because the user "
    "logged out.",
    493: "Error validating access token: The session has been invalidated.",
}


class GraphError(Exception):
    """A request the service refuses.

    `headers` go with the answer, e.g. the usage a limit was reached at.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        status: int = 400,
        error_type: str = OAUTH,
        is_transient: bool = False,
        user_title: str | None = None,
        user_message: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subcode = subcode
        self.status = status
        self.error_type = error_type
        self.is_transient = is_transient
        self.user_title = user_title
        self.user_message = user_message
        self.headers = dict(headers or {})

    def document(self, trace_id: str) -> dict[str, Any]:
        """The answer's body; unset parts are absent."""
        error: dict[str, Any] = {
            "message": self.message,
            "type": self.error_type,
            "code": self.code,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.is_transient or self.user_title is not None:
            error["is_transient"] = self.is_transient
        if self.user_title is not None:
            error["error_user_title"] = self.user_title
            error["error_user_msg"] = self.user_message or ""
        error["fbtrace_id"] = trace_id
        return {"error": error}


def bad_parameter(message: str, *, subcode: int | None = None) -> GraphError:
    """A parameter is not what it must be."""
    return GraphError(100, f"(#100) {message}", subcode=subcode)


def not_one_of(name: str, allowed: list[str]) -> GraphError:
    """A parameter is none of the words it may be."""
    return bad_parameter(
        f"{name} must be one of the following values: {', '.join(sorted(allowed))}"
    )


def nonexisting_field(name: str, kind: str) -> GraphError:
    """A field that objects of this kind do not have."""
    return bad_parameter(
        f"Tried accessing nonexisting field ({name}) on node type ({kind})"
    )


def invalid_insight_field(name: str) -> GraphError:
    """The other form of the same, which the insights edge is known to use."""
    return bad_parameter(
        f"{name} is not valid for fields param. please check {_INSIGHTS_DOCS} "
        "for all valid values"
    )


def no_such_object(node_id: str, *, method: str = "get") -> GraphError:
    """There is no such object, or it may not be seen."""
    return GraphError(
        100,
        f"Unsupported {method} request. Object with ID '{node_id}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this "
        f"operation. Please read the Graph API documentation at {_GRAPH_DOCS}",
        subcode=33,
        error_type=METHOD,
    )


def unknown_path(path: str) -> GraphError:
    """The path leads nowhere."""
    return GraphError(2500, f"Unknown path components: {path}")


def too_much_data() -> GraphError:
    """The answer would be too heavy."""
    return GraphError(1, REDUCE, status=500, error_type=OAUTH)


def run_unreadable() -> GraphError:
    """A report run whose rows cannot be read (yet)."""
    return GraphError(
        2601,
        "Error accessing adreport job.",
        subcode=1815107,
        is_transient=True,
        user_title="Loading Async Job Failed",
        user_message="Sorry, the loading of your ads report failed. Please try again.",
    )


def dead_version(newest: int) -> GraphError:
    """The version's life is over."""
    return GraphError(
        2635,
        "(#2635) You are calling a deprecated version of the Ads API. Please update "
        f"to the latest version: v{newest}.0.",
    )
