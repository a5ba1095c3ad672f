"""The calls of Zuora's API reference one after the other, as its guides make them."""

from __future__ import annotations

import csv
import gzip
import io
import time
from xml.etree import ElementTree

import pytest
import requests


@pytest.fixture
def call(zuora):
    """Make a call with nothing but `requests` and the headers the reference names."""
    form = {
        "client_id": zuora.env["ZUORA_CLIENT_ID"],
        "client_secret": zuora.env["ZUORA_CLIENT_SECRET"],
        "grant_type": "client_credentials",
    }
    token = requests.post(f"{zuora.base_url}/oauth/token", data=form, timeout=30)
    assert token.json().keys() >= {
        "access_token", "token_type", "expires_in", "scope", "jti",
    }  # fmt: skip
    headers = {
        "Authorization": f"Bearer {token.json()['access_token']}",
        "Content-Type": "application/json",
        "Zuora-Version": "2024-05-20",
        "Accept": "application/json",
    }

    def made(method: str, path: str, **given) -> requests.Response:
        url = path if path.startswith("http") else zuora.base_url + path
        return requests.request(method, url, headers=headers, timeout=30, **given)

    return made


def finished(call, path: str, read):
    for _ in range(20):
        job = read(call("GET", path).json())
        if job.get("status", job.get("queryStatus")) in {"completed", "error"}:
            return job
        time.sleep(0.01)
    raise AssertionError(job)


def test_describe_lists_objects_and_their_fields(call):
    objects = ElementTree.fromstring(call("GET", "/v1/describe/").content)  # noqa: S314
    names = [entry.findtext("name") for entry in objects.iter("object")]
    assert {"Account", "Subscription", "RatePlanCharge", "Invoice"} <= set(names)
    told = ElementTree.fromstring(  # noqa: S314 - our own server's
        call("GET", "/v1/describe/Account").content
    )
    fields = {field.findtext("name") for field in told.iter("field")}
    assert {"Id", "AccountNumber", "UpdatedDate"} <= fields


def test_aggregate_query_in_stateful_mode_loads_in_full_then_what_changed(zuora, call):
    query = {
        "name": "Accounts",
        "query": "select Id, UpdatedDate from Account",
        "type": "zoqlexport",
        "apiVersion": "88.0",
        "deleted": {"column": "Deleted", "format": "Boolean"},
    }
    request = {
        "format": "csv",
        "version": "1.2",
        "name": "Example",
        "encrypted": "none",
        "useQueryLabels": "true",
        "dateTimeUtc": "true",
        "partner": "sandbox-partner",
        "project": "documented",
        "queries": [query],
    }
    counts = []
    zuora.move("2017-12-31")
    for day in ("2017-12-31", "2018-01-31"):
        zuora.move(day)
        job = call("POST", "/v1/batch-query/", json=request).json()
        job = finished(call, f"/v1/batch-query/jobs/{job['id']}", dict)
        (batch,) = job["batches"]
        content = call("GET", f"/v1/files/{batch['fileId']}").content
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        assert len(rows) == batch["recordCount"]
        counts.append((batch["full"], len(rows)))
    assert [full for full, _ in counts] == [True, False]
    assert counts[0][1] > counts[1][1] > 0


def test_query_and_query_more_read_what_zoql_asks_for(zuora, call):
    zuora.set(query_rows=20)
    asked = {"queryString": "select Id, Name from Account where Balance >= 0"}
    page = call("POST", "/v1/action/query", json=asked).json()
    records = page["records"]
    while not page["done"]:
        more = {"queryLocator": page["queryLocator"]}
        page = call("POST", "/v1/action/queryMore", json=more).json()
        records += page["records"]
    assert len({row["Id"] for row in records}) == len(records) == page["size"] > 20


def test_a_data_query_is_submitted_polled_and_fetched_without_a_token(call):
    asked = {
        "query": "SELECT id, updateddate FROM account",
        "outputFormat": "CSV",
        "compression": "GZIP",
        "output": {"target": "S3"},
    }
    job = call("POST", "/query/jobs", json=asked).json()["data"]
    assert job["queryStatus"] == "accepted"
    job = finished(call, f"/query/jobs/{job['id']}", lambda document: document["data"])
    with_token = call("GET", job["dataFile"])
    assert with_token.status_code == 400
    content = requests.get(job["dataFile"], timeout=30).content
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(content).decode())))
    assert len(rows) == job["outputRows"] > 0
