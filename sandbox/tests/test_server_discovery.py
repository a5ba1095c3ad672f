from __future__ import annotations

import pytest


def _batch(server, urls, **given):
    requests = [{"method": "GET", "url": url} for url in urls]
    return server.client.post(
        f"{server.api}/composite/batch", json={"batchRequests": requests, **given}
    )


def test_the_versions_need_no_session_and_end_at_64(server, recorded):
    answer = server.anonymous.get(f"{server.ready['instance_url']}/services/data")
    versions = answer.json()
    assert versions[-1] == {
        "label": "Summer '25",
        "url": "/services/data/v64.0",
        "version": "64.0",
    }
    assert (
        versions[0].keys() == recorded("services_data_success_response.json")[0].keys()
    )


@pytest.mark.parametrize("version", ["65.0", "30.0", "64", "x"])
def test_a_version_the_service_has_not_is_not_found(server, version):
    url = f"{server.ready['instance_url']}/services/data/v{version}/sobjects"
    answer = server.client.get(url)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_the_objects_are_listed_with_the_recorded_keys(server, recorded):
    listed = server.get("/sobjects").json()
    real = recorded("describe_sobjects_success_response.json")
    assert (listed["encoding"], listed["maxBatchSize"]) == ("UTF-8", 200)
    assert {s["name"] for s in listed["sobjects"]} >= {"Lead", "User", "OpenActivity"}
    for summary in listed["sobjects"]:
        assert real["sobjects"][0].keys() <= summary.keys()


def test_a_describe_has_the_recorded_keys_with_values_of_their_types(server, recorded):
    real = recorded("sobject_describe_success_response.json")
    described = server.get("/sobjects/Lead/describe").json()
    assert real.keys() <= described.keys()
    sample = {field["name"]: field for field in real["fields"]}
    ours = {field["name"]: field for field in described["fields"]}
    keys = set().union(*(field.keys() for field in real["fields"]))
    # This key of 2011 has since left the describe.
    keys -= {"type"}
    for field in ours.values():
        assert keys <= field.keys()
    for name in ("Id", "IsDeleted", "SystemModstamp", "CreatedById"):
        for key, value in sample[name].items():
            assert type(ours[name][key]) is type(value) or value is None, (name, key)


def test_a_describe_tells_what_a_reader_needs(server):
    fields = {
        field["name"]: field
        for field in server.get("/sobjects/Lead/describe").json()["fields"]
    }
    assert fields["Id"]["soapType"] == "tns:ID"
    assert fields["Street"]["compoundFieldName"] == "Address"
    assert fields["Address"]["filterable"] is False
    assert fields["AnnualRevenue"]["scale"] == 2
    assert [v["value"] for v in fields["Status"]["picklistValues"]] == [
        "Open",
        "Closed",
    ]
    assert fields["CreatedById"]["referenceTo"] == ["User"]
    assert fields["Score__c"]["custom"] is True


def test_an_unknown_object_is_answered_as_recorded(server, recorded):
    answer = server.get("/sobjects/Nothing/describe")
    assert answer.status_code == 404
    assert answer.json() == recorded("sobject_describe_error_response.json")


def test_a_method_a_resource_has_not_is_405(server):
    answer = server.client.put(f"{server.api}/sobjects")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (
        405,
        "METHOD_NOT_ALLOWED",
    )


def test_a_batch_answers_each_request_in_order_as_if_alone(server):
    urls = [
        "/services/data/v64.0/sobjects/Lead/describe",
        "v64.0/sobjects/Nothing/describe",
        "v64.0/query?q=SELECT+Id+FROM+User",
        "v64.0/query?q=SELECT+Nothing+FROM+User",
    ]
    answer = _batch(server, urls).json()
    assert answer["hasErrors"] is True
    codes = [result["statusCode"] for result in answer["results"]]
    assert codes == [200, 404, 200, 400]
    assert (
        answer["results"][0]["result"] == server.get("/sobjects/Lead/describe").json()
    )
    assert answer["results"][2]["result"]["totalSize"] == 1
    assert answer["results"][3]["result"][0]["errorCode"] == "INVALID_FIELD"


def test_a_batch_that_halts_does_not_run_what_follows_an_error(server):
    urls = ["v64.0/sobjects/Nothing/describe", "v64.0/sobjects/User/describe"]
    results = _batch(server, urls, haltOnError=True).json()["results"]
    assert [result["statusCode"] for result in results] == [404, 412]
    assert results[1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


@pytest.mark.parametrize("count", [0, 26])
def test_a_batch_has_1_to_25_requests(server, count):
    answer = _batch(server, ["v64.0/sobjects/User/describe"] * count)
    assert answer.status_code == 400
    assert _batch(server, ["v64.0/sobjects/User/describe"] * 25).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"batchRequests": [1]}',
        b'{"batchRequests": [{"method": "GET"}]}',
        b'{"batchRequests": [{"method": "GET", "url": 7}]}',
        b'{"batchRequests": [{"method": "GET", "url": "http://["}]}',
    ],
)
def test_a_batch_that_is_none_is_a_parser_error(server, body):
    answer = server.client.post(f"{server.api}/composite/batch", data=body)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_limits_go_down_with_use(server):
    first = server.get("/limits").json()
    server.post_job("SELECT Id FROM User")
    second = server.get("/limits").json()
    used = "DailyApiRequests", "DailyBulkV2QueryJobs"
    spent = [first[name]["Remaining"] - second[name]["Remaining"] for name in used]
    assert spent == [2, 1]
    assert first["DailyBulkV2QueryFileStorageMB"]["Max"] == 976_562


def test_deleted_records_are_told_for_15_days(server, recorded):
    asked = {"start": "2018-01-20T00:00:00Z", "end": "2018-01-31T23:00:00+00:00"}
    answer = server.get("/sobjects/Lead/deleted/", params=asked).json()
    real = recorded("get_deleted_success_response.json")
    assert answer.keys() == real.keys()
    assert answer["deletedRecords"][0].keys() == real["deletedRecords"][0].keys()
    listed = {record["id"] for record in answer["deletedRecords"]}
    soql = (
        "SELECT Id FROM Lead WHERE IsDeleted = TRUE AND "
        "SystemModstamp >= 2018-01-20T00:00:00Z AND "
        "SystemModstamp < 2018-01-31T23:00:00Z"
    )
    records = server.query(soql, "queryAll").json()["records"]
    assert listed == {record["Id"] for record in records}
    assert listed


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "2017-12-01T00:00:00Z", "end": "2018-01-31T00:00:00Z"},
        {"start": "2018-01-31T00:00:00Z", "end": "2018-01-30T00:00:00Z"},
        {"start": "yesterday", "end": "2018-01-30T00:00:00Z"},
        {},
    ],
)
def test_a_wrong_time_for_deleted_records_is_refused(server, asked):
    answer = server.get("/sobjects/Lead/deleted", params=asked)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_a_url_over_16384_bytes_gets_an_html_page(server):
    answer = server.query("SELECT Id FROM Lead WHERE LastName = '" + "x" * 17_000 + "'")
    assert answer.status_code == 414
    assert answer.headers["content-type"].startswith("text/html")


def test_a_url_and_headers_over_16384_bytes_get_an_html_page(server):
    answer = server.get("/limits", headers={"X-Long": "x" * 16_384})
    assert answer.status_code == 431
    assert answer.headers["content-type"].startswith("text/html")
