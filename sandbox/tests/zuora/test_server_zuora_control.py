"""Controlling the Zuora server: its day, its settings, its journal, its faults."""

from __future__ import annotations

import asyncio
from datetime import date

import httpx
import pytest

from bizops_sandbox.servers.company import Company
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.settings import ServerSettings
from bizops_sandbox.servers.zuora import FAULT_KINDS, make_app, variables


def test_the_state_tells_day_clock_and_sizes(zuora):
    state = zuora.control("GET").json()
    assert state["as_of"] == "2018-01-31"
    assert state["now"] == "2018-01-31T23:59:59+00:00"
    assert state["objects"]["Subscription"] > 100


def test_an_earlier_day_has_less_and_an_incremental_read_finds_the_rest(zuora):
    text = "select Id, UpdatedDate from Invoice"
    zuora.move("2017-10-31")
    before = {row["Invoice.Id"] for row in zuora.rows(text)}
    zuora.move("2017-11-30")
    changed = zuora.rows(f"{text} where UpdatedDate >= '2017-10-31T23:59:59Z'")
    after = {row["Invoice.Id"] for row in zuora.rows(text)}
    assert before < after
    assert after - before <= {row["Invoice.Id"] for row in changed}
    assert {row["Invoice.Id"] for row in changed} & before


@pytest.mark.parametrize(
    "document", [{"as_of": "2030-01-01"}, {"as_of": "soon"}, {}, []]
)
def test_a_wrong_day_is_refused_and_nothing_moves(zuora, document):
    answer = zuora.control("POST", "/as-of", json=document)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert zuora.control("GET").json()["as_of"] == "2018-01-31"


@pytest.mark.parametrize(
    "settings",
    [
        {"page_rows": 5},
        {"job_polls": "3"},
        {"job_polls": -1},
        {"query_rows": 0},
        {"naked_literals": "guess"},
        {"tenant_zone": "Middle/Earth"},
        {"credentials": {}},
    ],
)
def test_wrong_settings_are_refused(zuora, settings):
    answer = zuora.control("POST", "/settings", json=settings)
    assert answer.status_code == 400
    assert next(iter(settings)) in answer.json()["error"]


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "earthquake"},
        {"fault": "cut", "after_bytes": "many"},
        {"fault": "rows_hidden", "object": "Account"},
        {"fault": "status", "match": {"colour": "red"}},
    ],
)
def test_wrong_faults_are_refused(zuora, fault):
    answer = zuora.control("POST", "/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert zuora.control("GET", "/faults").json() == []


def test_the_journal_keeps_requests_with_their_version_header(zuora):
    zuora.control("DELETE", "/requests")
    zuora.get("/v1/describe", headers={"Zuora-Version": "2025-08-12"})
    (entry,) = zuora.control("GET", "/requests").json()
    assert entry["path"] == "/v1/describe"
    assert entry["status"] == 200
    assert entry["headers"]["zuora-version"] == "2025-08-12"
    assert entry["answer_bytes"] > 500


def test_unknown_paths_and_methods_are_told(zuora):
    assert zuora.get("/v1/unicorns").status_code == 404
    answer = zuora.client.put(f"{zuora.base_url}/v1/describe")
    assert answer.status_code == 405


def test_kinds_of_faults_have_a_meaning_and_a_name_of_their_own():
    names = [kind.name for kind in FAULT_KINDS]
    assert len(names) == len(set(names))
    assert all(kind.meaning for kind in FAULT_KINDS)


def test_variables_are_those_of_the_taps_settings():
    found = variables("http://127.0.0.1:1")
    assert found["ZUORA_BASE_URL"] == "http://127.0.0.1:1"
    assert set(found) == {"ZUORA_BASE_URL", "ZUORA_CLIENT_ID", "ZUORA_CLIENT_SECRET"}


def test_where_sources_are_served_together_all_of_them_are_moved(company):
    events, params = company()
    app = make_app(
        Company(params, events),
        FaultBoard(FAULT_KINDS),
        Journal(),
        ServerSettings(date(2017, 6, 30), "http://testserver"),
    )
    moved = []
    app.state.move_all = moved.append

    async def talk():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://testserver"
        ) as client:
            state = (await client.get("/__sim")).json()
            assert state["as_of"] == "2017-06-30"
            wanted = {"as_of": "2017-07-31"}
            return await client.post("/__sim/as-of", json=wanted)

    assert asyncio.run(talk()).status_code == 200
    assert moved == [date(2017, 7, 31)]
