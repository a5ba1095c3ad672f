"""Input that cannot work, unreachable hosts, signals: exit statuses and words."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from reading_kit.testing.processes import find_program

REPORT = "adsinsights_default"
KEY = ("date_start", "account_id", "ad_id")
SINCE = "2017-12-01"


def test_a_wrong_token_ends_with_2_and_is_not_told(facebook):
    outcome = facebook.read("campaigns", access_token="EAAnotAToken0123456789abc")
    assert outcome.status == 2
    assert "access_token: it is not valid; make a new one" in outcome.log
    assert "notAToken" not in outcome.log
    assert outcome.lines == []


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_no_secret_is_in_any_output(facebook, level, monkeypatch):
    monkeypatch.setenv("TAP_FACEBOOK_ADS_LOGLEVEL", level)
    env = facebook.ready["env"]
    outcome = facebook.read(
        "campaigns", "leads", REPORT, app_secret=env["FACEBOOK_APP_SECRET"]
    )
    assert outcome.status == 0, outcome.log
    everything = outcome.log + "\n".join(outcome.lines)
    for name in ("FACEBOOK_ACCESS_TOKEN", "FACEBOOK_APP_SECRET"):
        assert env[name] not in everything
    assert "EAA" not in everything
    for entry in facebook.requests("", "/"):
        assert "access_token=" not in entry["query"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_an_unreachable_host_ends_with_5(facebook, url):
    outcome = facebook.read("campaigns", api_url=url)
    assert outcome.status == 5
    assert "127.0.0.1:1" in outcome.log
    assert "Traceback" not in outcome.log


BAD_INPUT = {
    "a wrong number": ({"max_concurrent_jobs": "many"}, "max_concurrent_jobs"),
    "a wrong date": ({"start_date": "soon"}, "start_date"),
    "plain http": ({"api_url": "http://graph.example.com"}, "https"),
    "no token": ({"access_token": None}, "access_token"),
    "no account": ({"account_ids": None}, "account_id"),
    "the breakdown dma": (
        {"insight_reports_list": [{"name": "a", "breakdowns": ["dma"]}]},
        "dma was removed",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT.values(), ids=BAD_INPUT.keys())
@pytest.mark.parametrize("verb", ["--discover", None])
def test_bad_input_ends_with_2_and_names_the_setting(facebook, case, verb):
    changes, word = case
    outcome = facebook.run(*([verb] if verb else []), **changes)
    assert outcome.status == 2
    assert word in outcome.log
    assert "Traceback" not in outcome.log
    assert outcome.lines == []


@pytest.mark.parametrize(
    "bookmarks",
    [
        {REPORT: 5},
        {REPORT: {"date_start": "soon"}},
        {REPORT: {"partitions": "all"}},
        {"campaigns": {"partitions": [{"replication_key_value": 5}]}},
        {"campaigns": {"updated_time": "soon"}},
    ],
)
def test_a_state_that_is_none_ends_with_2(facebook, bookmarks):
    outcome = facebook.read(REPORT, "campaigns", state={"bookmarks": bookmarks})
    entry = bookmarks.get("campaigns", {})
    if isinstance(entry, dict) and isinstance(entry.get("partitions"), list):
        # An entry of no account is not ours: nothing is read from it.
        assert outcome.status == 0
        return
    assert outcome.status == 2
    assert "state" in outcome.log
    assert "Traceback" not in outcome.log


STATES = {
    "the first singer tap": {
        "adsinsights_default": {"date_start": "2018-01-20T00:00:00.000000Z"},
        "campaigns": {"updated_time": "2017-12-20T00:00:00.000000Z"},
    },
    "its names": {
        "ads_insights": {"date_start": "2018-01-20T00:00:00Z"},
        "campaigns": {"updated_time": "2017-12-20T00:00:00Z"},
    },
    "the meltano tap": {
        "adsinsights_default": {
            "partitions": [
                {
                    "context": {"_current_account_id": account},
                    "replication_key": "date_start",
                    "replication_key_value": "2018-01-20",
                }
                for account in ("act_415200177340981", "280314905512967")
            ]
        },
        "campaigns": {
            "replication_key": "updated_time",
            "replication_key_value": "2017-12-20T00:00:00+00:00",
        },
    },
}


@pytest.mark.parametrize("bookmarks", STATES.values(), ids=STATES.keys())
def test_states_of_other_taps_are_gone_on_from(facebook, bookmarks):
    state = {"bookmarks": {**bookmarks, "elsewhere": {"x": 1}}}
    outcome = facebook.read(REPORT, "campaigns", state=state, start_date="2017-01-01")
    assert outcome.status == 0, outcome.log
    days = {record["date_start"] for record in outcome.records(REPORT)}
    assert min(days) == "2017-12-23"
    times = {record["updated_time"] for record in outcome.records("campaigns")}
    assert min(times) >= "2017-12-20"
    assert outcome.state["bookmarks"]["elsewhere"] == {"x": 1}
    for stream in (REPORT, "campaigns"):
        assert list(outcome.state["bookmarks"][stream]) == ["partitions"]


def test_a_catalog_of_another_tap_is_taken_with_its_names(facebook):
    catalog = facebook.choose("campaigns")
    creatives = next(
        entry for entry in catalog["streams"] if entry["tap_stream_id"] == "creatives"
    )
    creatives["tap_stream_id"] = creatives["stream"] = "adcreative"
    for item in creatives["metadata"]:
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = True
    outcome = facebook.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    assert outcome.records("creatives")


def test_columns_that_are_not_selected_are_neither_asked_for_nor_written(facebook):
    catalog = facebook.choose(REPORT)
    report = next(e for e in catalog["streams"] if e["tap_stream_id"] == REPORT)
    for item in report["metadata"]:
        if item["breadcrumb"] and item["breadcrumb"][1] not in {*KEY, "spend"}:
            item["metadata"]["selected"] = False
    outcome = facebook.run(catalog=catalog)
    assert outcome.status == 0, outcome.log
    wanted = {*KEY, "spend"}
    assert {name for record in outcome.records() for name in record} == wanted
    assert set(outcome.schema(REPORT)["properties"]) == wanted
    (fields,) = {
        part
        for post in facebook.requests("POST", "/insights")
        for part in post["body"].split("&")
        if part.startswith("fields=")
    }
    assert fields == "fields=account_id%2Cad_id%2Cspend"


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_is_gone_on_with_and_nothing_is_lost(facebook, signum):
    whole = facebook.read(REPORT, start_date=SINCE).table(REPORT, *KEY)
    tap = facebook.start(REPORT, start_date=SINCE, max_concurrent_jobs=1)
    tap.first_state(holding='"replication_key_value":"2017-12')
    first = tap.end(signum)
    wanted = -signum if signum is signal.SIGKILL else 128 + signum
    assert first.status == wanted
    assert all(json.loads(line) for line in first.lines)
    second = facebook.read(REPORT, start_date=SINCE, state=first.state)
    assert second.status == 0, second.log
    both = {**first.table(REPORT, *KEY), **second.table(REPORT, *KEY)}
    assert both == whole


def test_a_reader_that_goes_away_ends_the_tap(facebook):
    command = facebook.command(catalog=facebook.choose(REPORT), start_date="2016-02-01")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as tap:
        assert tap.stdout
        tap.stdout.readline()
        tap.stdout.close()
        _, log = tap.communicate(timeout=60)
    assert tap.returncode == 1
    assert b"reader of the output is gone" in log
    assert b"Traceback" not in log


def test_about_tells_all_settings_without_asking_the_service():
    program = find_program("tap-facebook-ads")
    done = subprocess.run(
        [program, "--about", "--format=json"],
        capture_output=True,
        text=True,
        check=True,
    )
    about = json.loads(done.stdout)
    assert "insight_reports_list" in about["settings"]["properties"]
    assert "batch" in about["capabilities"]


def test_discovery_asks_the_service_nothing(facebook):
    facebook.control("DELETE", "/requests")
    names = {entry["tap_stream_id"] for entry in facebook.discover()["streams"]}
    assert {"campaigns", "adsinsights_default", "ads_insights_country"} <= names
    assert facebook.requests("", "/") == []


def test_the_settings_may_come_from_the_environment(facebook, monkeypatch):
    for name, value in facebook.settings.items():
        text = value if isinstance(value, str) else json.dumps(value)
        monkeypatch.setenv(f"TAP_FACEBOOK_ADS_{name.upper()}", text)
    outcome = facebook.run_with(["--config=ENV", "--discover"])
    assert outcome.status == 0, outcome.log


def test_the_calls_of_the_run_are_told(facebook):
    outcome = facebook.read("campaigns", REPORT)
    (line,) = [each for each in outcome.log.splitlines() if "API calls: " in each]
    told = int(line.split("API calls: ")[1].split(" ")[0])
    assert facebook.control("GET", "")["api_requests"] > 0
    seen = facebook.requests("", "/v25.0")
    batches = [entry for entry in seen if entry["path"].rstrip("/") == "/v25.0"]
    assert told >= len(seen) + len(batches)


def test_a_token_that_ends_soon_is_warned_of(facebook):
    """The sandbox's user token lives two hours."""
    token = "EAASandboxShortLivedUserToken0123456789abcdef"
    outcome = facebook.read("campaigns", access_token=token)
    if outcome.status == 0:
        assert "access_token: it expires on" in outcome.log
    else:
        assert "access_token: it has expired" in outcome.log
    assert token not in outcome.log
