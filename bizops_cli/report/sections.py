"""Which sections a report has and what stands in them.

Metrics are named by their codes; one that nobody has defined or that has no figure is
left out of its block, and the section says what is missing.
"""

from __future__ import annotations

from bizops_cli.report.document import Block, Section

ATTRIBUTION_RULES = (
    "first_touch",
    "last_touch",
    "last_non_direct",
    "linear",
    "position",
    "w_shaped",
    "full_path",
    "time_decay",
)

_HEADLINES = (
    "arr",
    "iacv",
    "win_rate",
    "cac",
    "ltv_to_cac",
    "retention_net",
    "pipeline_coverage",
    "runway_months",
)

SUMMARY = Section(
    "summary",
    "Summary",
    "",
    (
        Block("digest", metrics=_HEADLINES),
        Block("cards", metrics=_HEADLINES),
        Block(
            "thresholds",
            "Thresholds",
            "What the company wants of its figures, and whether it has it. A limit "
            "that is only just reached is not met.",
        ),
    ),
)

SECTIONS: tuple[Section, ...] = (
    Section(
        "funnel",
        "Funnel",
        "From people who became a lead to customers. Each step counts what happened in "
        "the period; the rates under the chart follow the leads of the period instead.",
        (
            Block(
                "funnel",
                "From lead to customer",
                metrics=("leads", "mql", "sql", "deals_won"),
            ),
            Block(
                "cards",
                metrics=("lead_to_mql_rate", "mql_to_sql_rate", "sql_to_won_rate"),
            ),
            Block("trend", "New leads", metrics=("leads",)),
            Block(
                "members",
                "By channel",
                metrics=(
                    "leads",
                    "mql",
                    "sql",
                    "lead_to_mql_rate",
                    "mql_to_sql_rate",
                    "sql_to_won_rate",
                ),
                dimension="channel",
            ),
        ),
    ),
    Section(
        "acquisition",
        "Cost and return",
        "Spend against what came of it. Channel and campaign are those of the first "
        "touch.",
        (
            Block(
                "cards",
                metrics=(
                    "cost_per_lead",
                    "cac",
                    "cac_blended",
                    "ltv",
                    "ltv_to_cac",
                    "net_roi",
                    "payback_months",
                ),
            ),
            Block("trend", "Cost per lead", metrics=("cost_per_lead",)),
            Block("trend", "Customer acquisition cost", metrics=("cac",)),
            Block(
                "members",
                "By channel",
                metrics=(
                    "spend",
                    "leads",
                    "cost_per_lead",
                    "cac",
                    "iacv_first_touch",
                    "ltv",
                    "ltv_to_cac",
                    "net_roi",
                    "payback_months",
                ),
                dimension="channel",
            ),
            Block(
                "members",
                "Incremental ACV by rule of attribution",
                "Each rule shares a deal's value out among the touches before it in "
                "its own way. A channel that is strong under every rule is strong.",
                metrics=tuple(f"iacv_{rule}" for rule in ATTRIBUTION_RULES),
                dimension="channel",
            ),
            Block(
                "members",
                "Return on spend by rule of attribution",
                "Incremental ACV for each unit of money spent.",
                metrics=tuple(f"roi_{rule}" for rule in ATTRIBUTION_RULES),
                dimension="channel",
            ),
            Block(
                "members",
                "By campaign",
                metrics=(
                    "iacv_first_touch",
                    "pipeline_created",
                    "spend",
                    "cost_per_lead",
                    "cac",
                    "ltv",
                    "ltv_to_cac",
                    "net_roi",
                    "payback_months",
                ),
                dimension="campaign",
            ),
        ),
    ),
    Section(
        "conversion",
        "Time to convert",
        "Share of a cohort that has converted by each day since its start. Those who "
        "have not converted yet count for as long as they have been waited for "
        "(Kaplan-Meier); the band holds the true share with 95 % certainty. A ring "
        "marks the day by which half of the eventual converters have converted.",
        (
            Block(
                "cards",
                metrics=(
                    "conversion_time",
                    "conversion_time_weighted",
                    "time_to_close",
                    "time_to_close_from_acceptance",
                ),
            ),
            Block(
                "curves",
                "From first touch to first order",
                metrics=("conversion_time",),
                dimension="channel",
            ),
            Block(
                "curves",
                "From opportunity to order",
                metrics=("time_to_close",),
                dimension="segment",
            ),
            Block(
                "members",
                "Conversion time by channel",
                metrics=(
                    "conversion_time",
                    "iacv_at_median",
                    "estimated_iacv_2x",
                    "estimated_iacv_developed",
                ),
                dimension="channel",
            ),
            Block(
                "members",
                "Conversion time by campaign",
                metrics=(
                    "conversion_time",
                    "iacv_at_median",
                    "estimated_iacv_2x",
                    "estimated_iacv_developed",
                ),
                dimension="campaign",
            ),
        ),
    ),
    Section(
        "arr",
        "Recurring revenue",
        "What subscriptions in force are worth a year, and what moved it.",
        (
            Block(
                "cards",
                metrics=(
                    "arr",
                    "retention_net",
                    "retention_gross",
                    "renewal_rate_net",
                    "renewal_rate_gross",
                    "renewal_rate_logo",
                ),
            ),
            Block("trend", "Annual recurring revenue", metrics=("arr",)),
            Block(
                "stack",
                "What moved it",
                metrics=(
                    "arr_new",
                    "arr_expansion",
                    "arr_reactivation",
                    "arr_contraction",
                    "arr_churn",
                ),
            ),
            Block(
                "members",
                "By segment",
                metrics=(
                    "arr",
                    "arr_new",
                    "arr_expansion",
                    "arr_contraction",
                    "arr_churn",
                    "renewal_rate_net",
                ),
                dimension="segment",
            ),
            Block(
                "members",
                "By product",
                metrics=("arr", "renewal_rate_net", "renewal_rate_gross"),
                dimension="product",
            ),
        ),
    ),
    Section(
        "pipeline",
        "Pipeline",
        "What sales is working on, and how much of it comes to be.",
        (
            Block(
                "cards",
                metrics=(
                    "pipeline_coverage",
                    "pipeline_required",
                    "target_attainment",
                    "pipeline_created",
                    "win_rate",
                    "win_rate_by_value",
                    "average_deal_size",
                ),
            ),
            Block("trend", "Pipeline created", metrics=("pipeline_created",)),
            Block("trend", "Win rate", metrics=("win_rate",)),
            Block(
                "members",
                "By stage",
                metrics=("stage_win_rate", "stage_conversion", "time_in_stage"),
                dimension="stage",
            ),
            Block("listing", "Open opportunities"),
            Block(
                "members",
                "By segment",
                metrics=(
                    "pipeline_created",
                    "pipeline_coverage",
                    "win_rate",
                    "average_deal_size",
                    "iacv",
                    "time_to_close",
                ),
                dimension="segment",
            ),
        ),
    ),
    Section(
        "collateral",
        "Collateral",
        "Which content people use, and whether those who use it buy. Sends are not "
        "uses.",
        (
            Block(
                "cards",
                metrics=(
                    "collateral_uses",
                    "collateral_people",
                    "collateral_organizations",
                    "collateral_influence_rate",
                    "collateral_win_rate_with",
                    "collateral_win_rate_without",
                    "collateral_unused_share",
                ),
            ),
            Block("trend", "Uses of content", metrics=("collateral_uses",)),
            Block(
                "members",
                "By content",
                metrics=(
                    "collateral_uses",
                    "collateral_people",
                    "collateral_organizations",
                    "collateral_influence_rate",
                    "collateral_win_rate_with",
                    "collateral_win_rate_without",
                ),
                dimension="content",
            ),
        ),
    ),
    Section(
        "product",
        "Product usage",
        "What customers do with the product, as far as their instances tell.",
        (
            Block(
                "cards",
                metrics=(
                    "active_instances",
                    "active_users",
                    "license_utilization",
                    "ping_coverage",
                    "new_feature_arr",
                ),
            ),
            Block("trend", "Active users", metrics=("active_users",)),
            Block(
                "members",
                "By feature",
                metrics=(
                    "feature_usage",
                    "new_feature_arr",
                    "new_feature_arr_influenced",
                ),
                dimension="feature",
            ),
            Block(
                "members",
                "Steps of adoption",
                metrics=(
                    "adoption_step_rate",
                    "adoption_step_time",
                    "adoption_largest_drop",
                ),
                dimension="step",
            ),
        ),
    ),
)
