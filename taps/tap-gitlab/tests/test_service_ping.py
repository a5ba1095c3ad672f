"""Service Ping payloads, whole and by metric."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import TapError
from tap_gitlab.ping_files import find_ping_files
from tap_gitlab.rows import RowReader, read_json
from tap_gitlab.service_ping import is_payload, to_metrics, to_ping, walk
from tap_gitlab.usage_columns import SERVICE_PING, SERVICE_PING_METRICS

PAYLOAD = {
    "uuid": "u-1",
    "recorded_at": "2018-01-26T13:59:04.000Z",
    "hostname": "git.example.com",
    "active_user_count": 177,
    "historical_max_users": -1,
    "license_subscription_id": "8ad0ab",
    "licensee": {"Name": "Mei", "Email": "mei@example.com", "Company": "Ltd"},
    "license_trial": False,
    "counts": {
        "issues": 5,
        "boards": -2,
        "old": -1000,
        "sql": -3,
        "share": Decimal("0.5"),
    },
    "usage_activity_by_stage": {
        "create": {"per_user": {"1": 118, "2": 30}, "broken": {"-1": -1}}
    },
    "topology": {
        "duration_s": Decimal("0.0138"),
        "nodes": [{"cpus": 4}],
        "failures": [],
    },
    "database": {"version": "9.6.15", "flavor": None},
    "rate": "Infinity",
}


def metrics(payload=PAYLOAD):
    return {row["key_path"]: row for row in to_metrics(payload)}


def values(path):
    row = metrics()[path]
    names = ("value_number", "value_string", "value_boolean", "value_status")
    return {name[6:]: row[name] for name in names if row[name] is not None}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("active_user_count", {"number": 177}),
        ("counts.issues", {"number": 5}),
        ("counts.share", {"number": Decimal("0.5")}),
        ("counts.boards", {"status": "error"}),
        ("counts.old", {"status": "removed"}),
        ("counts.sql", {"status": "not_counted"}),
        ("historical_max_users", {"status": "failed"}),
        ("license_trial", {"boolean": False}),
        ("database.version", {"string": "9.6.15"}),
        ("database.flavor", {}),
        ("rate", {"string": "Infinity"}),
        ("topology.duration_s", {"number": Decimal("0.0138")}),
        ("topology.nodes", {"string": '[{"cpus":4}]'}),
        ("topology.failures", {"string": "[]"}),
        ("usage_activity_by_stage.create.per_user", {"string": '{"1":118,"2":30}'}),
        ("usage_activity_by_stage.create.broken", {"status": "failed"}),
    ],
)
def test_each_metric_stands_in_the_column_of_its_type(path, wanted):
    assert values(path) == wanted


def test_every_metric_bears_the_subscription_that_it_joins_by():
    for row in metrics().values():
        assert row["uuid"] == "u-1"
        assert row["license_subscription_id"] == "8ad0ab"


def test_whom_a_licence_is_for_is_never_a_metric():
    text = str(metrics())
    assert "Mei" not in text
    assert "mei@" not in text


def test_the_whole_payload_keeps_what_the_columns_leave_out():
    row = to_ping(PAYLOAD)
    assert row["payload"] == PAYLOAD
    assert row["historical_max_users"] is None
    assert row["license_subscription_id"] == "8ad0ab"


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.decimals(allow_nan=False, allow_infinity=False),
)
NAMES = st.text(alphabet="abc_", min_size=1, max_size=4)
TREES = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(LEAVES, inner), max_size=4),
    max_leaves=20,
)


@given(TREES)
def test_any_payload_unfolds_into_one_row_for_each_leaf_and_nothing_is_lost(tree):
    payload = {**tree, "uuid": "u", "recorded_at": "2018-01-01T00:00:00Z"}
    rows = list(to_metrics(payload))
    paths = [path for path, _ in walk(payload) if path not in {"uuid", "recorded_at"}]
    assert [row["key_path"] for row in rows] == paths
    reader = RowReader.of("service_ping_metrics", SERVICE_PING_METRICS)
    assert len(reader.make(rows)) == len(paths)
    assert len(RowReader.of("service_ping", SERVICE_PING).make([to_ping(payload)])) == 1


@pytest.mark.parametrize(
    "document", [{}, [], None, {"uuid": "u"}, {"uuid": "u", "recorded_at": None}]
)
def test_a_document_without_its_key_is_no_payload(document):
    assert not is_payload(document)


def test_saved_files_may_hold_one_payload_a_list_or_lines(tmp_path):
    line = '{"uuid": "u%d", "recorded_at": "2018-01-0%dT00:00:00Z", "x": 1.10}'
    (tmp_path / "one.json").write_text("\ufeff" + line % (1, 1), encoding="utf-8")
    (tmp_path / "list.json").write_text(f"[{line % (2, 2)}, {line % (3, 3)}]")
    (tmp_path / "lines.jsonl").write_text(f"{line % (4, 4)}\n\n{line % (5, 5)}\n")
    (tmp_path / "notes.txt").write_text("not read")
    files = find_ping_files([str(tmp_path), str(tmp_path / "one.json")])
    found = [payload["uuid"] for file in files for payload in file.payloads()]
    assert sorted(found) == ["u1", "u2", "u3", "u4", "u5"]
    assert next(iter(files[0].payloads()))["x"] == Decimal("1.10")


@pytest.mark.parametrize("text", ["{}", '{"uuid": "u"}', "not json", "[1]"])
def test_a_file_that_holds_something_else_is_named(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    (file,) = find_ping_files([str(path)])
    with pytest.raises(TapError, match=r"bad\.json"):
        list(file.payloads())


def test_numbers_of_any_length_stay_exact():
    payload = read_json(b'{"n": 12345678901234567890, "d": 0.10000000000000000001}')
    rows = {row["key_path"]: row["value_number"] for row in to_metrics(payload)}
    assert rows == {"n": 12345678901234567890, "d": Decimal("0.10000000000000000001")}
