"""What can be set of the Marketo server, and the API users it knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiUser:
    """A custom service's API-only user. Its credentials open nothing but a sandbox."""

    user_id: str
    client_id: str
    client_secret: str


MAIN_USER = ApiUser(
    "bizops@brightloom.example", "sandbox-client-id", "sandbox-client-secret"
)
OTHER_USER = ApiUser(
    "other@brightloom.example", "other-client-id", "other-client-secret"
)
USERS = (MAIN_USER, OTHER_USER)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves.

    Sizes of the service: `daily_calls`, `rate_calls` in 20 s, `concurrent_calls`,
    `bulk_quota_bytes` a day, `queued_jobs` and `running_jobs`, `token_s` of life,
    `page_rows` of any page. A job's status advances every `status_step_s`; the real
    service takes 60.

    Where the service is known to behave in two ways, or nobody knows:
    `has_updated_at_filter` (small subscriptions have none: error 1035),
    `accepts_query_token` (ends in 2026), `cancelled_word` (Cancelled or Canceled),
    `csv_charset` (charset in the files' Content-Type), `member_booleans` (digits or
    words in program-member files), `is_file_token_json` (an expired token at the
    files answers 200 with JSON; else 401), `is_offset_datetime` (activities' dates
    end in +0000 instead of Z).
    """

    daily_calls: int = 50_000
    rate_calls: int = 100
    concurrent_calls: int = 10
    bulk_quota_bytes: int = 524_288_000
    queued_jobs: int = 10
    running_jobs: int = 2
    token_s: int = 3_600
    page_rows: int = 300
    status_step_s: float = 1.0
    has_updated_at_filter: bool = True
    accepts_query_token: bool = False
    cancelled_word: str = "Cancelled"
    csv_charset: bool = False
    member_booleans: str = "digits"
    is_file_token_json: bool = True
    is_offset_datetime: bool = False


CHOICES = {
    "cancelled_word": ("Cancelled", "Canceled"),
    "member_booleans": ("digits", "words"),
}
