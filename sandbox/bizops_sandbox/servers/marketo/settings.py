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

    From `has_updated_at_filter` on a setting chooses a side where the service is known
    to behave in two ways, or nobody knows.

    Attributes:
        daily_calls: Calls a day.
        rate_calls: Calls in 20 s.
        concurrent_calls: Calls at once.
        bulk_quota_bytes: Size of export files a day.
        queued_jobs: Export jobs in the queue, running ones among them.
        running_jobs: Export jobs that run at once.
        token_s: Life of a token, in seconds.
        page_rows: Most rows of any page.
        status_step_s: How often a job's status advances; the real service takes 60.
        has_updated_at_filter: Whether exports can be filtered by `updatedAt`; small
            subscriptions cannot: error 1035.
        accepts_query_token: Whether a token in the query is good too, as until 2026.
        cancelled_word: How a cancelled job's status is spelt.
        csv_charset: Whether the files' Content-Type has a charset.
        member_booleans: How program-member files write booleans.
        is_file_token_json: Whether an expired token at the files answers 200 with JSON;
            else 401.
        is_offset_datetime: Whether activities' dates end in +0000 instead of Z.
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
