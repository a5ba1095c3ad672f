"""The Salesforce org made of the log: ids, fields, states of earlier days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.projections.salesforce_fields import OBJECT_FIELDS
from bizops_sandbox.projections.salesforce_ids import (
    KEY_PREFIXES,
    checksum,
    salesforce_id,
)
from bizops_sandbox.world.parameters import ParameterError, load_parameters
from bizops_sandbox.world.simulate import simulate

LOUD = {
    "organizations": 120,
    "noise": {"lead_dup": 0.4, "merge": 0.4, "soft_delete": 0.1},
    "sales": {"reopen_rate": 0.2},
}


@pytest.fixture(scope="module")
def params():
    return load_parameters(overrides=LOUD)


@pytest.fixture(scope="module")
def events(params):
    return simulate(params)


@pytest.fixture(scope="module")
def org(params, events):
    return project_salesforce(events, params, params.as_of)


def rows_of(org, name):
    return {row["Id"]: row for row in org.objects[name].rows}


# Public examples of 15-character ids and their 18-character forms.
@pytest.mark.parametrize(
    ("id_15", "suffix"),
    [
        ("001A0000006Vm9r", "IAC"),
        ("aaaaaaaaaaaaaaa", "AAA"),
        ("AAAAAAAAAAAAAAA", "555"),
    ],
)
def test_the_checksum_of_an_id(id_15, suffix):
    assert checksum(id_15) == suffix


def test_ids_have_their_objects_prefix_and_checksum(org):
    for name, table in org.objects.items():
        assert table.key_prefix == KEY_PREFIXES[name]
        ids = [row["Id"] for row in table.rows]
        assert ids == sorted(set(ids))
        for record_id in ids:
            assert len(record_id) == 18
            assert record_id.startswith(table.key_prefix)
            assert checksum(record_id[:15]) == record_id[15:]


def test_an_id_depends_on_nothing_but_object_and_key():
    assert salesforce_id("Lead", "p1.l1") == salesforce_id("Lead", "p1.l1")
    assert salesforce_id("Lead", "p1.l1") != salesforce_id("Lead", "p1.l2")
    assert salesforce_id("Contact", "p1.l1")[3:] != salesforce_id("Lead", "p1.l1")[3:]


PYTHON_TYPES = {
    "boolean": bool,
    "int": int,
    "double": Decimal,
    "currency": Decimal,
    "percent": Decimal,
    "date": date,
    "datetime": datetime,
}


def test_rows_hold_every_field_in_its_type(org):
    assert set(org.objects) == set(OBJECT_FIELDS)
    for table in org.objects.values():
        specs = [spec for spec in table.fields if spec.type != "address"]
        assert table.rows
        for row in table.rows:
            assert list(row) == [spec.name for spec in specs]
            for spec in specs:
                value = row[spec.name]
                if value is None:
                    assert spec.is_nillable, (table.name, spec.name)
                    continue
                assert type(value) is PYTHON_TYPES.get(spec.type, str)
                if isinstance(value, str) and spec.length:
                    assert len(value) <= spec.length, (spec.name, value)
                if spec.picklist_values:
                    assert value in spec.picklist_values
                if isinstance(value, datetime):
                    assert value.tzinfo is UTC
                    assert value.microsecond == 0
                if isinstance(value, Decimal):
                    assert -value.as_tuple().exponent <= spec.scale


def test_most_fields_are_used(org):
    # UserRoleId alone has no values: the sample company has no roles.
    for table in org.objects.values():
        for spec in table.fields:
            if spec.type != "address" and spec.name != "UserRoleId":
                values = [row[spec.name] for row in table.rows]
                assert any(value is not None for value in values), spec.name


def test_every_reference_leads_to_a_record(org):
    ids = {name: set(rows_of(org, name)) for name in org.objects}
    for table in org.objects.values():
        for spec in table.fields:
            for target in spec.reference_to:
                if target not in ids:
                    continue
                named = {row[spec.name] for row in table.rows} - {None}
                assert named <= ids[target], (table.name, spec.name)


def test_stamps_are_in_order(org):
    for table in org.objects.values():
        for row in table.rows:
            changed = row.get("LastModifiedDate", row["CreatedDate"])
            assert row["CreatedDate"] <= changed <= row["SystemModstamp"] < org.as_of


def test_what_changed_has_a_new_stamp_and_nothing_vanishes(params, events):
    days = [date(2016, 2, 1), date(2016, 8, 31), date(2017, 3, 15), params.as_of]
    before = project_salesforce(events, params, days[0])
    for day in days[1:]:
        after = project_salesforce(events, params, day)
        for name in after.objects:
            new, old = rows_of(after, name), rows_of(before, name)
            assert set(old) <= set(new)
            for record_id, row in new.items():
                is_changed = row != old.get(record_id)
                assert is_changed == (row["SystemModstamp"] > before.as_of)
        before = after


def test_loading_only_what_changed_ends_with_the_same_rows(params, events, org):
    loaded = {name: {} for name in org.objects}
    bookmark = datetime(1970, 1, 1, tzinfo=UTC)
    for day in (date(2016, 5, 20), date(2017, 1, 31), date(2017, 11, 2), params.as_of):
        now = project_salesforce(events, params, day)
        for name, table in now.objects.items():
            for row in table.rows:
                if bookmark <= row["SystemModstamp"] < now.as_of:
                    loaded[name][row["Id"]] = row
        bookmark = now.as_of
    assert loaded == {name: rows_of(org, name) for name in org.objects}


def test_a_merged_record_names_its_survivor_and_is_deleted(org):
    for name in ("Account", "Contact", "Lead"):
        rows = rows_of(org, name)
        merged = [row for row in rows.values() if row["MasterRecordId"]]
        assert merged
        for row in merged:
            assert row["IsDeleted"]
            assert row["MasterRecordId"] != row["Id"]


def test_some_accounts_were_merged_in_a_chain(org):
    accounts = rows_of(org, "Account")
    middle = {row["MasterRecordId"] for row in accounts.values()} - {None}
    assert any(accounts[key]["MasterRecordId"] for key in middle)


def test_some_children_still_name_a_merged_account(org):
    merged = {r["Id"] for r in rows_of(org, "Account").values() if r["MasterRecordId"]}
    for name in ("Contact", "Opportunity"):
        named = {row["AccountId"] for row in rows_of(org, name).values()}
        assert merged & named


def test_no_record_is_twice_in_a_campaign(org):
    living = [r for r in rows_of(org, "CampaignMember").values() if not r["IsDeleted"]]
    for field in ("LeadId", "ContactId"):
        pairs = [(r["CampaignId"], r[field]) for r in living if r[field]]
        assert len(pairs) == len(set(pairs))


def test_members_of_deleted_records_are_deleted(org):
    leads, campaigns = rows_of(org, "Lead"), rows_of(org, "Campaign")
    checked = 0
    for row in rows_of(org, "CampaignMember").values():
        owner = leads.get(row["LeadId"])
        is_spam = owner is not None and owner["IsDeleted"]
        if is_spam or campaigns[row["CampaignId"]]["IsDeleted"]:
            assert row["IsDeleted"]
            checked += 1
    assert checked


def test_a_converted_lead_and_its_contact_are_one_person(org):
    contacts = rows_of(org, "Contact")
    converted = [r for r in rows_of(org, "Lead").values() if r["IsConverted"]]
    assert converted
    for lead in converted:
        contact = contacts[lead["ConvertedContactId"]]
        assert contact["Email"] == lead["Email"]
        assert contact["Name"] == lead["Name"]
        assert lead["ConvertedDate"] == contact["CreatedDate"].date()


def test_closed_stages_close(org):
    stages = {row["MasterLabel"]: row for row in org.objects["OpportunityStage"].rows}
    assert [
        r["SortOrder"] for r in sorted(stages.values(), key=lambda r: r["SortOrder"])
    ]
    for row in org.objects["Opportunity"].rows:
        stage = stages[row["StageName"]]
        for field in ("IsClosed", "IsWon", "ForecastCategory"):
            assert row[field] == stage[field]
        assert row["Probability"] == stage["DefaultProbability"]
        if row["IsWon"]:
            assert row["ACV__c"] is not None


def test_the_last_history_row_is_what_the_opportunity_shows(org):
    last = {}
    for row in org.objects["OpportunityHistory"].rows:
        key = row["OpportunityId"]
        if key not in last or row["CreatedDate"] > last[key]["CreatedDate"]:
            last[key] = row
    opportunities = rows_of(org, "Opportunity")
    assert set(last) == set(opportunities)
    for key, row in last.items():
        for field in ("StageName", "Amount", "CloseDate", "Probability", "IsDeleted"):
            assert row[field] == opportunities[key][field]


def test_a_reopened_opportunity_closes_twice_in_its_history(org):
    closings = {}
    for row in org.objects["OpportunityHistory"].rows:
        if row["StageName"] in {"Closed Won", "Closed Lost"}:
            closings.setdefault(row["OpportunityId"], []).append(row)
    assert any(len(rows) == 2 for rows in closings.values())


def test_texts_are_as_awkward_as_real_ones(org):
    names = "".join(row["Name"] for row in org.objects["Account"].rows)
    assert {'"', ",", "&", "ö"} <= set(names)
    streets = [row["BillingStreet"] for row in org.objects["Account"].rows]
    assert any("\n" in street for street in streets)
    cities = {row["BillingCity"] for row in org.objects["Account"].rows}
    assert "新町" in cities
    emails = [row["Email"] for row in org.objects["Lead"].rows]
    assert any(email != email.strip() for email in emails)
    assert any(email.isupper() for email in emails)


@pytest.mark.parametrize("as_of", [date(2016, 1, 31), date(2018, 2, 1)])
def test_a_day_outside_the_window_is_refused(params, events, as_of):
    with pytest.raises(ParameterError, match=f"{as_of} is not between 2016-02-01"):
        project_salesforce(events, params, as_of)


def test_purged_records_stay_in_the_bin_for_fifteen_days(events):
    purging = load_parameters(overrides={**LOUD, "noise": {"purge": 1}})
    now = project_salesforce(events, purging, purging.as_of)
    bin_opened = now.as_of - timedelta(days=15)
    for name in ("Lead", "Contact", "CampaignMember", "Opportunity"):
        for row in now.objects[name].rows:
            if row["IsDeleted"] and not row.get("MasterRecordId"):
                assert row["SystemModstamp"] >= bin_opened


def test_late_records_become_visible_after_their_stamp(params, events, org):
    # All records wait up to a day: some of the last day are not there yet.
    noise = {**LOUD["noise"], "late": 1, "late_seconds_max": 86_400}
    late = load_parameters(overrides={**LOUD, "noise": noise})
    now = project_salesforce(events, late, late.as_of)
    hidden = set(rows_of(org, "Lead")) - set(rows_of(now, "Lead"))
    assert hidden
    whole = rows_of(org, "Lead")
    for key in hidden:
        assert whole[key]["CreatedDate"] > org.as_of - timedelta(days=1)
