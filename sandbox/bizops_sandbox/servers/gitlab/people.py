"""Users, and the tokens' own resources: who am I, which scopes, a new token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from bizops_sandbox.projections.gitlab_ids import stamp
from bizops_sandbox.projections.gitlab_places import INTEGRATION, ROOT
from bizops_sandbox.projections.gitlab_show_people import account, basic, profile
from bizops_sandbox.servers.gitlab.access import caller_of, named, simulator_of
from bizops_sandbox.servers.gitlab.answers import (
    Refused,
    json_answer,
    missing,
    oauth_error,
)
from bizops_sandbox.servers.gitlab.fault_kinds import LOGIN_FAULTS, names
from bizops_sandbox.servers.gitlab.paging import page_answer
from bizops_sandbox.servers.gitlab.parameters import (
    choice_of,
    flag_of,
    moment_of,
    text_of,
)
from bizops_sandbox.servers.gitlab.rows import facts_of, seen_row
from bizops_sandbox.servers.gitlab.tokens import unauthorised

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    Row = dict[str, Any]

_INVALID_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the "
    "redirection URI used in the authorization request, or was issued to another "
    "client."
)
_INVALID_CLIENT = (
    "Client authentication failed due to unknown client, no client authentication "
    "included, or unsupported authentication method."
)


async def list_users(request: Request) -> Response:
    """Answer `GET /users`: administrators see the accounts, others the names."""
    site, show = simulator_of(request).site, basic
    if caller_of(request).is_admin:
        show = account
    choice_of(request, "sort", ("asc", "desc"), "desc")
    after, before = (
        moment_of(request, "created_after"),
        moment_of(request, "created_before"),
    )
    username, search = text_of(request, "username"), text_of(request, "search").lower()
    people = [
        person
        for person in site.people
        if (not username or person.username == username.lower())
        and search in f"{person.name} {person.username}".lower()
        and (after is None or person.joined_at >= after)
        and (before is None or person.joined_at <= before)
        and not (flag_of(request, "active") and person.left_at is not None)
        and not (flag_of(request, "blocked") and person.left_at is None)
    ]
    is_down = text_of(request, "sort", "desc") == "desc"
    rows = sorted((show(p) for p in people), key=lambda r: r["id"], reverse=is_down)
    return page_answer(request, rows, kind="users", keyset="cursor")


async def show_user(request: Request) -> Response:
    """Answer `GET /users/:id`."""
    simulator = simulator_of(request)
    for person in simulator.site.people:
        if str(person.id) == named(request):
            is_admin = caller_of(request).is_admin
            row = account(person) if is_admin else profile(person)
            return json_answer(seen_row(simulator, "users", row))
    raise missing("User")


async def show_me(request: Request) -> Response:
    """Answer `GET /user`."""
    caller, users = caller_of(request), simulator_of(request).site.state.users
    return json_answer(account(users[ROOT if caller.is_admin else INTEGRATION]))


async def show_token(request: Request) -> Response:
    """Answer `GET /personal_access_tokens/self`: scopes and the day it ends."""
    simulator, token = simulator_of(request), caller_of(request).token
    if token is None or token.is_job or not token.value:
        raise Refused(unauthorised())
    tokens = simulator.settings.credentials.tokens
    users = simulator.site.state.users
    ends_on = simulator.settings.token_expires_on
    if token.expires_on is not None:
        ends_on = token.expires_on.isoformat()
    return json_answer(
        {
            "id": 70 + tokens.index(token),
            "name": token.name,
            "revoked": False,
            "created_at": stamp(users[INTEGRATION].joined_at),
            "description": "",
            "scopes": list(token.scopes),
            "user_id": users[ROOT if token.is_admin else INTEGRATION].id,
            "last_used_at": stamp(simulator.clock.now()),
            "active": True,
            "expires_at": ends_on,
        }
    )


async def give_token(request: Request) -> Response:
    """Answer `POST /oauth/token`: a refresh gives a new pair and ends the old one."""
    simulator = simulator_of(request)
    credentials = simulator.settings.credentials
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    given = {name: values[0] for name, values in form.items()}
    if simulator.faults.take(names(LOGIN_FAULTS), facts_of(request)) is not None:
        return oauth_error("invalid_grant", _INVALID_GRANT, status=400)
    if (given.get("client_id"), given.get("client_secret")) != (
        credentials.client_id,
        credentials.client_secret,
    ):
        return oauth_error("invalid_client", _INVALID_CLIENT, status=401)
    if given.get("grant_type") != "refresh_token":
        return oauth_error(
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization "
            "server.",
            status=400,
        )
    life_s = simulator.settings.token_s
    pair = simulator.tokens.refresh(given.get("refresh_token", ""), life_s=life_s)
    if pair is None:
        return oauth_error("invalid_grant", _INVALID_GRANT, status=400)
    return json_answer(
        {
            "access_token": pair[0],
            "token_type": "Bearer",
            "expires_in": life_s,
            "refresh_token": pair[1],
            "scope": "read_api",
            "created_at": int(simulator.clock.now().timestamp()),
        }
    )
