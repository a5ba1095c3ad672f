"""Selection patterns and metadata on a catalog."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.errors import TapInputError
from bizops_cli.singer.catalog import apply_selection, parse_catalog

CATALOG = {
    "streams": [
        {
            "tap_stream_id": "Account",
            "schema": {"properties": {"Id": {}, "Name": {}, "Phone": {}}},
            "metadata": [
                {
                    "breadcrumb": ["properties", "Id"],
                    "metadata": {"inclusion": "automatic"},
                },
                {
                    "breadcrumb": ["properties", "Phone"],
                    "metadata": {"inclusion": "unsupported", "selected": True},
                },
            ],
        },
        {
            "tap_stream_id": "Contact",
            "schema": {"properties": {"Id": {}, "MailingAddress": {}}},
            "metadata": [
                {"breadcrumb": [], "metadata": {"selected": False}},
                {
                    "breadcrumb": [
                        "properties",
                        "MailingAddress",
                        "properties",
                        "city",
                    ],
                    "metadata": {},
                },
            ],
        },
        {"stream": "public.log", "schema": {"properties": {"line": {}}}},
    ]
}


def selected(*select: str, metadata: dict | None = None) -> set[str]:
    applied = apply_selection(CATALOG, select=select, metadata=metadata or {})
    found = set()
    for stream in applied.catalog["streams"]:
        name = stream.get("tap_stream_id") or stream["stream"]
        for item in stream["metadata"]:
            path = [part for part in item["breadcrumb"] if part != "properties"]
            if item["metadata"]["selected"]:
                found.add(".".join([name, *path]))
    return found


EVERYTHING = {
    *("Account", "Account.Id", "Account.Name"),
    *("Contact", "Contact.Id", "Contact.MailingAddress", "Contact.MailingAddress.city"),
    *("public.log", "public.log.line"),
}


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ((), EVERYTHING),
        (("*",), EVERYTHING),
        (("Account",), {"Account", "Account.Id", "Account.Name"}),
        (("Account.*",), {"Account", "Account.Id", "Account.Name"}),
        (("Account.N*",), {"Account", "Account.Id", "Account.Name"}),
        (("Account.Id",), {"Account", "Account.Id"}),
        (
            ("!Contact",),
            EVERYTHING - {e for e in EVERYTHING if e.startswith("Contact")},
        ),
        (
            ("*", "!Contact.MailingAddress"),
            EVERYTHING - {"Contact.MailingAddress", "Contact.MailingAddress.city"},
        ),
        (
            ("!Contact.MailingAddress.city",),
            EVERYTHING - {"Contact.MailingAddress.city"},
        ),
        (
            ("Contact.MailingAddress.city",),
            {"Contact", "Contact.MailingAddress", "Contact.MailingAddress.city"},
        ),
        (("public.log",), {"public.log", "public.log.line"}),
        (("public.*",), {"public.log", "public.log.line"}),
        (("[AC]*", "!Contact.*"), {"Account", "Account.Id", "Account.Name", "Contact"}),
    ],
)
def test_patterns_select(select: tuple[str, ...], expected: set[str]) -> None:
    # An automatic field of an unselected stream stays marked; nobody reads it.
    assert selected(*select) - {"Account.Id"} == expected - {"Account.Id"}
    if "Account" in expected:
        assert "Account.Id" in selected(*select)


QUIET = {
    "streams": [
        {
            "tap_stream_id": "leads",
            "schema": {"properties": {"id": {}, "email": {}}},
            "metadata": [
                {
                    "breadcrumb": ["properties", "email"],
                    "metadata": {"selected-by-default": False},
                }
            ],
        },
        {
            "tap_stream_id": "usage",
            "schema": {"properties": {"id": {}}},
            "metadata": [
                {"breadcrumb": [], "metadata": {"selected-by-default": False}}
            ],
        },
    ]
}


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ((), {"leads": {"id"}}),
        (("!leads.id",), {"leads": set()}),
        (("leads",), {"leads": {"id"}}),
        (("leads.*",), {"leads": {"id", "email"}}),
        (("leads.email",), {"leads": {"email"}}),
        (("*",), {"leads": {"id"}, "usage": {"id"}}),
        (("*.*",), {"leads": {"id", "email"}, "usage": {"id"}}),
        (("usage.id",), {"usage": {"id"}}),
        (("*", "!usage"), {"leads": {"id"}}),
    ],
)
def test_what_a_tap_leaves_out_by_default_is_read_only_when_named(
    select: tuple[str, ...], expected: dict[str, set[str]]
) -> None:
    applied = apply_selection(QUIET, select=select, metadata={})

    assert set(applied.streams) == expected.keys()
    for stream in applied.catalog["streams"]:
        if stream["tap_stream_id"] in expected:
            fields = {
                item["breadcrumb"][1]
                for item in stream["metadata"]
                if item["breadcrumb"] and item["metadata"]["selected"]
            }
            assert fields == expected[stream["tap_stream_id"]]


@given(st.permutations(["Account", "Contact", "!Contact.MailingAddress", "!Acc*.Name"]))
def test_the_order_of_patterns_does_not_matter(select: list[str]) -> None:
    assert selected(*select) == selected(*sorted(select))


def test_the_discovered_catalog_stays_as_it_was() -> None:
    before = copy.deepcopy(CATALOG)
    apply_selection(CATALOG, select=["Account"], metadata={"*": {"x": 1}})
    assert before == CATALOG


def test_patterns_that_fit_nothing_are_named() -> None:
    applied = apply_selection(
        CATALOG,
        select=["Account", "Acount", "!Contact.Fax", "!Contact.Id", "Lead.*"],
        metadata={"Contact": {"a": 1}, "Contct": {"a": 1}},
    )
    assert applied.unmatched == ("Acount", "!Contact.Fax", "Lead.*", "Contct")
    assert applied.streams == ("Account",)


def test_metadata_is_laid_over_stream_and_field() -> None:
    applied = apply_selection(
        CATALOG,
        select=[],
        metadata={
            "Acc*": {"replication-method": "INCREMENTAL", "replication-key": "Id"},
            "Account.Name": {"sql-datatype": "text"},
        },
    )
    account, contact, _ = applied.catalog["streams"]
    by_path = {tuple(m["breadcrumb"]): m["metadata"] for m in account["metadata"]}
    assert by_path[()]["replication-method"] == "INCREMENTAL"
    assert account["replication_method"] == "INCREMENTAL"
    assert account["replication_key"] == "Id"
    assert by_path[("properties", "Name")]["sql-datatype"] == "text"
    assert "replication_method" not in contact


def test_a_schema_takes_the_place_of_a_field_s_own() -> None:
    catalog = copy.deepcopy(CATALOG)
    catalog["streams"][0]["schema"]["properties"]["Name"] = {
        "type": "number",
        "multipleOf": 1,
        "x-personal": "name",
    }
    text = {"type": ["string", "null"]}
    applied = apply_selection(
        catalog,
        select=[],
        metadata={"Acc*.N*": {"schema": text, "note": 1}, "public.log.line": {"x": 1}},
    )
    made = {"Account": {"Name": {"x-personal": "name", **text}}}
    assert applied.schemas == made
    assert applied.misplaced == ()
    account = applied.catalog["streams"][0]
    assert account["schema"]["properties"] == {"Id": {}, "Phone": {}} | made["Account"]
    (own,) = [
        m["metadata"]
        for m in account["metadata"]
        if m["breadcrumb"] == ["properties", "Name"]
    ]
    assert own == {"note": 1, "selected": True}


def test_a_schema_for_what_is_no_field_is_named() -> None:
    schema = {"schema": {"type": "string"}}
    applied = apply_selection(
        CATALOG,
        select=[],
        metadata={
            "Account": schema,
            "Contact.MailingAddress.city": schema,
            "Account.Nam": schema,
            "public.log.line": schema,
        },
    )
    assert applied.misplaced == ("Account", "Contact.MailingAddress.city")
    assert applied.unmatched == ("Account.Nam",)
    assert list(applied.schemas) == ["public.log"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"streams": 1}', b'{"streams": [1]}', b"[" * 10**5]
)
def test_what_is_no_catalog_is_refused(data: bytes) -> None:
    with pytest.raises(TapInputError, match="did not print a Singer catalog"):
        parse_catalog(data, tap="tap-x")


def test_a_catalog_is_read() -> None:
    assert parse_catalog(json.dumps(CATALOG).encode(), tap="tap-x") == CATALOG
