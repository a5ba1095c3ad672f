"""Faults that answer one call with a refusal of the API, in a batch too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bizops_sandbox.servers.facebook.fault_kinds import CALL_FAULTS, names
from bizops_sandbox.servers.facebook.graph_errors import (
    GraphError,
    no_such_object,
    too_much_data,
)
from bizops_sandbox.servers.facebook.tokens import dead_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator

_LIMITS: Mapping[int, tuple[str, int | None]] = {
    4: ("Application request limit reached", 1504022),
    17: ("User request limit reached", 2446079),
    32: ("Page request limit reached", None),
    341: ("Application limit reached", None),
    613: ("Calls to this api have exceeded the rate limit.", 1487742),
}
_BUSINESS_TYPES: Mapping[int, str] = {
    80000: "ads_insights",
    80001: "pages",
    80002: "instagram",
    80003: "custom_audience",
    80004: "ads_management",
    80005: "leadgen",
    80006: "messenger",
    80008: "whatsapp",
}
_PERMISSIONS = {
    10: "(#10) Application does not have permission for this action",
    200: "(#200) Ad account owner has NOT grant ads_management or ads_read permission",
}


def strike(call: Call, simulator: Simulator) -> None:
    """Let a fault that is due refuse the call.

    Raises:
        GraphError: as the fault wants.
    """
    fault = simulator.take_fault(names(CALL_FAULTS), call)
    if fault is None:
        return
    given = fault.parameters
    match fault.kind.name:
        case "throttled":
            raise limit_reached(given["code"], given["minutes"], object_id(call))
        case "transient":
            raise transient(given["code"])
        case "reduce":
            raise too_much_data()
        case "permission":
            message = _PERMISSIONS.get(given["code"], "Permissions error")
            status = 403 if given["code"] != 10 else 400
            raise GraphError(given["code"], message, status=status)
        case "token_expired":
            simulator.tokens.end_all(given["subcode"])
            now = simulator.clock.now()
            status = simulator.settings.token_error_status
            raise dead_token(given["subcode"], now, now, status=status)
        case _:
            raise no_such_object(call.path[0] if call.path else "")


def object_id(call: Call) -> str:
    """The digits of the account (or other object) a call is about."""
    return call.path[0].removeprefix("act_") if call.path else "0"


def transient(code: int) -> GraphError:
    """An unexpected error that passes."""
    if code == 1:
        message = "An unknown error occurred"
    else:
        message = "An unexpected error has occurred. Please retry your request later."
    return GraphError(code, message, status=500, is_transient=True)


def limit_reached(code: int, minutes: int, account_id: str) -> GraphError:
    """A limit: of the app, the user, the account, or of a business use case."""
    if code in _BUSINESS_TYPES:
        kind = _BUSINESS_TYPES[code]
        message = (
            f"There have been too many calls from this ad-account. Please wait a bit "
            f"and try again. For more info, please refer to the {kind} limits."
        )
        return GraphError(
            code,
            f"(#{code}) {message}",
            subcode=2446079,
            headers={
                "X-Business-Use-Case-Usage": business_usage(
                    account_id, kind, 100, minutes=minutes
                )
            },
        )
    message, subcode = _LIMITS.get(code, ("Request limit reached", None))
    usage = {"call_count": 100, "total_time": 100, "total_cputime": 100}
    account = {
        "acc_id_util_pct": 100,
        "reset_time_duration": minutes * 60,
        "ads_api_access_tier": "standard_access",
    }
    return GraphError(
        code,
        f"(#{code}) {message}",
        subcode=subcode,
        is_transient=code in {4, 17},
        status=403 if code in {4, 32} else 400,
        headers={
            "X-App-Usage": json.dumps(usage),
            "X-Ad-Account-Usage": json.dumps(account),
        },
    )


def business_usage(account_id: str, kind: str, pct: int, *, minutes: int) -> str:
    """The header of business use cases, as JSON."""
    entry = {
        "type": kind,
        "call_count": pct,
        "total_cputime": pct // 2,
        "total_time": pct // 2,
        "estimated_time_to_regain_access": minutes,
        "ads_api_access_tier": "standard_access",
    }
    return json.dumps({account_id: [entry]})
