"""The files of the truth, and the tiny company worked out by hand."""

from __future__ import annotations

import ast
import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import bizops_sandbox
from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.truth.cells import decimal_text
from bizops_sandbox.truth.noise import HANDLING
from bizops_sandbox.truth.write import write_truth
from bizops_sandbox.world.log import read_log
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

BY_HAND = Path(__file__).with_name("tiny_by_hand.csv")
KEY = ("metric_code", "period_type", "period_start", "dimension_type", "dimension_id")


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    params = load_parameters(scale="tiny")
    directory = tmp_path_factory.mktemp("tiny") / "not" / "there yet"
    write_truth(simulate(params), params, params.as_of, directory)
    return directory


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    params = load_parameters()
    events = simulate(params)
    directory = tmp_path_factory.mktemp("small")
    write_truth(events, params, params.as_of, directory)
    return directory, project_salesforce(events, params, params.as_of)


def test_the_tiny_company_has_the_numbers_worked_out_by_hand(tiny):
    rows = {tuple(row[k] for k in KEY): row for row in read(tiny / "metrics.csv")}
    for expected in read(BY_HAND):
        row = rows[tuple(expected[k] for k in KEY)]
        for column in ("numerator", "denominator", "value"):
            assert row[column] == expected[column], (expected, row)


def test_the_costs_by_hand_are_the_sum_of_the_recorded_ones(tiny):
    costs, gone = {}, set()
    for event in read_log(tiny / "events.jsonl"):
        if type(event).__name__ == "CampaignCostRecorded":
            costs[event.campaign_key] = event.total_cost
        if type(event).__name__ == "CampaignDeleted":
            gone.add(event.campaign_key)
    living = [cost for key, cost in costs.items() if key not in gone]
    assert sum(living) == Decimal("6506.94")


def test_the_metrics_file_has_the_columns_of_the_metric_table(tiny):
    rows = read(tiny / "metrics.csv")
    assert tuple(rows[0]) == (
        *KEY,
        "numerator",
        "denominator",
        "value",
        "as_of_date",
        "is_mature",
        "quality_note",
        "sources",
    )
    assert {row["as_of_date"] for row in rows} == {"2018-01-31"}
    assert {row["sources"] for row in rows} == {"salesforce"}
    assert {row["is_mature"] for row in rows} == {"true", "false"}
    notes = {"", "no_denominator", "too_few", "no_data"}
    assert {row["quality_note"] for row in rows} <= notes
    for row in rows:
        assert bool(row["value"]) == (row["quality_note"] == "")


def test_each_metric_has_its_total_of_all_days(tiny):
    rows = read(tiny / "metrics.csv")
    totals = [
        r for r in rows if (r["period_type"], r["dimension_id"]) == ("all", "all")
    ]
    assert len(totals) == len({row["metric_code"] for row in rows}) == 12


def test_writing_again_gives_the_same_bytes(tiny, tmp_path):
    params = load_parameters(scale="tiny")
    for path in write_truth(simulate(params), params, params.as_of, tmp_path):
        assert path.read_bytes() == (tiny / path.name).read_bytes()


def test_an_earlier_day_knows_nothing_of_later_ones(tmp_path):
    params = load_parameters(scale="tiny")
    as_of = date(2016, 12, 31)
    write_truth(simulate(params), params, as_of, tmp_path)
    days = [event.at.date() for event in read_log(tmp_path / "events.jsonl")]
    assert max(days) <= as_of
    for row in read(tmp_path / "metrics.csv"):
        assert row["period_start"] <= "2016-12-31"
        assert row["as_of_date"] == "2016-12-31"
    assert read(tmp_path / "arr.csv")[-1]["month"] == "2016-12-01"


def test_every_person_record_of_the_org_is_in_the_identity_map_once(small):
    directory, org = small
    mapped = Counter(row["source_id"] for row in read(directory / "identities.csv"))
    for name in ("Lead", "Contact", "Account"):
        for row in org.objects[name].rows:
            assert mapped.pop(row["Id"]) == 1
    assert not mapped


def test_known_persons_are_never_two_true_persons(small):
    directory, _ = small
    true = defaultdict(set)
    for row in read(directory / "identities.csv"):
        if row["known_person"]:
            true[row["known_person"]].add(
                (row["true_person"], row["true_organization"])
            )
    assert {len(persons) for persons in true.values()} == {1}
    # And few true persons fall apart into two known ones.
    whole = len({person for pairs in true.values() for person in pairs})
    assert whole / len(true) > 0.97


def test_each_person_has_at_most_one_first_touch(small):
    directory, org = small
    touches = read(directory / "touches.csv")
    first = Counter(r["known_person"] for r in touches if r["is_first_touch"] == "true")
    assert set(first.values()) == {1}
    members = {row["Id"]: row for row in org.objects["CampaignMember"].rows}
    for touch in touches:
        member = members[touch["source_id"]]
        assert member["CampaignId"] == touch["campaign_id"]
        assert member["FirstRespondedDate"].isoformat() == touch["touched_date"]
    assert any(row["is_repeat"] == "true" for row in touches)


def test_the_ledger_names_every_kind_of_noise_but_purges(small):
    directory, org = small
    ledger = read(directory / "noise.csv")
    assert {row["code"] for row in ledger} == set(HANDLING) - {"purge"}
    ids = {row["Id"] for table in org.objects.values() for row in table.rows}
    for row in ledger:
        assert row["source_id"] in ids
        assert row["other_id"] in ids | {""}
        assert row["handling"] == HANDLING[row["code"]]


def test_the_ledger_has_every_deleted_and_merged_record(small):
    directory, org = small
    ledger = defaultdict(set)
    for row in read(directory / "noise.csv"):
        ledger[row["code"]].add(row["source_id"])
    for name in ("Account", "Contact", "Lead", "Opportunity", "Campaign"):
        for row in org.objects[name].rows:
            if row.get("MasterRecordId"):
                assert row["Id"] in ledger["merge"]
            elif row["IsDeleted"]:
                assert row["Id"] in ledger["soft_delete"]
    for row in org.objects["Opportunity"].rows:
        is_blank = row["Incremental_ACV__c"] is None and row["IsWon"]
        assert is_blank == (row["Id"] in ledger["null_custom_iacv"])


def test_purges_are_in_the_ledger_when_there_are_any(tmp_path):
    noise = {"purge": 1, "soft_delete": 0.2}
    params = load_parameters(scale="tiny", overrides={"noise": noise})
    write_truth(simulate(params), params, params.as_of, tmp_path)
    codes = Counter(row["code"] for row in read(tmp_path / "noise.csv"))
    assert codes["purge"] == codes["soft_delete"] > 0


def test_arr_adds_up(small):
    directory, _ = small
    rows = read(directory / "arr.csv")
    last = {}
    for row in rows:
        before, after = Decimal(row["arr_before"]), Decimal(row["arr_after"])
        assert Decimal(row["delta"]) == after - before
        assert before == last.get(row["organization_key"], 0)
        last[row["organization_key"]] = after
    assert sum(Decimal(row["delta"]) for row in rows) == sum(last.values()) > 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Fraction(0), "0"),
        (Fraction(-1, 10**12), "0"),
        (Fraction(1, 3), "0.3333333333"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(100), "100"),
        (Fraction(12345678901, 100), "123456789.01"),
    ],
)
def test_numbers_have_up_to_ten_digits_after_the_point(value, text):
    assert decimal_text(value) == text


def imports_of(package):
    """The bizops_sandbox modules that a package's files name."""
    directory = Path(bizops_sandbox.__file__).parent / package
    for path in directory.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)


def test_the_truth_is_computed_from_the_log_not_from_a_projection():
    # It names records as the sources do, lists what they lie about, and takes over
    # the rules of what a platform states today; no rows, no values of a record.
    projected = {m for m in imports_of("truth") if ".projections" in m}
    assert projected == {
        "bizops_sandbox.projections.facebook_accounts",
        "bizops_sandbox.projections.facebook_restating",
        "bizops_sandbox.projections.gitlab_ids",
        "bizops_sandbox.projections.gitlab_metrics",
        "bizops_sandbox.projections.gitlab_pings",
        "bizops_sandbox.projections.marketo_draws",
        "bizops_sandbox.projections.marketo_noise",
        "bizops_sandbox.projections.noise_ledgers",
        "bizops_sandbox.projections.record_map",
        "bizops_sandbox.projections.salesforce_ids",
        "bizops_sandbox.projections.salesforce_visibility",
    }
    above = {m for m in imports_of("world") if m.startswith("bizops_sandbox.")}
    assert not {m for m in above if not m.startswith("bizops_sandbox.world")}
