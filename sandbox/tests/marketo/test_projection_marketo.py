"""The Marketo instance made of the log: ids, fields, states of earlier days."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest

from bizops_sandbox.projections.marketo import project_marketo
from bizops_sandbox.projections.marketo_activity_types import (
    CHANGE_SCORE,
    CHANGE_STATUS,
    CLICK_EMAIL,
    CONVERT_LEAD,
    DELETE_LEAD,
    EMAIL_DELIVERED,
    MERGE_LEADS,
    NEW_LEAD,
    OPEN_EMAIL,
    SEND_EMAIL,
)
from bizops_sandbox.projections.marketo_noise import HANDLING, marketo_noise
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.world import events as log
from bizops_sandbox.world.parameters import ParameterError, load_parameters
from bizops_sandbox.world.simulate import simulate

LOUD = {
    "organizations": 60,
    "noise": {"lead_dup": 0.4, "merge": 0.4, "soft_delete": 0.1, "late": 0.05},
}
MIDDLE = date(2017, 6, 15)


@pytest.fixture(scope="module")
def params():
    return load_parameters(overrides=LOUD)


@pytest.fixture(scope="module")
def events(params):
    return simulate(params)


@pytest.fixture(scope="module")
def instance(params, events):
    return project_marketo(events, params, params.as_of)


@pytest.fixture(scope="module")
def earlier(params, events):
    return project_marketo(events, params, MIDDLE)


def _of_type(instance, type_id):
    return [a for a in instance.activities if a.type_id == type_id]


PYTHON_TYPES = {
    "integer": int,
    "score": int,
    "boolean": bool,
    "datetime": datetime,
    "date": date,
    "currency": Decimal,
    "percent": Decimal,
}


def test_leads_hold_described_fields_in_their_types(instance):
    kinds = {field.rest_name: field.data_type for field in instance.lead_fields}
    for lead in instance.leads:
        for name, value in lead.values.items():
            assert type(value) is PYTHON_TYPES.get(kinds[name], str), name
            if isinstance(value, datetime):
                assert value.tzinfo is UTC
        assert lead.values["id"] == lead.id
        assert lead.created_at <= lead.updated_at <= lead.changed_at <= instance.as_of


def test_lead_ids_are_counted_in_the_order_records_were_made(instance):
    ids = [lead.id for lead in instance.leads]
    assert ids == sorted(set(ids))
    made = [lead.created_at for lead in instance.leads]
    assert made == sorted(made)


def test_the_log_of_activities_is_in_order_and_about_described_attributes(instance):
    order = [(activity.at, activity.id) for activity in instance.activities]
    assert order == sorted(order)
    ids = [activity.id for activity in instance.activities]
    assert ids == sorted(set(ids))
    known = {
        kind.id: {spec.name for spec in kind.attributes}
        for kind in instance.activity_types
    }
    for activity in instance.activities:
        assert set(json.loads(activity.attributes)) <= known[activity.type_id]


def test_every_activity_is_about_a_lead_that_is_there_but_for_deletions(instance):
    alive = {lead.id for lead in instance.leads}
    for activity in instance.activities:
        is_deletion = activity.type_id == DELETE_LEAD
        assert (activity.lead_id in alive) is not is_deletion


def test_every_live_crm_lead_has_a_record_that_names_it(params, events, instance):
    lost = Counter()
    by_key = {lead.key: lead for lead in instance.leads}
    for event in events:
        if isinstance(event, log.LeadCreated) and event.lead_key in by_key:
            lead = by_key[event.lead_key]
            assert lead.person_key == event.person_key
            found = lead.values.get("sfdcLeadId")
            lost[found is None] += 1
            assert found in (None, salesforce_id("Lead", event.lead_key))
    share = lost[True] / lost.total()
    assert 0 < share < 3 * float(params.noise.missing_crm_id)


def test_merged_and_deleted_records_are_gone(events, instance):
    keys = {lead.key for lead in instance.leads}
    losers = {e.loser_key for e in events if isinstance(e, log.LeadsMerged)}
    deleted = {e.lead_key for e in events if isinstance(e, log.LeadDeleted)}
    assert losers
    assert not losers & keys
    kept = deleted & keys
    assert 0 < len(kept) < len(deleted)
    for lead in instance.leads:
        if lead.key in deleted:
            assert lead.values["sfdcIsDeleted"] is True


def test_a_merge_names_the_loser_and_its_activities_become_the_survivors(instance):
    merges = _of_type(instance, MERGE_LEADS)
    assert merges
    alive = {lead.id for lead in instance.leads}
    for merge in merges:
        (loser_id,) = json.loads(json.loads(merge.attributes)["Merge IDs"])
        assert loser_id not in alive
        new = [
            a
            for a in _of_type(instance, NEW_LEAD)
            if a.primary_id == loser_id and a.lead_id == merge.lead_id
        ]
        assert len(new) == 1


def test_converted_leads_are_contacts_of_their_account(events, instance):
    by_key = {lead.key: lead for lead in instance.leads}
    seen = 0
    for event in events:
        if isinstance(event, log.LeadConverted) and event.lead_key in by_key:
            values = by_key[event.lead_key].values
            if "sfdcId" in values and not values.get("sfdcIsDeleted"):
                seen += 1
                assert values["sfdcType"] == "Contact"
                assert str(values["sfdcContactId"]).startswith("003")
                assert str(values["sfdcAccountId"]).startswith("001")
    assert seen
    assert seen <= len(_of_type(instance, CONVERT_LEAD))


def test_the_score_first_reaches_90_when_marketing_qualifies(events, instance):
    first: dict[int, datetime] = {}
    for activity in _of_type(instance, CHANGE_SCORE):
        if json.loads(activity.attributes)["New Value"] >= 90:
            first.setdefault(activity.lead_id, activity.at)
    people = {lead.id: lead.person_key for lead in instance.leads}
    qualified: dict[str, datetime] = {}
    for event in events:
        if isinstance(event, log.PersonScored):
            qualified.setdefault(event.person_key, event.at)
    assert first
    for lead_id, at in first.items():
        assert qualified[people[lead_id]] == at


def test_scores_add_up_to_the_leads_score(instance):
    changes = defaultdict(list)
    for activity in _of_type(instance, CHANGE_SCORE):
        changes[activity.lead_id].append(json.loads(activity.attributes))
    merged = {activity.lead_id for activity in _of_type(instance, MERGE_LEADS)}
    for lead in instance.leads:
        if lead.id in changes and lead.id not in merged:
            told = changes[lead.id]
            for one, following in pairwise(told):
                assert one["New Value"] == following["Old Value"]
            assert lead.values["leadScore"] == told[-1]["New Value"]


def test_every_click_the_log_tracked_is_there_at_its_second(events, instance):
    deleted = {
        event.lead_key.rpartition(".")[0]
        for event in events
        if isinstance(event, log.LeadDeleted)
    }
    people = {lead.person_key for lead in instance.leads} - deleted
    tracked = Counter(
        event.at
        for event in events
        if isinstance(event, log.ActivityTracked)
        and event.kind == "email_clicked"
        and event.person_key in people
    )
    of_people = {lead.id for lead in instance.leads if lead.person_key in people}
    found = Counter(
        activity.at
        for activity in _of_type(instance, CLICK_EMAIL)
        if activity.lead_id in of_people
    )
    assert tracked
    assert found == tracked


def test_a_mail_is_sent_and_delivered_before_it_is_read(instance):
    sent: dict[tuple[int, int | None], list[datetime]] = defaultdict(list)
    delivered = Counter()
    for activity in instance.activities:
        place = (activity.lead_id, activity.primary_id)
        if activity.type_id == SEND_EMAIL:
            sent[place].append(activity.at)
        elif activity.type_id == EMAIL_DELIVERED:
            delivered[place] += 1
        elif activity.type_id == OPEN_EMAIL:
            assert sent[place], activity
            assert min(sent[place]) <= activity.at
    assert all(delivered[place] <= len(moments) for place, moments in sent.items())


def test_programs_are_the_crms_campaigns_with_costs_in_whole_dollars(events, instance):
    programs = {str(row.get("sfdcId")): row for row in instance.assets["programs"]}
    costs: dict[str, Decimal] = {}
    for event in events:
        if isinstance(event, log.CampaignCostRecorded):
            costs[salesforce_id("Campaign", event.campaign_key)] = event.total_cost
    seen = 0
    for campaign_id, row in programs.items():
        if campaign_id in costs:
            seen += 1
            total = sum(cost["cost"] for cost in row["costs"])
            assert total == costs[campaign_id].quantize(Decimal(1), ROUND_HALF_UP)
    assert seen > 10


def test_recording_costs_leaves_the_programs_stamp_alone(events, instance):
    last: dict[str, datetime] = {}
    for event in events:
        if isinstance(event, log.CampaignCostRecorded):
            last[salesforce_id("Campaign", event.campaign_key)] = event.at
    stale = [
        row
        for row in instance.assets["programs"]
        if row["updatedAt"] < last.get(str(row.get("sfdcId")), row["createdAt"])
    ]
    assert stale


def test_members_have_the_status_their_last_progression_gave(instance):
    last: dict[tuple[int, int | None], str] = {}
    for activity in _of_type(instance, CHANGE_STATUS):
        place = (activity.lead_id, activity.primary_id)
        last[place] = json.loads(activity.attributes)["New Status"]
    merged = {activity.lead_id for activity in _of_type(instance, MERGE_LEADS)}
    assert instance.members
    for member in instance.members:
        if member.lead_id not in merged:
            assert member.status == last[member.lead_id, member.program_id]
        assert member.has_success is (member.success_at is not None)


def test_one_membership_a_person_and_program(instance):
    places = [(m.program_id, m.lead_id) for m in instance.members]
    assert places == sorted(set(places))
    alive = {lead.id for lead in instance.leads}
    assert {m.lead_id for m in instance.members} <= alive
    programs = {row["id"] for row in instance.assets["programs"]}
    assert {m.program_id for m in instance.members} <= programs


def test_static_lists_hold_living_leads(instance):
    alive = {lead.id for lead in instance.leads}
    lists = {row["id"] for row in instance.assets["static_lists"]}
    assert instance.list_members
    for list_id, members in instance.list_members.items():
        assert list_id in lists
        assert set(members) <= alive


def test_an_earlier_day_gives_the_earlier_state_with_the_same_ids(instance, earlier):
    later = {activity.id: activity for activity in instance.activities}
    alive = {lead.id for lead in instance.leads}
    assert earlier.activities[-1].at <= earlier.as_of
    for activity in earlier.activities:
        now = later.get(activity.id)
        if now is None:
            assert activity.lead_id not in alive
            continue
        assert (now.at, now.type_id, now.attributes) == (
            activity.at,
            activity.type_id,
            activity.attributes,
        )
    people = {lead.id: lead.person_key for lead in instance.leads}
    for lead in earlier.leads:
        assert people.get(lead.id, lead.person_key) == lead.person_key


def test_late_activities_are_not_visible_before_their_time(events, instance):
    late = load_parameters(overrides={**LOUD, "noise": {**LOUD["noise"], "late": 1}})
    window = timedelta(seconds=late.noise.late_seconds_max)
    close = [
        activity
        for activity in instance.activities
        if activity.at.replace(hour=23, minute=59, second=59) - activity.at < window
    ]
    for activity in close:
        day = activity.at.date()
        that_day = project_marketo(events, late, day)
        if activity.id not in {other.id for other in that_day.activities}:
            break
    else:
        pytest.fail("no activity was late at a day's end")
    next_day = project_marketo(events, late, day + timedelta(days=1))
    assert activity.id in {other.id for other in next_day.activities}


def test_the_hidden_stamp_differs_from_the_visible_one_for_some(instance):
    assert any(lead.changed_at > lead.updated_at for lead in instance.leads)


def test_a_day_outside_the_company_is_refused(params, events):
    with pytest.raises(ParameterError, match="as_of"):
        project_marketo(events, params, params.as_of + timedelta(days=1))


def test_the_same_log_gives_the_same_instance(params, events, earlier):
    assert project_marketo(events, params, MIDDLE) == earlier


def test_the_ledger_names_what_differs(params, events, instance):
    rows = marketo_noise(events, params, params.as_of)
    assert {row.code for row in rows} <= set(HANDLING)
    alive = {str(lead.id) for lead in instance.leads}
    gone = {"marketo_lead_merged", "marketo_lead_deleted"}
    for row in rows:
        if row.object_name == "Lead":
            assert (row.source_id in alive) is (row.code not in gone)
    unlinked = {r.source_id for r in rows if r.code == "marketo_lead_unlinked"}
    without_id = {str(x.id) for x in instance.leads if "sfdcId" not in x.values}
    assert unlinked
    assert unlinked <= without_id
    unnamed = {r.source_id for r in rows if r.code == "marketo_program_unlinked"}
    gone_programs = {r.source_id for r in rows if r.code == "marketo_program_deleted"}
    assert unnamed - gone_programs == {
        str(row["id"]) for row in instance.assets["programs"] if "sfdcId" not in row
    }
