"""The report of the whole sample company, looked at as a person would."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import connected, write_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.transform.conftest import Workbench

    from .conftest import Opened

ALL_SECTIONS = (
    "summary",
    "funnel",
    "acquisition",
    "conversion",
    "arr",
    "pipeline",
    "product",
    "department-sales",
    "department-marketing",
    "department-finance",
    "department-people",
    "department-engineering",
    "department-product",
    "health",
)
RISES = ("arr_new", "arr_expansion", "arr_reactivation")


def figures_of(workbench: Workbench) -> dict[tuple[str, ...], dict[str, Any]]:
    """Give the metric values with their units, by what a figure on the page names."""
    with connected(workbench.url) as cursor:
        cursor.execute(
            "select metric_code, dimension_type, dimension_id, period_type,"
            " period_start, numerator, denominator, value, unit"
            " from marts.mtr_metric_values"
            " inner join seeds.metric_definitions using (metric_code)"
        )
        rows = cursor.fetchall()
    names = ("numerator", "denominator", "value", "unit")
    return {
        (code, dimension, member, _period_key(kind, start)): dict(
            zip(names, rest, strict=True)
        )
        for code, dimension, member, kind, start, *rest in rows
    }


def _period_key(kind: str, start: Any) -> str:
    """Name a period of a fiscal year that begins in February."""
    year = start.year + (start.month >= 2)
    quarter = (start.month - 2) % 12 // 3 + 1
    return {
        "all": "all",
        "month": f"{start:%Y-%m}",
        "fiscal_quarter": f"FY{year}-Q{quarter}",
        "fiscal_year": f"FY{year}",
    }.get(kind, f"{kind} {start}")


def spoken(value: Decimal | None, unit: str) -> str:
    """Write a figure out as the page should."""

    def rounded(number: Decimal, digits: int, *, fixed: bool) -> str:
        exact = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        text = f"{exact:,f}"
        if not fixed and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text

    if value is None:
        return "\N{EN DASH}"
    if unit in ("ratio", "percent"):
        share = value * 100 if unit == "ratio" else value
        return f"{rounded(share, 2 if 0 < abs(share) < 1 else 1, fixed=True)} %"
    if unit in ("days", "months"):
        said = unit.removesuffix("s") if value == 1 else unit
        return f"{rounded(value, 1, fixed=False)} {said}"
    if len(unit) == 3 and unit.isupper():
        is_whole = abs(value) >= 1000 or value == value.to_integral_value()
        return f"{rounded(value, 0 if is_whole else 2, fixed=True)} {unit}"
    return f"{rounded(value, 2, fixed=False)} {unit}"


def number_in(text: str) -> Decimal:
    return Decimal(re.sub(r"[^\d.-]", "", text) or "0")


def same(shown: str, expected: str) -> bool:
    """Tell whether two texts say the same, the last digit of a tie aside."""
    if shown == expected:
        return True
    digits = len(expected.partition(".")[2].split(" ")[0])
    step = Decimal(1).scaleb(-digits)
    return abs(number_in(shown) - number_in(expected)) <= step


def figures_on(page: Page) -> list[dict[str, str]]:
    """Give every figure of the page with what it says it is."""
    found: list[dict[str, str]] = page.eval_on_selector_all(
        "main button.figure",
        "buttons => buttons.map(b => ({...b.dataset, text: b.firstChild.textContent}))",
    )
    return found


def assert_figures_are_those_of_the_warehouse(
    page: Page, values: dict[tuple[str, ...], dict[str, Any]]
) -> int:
    shown = figures_on(page)
    wrong = []
    for item in shown:
        key = (item["code"], item["dimension"], item["member"], item["period"])
        row = values[key]
        expected = spoken(row["value"], row["unit"])
        # The funnel and the heads of columns say the unit once.
        if item["text"][-1].isdigit():
            expected = expected.partition(" ")[0]
        if not same(item["text"], expected):
            wrong.append((key, item["text"], expected))
    assert not wrong, wrong[:10]
    return len(shown)


def test_it_opens_with_every_section_and_without_a_word_on_the_console(
    report_file: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(report_file)
    assert opened.said == []
    assert opened.requests == [report_file.as_uri()]
    for section in ALL_SECTIONS:
        assert opened.page.locator(f"#{section} h2").is_visible(), section
        assert opened.page.locator(f"#{section} .block").count(), section
    assert opened.page.locator(".chart svg").count() >= 10
    assert opened.page.locator(".chart:not(:has(svg))").count() == 0


def test_the_page_is_small_enough_to_send(report_file: Path) -> None:
    assert report_file.stat().st_size < 5_000_000


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"period": "all"},
        {"period": "FY2018-Q3"},
        {"period": "2017-11"},
        {"channel": "paid_search"},
        {"segment": "smb", "period": "FY2017"},
    ],
    ids=lambda choices: "-".join(choices.values()) or "default",
)
def test_the_numbers_on_screen_are_those_of_the_warehouse(
    choices: dict[str, str],
    report_file: Path,
    built_whole: Workbench,
    open_page: Callable[..., Opened],
) -> None:
    opened = open_page(report_file)
    for control, value in choices.items():
        opened.choose(control, value)
    values = figures_of(built_whole)
    assert assert_figures_are_those_of_the_warehouse(opened.page, values) > 150
    assert opened.said == []


def test_the_figures_below_a_chart_are_those_of_the_warehouse(
    report_file: Path, built_whole: Workbench, open_page: Callable[..., Opened]
) -> None:
    page = open_page(report_file).page
    before = len(figures_on(page))
    for summary in page.locator("main details > summary").all():
        summary.click()
    values = figures_of(built_whole)
    after = assert_figures_are_those_of_the_warehouse(page, values)
    assert after > before + 100


def test_the_rings_on_the_curves_are_the_medians_of_the_warehouse(
    report_file: Path, built_whole: Workbench
) -> None:
    text = report_file.read_text("utf-8")
    start = text.index('<script type="application/json" id="data">')
    data = json.loads(text[text.index(">", start) + 1 : text.index("</script>", start)])
    values = figures_of(built_whole)
    compared = 0
    for curve in data["curves"]:
        key = (curve["metric"], curve["dimension"], curve["member"], curve["cohort"])
        row = values[key]
        median = None if row["value"] is None else float(row["value"])
        assert curve["median"] == median, key
        assert (curve["events"], curve["subjects"]) == (
            int(row["numerator"]),
            int(row["denominator"]),
        ), key
        compared += 1
    assert compared >= 20


def test_a_figure_tells_how_it_is_made_by_keyboard_alone(
    report_file: Path, built_whole: Workbench, open_page: Callable[..., Opened]
) -> None:
    page = open_page(report_file).page
    figure = page.locator("#summary .card[data-metric=win_rate] button.figure")
    figure.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    row = figures_of(built_whole)["win_rate", "total", "all", "FY2018"]
    told = dialog.inner_text()
    assert "FY2018, 2017-02-01 to 2018-01-31" in told
    assert "As of\n2018-01-31" in told
    assert f"Numerator\n{row['numerator']:,.0f}" in told
    assert f"Denominator\n{row['denominator']:,.0f}" in told
    assert "Opportunities won / opportunities won or lost" in told
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert figure.evaluate("button => button === document.activeElement")


def test_the_filters_work_by_keyboard_and_say_what_they_did(
    report_file: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(report_file)
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == (
        "Skip to the figures"
    )
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "period"
    leads = page.locator(".funnel .figure").first
    before = leads.inner_text()
    page.keyboard.press("ArrowDown")
    opened.ready()
    assert "FY2017 (2016-02-01 to 2017-01-31)" in page.inner_text("#status")
    assert leads.inner_text() != before
    assert page.evaluate("document.activeElement.id") == "period"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    opened.ready()
    second = page.locator("#channel option").nth(2).inner_text()
    assert f"channel {second}" in page.inner_text("#status")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    opened.ready()
    assert page.inner_text("#status").startswith("FY2018 (2017-02-01")
    assert leads.inner_text() == before


def test_choosing_a_segment_lets_go_of_the_channel(
    report_file: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(report_file)
    opened.choose("channel", "webinar")
    opened.choose("segment", "smb")
    assert opened.page.input_value("#channel") == ""
    assert "segment SMB" in opened.page.inner_text("#status")


def test_what_is_chosen_stands_in_the_address_and_comes_back_from_it(
    report_file: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(report_file)
    page = opened.page
    assert page.evaluate("location.hash") in ("", "#")
    opened.choose("period", "FY2018-Q3")
    opened.choose("channel", "webinar")
    page.locator("nav a[href='#pipeline']").click()
    assert page.evaluate("location.hash") == (
        "#period=FY2018-Q3&channel=webinar&section=pipeline"
    )
    assert page.evaluate("document.activeElement.id") == "pipeline-title"
    told, figures = page.inner_text("#status"), figures_on(page)
    page.reload()
    opened.ready()
    assert page.inner_text("#status") == told
    assert figures_on(page) == figures
    assert page.locator("#pipeline").bounding_box()["y"] < 300  # type: ignore[index]
    page.evaluate("location.hash = '#segment=smb'")
    page.wait_for_function("document.getElementById('segment').value === 'smb'")
    opened.ready()
    assert page.inner_text("#status").startswith("FY2018 (2017-02-01")
    page.evaluate("location.hash = '#period=FY2099&channel=%3Cb%3E'")
    page.wait_for_function("document.getElementById('segment').value === ''")
    assert page.inner_text("#status").endswith(
        "The address asks for period FY2099 and channel <b>, which this report has not."
    )
    opened.choose("channel", "email")
    assert "The address" not in page.inner_text("#status")
    assert page.evaluate("location.hash") == "#channel=email"
    assert opened.said == []


def test_what_moved_recurring_revenue_is_stacked_above_and_below_the_line(
    report_file: Path, built_whole: Workbench, open_page: Callable[..., Opened]
) -> None:
    page = open_page(report_file).page
    bars = page.locator("#arr .chart:has-text('Expansion of ARR') .mark-rect path")
    shown = bars.evaluate_all(
        "all => all.map(bar => [bar.getBBox().height, bar.__data__.datum])"
    )
    stacked = [(height, bar) for height, bar in shown if "base" in bar]
    moved: dict[str, dict[str, Decimal]] = {}
    for (code, dimension, _, period), row in figures_of(built_whole).items():
        is_month = period[4:5] == "-"
        if code in RISES and dimension == "total" and is_month and row["value"]:
            moved.setdefault(period, {})[code] = row["value"]
    assert max(height for height, _ in stacked) > 50
    for _, bar in stacked:
        low, high = sorted((bar["base"], bar["top"]))
        assert low >= 0 or high <= 0
    rises = [sum(v for c, v in parts.items() if c in RISES) for parts in moved.values()]
    highest = max(bar["top"] for _, bar in stacked)
    assert highest == pytest.approx(float(max(rises)))


def test_hidden_rows_are_told_together_until_all_are_shown(
    report_file: Path, open_page: Callable[..., Opened]
) -> None:
    page = open_page(report_file).page
    table = page.locator("#acquisition .block", has_text="By campaign").last
    column = "cells => cells.map(cell => cell.innerText)"

    def spend() -> list[str]:
        place = table.locator("thead th").all_inner_texts().index("Spend, USD")
        cells: list[str] = table.locator(
            f"tbody tr > :nth-child({place + 1})"
        ).evaluate_all(column)
        return cells

    short = spend()
    assert len(short) == 16
    assert table.locator(".rest th").inner_text().endswith("others")
    before = sum(number_in(text) for text in short)
    table.locator("button.more").click()
    whole = spend()
    assert table.locator(".rest").count() == 0
    after = sum(number_in(text) for text in whole)
    assert abs(before - after) <= len(whole)


def test_the_options_of_the_command_choose_what_it_opens_with(
    project: Path, tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    file = write_page(
        project,
        "--period",
        "FY2018-Q4",
        "--channel",
        "Paid search",
        "--output",
        str(tmp_path / "made" / "page.html"),
    )
    assert file == tmp_path / "made" / "page.html"
    status = open_page(file).page.inner_text("#status")
    assert status.startswith(
        "FY2018 Q4 (2017-11-01 to 2018-01-31), channel Paid search"
    )
