"""Who is who, over all sources, against whom the log says each record is of."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

NODES = (
    "select source_name, object_name, source_id, node_kind, hard_cluster_key,"
    " anchor_key from intermediate.int_identity__clusters where is_active"
)
TRUE_KEYS = {"person": "true_person", "organization": "true_organization"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A record that counts: where the models put it, and where it belongs."""

    kind: str
    hard_cluster: str
    anchor: str
    true_key: str


@pytest.fixture(scope="module")
def placed(whole, built_whole):
    """Give the records of all sources whose truth is known."""
    truth = {
        (row["source"], row["object"], row["source_id"]): row
        for row in whole.truth_rows("identities.csv")
    }
    found = []
    for source, object_name, source_id, kind, cluster, anchor in built_whole.query(
        NODES
    ):
        row = truth.get((source, object_name, source_id))
        if row is not None and row[TRUE_KEYS[kind]]:
            found.append(Placed(kind, cluster, anchor, row[TRUE_KEYS[kind]]))
    return found


def pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def shares(records: list[Placed], group: str) -> tuple[float, float]:
    """Give precision and recall over pairs of records that are put together."""
    together = Counter(getattr(each, group) for each in records)
    belonging = Counter(each.true_key for each in records)
    right = pairs(
        Counter((getattr(each, group), each.true_key) for each in records).values()
    )
    return right / pairs(together.values()), right / pairs(belonging.values())


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_hard_rules_join_no_two_records_that_are_not_the_same(placed, kind):
    records = [each for each in placed if each.kind == kind]
    truths = defaultdict(set)
    for each in records:
        truths[each.hard_cluster].add(each.true_key)

    assert len(records) > 500
    assert not {key: keys for key, keys in truths.items() if len(keys) > 1}
    assert shares(records, "hard_cluster")[0] == 1


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_nearly_all_records_that_are_the_same_are_found(placed, kind):
    records = [each for each in placed if each.kind == kind]

    assert shares(records, "anchor")[1] >= 0.97


def test_records_of_every_source_are_among_them(whole, built_whole):
    known = {
        (row["source"], row["object"]) for row in whole.truth_rows("identities.csv")
    }
    # Developers and invoices are neither people nor organizations of the market.
    known -= {("gitlab", "User"), ("zuora", "Invoice")}
    found = set(
        built_whole.query(
            "select distinct source_name, object_name"
            " from intermediate.int_identity__nodes"
        )
    )

    assert found == known


def test_a_person_of_the_crm_is_the_same_with_all_sources_as_without(built_whole):
    differing = built_whole.query(
        "select people.node_key from intermediate.int_identity__people as people"
        " inner join intermediate.int_people__clusters as crm"
        " on people.node_key = crm.record_key"
        " where people.person_key <> crm.person_key"
    )
    split = built_whole.query(
        "select hard_cluster_key from intermediate.int_identity__clusters as wide"
        " inner join intermediate.int_people__clusters as crm"
        " on wide.node_key = crm.record_key"
        " group by 1 having count(distinct crm.person_key) > 1"
    )

    assert not differing
    assert not split


def conflicts(bench: Any) -> dict[str, set[frozenset[str]]]:
    found = defaultdict(set)
    for reason, left, right in bench.query(
        "select reason, left_record, right_record from marts.fct_identity_conflicts"
    ):
        found[reason].add(frozenset((left, right)))
    return found


def test_accounts_that_somebody_made_twice_are_suggested_until_they_are_merged(
    whole, built_whole
):
    living = {
        row[0]
        for row in built_whole.query(
            "select account_id from intermediate.int_accounts__resolved"
            " where is_active and account_id = surviving_account_id"
        )
    }
    twice = {
        frozenset(
            (f"sfdc.account:{row['source_id']}", f"sfdc.account:{row['other_id']}")
        )
        for row in whole.truth_rows("noise.csv")
        if row["code"] == "account_dup"
        and row["source_id"] in living
        and row["other_id"] in living
    }
    found = conflicts(built_whole)

    assert twice
    assert twice <= found["name_suggestion"] | found["same_domain"]


def test_instances_on_anothers_host_and_licences_used_twice_are_conflicts(
    whole, built_whole
):
    owners = {
        row["source_id"]: row["true_organization"]
        for row in whole.truth_rows("identities.csv")
        if row["source"] == "gitlab"
    }
    hosts = dict(
        built_whole.query(
            "select hostname, instance_uuid from marts.dim_instances"
            " where hostname like 'lab.%'"
        )
    )
    found = conflicts(built_whole)
    told = {
        record.removeprefix("gitlab.instance:")
        for pair in found["host_of_another"]
        for record in pair
        if record.startswith("gitlab.instance:")
    }

    assert hosts, "the company has no such instances"
    assert set(hosts.values()) == told
    assert len(found["shared_license"]) == len(told)
    assert {owners[uuid] for uuid in told}


def test_a_billing_account_without_id_of_the_crm_is_found_by_its_orders(
    whole, built_whole
):
    missing = {
        row["source_id"]
        for row in whole.truth_rows("noise.csv")
        if row["code"] == "missing_crm_id"
    }
    short = {
        row["source_id"]
        for row in whole.truth_rows("noise.csv")
        if row["code"] == "crm_id_15char"
    }
    rules = dict(
        built_whole.query(
            "select billing_account_id, rule_code"
            " from intermediate.int_billing_accounts__owners"
        )
    )

    assert short
    assert {rules[key] for key in missing} <= {"R8"}
    assert {rules[key] for key in short} == {"R4"}


def test_resellers_are_nobodys_customers(built_whole):
    status = built_whole.query(
        "select distinct customer_status, has_crm, has_billing"
        " from marts.dim_organizations where anchor_system = 'zuora'"
    )
    billed = built_whole.query(
        "select count(*) from marts.fct_subscriptions"
        " where organization_id <> billing_organization_id"
    )

    assert ("partner", False, True) in status
    assert billed[0][0] > 0


def test_what_a_source_knows_of_an_organization_is_told(built_whole):
    counts = built_whole.query(
        "select count(*) filter (where has_crm), count(*) filter (where has_billing),"
        " count(*) filter (where has_usage), count(*) filter (where has_marketing)"
        " from marts.dim_organizations"
    )[0]
    strays = built_whole.query(
        "select count(*) from marts.dim_organizations"
        " where organization_id <> 'unknown'"
        " and not (has_crm or has_billing or has_usage)"
    )

    assert all(count > 50 for count in counts)
    assert strays == [(0,)]


def test_a_free_mail_address_says_nothing_of_the_organization(built_whole):
    by_domain = built_whole.query(
        "select count(*) from marts.dim_people where organization_rule = 'R10'"
    )
    free = built_whole.query(
        "select count(*) from marts.dim_people"
        " where organization_rule = 'R10' and is_free_mail"
    )

    assert by_domain[0][0] > 0
    assert free == [(0,)]


def test_an_organization_keeps_its_id_whatever_comes_to_anchor_it(whole_tiny, bench):
    bench.load(
        {
            name: table
            for name, table in whole_tiny.tables.items()
            if table.schema in ("raw_salesforce", "raw_zuora")
        }
    )
    # One customer has two billing accounts, before anybody knows that it is one.
    bench.execute(
        'insert into raw_zuora."Account"'
        ' select (jsonb_populate_record(a, \'{"Id": "twin"}\')).*'
        ' from raw_zuora."Account" a where "CrmId" is not null order by "Id" limit 1'
    )
    bench.execute("alter schema raw_salesforce rename to raw_away")
    before = organizations(bench)
    bench.execute("alter schema raw_away rename to raw_salesforce")
    now = organizations(bench, "--full-refresh")
    aliases = bench.query(
        "select assigned_organization_id, organization_id"
        " from marts.bdg_organization_sources where rule_code = 'alias'"
    )

    assert {system for system, _ in before.values()} == {"zuora"}
    kept = before.keys() & now.keys()
    assert {now[key][0] for key in kept} == {"salesforce"}
    assert len(kept) == len(before) - 1
    assert {alias for alias, _ in aliases} == before.keys() - now.keys()
    assert {living for _, living in aliases} <= kept


def organizations(bench, *arguments):
    """Build who is who, and give the anchor of each organization by its id."""
    bench.build(
        "--select",
        "+bdg_organization_sources",
        "+dim_organizations",
        "--indirect-selection=cautious",
        *arguments,
    )
    return {
        key: (system, anchor)
        for key, system, anchor in bench.query(
            "select organization_id, anchor_system, anchor_id"
            " from marts.dim_organizations where organization_id <> 'unknown'"
        )
    }
