"""What can be set of the Salesforce server, and the credentials it accepts."""

from __future__ import annotations

from dataclasses import dataclass, field

OLDEST_VERSION = 31
NEWEST_VERSION = 64


@dataclass(frozen=True, slots=True)
class Credentials:
    """The sample org's fixed credentials. They open nothing but a sandbox."""

    client_id: str = "sandbox-client-id"
    client_secret: str = "sandbox-client-secret"  # noqa: S105
    refresh_token: str = "sandbox-refresh-token"  # noqa: S105
    username: str = "integration@acme.example"
    password: str = "sandbox-password"  # noqa: S105
    security_token: str = "sandboxSecurityToken"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves.

    Attributes:
        page_rows: Most rows of any result page, whatever the client asks for.
        job_polls: How often a job answers InProgress before it is complete.
        rotate_refresh_tokens: Whether each refresh gives a new refresh token and ends
            the old one.
        daily_api_requests: Requests a day.
        daily_bulk_jobs: Bulk 2.0 query jobs a day.
        session_s: Life of a session, in seconds.
    """

    page_rows: int = 1_000
    job_polls: int = 1
    rotate_refresh_tokens: bool = False
    daily_api_requests: int = 100_000
    daily_bulk_jobs: int = 10_000
    session_s: int = 7_200
    credentials: Credentials = field(default_factory=Credentials)
