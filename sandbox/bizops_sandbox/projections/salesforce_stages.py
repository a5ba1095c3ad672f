"""The opportunity stages of the sample company's Salesforce org."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One opportunity stage; `probability_percent` is its default."""

    label: str
    sort_order: int
    is_closed: bool
    is_won: bool
    probability_percent: int
    forecast_category: str
    forecast_category_name: str
    description: str


def _open(label: str, order: int, percent: int, category: str, name: str) -> Stage:
    return Stage(
        label=label,
        sort_order=order,
        is_closed=False,
        is_won=False,
        probability_percent=percent,
        forecast_category=category,
        forecast_category_name=name,
        description=f"Open: {label[2:].lower()}",
    )


def _closed(label: str, order: int, percent: int, description: str) -> Stage:
    category = "Closed" if percent else "Omitted"
    return Stage(
        label=label,
        sort_order=order,
        is_closed=True,
        is_won=percent == 100,
        probability_percent=percent,
        forecast_category=category,
        forecast_category_name=category,
        description=description,
    )


STAGES: tuple[Stage, ...] = (
    _open("0-Pending Acceptance", 1, 5, "Omitted", "Omitted"),
    _open("1-Discovery", 2, 10, "Pipeline", "Pipeline"),
    _open("2-Scoping", 3, 25, "Pipeline", "Pipeline"),
    _open("3-Technical Evaluation", 4, 40, "Pipeline", "Pipeline"),
    _open("4-Proposal", 5, 60, "BestCase", "Best Case"),
    _open("5-Negotiating", 6, 80, "Forecast", "Commit"),
    _closed("Closed Won", 7, 100, "The order is signed"),
    _closed("Closed Lost", 8, 0, "The deal went elsewhere or nowhere"),
    _closed("8-Unqualified", 9, 0, "Not a deal: counted in no metric"),
    _closed("9-Duplicate", 10, 0, "Entered twice: counted in no metric"),
)

STAGE_LABELS = tuple(stage.label for stage in STAGES)
STAGE_BY_LABEL = {stage.label: stage for stage in STAGES}
FORECAST_CATEGORIES = ("Omitted", "Pipeline", "BestCase", "Forecast", "Closed")
FORECAST_CATEGORY_NAMES = ("Omitted", "Pipeline", "Best Case", "Commit", "Closed")
