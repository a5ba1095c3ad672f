"""The vendor's own client library works against the server, its host set."""

from __future__ import annotations

import json

import pytest
from facebook_business import session
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.api import FacebookAdsApi

from bizops_sandbox.projections.facebook_ids import APP_ID

JANUARY = {"since": "2018-01-01", "until": "2018-01-31"}


@pytest.fixture
def account(facebook, monkeypatch):
    """Give the first ad account as the library's object."""
    monkeypatch.setattr(session.FacebookSession, "GRAPH", facebook.base_url)
    secret = facebook.env["FACEBOOK_APP_SECRET"]
    FacebookAdsApi.init(APP_ID, secret, facebook.token, api_version="v25.0")
    yield AdAccount(facebook.accounts[0])
    FacebookAdsApi.set_default_api(None)


def test_the_library_reads_lists_to_their_end(account, facebook):
    campaigns = list(account.get_campaigns(fields=["name"], params={"limit": 3}))
    ours = facebook.rows(f"{facebook.accounts[0]}/campaigns", fields="name")
    assert [dict(campaign) for campaign in campaigns] == ours


def test_the_library_filters_by_delivery(account):
    hidden = {"field": "ad.delivery_info", "operator": "IN", "value": ["archived"]}
    ads = list(
        account.get_ads(fields=["effective_status"], params={"filtering": [hidden]})
    )
    assert {ad["effective_status"] for ad in ads} == {"ARCHIVED"}


def test_the_library_reads_insights_at_once_and_as_a_run(account):
    shape = {"level": "ad", "time_increment": 1, "time_range": JANUARY, "limit": 40}
    at_once = list(account.get_insights(fields=["ad_id", "spend"], params=shape))
    run = account.get_insights(fields=["ad_id", "spend"], params=shape, is_async=True)
    while run.api_get()["async_status"] != "Job Completed":
        pass
    from_run = list(run.get_insights(params={"limit": 40}))
    assert len(from_run) == len(at_once) > 40
    assert [dict(row) for row in from_run] == [dict(row) for row in at_once]


def test_the_library_batches(account):
    got, failed = [], []
    batch = account.get_api_assured().new_batch()
    for fields in (["name"], ["currency"], ["nonsense"]):
        with pytest.warns() if fields == ["nonsense"] else _quiet():
            account.api_get(
                fields=fields,
                batch=batch,
                success=lambda answer: got.append(answer.json()),
                failure=lambda answer: failed.append(answer.error()),
            )
    batch.execute()
    assert [set(document) for document in got] == [{"name", "id"}, {"currency", "id"}]
    assert [error.api_error_code() for error in failed] == [100]


def _quiet():
    from contextlib import nullcontext

    return nullcontext()


def test_the_library_reads_errors(account, facebook):
    from facebook_business.exceptions import FacebookRequestError

    facebook.arm({"fault": "throttled", "code": 80004, "minutes": 3})
    with pytest.raises(FacebookRequestError) as caught:
        account.api_get(fields=["name"])
    assert caught.value.api_error_code() == 80004
    usage = json.loads(caught.value.http_headers()["x-business-use-case-usage"])
    assert next(iter(usage.values()))[0]["estimated_time_to_regain_access"] == 3


def test_the_library_reads_leads(account, facebook):
    from facebook_business.adobjects.page import Page
    from facebook_business.adobjects.user import User

    assert account is not None
    leads = [
        lead
        for page in User("me").get_accounts()
        for form in Page(page["id"]).get_lead_gen_forms()
        for lead in form.get_leads(fields=["field_data"], params={"limit": 100})
    ]
    assert len(leads) == facebook.control("GET").json()["objects"]["Lead"]
