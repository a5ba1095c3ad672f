"""The pictures of the manual: taken from the real page, small enough to keep.

To take them anew, after the page has changed:

    make test BIZOPS_SCREENSHOTS=doc/pictures PYTEST_ARGS='-k picture tests/browser'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Opened

SIZE_LIMIT_BYTES = 150_000
PICTURES = {
    "report-summary": ("#summary", 1100, 640, "light"),
    "report-cost-and-return": ("#acquisition", 1100, 700, "light"),
    "report-time-to-convert": ("#conversion .block:has(> .charts)", 1100, 700, "light"),
    "report-recurring-revenue": ("#arr .block:has(.chart)", 1100, 700, "dark"),
    "report-data-health": ("#health", 1100, 700, "light"),
    "report-phone": ("#summary", 390, 780, "light"),
}


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_shows_the_section_it_is_named_after(
    name: str, report_file: Path, open_page: Callable[..., Opened], screenshots: Path
) -> None:
    selector, width, height, scheme = PICTURES[name]
    page = open_page(report_file, width=width, height=height, scheme=scheme).page
    place = page.locator(selector).first
    place.evaluate(
        "place => window.scrollBy(0, place.getBoundingClientRect().top"
        " - document.querySelector('.head').offsetHeight - 16)"
    )
    assert place.is_visible()
    file = screenshots / f"{name}.png"
    page.screenshot(path=file)
    assert file.stat().st_size < SIZE_LIMIT_BYTES


def test_a_picture_shows_how_a_figure_is_made(
    report_file: Path, open_page: Callable[..., Opened], screenshots: Path
) -> None:
    page = open_page(report_file, width=1100, height=640).page
    page.locator("#summary .card[data-metric=win_rate] button.figure").click()
    assert page.locator("dialog[open]").is_visible()
    file = screenshots / "report-figure.png"
    page.screenshot(path=file)
    assert file.stat().st_size < SIZE_LIMIT_BYTES
