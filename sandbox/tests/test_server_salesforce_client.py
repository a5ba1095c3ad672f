"""simple-salesforce, unchanged, works against the Salesforce server."""

from __future__ import annotations

import csv
from urllib.parse import urlsplit

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

USERNAME, PASSWORD = "integration@acme.example", "sandbox-password"
TOKEN = "sandboxSecurityToken"
ALL, LIVING = 2_345, 2_321


class _ToSandbox(requests.adapters.HTTPAdapter):
    """Sends what is meant for Salesforce, which is https alone, to the sandbox."""

    def __init__(self, login_url: str) -> None:
        super().__init__()
        self._login = urlsplit(login_url).netloc

    def send(self, request, *args, **given):
        parts = urlsplit(request.url)
        host = self._login if parts.netloc.endswith("salesforce.com") else parts.netloc
        request.url = parts._replace(scheme="http", netloc=host).geturl()
        return super().send(request, *args, **given)


@pytest.fixture
def session(server):
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", _ToSandbox(server.env["SALESFORCE_LOGIN_URL"]))
        yield session


@pytest.fixture
def org(session):
    """Log in as the library does: by SOAP with user name, password and token."""
    return Salesforce(
        username=USERNAME,
        password=PASSWORD,
        security_token=TOKEN,
        session=session,
        version="64.0",
    )


def test_it_logs_in_by_soap_and_by_an_access_token(server, session, org):
    assert org.limits()["DailyApiRequests"]["Max"] == 100_000
    by_token = Salesforce(
        instance_url=server.ready["instance_url"],
        session_id=server.token().json()["access_token"],
        session=session,
        version="64.0",
    )
    assert by_token.query("SELECT COUNT() FROM Lead")["totalSize"] == LIVING
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        SalesforceLogin(
            username=USERNAME, password="x", security_token=TOKEN, session=session
        )
    assert refused.value.code == "INVALID_LOGIN"


def test_it_logs_in_by_client_credentials_at_the_orgs_own_domain(server, session):
    own = urlsplit(server.ready["instance_url"]).netloc
    session_id, instance = SalesforceLogin(
        consumer_key=server.env["SALESFORCE_CLIENT_ID"],
        consumer_secret=server.env["SALESFORCE_CLIENT_SECRET"],
        domain=own,
        session=_Own(session, own),
    )
    assert session_id
    assert instance == urlsplit(server.ready["instance_url"]).netloc


class _Own:
    """The library writes `.salesforce.com` behind every domain; the org has none."""

    def __init__(self, session, own: str) -> None:
        self._session, self._own = session, own

    def post(self, url, *args, **given):
        url = url.replace(f"{self._own}.salesforce.com", self._own)
        return self._session.post(url, *args, **given)


def test_it_describes_the_org(org):
    named = {entry["name"] for entry in org.describe()["sobjects"]}
    assert {"Lead", "User"} <= named
    fields = {field["name"]: field["type"] for field in org.Lead.describe()["fields"]}
    assert fields["SystemModstamp"] == "datetime"


def test_it_follows_the_pages_of_a_query(server, org):
    server.set(page_rows=500)
    found = org.query_all("SELECT Id, LastName FROM Lead", include_deleted=True)
    assert (found["totalSize"], found["done"]) == (ALL, True)
    assert len({record["Id"] for record in found["records"]}) == ALL
    lazily = [row["Id"] for row in org.query_all_iter("SELECT Id FROM Lead LIMIT 700")]
    assert len(lazily) == 700
    first = org.query("SELECT Id FROM Lead")
    rest = org.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert not {r["Id"] for r in rest["records"]} & {r["Id"] for r in first["records"]}


def test_it_lists_what_was_deleted(org):
    from datetime import UTC, datetime

    start, end = datetime(2018, 1, 20, tzinfo=UTC), datetime(2018, 1, 31, tzinfo=UTC)
    told = org.Lead.deleted(start, end)
    assert {"deletedRecords", "earliestDateAvailable"} <= told.keys()


def test_it_downloads_a_query_in_bulk(server, org, tmp_path):
    server.set(page_rows=1_000)
    pages = list(org.bulk2.Lead.query("SELECT Id, LastName FROM Lead"))
    rows = [row for page in pages for row in csv.DictReader(page.splitlines())]
    assert len(pages) == 3
    assert len({row["Id"] for row in rows}) == len(rows) == LIVING
    told = org.bulk2.Lead.download("SELECT Id FROM Lead", path=str(tmp_path))
    assert sum(entry["number_of_records"] for entry in told) == LIVING


def test_its_errors_are_the_librarys(server, session, org):
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        org.query("SELECT Nothing FROM Lead")
    assert malformed.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceResourceNotFound):
        org.Nothing__c.describe()
    expired = Salesforce(
        instance_url=server.ready["instance_url"], session_id="x", session=session
    )
    with pytest.raises(SalesforceExpiredSession):
        expired.limits()
