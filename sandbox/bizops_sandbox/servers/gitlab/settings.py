"""What can be set of the GitLab server, and the credentials it accepts.

Where the specification of the source leaves a doubt about the real service, a setting
lets the server behave in each way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

READ_API, SERVICE_PING = "read_api", "read_service_ping"


@dataclass(frozen=True, slots=True)
class Token:
    """A personal, group or job token; it opens nothing but a sandbox."""

    value: str
    name: str
    scopes: tuple[str, ...]
    is_admin: bool = False
    is_job: bool = False
    expires_on: date | None = None
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """The fixed credentials. They open nothing but a sandbox."""

    client_id: str = "sandbox-client-id"
    client_secret: str = "sandbox-client-secret"  # noqa: S105
    refresh_token: str = "sandbox-refresh-token"  # noqa: S105
    tokens: tuple[Token, ...] = (
        Token("glpat-sandbox-read", "bizops", (READ_API, SERVICE_PING)),
        Token("glpat-sandbox-api-only", "api only", (READ_API,)),
        Token("glpat-sandbox-ping-only", "ping only", (SERVICE_PING,)),
        Token(
            "glpat-sandbox-admin",
            "admin",
            ("api", READ_API, SERVICE_PING, "admin_mode"),
            is_admin=True,
        ),
        Token(
            "glpat-sandbox-expired",
            "expired",
            (READ_API,),
            expires_on=date(2016, 1, 1),
        ),
        Token("glpat-sandbox-revoked", "revoked", (READ_API,), is_revoked=True),
        Token("glcbt-sandbox-job", "job", (READ_API,), is_job=True),
    )

    @property
    def main_token(self) -> str:
        """The token that clients are given."""
        return self.tokens[0].value


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves.

    Attributes:
        tier: free, premium or ultimate: free has no epics, only ultimate has DORA.
        allows_anonymous: Whether public groups and projects are open to everybody.
        totals_limit: Lists of more rows tell no totals.
        offset_limit: Offset paging ends here, 405 beyond.
        tells_next_page: Whether X-Next-Page is there when totals are not.
        keyset_issues: Whether a project's issues can be paged by keyset.
        keyset_trailing_link: Whether a full last page still links to an empty one.
        has_metadata: Old versions know /version only.
        disabled_status: 403 or 404 for what is switched off in a project.
        empty_repository: list or missing: commits of an empty repository.
        missing_epics_status: 403 or 404 for epics on the free tier.
        own_ping: missing, forbidden or empty: Service Ping of the company's own site.
        usage_flags: Whether /usage_data/queries and non_sql_metrics are on.
        requests_per_minute: Of one token; told in headers.
        application_limits_percent: Share of GitLab's limits of single endpoints.
        token_s: How long an OAuth access token lives.
        token_expires_on: The day the personal tokens end, by the server's clock.
    """

    tier: str = "premium"
    allows_anonymous: bool = False
    totals_limit: int = 10_000
    offset_limit: int = 50_000
    tells_next_page: bool = True
    keyset_issues: bool = True
    keyset_trailing_link: bool = False
    has_metadata: bool = True
    disabled_status: int = 403
    empty_repository: str = "missing"
    missing_epics_status: int = 403
    own_ping: str = "missing"
    usage_flags: bool = False
    requests_per_minute: int = 2_000
    application_limits_percent: int = 100
    token_s: int = 7_200
    token_expires_on: str = "2018-12-31"  # noqa: S105 - a day
    credentials: Credentials = field(default_factory=Credentials)


CHOICES: dict[str, tuple[object, ...]] = {
    "tier": ("free", "premium", "ultimate"),
    "disabled_status": (403, 404),
    "empty_repository": ("list", "missing"),
    "missing_epics_status": (403, 404),
    "own_ping": ("missing", "forbidden", "empty"),
}
