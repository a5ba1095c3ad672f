"""The CSV inputs: every table, its columns, and what must add up."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner

from bizops_sandbox.cli import main
from bizops_sandbox.inputs.columns import INPUT_COLUMNS
from bizops_sandbox.inputs.write import input_rows, write_inputs
from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate


@pytest.fixture(scope="module")
def company():
    params = load_parameters()
    return params, simulate(params)


@pytest.fixture(scope="module")
def tables(company, tmp_path_factory):
    params, events = company
    directory = tmp_path_factory.mktemp("inputs")
    write_inputs(events, params, params.as_of, directory)
    found = {}
    for path in directory.iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def test_every_input_is_there_with_its_columns_and_rows(company, tables):
    assert set(tables) == set(INPUT_COLUMNS)
    params, events = company
    assert set(input_rows(events, params, params.as_of)) == set(INPUT_COLUMNS)
    for name, rows in tables.items():
        # Late add-ons are rare: there may be none to override.
        assert rows or name == "order_overrides", name
        for row in rows:
            assert tuple(row) == INPUT_COLUMNS[name][1]


def test_the_accounts_add_up_month_by_month(tables):
    cash = None
    for row in tables["finance_monthly"]:
        money = {k: Decimal(v) for k, v in row.items() if k != "month"}
        costs = sum(
            money[k] for k in ("cogs", "sm_expense", "rd_expense", "ga_expense")
        )
        assert money["ebitda"] == money["revenue"] - costs
        assert 0 <= money["program_spend"] <= money["marketing_expense"]
        assert money["marketing_expense"] <= money["sm_expense"]
        flow = money["operating_cash_flow"] + money["financing_cash_flow"]
        assert cash is None or money["cash_end"] == cash + flow
        cash = money["cash_end"]
    assert len(tables["finance_monthly"]) == 24


def test_programme_bills_are_the_programme_spend_of_the_books(tables):
    billed = defaultdict(Decimal)
    for row in tables["marketing_spend"]:
        if row["is_program"] == "true":
            billed[row["spend_date"][:7]] += Decimal(row["amount"])
    for row in tables["finance_monthly"]:
        assert billed[row["month"][:7]] == Decimal(row["program_spend"])


def test_bills_name_campaigns_that_salesforce_has(company, tables):
    params, events = company
    org = project_salesforce(events, params, params.as_of)
    names = {row["Id"]: row["Name"] for row in org.objects["Campaign"].rows}
    for row in tables["marketing_spend"]:
        assert (
            row["campaign_id"] == ""
            or row["campaign_name"] == names[row["campaign_id"]]
        )


def test_rates_cover_every_day_and_the_plan(company, tables):
    params, _ = company
    days = (params.as_of - params.start_date).days + 1
    spot = Counter(
        r["from_currency"] for r in tables["fx_rates"] if r["kind"] == "spot"
    )
    assert spot == {"EUR": days, "GBP": days}
    plan = {
        r["from_currency"]: r["rate"] for r in tables["fx_rates"] if r["kind"] == "plan"
    }
    assert {k: Decimal(v) for k, v in plan.items()} == {
        "EUR": params.plan_rate("EUR"),
        "GBP": params.plan_rate("GBP"),
    }


def test_headcount_is_who_started_less_who_left(tables):
    gone = {row["person_id"]: row["date"] for row in tables["terminations"]}
    for person in tables["team_members"]:
        assert person["end_date"] == gone.get(person["person_id"], "")
    last = defaultdict(int)
    for row in tables["headcount_monthly"]:
        if row["month"] == "2018-01-01":
            last[row["department"]] += int(row["headcount"])
    there = Counter(
        p["department"] for p in tables["team_members"] if not p["end_date"]
    )
    assert last == there


def test_an_offer_is_of_an_applicant_who_was_interviewed_before(tables):
    held = defaultdict(list)
    for row in tables["interviews"]:
        held[row["applicant_id"]].append(row["held_at"])
    statuses = {row["applicant_id"]: row["status"] for row in tables["applicants"]}
    for row in tables["offers"]:
        assert max(held[row["applicant_id"]]) < row["sent_at"]
        if row["decision"] == "accepted":
            assert statuses[row["applicant_id"]] == "hired"
    hired = {p["applicant_id"] for p in tables["team_members"] if p["applicant_id"]}
    assert {statuses[key] for key in hired} == {"hired"}


def test_distinct_visitors_are_fewer_than_the_days_sum(tables):
    days = defaultdict(int)
    for row in tables["web_daily"]:
        days[row["date"][:7], row["channel"]] += int(row["visitors"])
    for row in tables["web_monthly"]:
        assert int(row["visitors"]) < days[row["month"][:7], row["channel"]]


def test_variant_b_of_the_test_that_works_converts_better(tables):
    cells = defaultdict(lambda: [0, 0])
    for row in tables["experiments"]:
        cell = cells[row["experiment"], row["variant"]]
        cell[0] += 1
        cell[1] += int(row["outcome"])
    a, b = cells["pricing_page", "a"], cells["pricing_page", "b"]
    assert b[1] / b[0] > a[1] / a[0]


def test_the_inputs_know_nothing_later_than_their_day(company, tmp_path):
    params, events = company
    day = date(2017, 3, 15)
    for path in write_inputs(events, params, day, tmp_path):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column, value in row.items():
                    is_day = re.match(r"\d{4}-\d\d-\d\d(T|$)", value)
                    if is_day and path.stem != "budget_targets":
                        assert value[:10] <= "2017-03-15", (path.stem, column)


def test_the_command_writes_them_and_says_how_many_rows(tmp_path):
    out = tmp_path / "inputs"
    result = CliRunner().invoke(main, ["inputs", "--scale", "tiny", "--out", str(out)])
    assert result.exit_code == 0, result.output
    for name in INPUT_COLUMNS:
        lines = (out / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert f"{out / name}.csv {len(lines) - 1}\n" in result.output
