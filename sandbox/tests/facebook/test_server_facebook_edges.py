"""Objects and lists: fields, cursors, filters, what is hidden."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

ALL_DELIVERIES = [
    *("active", "archived", "completed", "limited", "not_delivering", "deleted"),
    *("not_published", "pending_review", "permanently_deleted"),
    *("recently_completed", "recently_rejected", "rejected", "scheduled", "inactive"),
]
LISTS = {
    "campaigns": "id,name,objective,status,effective_status,buying_type,updated_time",
    "adsets": "id,name,daily_budget,targeting,attribution_spec,campaign_id",
    "ads": "id,name,creative,adset_id,campaign_id,source_ad_id",
    "adcreatives": "id,name,object_story_spec,url_tags",
    "adimages": "id,hash,url,width",
    "advideos": "id,title,length,updated_time",
    "adlabels": "id,name,updated_time",
    "customaudiences": "id,name,subtype,time_updated",
    "customconversions": "id,name,rule",
}


def filter_of(level, *values):
    return {"field": f"{level}.delivery_info", "operator": "IN", "value": list(values)}


def test_without_fields_there_is_only_the_id(facebook):
    us = facebook.accounts[0]
    assert facebook.ok(us) == {"id": us}
    page = facebook.ok(f"{us}/campaigns", limit=3)
    assert [list(row) for row in page["data"]] == [["id"]] * 3


def test_ids_are_texts_and_unset_fields_are_absent(facebook):
    rows = facebook.rows(f"{facebook.accounts[0]}/campaigns", fields="id,spend_cap")
    assert all(isinstance(row["id"], str) for row in rows)
    assert {tuple(row) for row in rows} == {("id",), ("id", "spend_cap")}


@pytest.mark.parametrize("edge", LISTS)
def test_each_list_has_rows_with_the_fields_asked_for(facebook, edge):
    path = f"{facebook.accounts[0]}/{edge}"
    rows = facebook.rows(path, fields=LISTS[edge], limit=100)
    wanted = set(LISTS[edge].split(","))
    assert rows
    assert set().union(*rows) == wanted


def test_a_field_that_does_not_exist_is_named(facebook):
    error = facebook.error(f"{facebook.accounts[0]}/ads", fields="id,wish_bid")
    assert error["code"] == 100
    assert error["message"] == (
        "(#100) Tried accessing nonexisting field (wish_bid) on node type (Ad)"
    )
    assert error["fbtrace_id"]


def test_nested_fields_follow_references(facebook):
    fields = "id,creative{id,url_tags},campaign{name},adset"
    ad = facebook.ok(f"{facebook.accounts[0]}/ads", fields=fields, limit=1)["data"][0]
    assert ad["creative"].keys() <= {"id", "url_tags"}
    assert set(ad["campaign"]) == {"id", "name"}
    assert list(ad["adset"]) == ["id"]


def test_unbalanced_fields_are_refused(facebook):
    path = f"{facebook.accounts[0]}/ads"
    assert facebook.error(path, fields="id,creative{id")["code"] == 100
    assert facebook.error(path, fields="id}")["code"] == 100


def test_paging_ends_without_next_though_there_is_a_cursor(facebook):
    path = f"{facebook.accounts[0]}/campaigns"
    seen, after, sizes = [], {}, []
    while True:
        page = facebook.ok(path, limit=4, **after)
        seen += [row["id"] for row in page["data"]]
        sizes.append(len(page["data"]))
        after = {"after": page["paging"]["cursors"]["after"]}
        if "next" not in page["paging"]:
            break
    assert len(seen) == len(set(seen)) > 4
    assert sizes[:-1] == [4] * (len(sizes) - 1)
    assert facebook.ok(path, limit=4, **after) == {"data": []}


def test_next_and_previous_are_links_with_the_token(facebook):
    path = f"{facebook.accounts[0]}/campaigns"
    first = facebook.ok(path, limit=2, fields="id,name")
    link = first["paging"]["next"]
    assert parse_qs(urlsplit(link).query)["access_token"] == [facebook.token]
    second = facebook.anonymous.get(link).json()
    assert set(second["data"][0]) == {"id", "name"}
    assert second["data"] != first["data"]
    previous = facebook.anonymous.get(second["paging"]["previous"]).json()
    assert previous["data"] == first["data"]


def test_a_cursor_of_nobody_is_refused(facebook):
    error = facebook.error(f"{facebook.accounts[0]}/campaigns", after="QVFInonsense")
    assert error["code"] == 100
    assert "cursor" in error["message"].lower()


def test_a_limit_must_be_a_number_above_zero(facebook):
    path = f"{facebook.accounts[0]}/campaigns"
    assert facebook.error(path, limit="many")["code"] == 100
    assert facebook.error(path, limit=0)["code"] == 100


def test_archived_and_deleted_are_hidden_until_asked_for(facebook):
    path = f"{facebook.accounts[0]}/ads"
    fields = "id,effective_status"
    shown = facebook.rows(path, fields=fields)
    hidden = {"ARCHIVED", "DELETED"}
    assert not hidden & {row["effective_status"] for row in shown}
    listed = {"filtering": [filter_of("ad", *ALL_DELIVERIES)]}
    whole = facebook.rows(path, fields=fields, **listed)
    assert hidden <= {row["effective_status"] for row in whole}
    passes = [
        row["id"]
        for start in range(0, len(ALL_DELIVERIES), 3)
        for row in facebook.rows(
            path, filtering=[filter_of("ad", *ALL_DELIVERIES[start : start + 3])]
        )
    ]
    assert sorted(passes) == sorted(row["id"] for row in whole)
    by_status = facebook.rows(path, fields=fields, effective_status=["DELETED"])
    assert {row["effective_status"] for row in by_status} == {"DELETED"}


@pytest.mark.parametrize("edge", ["campaigns", "adsets", "ads"])
def test_the_update_time_filters_with_each_operator(facebook, edge):
    level = edge.removesuffix("s")
    path = f"{facebook.accounts[0]}/{edge}"
    rows = facebook.rows(path, fields="id,updated_time", limit=200)
    stamps = {row["id"]: _stamp(row["updated_time"]) for row in rows}
    pivot = sorted(stamps.values())[len(stamps) // 2]

    def found(operator):
        condition = {
            "field": f"{level}.updated_time",
            "operator": operator,
            "value": pivot,
        }
        return {row["id"] for row in facebook.rows(path, filtering=[condition])}

    assert found("GREATER_THAN") == {i for i, s in stamps.items() if s > pivot}
    assert found("GREATER_THAN_OR_EQUAL") == {
        i for i, s in stamps.items() if s >= pivot
    }
    assert found("LESS_THAN") == {i for i, s in stamps.items() if s < pivot}
    assert found("EQUAL") == {i for i, s in stamps.items() if s == pivot}


def _stamp(text):
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())


def test_the_filter_of_videos_is_not_heeded(facebook):
    path = f"{facebook.accounts[0]}/advideos"
    never = {"field": "updated_time", "operator": "GREATER_THAN", "value": 4102444800}
    assert facebook.rows(path, filtering=[never]) == facebook.rows(path)


def test_images_cannot_be_sorted(facebook):
    error = facebook.error(f"{facebook.accounts[0]}/adimages", sort="updated_time")
    assert error["code"] == 100


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "campaign.nonsense", "operator": "EQUAL", "value": 1},
        {"field": "ad.updated_time", "operator": "GREATER_THAN", "value": 1},
        {"field": "campaign.updated_time", "operator": "LIKE", "value": 1},
        {"field": "campaign.delivery_info", "operator": "IN", "value": ["sleeping"]},
        {"operator": "EQUAL", "value": 1},
    ],
)
def test_filters_that_make_no_sense_are_refused(facebook, condition):
    path = f"{facebook.accounts[0]}/campaigns"
    assert facebook.error(path, filtering=[condition])["code"] == 100


def test_edges_of_campaigns_and_ad_sets_hold_their_own(facebook):
    campaign = facebook.ok(f"{facebook.accounts[0]}/campaigns", limit=1)["data"][0]
    ads = facebook.rows(f"{campaign['id']}/ads", fields="id,campaign_id,adset_id")
    assert {row["campaign_id"] for row in ads} == {campaign["id"]}
    adset = ads[0]["adset_id"]
    mine = facebook.rows(f"{adset}/ads", fields="adset_id")
    assert {row["adset_id"] for row in mine} == {adset}
    (creative,) = facebook.rows(f"{ads[0]['id']}/adcreatives", fields="id")
    assert facebook.ok(ads[0]["id"], fields="creative")["creative"] == creative


def test_times_are_in_the_accounts_zone(facebook):
    us, emea = facebook.accounts
    assert facebook.ok(us, fields="timezone_offset_hours_utc") == {
        "timezone_offset_hours_utc": -8.0,
        "id": us,
    }
    for path, offsets in ((us, {"-0800", "-0700"}), (emea, {"+0100", "+0200"})):
        rows = facebook.rows(f"{path}/campaigns", fields="start_time")
        assert {row["start_time"][-5:] for row in rows} <= offsets
        assert {row["start_time"][11:19] for row in rows} == {"00:00:00"}


def test_a_node_that_is_not_there_is_100_33(facebook):
    error = facebook.error("123456789012345")
    assert (error["code"], error["error_subcode"]) == (100, 33)
    assert error["type"] == "GraphMethodException"
    without_prefix = facebook.accounts[0].removeprefix("act_")
    assert facebook.error(without_prefix, fields="name")["error_subcode"] == 33


def test_several_ids_answer_at_once(facebook):
    answers = facebook.ok("", ids=",".join(facebook.accounts), fields="name,currency")
    assert {a["currency"] for a in answers.values()} == {"USD", "EUR"}
    assert list(answers) == facebook.accounts
    edges = facebook.ok("campaigns", ids=",".join(facebook.accounts), limit=1)
    assert all(len(page["data"]) == 1 for page in edges.values())


def test_a_form_may_override_the_method(facebook):
    path = f"{facebook.accounts[0]}/campaigns"
    answer = facebook.post(path, method="GET", fields="id,name", limit="2")
    assert answer.json() == facebook.ok(path, fields="id,name", limit=2)


def test_writing_is_refused(facebook, refusal):
    error = refusal(facebook.post(f"{facebook.accounts[0]}/campaigns", name="new"))
    assert error["code"] == 100
    assert "post" in error["message"]


def test_creatives_in_large_pages_are_too_heavy(facebook):
    path = f"{facebook.accounts[0]}/adcreatives"
    facebook.set(edge_budget=400)
    error = facebook.error(path, fields=LISTS["adcreatives"], limit=100)
    assert (error["code"], error["status"]) == (1, 500)
    assert "reduce the amount of data" in error["message"]
    assert facebook.rows(path, fields=LISTS["adcreatives"], limit=25)


def test_pages_forms_and_leads(facebook):
    pages = facebook.rows("me/accounts")
    assert {"access_token", "name", "id", "tasks"} <= set(pages[0])
    leads = []
    for page in pages:
        for form in facebook.rows(f"{page['id']}/leadgen_forms", fields="leads_count"):
            rows = facebook.rows(
                f"{form['id']}/leads",
                fields="id,created_time,ad_id,form_id,field_data",
                limit=500,
            )
            assert len(rows) == form["leads_count"]
            assert {row["form_id"] for row in rows} == {form["id"]}
            leads += rows
    assert len(leads) == facebook.control("GET").json()["objects"]["Lead"]
    ad_id = leads[0]["ad_id"]
    of_ad = facebook.rows(f"{ad_id}/leads", limit=500)
    assert {row["id"] for row in of_ad} == {
        row["id"] for row in leads if row["ad_id"] == ad_id
    }


def test_leads_are_filtered_by_their_time(facebook):
    (page, *_) = facebook.rows("me/accounts")
    form = facebook.ok(f"{page['id']}/leadgen_forms")["data"][0]["id"]
    rows = facebook.rows(f"{form}/leads", fields="created_time", limit=500)
    stamps = sorted(_stamp(row["created_time"]) for row in rows)
    pivot = stamps[len(stamps) // 2]
    condition = {"field": "time_created", "operator": "GREATER_THAN", "value": pivot}
    newer = facebook.rows(f"{form}/leads", filtering=[condition], limit=500)
    assert len(newer) == sum(1 for stamp in stamps if stamp > pivot)
    facebook.set(lead_days=30)
    assert 0 < len(facebook.rows(f"{form}/leads", limit=500)) < len(rows)


def test_lead_forms_may_need_the_pages_token(facebook):
    facebook.set(requires_page_token=True)
    (page, *_) = facebook.rows("me/accounts")
    path = f"{page['id']}/leadgen_forms"
    error = facebook.error(path)
    assert (error["code"], error["error_subcode"]) == (190, 2069032)
    answer = facebook.anonymous.get(
        facebook.url(path), params={"access_token": page["access_token"]}
    )
    assert answer.json()["data"]


def test_a_batch_answers_each_call_as_text(facebook):
    us = facebook.accounts[0]
    ok, missing, posted = facebook.batch(
        {"method": "GET", "relative_url": f"v25.0/{us}?fields=name"},
        {"method": "GET", "relative_url": "v25.0/404"},
        {
            "method": "POST",
            "relative_url": f"v25.0/{us}/insights",
            "body": "level=ad&fields=spend",
        },
    )
    assert ok["code"] == 200
    assert '"name":"Acme US"' in ok["body"]
    assert missing["code"] == 400
    assert '"error_subcode":33' in missing["body"]
    assert "report_run_id" in posted["body"]
    assert {h["name"] for h in ok["headers"]} >= {"X-App-Usage", "X-Ad-Account-Usage"}


def test_a_batch_has_at_most_fifty_calls(facebook, refusal):
    element = '{"relative_url":"me"},' * 51
    answer = facebook.client.post(
        facebook.base_url, data={"batch": f"[{element[:-1]}]"}
    )
    error = refusal(answer)
    assert error["code"] == 1
    assert "Maximum batch size is 50" in error["message"]


def test_a_batch_may_come_as_json_or_multipart(facebook):
    batch = '[{"method":"GET","relative_url":"v25.0/me"}]'
    as_json = facebook.client.post(facebook.base_url, json={"batch": batch})
    as_parts = facebook.client.post(facebook.base_url, files={"batch": (None, batch)})
    assert as_json.json()[0]["body"] == as_parts.json()[0]["body"]


def test_proofs_of_the_secret(facebook):
    secret = facebook.env["FACEBOOK_APP_SECRET"].encode()
    proof = hmac.new(secret, facebook.token.encode(), hashlib.sha256).hexdigest()
    assert facebook.ok("me", appsecret_proof=proof)
    error = facebook.error("me", appsecret_proof="0" * 64)
    assert error["message"] == "Invalid appsecret_proof provided in the API argument"
    facebook.set(requires_appsecret_proof=True)
    assert "require an appsecret_proof" in facebook.error("me")["message"]
    element = {"relative_url": "v25.0/me"}
    (inside,) = facebook.batch(element, appsecret_proof=proof)
    assert inside["code"] == 200
