"""Quotas, refusals and changes of the instance: what ends a run, and what does not."""

from __future__ import annotations

import pytest

LEADS = 718
LEAD_JOB = {"object": "leads", "path": "*/create.json"}


def test_an_answer_that_is_never_json_ends_unreachable(hard, whole):
    match = {"object": "lists"}
    hard.arm({"fault": "invalid_json", "match": match, "count": None})
    outcome = hard.run(catalog=hard.select("lists"))
    assert outcome.status == 5
    assert "after all tries" in outcome.log


def test_the_daily_calls_spent_end_the_run_with_the_time_of_the_reset(hard, whole):
    hard.arm({"fault": "error", "code": "607", "after": 17, "count": None})
    outcome = hard.run(catalog=hard.catalog)
    assert outcome.status == 2
    assert "resets at 00:00 US Central = 2018-02-01T06:00:00Z" in outcome.log
    hard.calm()
    again = hard.run(catalog=hard.catalog, state=outcome.state)
    assert again.status == 0, again.log
    assert hard.tables_of(outcome, again) == whole


def test_max_daily_calls_stops_before_anything_is_read(hard):
    hard.arm({"fault": "calls_used", "used": 45_000})
    outcome = hard.run(max_daily_calls="40000")
    assert outcome.status == 2
    assert "45000 API calls today" in outcome.log
    assert not outcome.records()
    assert hard.run(max_daily_calls=46_000, start_date="2030-01-01").status == 0


@pytest.mark.parametrize("where", ["create", "enqueue"])
def test_a_spent_quota_of_files_lets_rest_streams_finish(hard, whole, where):
    fault = f"quota_at_{where}"
    hard.arm({"fault": fault, "after": 1, "count": None})
    outcome = hard.run(catalog=hard.catalog)
    assert outcome.status == 2, outcome.log
    assert "max_export_days" in outcome.log
    assert "resets at 00:00 US Central" in outcome.log
    tables = hard.tables_of(outcome)
    for name in ("emails", "lists", "activities_delete_lead"):
        assert tables[name] == whole[name]
    hard.calm()
    again = hard.run(catalog=hard.catalog, state=outcome.state)
    assert again.status == 0, again.log
    assert hard.tables_of(outcome, again) == whole


def test_a_spent_quota_is_no_failure_where_the_settings_say_so(hard, whole):
    hard.arm({"fault": "quota_at_create", "count": None})
    outcome = hard.run(catalog=hard.catalog, on_bulk_quota="stop")
    assert outcome.status == 0, outcome.log
    assert "leads: stopped" in outcome.log
    assert set(hard.bookmarks(outcome)) == {"activities_delete_lead", "emails", "lists"}


def test_no_job_is_made_beyond_the_budget(hard, whole):
    outcome = hard.run(catalog=hard.catalog, bulk_quota_mb=1, bulk_quota_percent=5)
    assert outcome.status == 2, outcome.log
    assert hard.calls("POST", "create.json") == 0


def test_an_initial_load_goes_on_the_next_day_where_the_quota_is_small(hard):
    catalog = hard.select("leads")
    # The files of other tests are another user's.
    given = {"client_id": "other-client-id", "client_secret": "other-client-secret"}
    given |= {"catalog": catalog, "max_export_days": 5, "max_queued_jobs": 1}
    given |= {"bulk_quota_mb": 1, "bulk_quota_percent": 3}
    hard.move("2018-01-30")
    first = hard.run(**given)
    assert first.status == 2, first.log
    assert "no further export jobs today" in first.log
    assert 0 < len(first.table("leads", "id")) < LEADS
    hard.move("2018-01-31")
    second = hard.run(**{**given, "bulk_quota_percent": 90}, state=first.state)
    assert second.status == 0, second.log
    assert len({**first.table("leads", "id"), **second.table("leads", "id")}) == LEADS


def test_a_filter_asked_for_by_name_is_not_replaced(hard):
    hard.set(has_updated_at_filter=False)
    outcome = hard.run(catalog=hard.select("leads"), leads_filter="updatedAt")
    assert outcome.status == 1
    assert "1035" in outcome.log


def test_a_field_that_has_gone_is_left_out_and_told(hard):
    catalog = hard.select("leads", "program_members")
    hard.arm({"fault": "field_removed", "object": "leads", "field": "notes"})
    outcome = hard.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "leads: fields are gone: notes" in outcome.log
    assert "notes" not in outcome.records("leads")[0]


def test_a_field_that_goes_between_describe_and_export_is_named(hard):
    hard.arm(
        {
            "fault": "error",
            "code": "1003",
            "message": "Invalid fields: [notes]",
            "match": LEAD_JOB,
            "count": None,
        }
    )
    outcome = hard.run(catalog=hard.select("leads", "lists"))
    assert outcome.status == 1
    assert "Invalid fields: [notes]" in outcome.log
    assert "fields asked for: id, email" in outcome.log
    assert outcome.bookmark("lists")


def test_a_new_field_is_told_and_read_once_the_catalog_has_it(hard):
    catalog = hard.select("leads")
    hard.arm({"fault": "field_added", "field": "shoeSize", "value": "42"})
    outcome = hard.run(catalog=catalog)
    assert outcome.status == 0
    assert "leads: fields are new: shoeSize" in outcome.log
    outcome = hard.run(catalog=hard.select("leads"))
    assert outcome.records("leads")[0]["shoeSize"] == "42"


def test_values_of_another_type_than_described_are_null_and_counted(hard):
    hard.arm({"fault": "field_retyped", "field": "email", "data_type": "integer"})
    outcome = hard.run(catalog=hard.select("leads"))
    assert outcome.status == 0, outcome.log
    assert {row["email"] for row in outcome.records("leads")} == {None}
    count = len(outcome.records("leads"))
    assert count >= LEADS
    assert f"leads.email: {count} values did not fit" in outcome.log
    assert "lead0@example.com" not in outcome.log


def test_attributes_nobody_describes_are_told_and_kept_where_wanted(hard):
    fault = {"fault": "attribute_added", "type_id": 3, "name": "Device", "value": "tv"}
    catalog = hard.select("activities_click_link")
    hard.arm(fault)
    outcome = hard.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert "does not describe: Device" in outcome.log
    assert "attributes_raw" not in outcome.records("activities_click_link")[0]
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if item["breadcrumb"][-1:] == ["attributes_raw"]:
                item["metadata"]["selected"] = True
    outcome = hard.run(catalog=catalog)
    raw = {row["attributes_raw"] for row in outcome.records("activities_click_link")}
    assert raw == {'{"Device":"tv"}'}


@pytest.mark.parametrize("word", ["Cancelled", "Canceled"])
def test_both_spellings_of_a_cancelled_job_are_known(hard, word):
    hard.set(cancelled_word=word, csv_charset=True, member_booleans="words")
    hard.arm({"fault": "job_cancelled", "count": 2})
    outcome = hard.run(catalog=hard.select("leads", "program_members"))
    assert outcome.status == 0, outcome.log
    assert len(outcome.table("leads", "id")) == LEADS
    acquired = {row["acquiredBy"] for row in outcome.records("program_members")}
    assert acquired == {True, False}


def test_wrong_credentials_are_told_without_being_shown(hard):
    outcome = hard.run(client_secret="wrong-secret-value")
    assert outcome.status == 2
    assert "Bad client credentials" in outcome.log
    assert "wrong-secret-value" not in outcome.log + "".join(outcome.lines)


def test_nobody_at_the_address_is_told_with_status_5(hard):
    outcome = hard.run(endpoint="http://127.0.0.1:9")
    assert outcome.status == 5
    assert "no connection" in outcome.log
    assert "Traceback" not in outcome.log


def test_a_skewed_clock_only_moves_what_is_read(hard):
    hard.arm({"fault": "clock_skew", "seconds": -86_400})
    first = hard.run(catalog=hard.select("leads"))
    hard.calm()
    second = hard.run(catalog=hard.select("leads"), state=first.state)
    assert first.bookmark("leads") == "2018-01-30T23:59:59.000Z"
    assert len({**first.table("leads", "id"), **second.table("leads", "id")}) == LEADS
