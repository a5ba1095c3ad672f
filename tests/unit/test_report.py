"""What a report makes of rows: periods, selections, thresholds, what is missing."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bizops_cli.errors import ConfigError
from bizops_cli.model import ModelRun, RunRecord
from bizops_cli.report.assemble import Setting, assemble_report
from bizops_cli.report.document import Report, Selection, Threshold
from bizops_cli.report.markdown import write_markdown
from bizops_cli.report.plain import selected_view
from bizops_cli.report.sections import SECTIONS, SUMMARY
from bizops_cli.report.view import choose, members_shown, show, together
from bizops_cli.warehouse.reporting import (
    CatalogueRow,
    FigureRow,
    OpenDealsRow,
    ReportRows,
    SourceRow,
)

NOW = datetime(2018, 2, 1, 6, tzinfo=UTC)
SETTING = Setting("acme", "prod", "1.0", NOW, fiscal_year_start_month=2)
ALL = date(1970, 1, 1)


def metric(code: str, **changes: object) -> CatalogueRow:
    row = CatalogueRow(
        code=code,
        name=code.replace("_", " ").capitalize(),
        department="sales",
        formula=f"What {code} is",
        unit="USD",
        direction="up",
        kind="sum",
        origin="",
        sources="salesforce",
        limit_op=None,
        limit_value=None,
        limit_origin=None,
    )
    return dataclasses.replace(row, **changes)


def figure(
    code: str,
    period_type: str,
    start: date,
    value: str | None,
    *,
    part: tuple[str, str] = ("total", "all"),
    **changes: object,
) -> FigureRow:
    number = None if value is None else Decimal(value)
    row = FigureRow(
        code=code,
        period_type=period_type,
        period_start=start,
        dimension_type=part[0],
        dimension_id=part[1],
        dimension_name=part[1],
        numerator=number or Decimal(0),
        denominator=Decimal(1),
        value=number,
        is_mature=period_type != "all",
        note=None if value is not None else "no_denominator",
    )
    return dataclasses.replace(row, **changes)


ROWS = ReportRows(
    catalogue=(
        metric("iacv"),
        metric("arr", kind="stock", sources="salesforce,zuora"),
        metric(
            "runway_months",
            kind="stock",
            unit="months",
            sources="csv",
            department="finance",
            limit_op=">",
            limit_value=Decimal(12),
        ),
        metric("win_rate", unit="ratio", kind="ratio"),
    ),
    figures=(
        figure("iacv", "all", ALL, "300"),
        figure("iacv", "fiscal_year", date(2016, 2, 1), "100"),
        figure("iacv", "fiscal_year", date(2017, 2, 1), "200"),
        figure("iacv", "fiscal_quarter", date(2017, 11, 1), "60"),
        figure("iacv", "month", date(2018, 1, 1), "10"),
        figure("iacv", "month", date(2018, 3, 1), "5"),
        figure(
            "iacv", "fiscal_year", date(2017, 2, 1), "50", part=("channel", "email")
        ),
        figure(
            "iacv",
            "fiscal_year",
            date(2017, 2, 1),
            "150",
            part=("channel", "paid_search"),
        ),
        figure("win_rate", "all", ALL, "0.4"),
        figure("win_rate", "fiscal_year", date(2017, 2, 1), None),
        figure("runway_months", "month", date(2017, 12, 1), "13"),
        figure("runway_months", "month", date(2018, 1, 1), "12"),
    ),
    sources=(
        SourceRow("salesforce", "Account", 10, 1, True, "recent", NOW),
        SourceRow("zuora", "Account", 0, 0, False, "empty", None),
    ),
    channels=(("paid_search", "Paid search"), ("email", "E-mail")),
    as_of=date(2018, 1, 31),
)


def report(rows: ReportRows = ROWS, runs: tuple[RunRecord, ...] = ()) -> Report:
    return assemble_report(rows, runs, SETTING)


def run(status: str, *, age: timedelta, **changes: object) -> RunRecord:
    record = RunRecord(
        run_id=f"run-{status}",
        project="acme",
        environment="prod",
        job="default",
        status=status,
        started_at=NOW - age,
        finished_at=NOW - age,
    )
    return dataclasses.replace(record, **changes)


def texts(found: Report) -> str:
    return "\n".join(f"{n.severity}: {n.text} {n.next_step}" for n in found.notices)


def test_it_opens_with_the_year_of_the_latest_quarter_that_is_over() -> None:
    found = report()
    assert found.selection == Selection("FY2018")
    assert found.period_index["FY2018"].previous == "FY2017"
    assert found.period_index["FY2018-Q4"].end == date(2018, 1, 31)


def test_a_year_just_begun_does_not_hide_the_one_that_ended() -> None:
    begun = figure("iacv", "fiscal_year", date(2018, 2, 1), "1")
    rows = dataclasses.replace(
        ROWS, figures=(*ROWS.figures, begun), as_of=date(2018, 2, 20)
    )
    assert report(rows).selection.period == "FY2018"


def test_periods_that_have_not_begun_are_not_offered() -> None:
    assert "2018-03" not in report().period_index


@pytest.mark.parametrize(
    ("word", "key"),
    [("fy2018-q4", "FY2018-Q4"), ("Jan 2018", "2018-01"), ("all", "all")],
)
def test_a_period_is_chosen_by_key_or_name(word: str, key: str) -> None:
    assert choose(report(), period=word).period == key


def test_a_channel_is_chosen_by_name() -> None:
    assert choose(report(), channel="e-mail") == Selection("FY2018", "channel", "email")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"period": "FY2081"}, "there is no period 'FY2081'"),
        ({"channel": "paid serch"}, "there is no channel"),
        ({"segment": "smb"}, "there are no figures by segment"),
        ({"segment": "smb", "channel": "email"}, "not by both"),
    ],
)
def test_a_wrong_choice_is_told_with_what_there_is(
    words: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        choose(report(), **words)
    assert caught.value.next_step


def test_a_stock_kept_by_month_shows_the_last_month_of_the_year() -> None:
    shown = show(report(), "runway_months", Selection("FY2018"))
    assert shown is not None
    assert (shown.period.key, shown.figure.value) == ("2018-01", Decimal(12))
    assert shown.before is not None
    assert shown.before.value == Decimal(13)


def test_what_is_not_kept_for_the_period_is_not_guessed() -> None:
    assert show(report(), "win_rate", Selection("FY2018-Q4")) is None


def test_a_limit_only_just_reached_is_missed() -> None:
    shown = show(report(), "runway_months", Selection("FY2018"))
    assert shown is not None
    assert shown.is_met is False
    assert Threshold("<", Decimal(5)).is_met(Decimal("4.99"))


def test_a_metric_without_the_chosen_part_shows_the_company_and_says_so() -> None:
    chosen = Selection("FY2018", "channel", "email")
    of_part = show(report(), "iacv", chosen)
    of_company = show(report(), "runway_months", chosen)
    assert of_part is not None
    assert of_company is not None
    assert (of_part.figure.value, of_part.is_whole_company) == (Decimal(50), False)
    assert of_company.is_whole_company


def test_the_largest_part_comes_first() -> None:
    found = members_shown(report(), ["iacv"], "channel", Selection("FY2018"))
    assert [member.name for member, _ in found] == ["Paid search", "E-mail"]


def test_what_a_missing_source_would_give_is_said_with_how_to_get_it() -> None:
    section = next(item for item in report().sections if item.id == "arr")
    said = "\n".join(f"{gap.what} {gap.how}" for gap in section.gaps)
    assert "Not here, since Zuora is not loaded: Arr." in said
    assert "bizops elt run tap-zuora" in said
    assert all("arr" not in block.metrics for block in section.blocks)


def test_an_empty_warehouse_says_what_to_run_and_shows_no_block() -> None:
    found = report(ReportRows())
    assert "problem: The warehouse holds no metrics yet" in texts(found)
    assert "bizops elt run" in texts(found)
    assert [s.id for s in found.sections if s.blocks] == ["health"]


def test_sources_without_metrics_ask_for_the_transform() -> None:
    found = report(ReportRows(sources=ROWS.sources))
    assert "the metrics have not been made" in texts(found)


def test_one_source_alone_is_told() -> None:
    assert "note: Only Salesforce is loaded." in texts(report())


def test_a_failed_run_is_told_with_its_reason_and_the_failing_model() -> None:
    failed = run(
        "failed",
        age=timedelta(hours=1),
        message="1 model failed",
        models=(
            ModelRun(
                "model.bizops.fct_leads", "model", "error", 1.0, None, "no column"
            ),
            ModelRun("test.bizops.not_null_x.abc", "test", "skipped", 0.0),
            ModelRun("model.bizops.dim_dates", "model", "success", 0.1, 3),
        ),
    )
    found = report(runs=(failed, run("succeeded", age=timedelta(hours=30))))
    assert "The last run, of 2018-02-01 05:00, failed: 1 model failed." in texts(found)
    assert "bizops runs logs run-failed" in texts(found)
    rows = [
        row
        for block in found.sections[-1].blocks
        if block.listing
        for row in block.listing.rows
    ]
    assert ("model", "fct_leads", "error", "no column") in rows
    assert ("model", 1, 0, 1, 0) in rows


def test_old_data_is_called_stale() -> None:
    found = report(runs=(run("succeeded", age=timedelta(days=9)),))
    assert "warning: The data is 9 days old" in texts(found)
    fresh = report(runs=(run("succeeded", age=timedelta(hours=20)),))
    assert "days old" not in texts(fresh)


def test_markdown_has_every_figure_in_its_unit_and_no_broken_table() -> None:
    named = dataclasses.replace(ROWS.catalogue[0], name="IACV | net <b>")
    rows = dataclasses.replace(ROWS, catalogue=(named, *ROWS.catalogue[1:]))
    text = write_markdown(report(rows), Selection("FY2018"))
    assert "| IACV \\| net \\<b> | FY2018 | 200.00 USD | 200 | 1 | 100.00 USD |" in text
    assert "| Runway months | Jan 2018 | 12 months | > 12 months | missed |" in text
    for line in text.splitlines():
        if line.startswith("| --- |"):
            assert line.count("---") >= 2


def test_json_carries_definition_period_numerator_and_denominator() -> None:
    view = selected_view(report(), Selection("FY2018"))
    cards = view["sections"][0]["blocks"][0]["figures"]
    told = next(item for item in cards if item["metric_code"] == "iacv")
    assert told["definition"] == "What iacv is"
    assert (told["period"], told["value"], told["denominator"]) == (
        "FY2018",
        Decimal(200),
        Decimal(1),
    )
    assert told["value_before"] == Decimal(100)


def test_every_metric_a_section_names_is_one_the_sample_company_knows() -> None:
    import bizops_sandbox.truth

    file = Path(bizops_sandbox.truth.__file__).with_name("definitions.md")
    known = set(re.findall(r"`([a-z0-9_]+)`", file.read_text("utf-8")))
    # Families are written with their first member whole: `renewal_rate_net`, `_gross`.
    known |= {f"renewal_rate{name}" for name in known if name.startswith("_")}
    named = {
        code
        for section in (SUMMARY, *SECTIONS)
        for block in section.blocks
        for code in block.metrics
    }
    assert named - known == set()


def test_a_split_table_says_what_is_known_for_the_whole_company_alone() -> None:
    rows = dataclasses.replace(
        ROWS,
        catalogue=(*ROWS.catalogue, metric("cac"), metric("leads", unit="leads")),
        figures=(
            *ROWS.figures,
            figure("cac", "all", ALL, "9"),
            figure("leads", "all", ALL, "7", part=("channel", "email")),
        ),
    )
    section = next(item for item in report(rows).sections if item.id == "acquisition")
    block = next(item for item in section.blocks if item.title == "By channel")
    assert block.metrics == ("leads",)
    assert block.text == "Kept for the whole company alone: Cac."


def test_parts_not_shown_are_told_together_where_that_can_be_told() -> None:
    parts = [
        *(f"c{number:02}" for number in range(22)),
        "unattributed",
    ]
    rows = dataclasses.replace(
        ROWS,
        figures=tuple(
            figure(
                code,
                "fiscal_year",
                date(2017, 2, 1),
                str(100 - place if code == "iacv" else 0.5),
                part=("channel", part),
                numerator=Decimal(1 if code == "win_rate" else 100 - place),
                denominator=Decimal(2 + place if code == "win_rate" else 1),
            )
            for code in ("iacv", "win_rate")
            for place, part in enumerate(parts)
        ),
        as_of=date(2018, 1, 31),
    )
    report = assemble_report(rows, [], SETTING)
    codes = ("iacv", "win_rate", "arr")
    found = members_shown(report, codes, "channel", Selection("FY2018", "total"))
    hidden = [row for _, row in found[20:]]
    assert together(report.metrics["iacv"], [row[0] for row in hidden]) == 80 + 79 + 78
    rate = together(report.metrics["win_rate"], [row[1] for row in hidden])
    assert rate == Decimal(3) / Decimal(22 + 23 + 24)
    assert together(report.metrics["arr"], [row[0] for row in hidden]) is None
    assert together(report.metrics["iacv"], [row[2] for row in hidden]) is None


def test_markdown_begins_with_what_became_better_and_which_limits_are_missed() -> None:
    report = assemble_report(ROWS, [], SETTING)
    text = write_markdown(report, Selection("FY2018"))
    assert "- **Better:** Iacv 200.00 USD (FY2017: 100.00 USD)." in text
    assert re.search(r"- \d of \d thresholds are met\.", text)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ci_pipelines", "CI pipelines"),
        ("smb", "SMB"),
        ("1>2", "Level 1 to 2"),
        ("signup_form:b", "Signup form, b"),
        ("EEP", "EEP"),
        ("voluntary_pip", "Voluntary PIP"),
    ],
)
def test_codes_of_parts_are_written_as_people_say_them(code: str, name: str) -> None:
    figures = (figure("iacv", "all", ALL, "1", part=("feature", code)),)
    rows = dataclasses.replace(ROWS, figures=figures)
    report = assemble_report(rows, [], SETTING)
    assert [member.name for member in report.dimensions["feature"]] == [name]


def test_what_is_overdue_is_told_apart_from_what_is_to_come() -> None:
    deals = (
        OpenDealsRow(None, "1-Discovery", 2, Decimal(30)),
        OpenDealsRow(date(2018, 2, 1), "1-Discovery", 1, Decimal(10)),
    )
    rows = dataclasses.replace(ROWS, open_deals=deals)
    report = assemble_report(rows, [], SETTING)
    (listing,) = [
        block.listing
        for section in report.sections
        if section.id == "pipeline"
        for block in section.blocks
        if block.listing is not None
    ]
    assert [row[0] for row in listing.rows] == ["Overdue", "FY2019 Q1"]
