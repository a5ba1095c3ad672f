"""Users, members and who may what, as the API shows them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import WEB_URL, between, is_drawn, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_records import Group, Person, Project

    Row = dict[str, Any]

_ACCESS = {"admin": 50, "team": 30, "bot": 20}
_PUBLIC_EMAIL_PER_MILLE = 350


def state_of(person: Person) -> str:
    """Whether the account is active or blocked."""
    return "active" if person.left_at is None else "blocked"


@lru_cache(maxsize=4_096)
def _avatar_url(email: str) -> str:
    digest = hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()
    return f"https://secure.gravatar.example/avatar/{digest}?s=80&d=identicon"


@lru_cache(maxsize=4_096)
def _shows_email(username: str) -> bool:
    return is_drawn(_PUBLIC_EMAIL_PER_MILLE, username, "public email")


def basic(person: Person) -> Row:
    """A user where another thing names one."""
    return {
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "state": state_of(person),
        "locked": False,
        "avatar_url": _avatar_url(person.email),
        "web_url": f"{WEB_URL}/{person.username}",
    }


def maybe_basic(person: Person | None) -> Row | None:
    """A user, or null."""
    return None if person is None else basic(person)


def profile(person: Person) -> Row:
    """A user as everybody may see one."""
    is_public = person.kind == "community" and _shows_email(person.username)
    return basic(person) | {
        "created_at": stamp(person.joined_at),
        "bio": "",
        "location": "",
        "public_email": person.email if is_public else "",
        "skype": "",
        "linkedin": "",
        "twitter": "",
        "discord": "",
        "website_url": "",
        "organization": "",
        "job_title": "",
        "pronouns": None,
        "bot": person.kind == "bot",
        "work_information": None,
        "followers": 0,
        "following": 0,
        "local_time": None,
    }


def account(person: Person) -> Row:
    """A user as administrators see one."""
    seen_at = person.active_at or person.joined_at
    return profile(person) | {
        "last_sign_in_at": stamp(person.joined_at),
        "confirmed_at": stamp(person.joined_at),
        "last_activity_on": f"{seen_at:%Y-%m-%d}",
        "email": person.email,
        "theme_id": 1,
        "color_scheme_id": 1,
        "projects_limit": 100_000,
        "sign_in_count": between(1, 900, person.username, "sign-ins"),
        "current_sign_in_ip": "192.0.2.10",
        "last_sign_in_ip": "192.0.2.10",
        "plan": None,
        "trial": False,
        "current_sign_in_at": stamp(seen_at),
        "identities": [],
        "can_create_group": person.kind != "community",
        "can_create_project": True,
        "two_factor_enabled": person.kind in {"admin", "team"},
        "external": person.kind == "community",
        "private_profile": False,
        "commit_email": person.email,
        "is_admin": person.kind == "admin",
        "is_auditor": False,
        "note": None,
        "using_license_seat": person.kind in {"admin", "team"},
        "namespace_id": 1_000 + person.id,
        "created_by": None,
    }


def member(person: Person, since: datetime) -> Row:
    """A member of a group or project: the team, not the community."""
    return {
        "access_level": _ACCESS.get(person.kind, 10),
        "created_at": stamp(since),
        "expires_at": None,
        **basic(person),
        "membership_state": "active",
    }


def members_of(people: list[Person], place: Group | Project) -> list[Row]:
    """The members of a group or project, inherited ones included."""
    return [
        member(person, max(person.joined_at, place.created_at))
        for person in people
        if person.kind in _ACCESS and person.left_at is None
    ]
