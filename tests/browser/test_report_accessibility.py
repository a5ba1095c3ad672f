"""The report for everybody: by axe-core, in the dark, on a phone, on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from .conftest import Opened

SIZES = {"wide": (1280, 900), "phone": (390, 844)}


def serious_faults(page: Page, part: str | None = None) -> list[str]:
    """Give what axe-core finds of the kinds serious and critical."""
    found = Axe().run(page, context=part).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_axe_finds_no_serious_fault(
    size: str,
    scheme: str,
    report_file: Path,
    open_page: Callable[..., Opened],
    screenshots: Path,
) -> None:
    width, height = SIZES[size]
    opened = open_page(report_file, width=width, height=height, scheme=scheme)
    opened.page.screenshot(
        path=screenshots / f"report-{size}-{scheme}.png", full_page=scheme == "light"
    )
    assert serious_faults(opened.page) == []
    opened.page.locator("button.figure").first.click()
    opened.page.screenshot(path=screenshots / f"report-{size}-{scheme}-figure.png")
    assert serious_faults(opened.page, "dialog") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_written_in_charts_stands_out(
    scheme: str, report_file: Path, open_page: Callable[..., Opened]
) -> None:
    page = open_page(report_file, scheme=scheme).page
    ground = _color(page, ".panel", "backgroundColor")
    text = _color(page, ".chart svg text", "fill")
    line = _color(page, "#acquisition .chart .mark-line path", "stroke")
    assert _contrast(text, ground) >= 4.5
    assert _contrast(line, ground) >= 3


def _color(page: Page, selector: str, name: str) -> list[int]:
    text = page.locator(selector).first.evaluate(
        f"element => getComputedStyle(element).{name}"
    )
    return [int(part) for part in re.findall(r"\d+", text)[:3]]


def _contrast(one: list[int], other: list[int]) -> float:
    """Give the contrast of two colours as WCAG computes it."""

    def luminance(color: list[int]) -> float:
        parts = [
            c / 255 / 12.92
            if c / 255 <= 0.04045
            else ((c / 255 + 0.055) / 1.055) ** 2.4
            for c in color
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_makes_a_narrow_page_scroll_sideways(
    width: int, report_file: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(report_file, width=width, height=800)
    assert opened.overflow_px() == 0
    opened.page.locator("main details > summary").first.click()
    opened.page.locator("button.more").first.click()
    assert opened.overflow_px() == 0


def test_on_paper_there_are_figures_and_charts_and_no_controls(
    report_file: Path, open_page: Callable[..., Opened], screenshots: Path
) -> None:
    opened = open_page(report_file, scheme="dark")
    page = opened.page
    page.pdf(path=screenshots / "report.pdf", format="A4")
    assert (screenshots / "report.pdf").read_bytes().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator("#summary .figure").first.is_visible()
    # Dark is for screens: paper stays white.
    assert _color(page, ".card", "backgroundColor") == [255, 255, 255]
    assert serious_faults(page) == []
