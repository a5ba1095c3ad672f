"""Records change as bizops.yml says, and not a byte more."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.errors import BizopsError, ConfigError, TapInputError
from bizops_cli.model import StreamMapping
from bizops_cli.singer.mapping import Mapper

SECRET = "a long random text"
SCHEMA = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "integer"},
        "email": {"type": ["string", "null"], "format": "email"},
        "phone": {"type": "string"},
        "kind": {"type": "string"},
    },
}


def mapper(stream: str = "people", **rules: object) -> Mapper:
    return Mapper("tap-x", {stream: StreamMapping(**rules)}, SECRET)


def line(kind: str, **rest: object) -> bytes:
    return json.dumps({"type": kind, "stream": "people", **rest}).encode() + b"\n"


def record(**values: object) -> bytes:
    return line("RECORD", record=values)


def records(block: bytes) -> list[dict]:
    return [json.loads(text)["record"] for text in block.splitlines()]


def digest(text: str) -> str:
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def test_fields_are_dropped_hashed_and_renamed() -> None:
    change = mapper(
        drop=("phone",), hash=("email", "age"), rename={"email": "person"}
    ).change
    block = record(id=1, email=" Ann@Example.COM ", phone="1", age=7)
    block += record(id=2, email=None, age=None)
    assert records(change(block)) == [
        {"id": 1, "person": digest("ann@example.com"), "age": digest("7")},
        {"id": 2, "person": None, "age": None},
    ]


def test_the_schema_changes_with_the_records() -> None:
    change = mapper(drop=("phone",), hash=("email",), rename={"id": "key"}).change
    schema = line(
        "SCHEMA", schema=SCHEMA, key_properties=["id"], bookmark_properties=["kind"]
    )
    message = json.loads(change(schema))
    assert message["schema"]["properties"] == {
        "key": {"type": "integer"},
        "email": {"type": ["string", "null"], "minLength": 64, "maxLength": 64},
        "kind": {"type": "string"},
    }
    assert message["schema"]["required"] == ["key", "email"]
    assert message["key_properties"] == ["key"]
    assert message["bookmark_properties"] == ["kind"]


def test_a_schema_given_reaches_the_target_and_records_pass_as_they_are() -> None:
    given = {"people": {"kind": {"type": "integer"}, "gone": {"type": "string"}}}
    change = Mapper("tap-x", {}, schemas=given).change
    message = json.loads(change(line("SCHEMA", schema=SCHEMA, key_properties=["id"])))
    assert message["schema"] == {
        **SCHEMA,
        "properties": {**SCHEMA["properties"], "kind": {"type": "integer"}},
    }
    others = record(kind=1)[:-1] + b"  \n" + line("BATCH", manifest=[])
    others += line("SCHEMA", schema=SCHEMA).replace(b"people", b"orders")
    assert change(others) == others


def test_a_field_is_given_its_schema_before_it_is_renamed_or_hashed() -> None:
    given = {"people": {n: {"type": "integer"} for n in ("kind", "email", "phone")}}
    rules = StreamMapping(drop=("phone",), hash=("email",), rename={"kind": "sort"})
    change = Mapper("tap-x", {"peop*": rules}, SECRET, given).change
    message = json.loads(change(line("SCHEMA", schema=SCHEMA, key_properties=["id"])))
    properties = message["schema"]["properties"]
    assert properties.keys() == {"id", "email", "sort"}
    assert properties["sort"] == {"type": "integer"}
    assert properties["email"]["maxLength"] == 64
    assert records(change(record(kind=3))) == [{"sort": 3}]


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ({"keep_where": {"kind": ("a", None)}}, [1, 3, 4]),
        ({"drop_where": {"kind": ("a",)}}, [2, 3, 4]),
        ({"keep_where": {"flag": (True,)}}, [1]),
        ({"keep_where": {"flag": (1,)}}, [2, 3]),
        ({"keep_where": {"kind": ("a", "b")}, "drop_where": {"flag": (1,)}}, [1]),
    ],
)
def test_rows_pass_by_the_values_of_their_fields(rules: dict, kept: list[int]) -> None:
    block = record(id=1, kind="a", flag=True) + record(id=2, kind="b", flag=1)
    block += record(id=3, kind=None, flag=1.0) + record(id=4)
    assert [r["id"] for r in records(mapper(**rules).change(block))] == kept


def test_other_streams_and_messages_pass_byte_for_byte() -> None:
    block = b'{ "type":"STATE", "value": {"stream": "people"}}\n'
    block += b'{"stream": "other", "type": "RECORD", "record": {"phone": 1.10}}\n'
    block += b'{"type": "RECORD", "stream": "peo\\u0070les", "record": {"phone": 1}}\n'
    block += b"not json\r\n\n"
    block += line("ACTIVATE_VERSION", version=3)
    assert mapper(drop=("phone",)).change(block) == block


def test_numbers_keep_every_digit() -> None:
    text = b'{"type":"RECORD","stream":"people","record":{"a":1.10,"b":12345678901234'
    text += b'567890.123456789012345678,"c":1E400,"phone":"x"},"version":1.0}\n'
    changed = mapper(drop=("phone",)).change(text)
    assert changed == text.replace(b',"phone":"x"', b"")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"drop": ("id",)}, "drops 'id', which is of its key"),
        ({"hash": ("emial",)}, "names the field 'emial'"),
        ({"rename": {"email": "phone"}}, "a name that another field has: phone"),
        ({"rename": {"email": "x", "phone": "x"}}, "two new names are the same"),
        ({"keep_where": {"knid": ("a",)}}, "names the field 'knid'"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_an_error(rules: dict, message: str) -> None:
    schema = line("SCHEMA", schema=SCHEMA, key_properties=["id"])
    with pytest.raises(ConfigError, match=message):
        mapper(**rules).change(schema)


def test_a_typing_mistake_is_answered_with_the_nearest_field() -> None:
    schema = line("SCHEMA", schema=SCHEMA, key_properties=["id"])
    with pytest.raises(ConfigError) as caught:
        mapper(hash=("emial",)).change(schema)
    assert "did you mean 'email'?" in caught.value.next_step


def test_a_pattern_may_name_what_only_some_streams_have() -> None:
    schema = line("SCHEMA", schema=SCHEMA, key_properties=["id"])
    changed = json.loads(mapper("*", drop=("fax", "phone")).change(schema))
    assert set(changed["schema"]["properties"]) == {"id", "email", "kind"}


def test_two_names_may_change_places() -> None:
    change = mapper(rename={"email": "phone", "phone": "email"}).change
    schema = line("SCHEMA", schema=SCHEMA, key_properties=["id"])
    assert b"phone" in change(schema)
    assert records(change(record(email="e", phone="p"))) == [
        {"phone": "e", "email": "p"}
    ]


def test_files_cannot_be_mapped() -> None:
    with pytest.raises(TapInputError, match="in files"):
        mapper(drop=("a",)).change(line("BATCH", manifest=[]))


NAMES = st.sampled_from(["id", "email", "phone", "kind", "ü", 'a"b'])
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(
    st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=5),
    st.lists(NAMES, max_size=2),
    st.integers(0, 400),
)
def test_what_is_left_is_what_was_there_without_the_dropped(
    rows: list[dict], dropped: list[str], cut: int
) -> None:
    block = b"".join(record(n=row) if False else record(**row) for row in rows)
    change = mapper(drop=tuple(dropped)).change
    ends = [i + 1 for i, byte in enumerate(block) if byte == 10 and i < cut]
    at = ends[-1] if ends else 0
    changed = change(block[:at]) + change(block[at:])
    parsed = [
        json.loads(text, parse_float=Decimal)["record"] for text in changed.splitlines()
    ]
    assert parsed == [
        {name: value for name, value in row.items() if name not in dropped}
        for row in rows
    ]


def test_every_error_says_what_to_do() -> None:
    with pytest.raises(BizopsError) as caught:
        mapper(drop=("a",)).change(b'{"type":"RECORD","stream":"people","record":3}\n')
    assert caught.value.next_step
