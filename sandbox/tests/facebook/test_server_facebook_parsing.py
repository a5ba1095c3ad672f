"""Whatever a client writes is answered or refused, never stumbled over."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizops_sandbox.projections.facebook import project_facebook
from bizops_sandbox.servers.facebook.breakdowns import deal
from bizops_sandbox.servers.facebook.calls import make_call
from bizops_sandbox.servers.facebook.filtering import OPERATORS
from bizops_sandbox.servers.facebook.graph_errors import GraphError
from bizops_sandbox.servers.facebook.nodes import read_fields
from bizops_sandbox.servers.facebook.paging import decode_cursor, encode_cursor
from bizops_sandbox.servers.facebook.routing import answer
from bizops_sandbox.servers.facebook.settings import Credentials
from bizops_sandbox.servers.facebook.simulator import Simulator
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

EDGES = [
    "",
    "/insights",
    "/campaigns",
    "/ads",
    "/advideos",
    "/adimages",
    "/leads",
    "/x",
]
VALUES = st.one_of(
    st.integers(-5, 2**40),
    st.text(max_size=6),
    st.none(),
    st.lists(st.text(max_size=4) | st.integers(), max_size=3),
)
CONDITIONS = st.lists(
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(
                [
                    "ad.updated_time",
                    "campaign.name",
                    "delivery_info",
                    "spend",
                    "x.y",
                    "id",
                ]
            ),
            "operator": st.sampled_from([*OPERATORS, "LIKE"]),
            "value": VALUES,
        }
    ),
    max_size=2,
)
WORDS = st.sampled_from(
    ["", "1", "-1", "ad", "age", "[]", "{}", "null", "[1]", "account", "all_days", "{"]
)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "fields": st.text("abid,{}_ ", max_size=12),
        "limit": WORDS,
        "after": st.text(max_size=12),
        "level": WORDS,
        "breakdowns": WORDS,
        "time_increment": WORDS,
        "time_range": WORDS,
        "time_ranges": WORDS,
        "sort": WORDS,
        "ids": WORDS,
        "filtering": CONDITIONS.map(json.dumps) | WORDS,
    },
)


@pytest.fixture(scope="module")
def simulator():
    params = load_parameters(scale="tiny")
    events = simulate(params)
    return Simulator(
        lambda day: project_facebook(events, params, day), date(2017, 3, 1)
    )


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edge=st.sampled_from(EDGES),
    kind=st.sampled_from(["AdAccount", "Campaign", "Ad", "Page", "LeadgenForm"]),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    params=PARAMS,
)
def test_any_call_is_answered_or_refused(simulator, edge, kind, method, params):
    node = next(n for n in simulator.business.nodes if n.kind == kind)
    call = make_call(
        method,
        f"/v25.0/{node.id}{edge}",
        form=params,
        token=Credentials().access_token,
        base_url="http://sandbox.test",
        default_version=25,
    )
    try:
        document = answer(call, simulator)
    except GraphError as error:
        document = error.document("A1")
    assert json.dumps(document)


@given(st.text("abc,{} ", max_size=30))
def test_fields_are_read_or_refused(text):
    try:
        wanted = read_fields(text)
    except GraphError:
        assert text.count("{") or text.count("}")
    else:
        assert wanted
        assert text.count("{") == text.count("}")


@given(st.text(max_size=30), st.integers(0, 50))
def test_a_cursor_means_what_it_was_made_of(key, turn):
    assert decode_cursor(encode_cursor(key, turn=turn)) == (turn, key)


@given(st.text(max_size=30))
def test_a_made_up_cursor_is_refused_or_read(text):
    code = 100
    try:
        decode_cursor(text)
    except GraphError as error:
        code = error.code
    assert code == 100


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**4), min_size=1, max_size=30))
def test_a_total_is_dealt_out_whole_and_fairly(total, weights):
    parts = deal(total, weights)
    assert sum(parts) == total
    of = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / of) < 1
    assert len(parts) == len(weights)
