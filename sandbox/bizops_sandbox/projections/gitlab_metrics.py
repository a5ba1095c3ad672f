"""The metrics of Service Ping that the sample instances know, and their definitions."""

from __future__ import annotations

from dataclasses import dataclass

_ALL_TIERS = ("free", "premium", "ultimate")
_PAID = ("premium", "ultimate")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: where it stands in the payload and what it counts."""

    key_path: str
    description: str
    group: str
    value_type: str = "number"
    status: str = "active"
    time_frame: str = "all"
    data_source: str = "database"
    category: str = "optional"
    tiers: tuple[str, ...] = _ALL_TIERS
    milestone: str = "<13.9"

    def document(self, *, with_path: bool) -> dict[str, object]:
        """The definition as an entry of the dictionary."""
        words = "".join(
            part.title() for part in self.key_path.rsplit(".", 1)[-1].split("_")
        )
        found: dict[str, object] = {
            "key_path": self.key_path,
            "description": self.description,
            "product_group": self.group,
            "value_type": self.value_type,
            "status": self.status,
            "milestone": self.milestone,
            "time_frame": self.time_frame,
            "data_source": self.data_source,
            "data_category": self.category,
            "instrumentation_class": f"{words}Metric",
            "tiers": list(self.tiers),
        }
        if with_path:
            name = self.key_path.replace(".", "_")
            found["file_path"] = f"config/metrics/counts_{self.time_frame}/{name}.yml"
        return found


# The feature of the log behind each counter of the payload.
COUNTER_PATHS = {
    "issues": "counts.issues",
    "merge_requests": "counts.merge_requests",
    "ci_pipelines": "counts.ci_internal_pipelines",
    "boards": "counts.boards",
    "releases": "counts.releases",
    "deployments": "counts.deployments",
    "monitored_services": "counts.projects_prometheus_active",
    "security_scans": "counts.sast_jobs",
}
# The features whose users are counted, by the stage they belong to.
STAGE_PATHS = {
    "issues": "plan.issues",
    "merge_requests": "create.merge_requests",
    "ci_pipelines": "verify.ci_pipelines",
    "releases": "release.releases",
    "deployments": "release.deployments",
    "monitored_services": "monitor.projects_prometheus_active",
    "security_scans": "secure.user_sast_jobs",
}
MONTHLY_PATHS = {
    "deployments": "counts_monthly.deployments",
    "releases": "counts_monthly.releases",
}
WEEKLY_PATHS = {"deployments": "counts_weekly.deployments"}
REMOVED_PATH = "counts.projects_imported_from_phabricator"
HISTOGRAM_PATH = "usage_activity_by_stage.create.merge_requests_per_user_histogram"
GROUPS = {
    "issues": "project_management",
    "merge_requests": "code_review",
    "ci_pipelines": "pipeline_execution",
    "boards": "project_management",
    "releases": "environments",
    "deployments": "environments",
    "monitored_services": "platform_insights",
    "security_scans": "static_analysis",
}
_PLAIN = (
    Metric(
        "uuid",
        "The instance's identifier",
        "analytics_instrumentation",
        "string",
        time_frame="none",
        data_source="system",
        category="standard",
    ),
    Metric(
        "hostname",
        "The instance's host",
        "analytics_instrumentation",
        "string",
        time_frame="none",
        data_source="system",
        category="standard",
    ),
    Metric(
        "version",
        "The instance's version",
        "analytics_instrumentation",
        "string",
        time_frame="none",
        data_source="system",
        category="standard",
    ),
    Metric(
        "installation_type",
        "How it was installed",
        "distribution_deploy",
        "string",
        time_frame="none",
        data_source="system",
        category="standard",
    ),
    Metric(
        "edition",
        "The edition in use",
        "provision",
        "string",
        time_frame="none",
        data_source="license",
        category="standard",
    ),
    Metric(
        "recorded_at",
        "When the payload was made",
        "analytics_instrumentation",
        "string",
        time_frame="none",
        data_source="system",
        category="standard",
    ),
    Metric(
        "active_user_count",
        "Users who are active",
        "utilization",
        time_frame="none",
        category="standard",
    ),
    Metric(
        "historical_max_users",
        "Most active users of the licence's term",
        "provision",
        time_frame="none",
        category="standard",
        tiers=_PAID,
    ),
    Metric(
        "license_md5",
        "The licence's digest",
        "provision",
        "string",
        time_frame="none",
        data_source="license",
        category="standard",
        tiers=_PAID,
    ),
    Metric(
        "license_user_count",
        "Users the licence allows",
        "provision",
        time_frame="none",
        data_source="license",
        category="standard",
        tiers=_PAID,
    ),
    Metric(
        "license_subscription_id",
        "The subscription of the licence",
        "provision",
        "string",
        time_frame="none",
        data_source="license",
        category="standard",
        tiers=_PAID,
    ),
    Metric(
        "license_trial",
        "Whether the licence is a trial",
        "provision",
        "boolean",
        time_frame="none",
        data_source="license",
        category="standard",
        tiers=_PAID,
    ),
    Metric(
        "settings.ldap_encrypted_secrets_enabled",
        "Whether secrets are encrypted",
        "distribution_deploy",
        "boolean",
        time_frame="none",
        data_source="system",
    ),
    Metric(
        "settings.operating_system",
        "The operating system",
        "distribution_deploy",
        "string",
        time_frame="none",
        data_source="system",
    ),
    Metric("counts.projects", "Projects", "tenant_scale"),
    Metric("counts.notes", "Notes", "project_management"),
    Metric(
        "counts.ci_builds", "Jobs of the continuous integration", "pipeline_execution"
    ),
    Metric("counts.environments", "Environments", "environments"),
    Metric(
        "redis_hll_counters.search.i_search_paid_monthly",
        "Users who searched with a paid licence in the last 28 days",
        "global_search",
        time_frame="28d",
        data_source="redis_hll",
        tiers=_PAID,
    ),
    Metric(
        REMOVED_PATH, "Projects imported from Phabricator", "import", status="removed"
    ),
    Metric(
        HISTOGRAM_PATH, "How many merge requests users have", "code_review", "object"
    ),
    Metric(
        "counts.successful_deployments_legacy",
        "Good deployments, once",
        "environments",
        status="broken",
    ),
)


def _counted() -> list[Metric]:
    found = [
        Metric(path, f"Count of {feature.replace('_', ' ')}", GROUPS[feature])
        for feature, path in COUNTER_PATHS.items()
    ]
    for feature, path in STAGE_PATHS.items():
        words = feature.replace("_", " ")
        found += [
            Metric(
                f"usage_activity_by_stage.{path}", f"Users of {words}", GROUPS[feature]
            ),
            Metric(
                f"usage_activity_by_stage_monthly.{path}",
                f"Users of {words} in the last 28 days",
                GROUPS[feature],
                time_frame="28d",
            ),
        ]
    for paths, frame in ((MONTHLY_PATHS, "28d"), (WEEKLY_PATHS, "7d")):
        found += [
            Metric(
                path,
                f"New {feature} in the last {frame}",
                GROUPS[feature],
                time_frame=frame,
                milestone="13.9",
            )
            for feature, path in paths.items()
        ]
    return found


METRICS: tuple[Metric, ...] = tuple(
    sorted((*_PLAIN, *_counted()), key=lambda metric: metric.key_path)
)
