"""The one gate and the one control interface, at each of the five sources."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import requests

from bizops_sandbox.servers.settings import SOURCES

UNTOUCHED = {
    "salesforce": "/services/data",
    "marketo": "/identity/oauth/token",
    "zuora": "/v1/describe",
    "facebook": "/v24.0/me",
    "gitlab": "/api/v4/version",
}
STATUS = {"fault": "status", "status": 503, "retry_after": 7}


@pytest.fixture(scope="module")
def ready():
    """The ready line of a served company; its process ends after the module."""
    command = [sys.executable, "-m", "bizops_sandbox", "serve", "--scale", "tiny"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield json.loads(process.stdout.readline())
    process.kill()
    process.communicate()


def _ask(ready: dict, source: str, fault: object = None) -> requests.Response:
    base = ready["control_urls"][source].removesuffix("/__sim")
    if source == "salesforce":
        base = ready["instance_url"]
    headers = {} if fault is None else {"X-Sim-Fault": json.dumps(fault)}
    return requests.get(base + UNTOUCHED[source], headers=headers, timeout=60)


def _control(ready: dict, source: str, method: str, path: str, **given):
    url = ready["control_urls"][source] + path
    return requests.request(method, url, timeout=60, **given)


@pytest.mark.parametrize("source", SOURCES)
def test_a_request_brings_a_fault_for_itself_alone(ready, source):
    plain = _ask(ready, source)
    struck = _ask(ready, source, STATUS)
    assert (struck.status_code, struck.headers["Retry-After"]) == (503, "7")
    assert _ask(ready, source).status_code == plain.status_code != 503
    journal = _control(ready, source, "GET", "/requests").json()
    assert [entry["fault"] for entry in journal[-3:]] == [None, "status", None]
    assert _control(ready, source, "GET", "/faults").json() == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_fault_brought_along_strikes_before_the_armed_ones(ready, source):
    armed = {"fault": "status", "status": 500}
    assert _control(ready, source, "POST", "/faults", json=armed).status_code == 201
    assert _ask(ready, source, STATUS).status_code == 503
    assert _ask(ready, source).status_code == 500
    assert _control(ready, source, "DELETE", "/faults").status_code == 204


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"fault": "nonsense"}, "unknown fault 'nonsense'; known are:"),
        ({"fault": "status", "colour": 1}, "has no key 'colour'"),
        ({"fault": "clock_skew", "seconds": 1}, "clock_skew lasts; arm it at"),
        ([STATUS, 7], 'a fault is an object with a key "fault"'),
    ],
)
def test_a_header_that_is_no_fault_of_one_request_is_refused(
    ready, source, fault, told
):
    answer = _ask(ready, source, fault)
    assert answer.status_code == 400
    assert told in answer.json()["error"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_connection_is_cut_or_reset_by_header(ready, source):
    for name in ("reset", "cut"):
        with pytest.raises(
            (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
        ):
            _ask(ready, source, {"fault": name} | _cut_early(name))


def _cut_early(name: str) -> dict:
    return {"after_bytes": 5} if name == "cut" else {}


@pytest.mark.parametrize("source", SOURCES)
def test_a_wrong_setting_or_day_is_told_and_nothing_changes(ready, source):
    before = _control(ready, source, "GET", "").json()
    for path, wanted, told in (
        ("/settings", {"colour": "red"}, "unknown setting 'colour'; known are:"),
        ("/settings", [1], "the body must be a JSON object"),
        ("/as-of", {"day": "2017-01-01"}, 'the body must be {"as_of": "YYYY-MM-DD"}'),
        ("/as-of", {"as_of": "1999-01-01"}, "1999-01-01"),
    ):
        answer = _control(ready, source, "POST", path, json=wanted)
        assert (answer.status_code, told in answer.json()["error"]) == (400, True)
    assert _control(ready, source, "GET", "").json()["as_of"] == before["as_of"]


def test_the_instances_of_the_ready_line_answer_with_their_own_token(ready):
    instances = json.loads(ready["env"]["GITLAB_INSTANCES"])
    assert instances == _control(ready, "gitlab", "GET", "/instances").json()
    assert instances
    for instance in instances:
        token = {"PRIVATE-TOKEN": instance["private_token"]}
        url = f"{instance['api_url']}/license"
        assert requests.get(url, headers=token, timeout=60).status_code == 200
