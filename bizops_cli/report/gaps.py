"""What a report lacks, and how to come by it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bizops_cli.report.document import Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bizops_cli.report.document import Figures, Metric

_TAPS = {
    "salesforce": "tap-salesforce",
    "zuora": "tap-zuora",
    "marketo": "tap-marketo",
    "facebook": "tap-facebook-ads",
    "gitlab": "tap-gitlab",
    "csv": "tap-csv",
}
_NAMES = {
    "salesforce": "Salesforce",
    "zuora": "Zuora",
    "marketo": "Marketo",
    "facebook": "Facebook Ads",
    "gitlab": "GitLab",
    "csv": "the CSV files",
    "models": "the statistical models",
}


def source_name(source: str) -> str:
    """Return a source's name for people."""
    return _NAMES.get(source, source)


def how_to_load(source: str) -> str:
    """Return what to do so that a source is loaded."""
    if source == "models":
        return "Run `bizops elt run` with a job that runs the models."
    tap = _TAPS.get(source, f"tap-{source}")
    return (
        f"Run `bizops elt run {tap}`; where bizops.yml has no {tap} yet, "
        f"`bizops add {tap}` first."
    )


def has_figures(code: str, figures: Figures) -> bool:
    """Tell whether any figure of a metric has a value, be it 0."""
    return any(
        figure.value is not None
        for members in figures.get(code, {}).values()
        for row in members.values()
        for figure in row
    )


def find_gaps(
    codes: Iterable[str],
    *,
    metrics: Mapping[str, Metric],
    figures: Figures,
    loaded: Collection[str],
) -> tuple[Gap, ...]:
    """Return what is missing of some metrics, those with one cause together.

    Args:
        codes: The metrics that should be shown.
        metrics: Those that are defined.
        figures: Those that have been made.
        loaded: Names of the sources that are there.
    """
    lacking: dict[tuple[str, ...], list[str]] = defaultdict(list)
    unknown: list[str] = []
    for code in dict.fromkeys(codes):
        metric = metrics.get(code)
        if metric is None:
            unknown.append(code)
        elif not has_figures(code, figures):
            absent = tuple(s for s in metric.sources if s not in loaded)
            lacking[absent].append(metric.name)
    gaps = [_gap(absent, names) for absent, names in lacking.items()]
    if unknown:
        gaps.append(
            Gap(
                f"The models of this warehouse do not define {_listed(unknown)}.",
                "Update the dbt project, then run `bizops elt run`.",
            )
        )
    return tuple(gaps)


def _gap(absent: tuple[str, ...], names: Sequence[str]) -> Gap:
    if not absent:
        return Gap(
            f"Nothing to compute from yet: {_listed(names)}.",
            "The sources are loaded but hold no such facts. Figures come with them.",
        )
    where = _listed([source_name(source) for source in absent])
    verb = "is" if len(absent) == 1 and not where.endswith("s") else "are"
    return Gap(
        f"Not here, since {where} {verb} not loaded: {_listed(names)}.",
        " ".join(how_to_load(source) for source in absent),
    )


def _listed(names: Sequence[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last
