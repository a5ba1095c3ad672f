"""What can be set of the Zuora server, and the credentials it accepts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """The sample tenant's fixed credentials. They open nothing but a sandbox.

    `client_id` and `client_secret` get a bearer token; `username` and `password` are
    the key headers `apiAccessKeyId` and `apiSecretAccessKey`, and HTTP Basic on the
    batch-query resources.
    """

    client_id: str = "sandbox-zuora-client-id"
    client_secret: str = "sandbox-zuora-client-secret"  # noqa: S105
    username: str = "integration@acme.example"
    password: str = "sandbox-zuora-password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves.

    Attributes:
        job_polls: How often a job answers each of pending and executing before it is
            completed; 0: it is completed at the first look.
        slow_filter_factor: How many times longer a job executes that filters by a field
            without an index.
        compresses: Whether answers over 1,000 bytes are compressed for clients that
            accept gzip.
        token_s: Life of an access token, in seconds of real time.
        batch_jobs: Most unfinished batch-query jobs, stateless and stateful each.
        data_query_jobs: Most unfinished Data Query jobs.
        output_rows: Most rows of a live Data Query.
        segment_rows: Rows of a segment file of a full stateful load; 0: one file.
        query_rows: Most rows of a page of `action/query`.
        data_file_s: Life of a signed `dataFile` link, in seconds of real time.
        requests_per_minute: The tenant's rate limit; so are the next two.
        requests_per_hour: See above.
        requests_per_day: See above.
        concurrent_requests: Most requests answered at once.
        tenant_zone: The time zone dates without an offset are read in.
        incremental_zone: The data centre's zone, in which `incrementalTime` is read.
        partner_ids: Partners that may use stateful batch queries.
        has_invoice_settlement: Whether the tenant has credit memos.
        naked_literals: How `'2018-01-31T00:00:00'` is read: tenant, utc.
        spaced_literals: How `'2018-01-31 00:00:00'` is read: ignored (the condition
            is dropped without a word, as was seen), tenant, utc, refused.
        forced_deletes: What `forceExport` of a stateless query does: honoured,
            refused (90012).
        forbidden_batches: What becomes of a query on an object without permission:
            vanish (the batch is not in the job), error (its batch fails, 90018).
        lists_to_many: Whether describe lists related objects of cardinality TO_MANY
            too, which no query can join; known clients join all that are listed.
        batch_paths: Which paths of batch-query there are: both, v1, apps.
        refused_hosts: Host names whose token requests are answered 401: another data
            centre, of which this tenant is not.
    """

    job_polls: int = 1
    slow_filter_factor: int = 3
    compresses: bool = True
    token_s: int = 3_599
    batch_jobs: int = 50
    data_query_jobs: int = 15
    output_rows: int = 500_000
    segment_rows: int = 0
    query_rows: int = 2_000
    data_file_s: int = 3_600
    requests_per_minute: int = 50_000
    requests_per_hour: int = 2_250_000
    requests_per_day: int = 27_000_000
    concurrent_requests: int = 40
    tenant_zone: str = "America/Los_Angeles"
    incremental_zone: str = "America/Los_Angeles"
    partner_ids: tuple[str, ...] = ("sandbox-partner",)
    has_invoice_settlement: bool = False
    naked_literals: str = "tenant"
    spaced_literals: str = "ignored"
    forced_deletes: str = "honoured"
    forbidden_batches: str = "vanish"
    lists_to_many: bool = False
    batch_paths: str = "both"
    refused_hosts: tuple[str, ...] = ()
    credentials: Credentials = field(default_factory=Credentials)


CHOICES = {
    "naked_literals": ("tenant", "utc"),
    "spaced_literals": ("ignored", "tenant", "utc", "refused"),
    "forced_deletes": ("honoured", "refused"),
    "forbidden_batches": ("vanish", "error"),
    "batch_paths": ("both", "v1", "apps"),
}
