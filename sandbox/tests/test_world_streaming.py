"""The log without memory, and the invariants that every log is checked for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from bizops_sandbox.inputs.write import write_inputs
from bizops_sandbox.projections.marketo import project_marketo
from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.projections.zuora import project_zuora
from bizops_sandbox.servers import company
from bizops_sandbox.truth.write import write_truth
from bizops_sandbox.world import events as log
from bizops_sandbox.world import invariants
from bizops_sandbox.world import simulate as simulating
from bizops_sandbox.world.invariants import InvariantError, check_log
from bizops_sandbox.world.log import StoredLog, encode_event, write_log
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate
from bizops_sandbox.world.streaming import simulate_to

ALL = ("salesforce", "marketo", "zuora", "facebook", "gitlab", "csv", "models")


@pytest.fixture(scope="module")
def world():
    params = load_parameters(overrides={"organizations": 40})
    return params, simulate(params)


@pytest.mark.parametrize("run_events", [700, 200_000])
def test_the_streamed_log_has_the_same_bytes(world, tmp_path, run_events):
    params, events = world
    whole, streamed = tmp_path / "whole", tmp_path / "streamed"
    write_log(events, whole)
    assert simulate_to(streamed, params, run_events=run_events) == len(events)
    assert streamed.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["streamed", "whole"]


def test_a_company_of_every_sort_keeps_the_invariants(world):
    params, events = world
    check_log(events, params)


def changed(events, kind, **values):
    """The log with one event of a kind changed; a dict of None drops the event."""
    place = next(n for n, event in enumerate(events) if type(event) is kind)
    rest = list(events)
    if values:
        rest[place] = msgspec.structs.replace(rest[place], **values)
    else:
        del rest[place]
    return rest


@pytest.mark.parametrize(
    ("code", "kind", "values"),
    [
        ("I1", log.AdDaySpent, {"spend": Decimal("0.01")}),
        ("I3", log.SubscriptionStarted, {"seats": 1_000_000}),
        ("I4", log.InvoicePosted, {"amount": Decimal(1)}),
        ("I5", log.LicenseIssued, {"seats": 1_000_000}),
        ("I6", log.UsagePinged, {"active_users": 1_000_000}),
        ("I12", log.FxRateFixed, {}),
        ("I13", log.PersonKnown, {"work_email": "somebody@corporate.com"}),
        ("cash", log.BooksClosed, {"cash_end": Decimal(7)}),
    ],
)
def test_a_log_that_cannot_be_is_refused_by_the_name_of_the_rule(
    world, code, kind, values
):
    params, events = world
    with pytest.raises(InvariantError, match=f"{code} does not hold"):
        check_log(changed(events, kind, **values), params)


def test_events_out_of_order_or_out_of_the_window_are_refused(world):
    params, events = world
    with pytest.raises(InvariantError, match="I10"):
        check_log([events[-1], events[0]], params)
    late = msgspec.structs.replace(events[-1], at=events[-1].at + timedelta(days=1))
    with pytest.raises(InvariantError, match="I10"):
        check_log([*events, late], params)


def test_the_small_log_is_small_and_another_parameters_log_may_be_larger(
    world, monkeypatch
):
    params, events = world
    monkeypatch.setattr(invariants, "MOST_SMALL_BYTES", 1_000)
    check_log(events, params)
    small = load_parameters()
    whole = sum(len(encode_event(event)) + 1 for event in simulate(params))
    assert whole > 1_000
    with pytest.raises(InvariantError, match="I14 does not hold"):
        check_log(simulate_unchecked(small, monkeypatch), small)
    monkeypatch.undo()
    check_log(simulate(small), small)


def simulate_unchecked(params, monkeypatch):
    monkeypatch.setattr(simulating, "check_log", lambda _events, _params: None)
    return simulate(params)


def test_a_second_subscription_of_an_order_is_refused(world):
    params, events = world
    first = next(e for e in events if isinstance(e, log.SubscriptionStarted))
    again = msgspec.structs.replace(first, subscription_key="another")
    place = events.index(first)
    with pytest.raises(InvariantError, match="I2"):
        check_log([*events[: place + 1], again, *events[place + 1 :]], params)


def test_the_slices_end_with_the_window():
    params = load_parameters(overrides={"late_slices": 4})
    assert len(params.slices) == 4
    assert params.slices[-1] == params.as_of
    assert list(params.slices) == sorted(set(params.slices))


def test_each_currency_has_its_share_and_a_rate_every_day(world):
    params, events = world
    codes = [e.currency for e in events if isinstance(e, log.OrganizationKnown)]
    assert set(codes) == {"USD", "EUR", "GBP"}
    days = [e.day for e in events if isinstance(e, log.FxRateFixed)]
    assert len(set(days)) == (params.as_of - params.start_date).days + 1


def test_planted_oddities_are_in_the_log_as_many_as_asked_for():
    noise = {"shared_license": 3, "host_conflict": 2}
    events = simulate(load_parameters(overrides={"organizations": 120, "noise": noise}))
    licenses = {
        e.license_key: e.organization_key
        for e in events
        if isinstance(e, log.LicenseIssued)
    }
    owners, shared, hosts = {}, set(), set()
    domains = {
        e.organization_key: e.domain
        for e in events
        if isinstance(e, log.OrganizationKnown) and e.domain
    }
    for event in events:
        if isinstance(event, log.InstanceInstalled):
            owners[event.instance_uuid] = event.organization_key
            own = domains[event.organization_key]
            if not event.hostname.endswith(f".{own}"):
                hosts.add(event.instance_uuid)
        elif isinstance(event, log.UsagePinged) and event.license_key:
            owner = owners[event.instance_uuid]
            if licenses[event.license_key] != owner:
                shared.add(event.license_key)
    assert len(shared) == 3
    assert len(hosts) == 2


def test_truth_inputs_and_projections_are_the_same_from_a_stored_log(tmp_path):
    params = load_parameters(scale="tiny")
    held = simulate(params)
    simulate_to(tmp_path / "log.jsonl", params)
    day = params.as_of - timedelta(days=40)
    for name, events in (
        ("held", held),
        ("stored", StoredLog(tmp_path / "log.jsonl")),
    ):
        write_truth(events, params, day, tmp_path / name / "truth", sources=ALL)
        write_inputs(events, params, day, tmp_path / name / "inputs")
    for path in (tmp_path / "held").rglob("*.*"):
        other = tmp_path / "stored" / path.relative_to(tmp_path / "held")
        assert other.read_bytes() == path.read_bytes(), path.name
    stored = StoredLog(tmp_path / "log.jsonl")
    for project in (project_salesforce, project_marketo, project_zuora):
        assert project(stored, params, day) == project(held, params, day)


def test_the_log_of_a_large_company_is_kept_in_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(company, "MOST_HELD_ORGANIZATIONS", 3)
    found = company.simulate_company(
        scale="tiny", seed=None, directory=lambda: tmp_path
    )
    assert isinstance(found.events, StoredLog)
    assert found.events.path.parent == tmp_path
    assert tuple(found.events) == simulate(found.parameters)
