"""Properties that hold for every value and name hypothesis thinks of."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from target_runs import Database, raw_record, schema

from target_postgres.column_types import ColumnType, widest
from target_postgres.compiled import ColumnPlan, compile_stream
from target_postgres.copy_columns import UnfitBlockError
from target_postgres.exact_values import (
    UnfitValueError,
    ValueRules,
    WiderColumnNeeded,
    exact_copy_text,
)
from target_postgres.identifiers import NAME_LIMIT_BYTES, column_names, legal_name
from target_postgres.json_exact import parse_json, write_json
from target_postgres.state import merge_state

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = (
    "bool",
    "int2",
    "int4",
    "int8",
    "numeric",
    "float8",
    "text",
    "date",
    "time",
    "timetz",
    "timestamptz",
    "uuid",
    "jsonb",
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DIGITS = st.integers(-(10**25), 10**25)
NUMBERS = st.one_of(
    DIGITS.map(str),
    st.tuples(DIGITS, st.from_regex(r"\.[0-9]{1,20}", fullmatch=True)).map(
        lambda pair: f"{pair[0]}{pair[1]}"
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    st.tuples(st.integers(-999, 999), st.integers(-400, 400)).map(
        lambda pair: f"{pair[0]}e{pair[1]}"
    ),
)
JSON_TEXTS = st.recursive(
    st.one_of(
        NUMBERS,
        st.sampled_from(["true", "false", "null"]),
        TEXTS.map(json.dumps),
        TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.dictionaries(TEXTS.map(json.dumps), inner, max_size=4).map(
            lambda d: "{" + ", ".join(f"{k}:\t{v}" for k, v in d.items()) + "}"
        ),
    ),
    max_leaves=8,
)
TIMES = st.one_of(
    st.datetimes().map(lambda at: at.isoformat()),
    st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    st.datetimes().map(lambda at: f"{at.isoformat(' ')}+05:30"),
    st.dates().map(lambda day: day.isoformat()),
    st.times().map(lambda at: at.isoformat()),
    st.uuids().map(str),
    st.uuids().map(lambda each: str(each).upper()),
    st.from_regex(r"[0-9TZ:.+ -]{1,25}", fullmatch=True),
)
RULES = st.one_of(
    st.sampled_from(KINDS).map(lambda kind: ValueRules(ColumnType(kind))),
    st.sampled_from(
        [
            ValueRules(ColumnType("numeric", 12, 3)),
            ValueRules(ColumnType("numeric", 4, 4), accepts_strings=True),
            ValueRules(ColumnType("numeric"), accepts_strings=True),
            ValueRules(ColumnType("text"), refuses_nul=True),
            ValueRules(ColumnType("jsonb"), refuses_nul=True),
        ]
    ),
)
QUICK = settings(max_examples=300, deadline=None)


def fast_texts(texts: Sequence[str], plan: ColumnPlan) -> Sequence[str] | None:
    """Encode values by the compiled way; None when it does not take them."""
    compiled = compile_stream("s", [plan], ignores_unknown=False)
    assert compiled is not None
    try:
        envelopes = [
            compiled.decode(
                b'{"type": "RECORD", "stream": "s", "record": {"v": '
                + text.encode()
                + b"}}"
            )
            for text in texts
        ]
        (values,) = compiled.shape.columns([each.record for each in envelopes])
        return compiled.encoders[0](values)
    except (UnfitBlockError, msgspec.MsgspecError):
        return None


@QUICK
@given(
    st.lists(
        st.one_of(JSON_TEXTS, TIMES.map(json.dumps), NUMBERS.map(json.dumps)),
        min_size=1,
        max_size=3,
    ),
    RULES,
    st.booleans(),
)
@example(["1", "-0"], ValueRules(ColumnType("int8")), False)
@example(['"null"'], ValueRules(ColumnType("numeric"), accepts_strings=True), False)
def test_what_the_compiled_way_takes_the_exact_way_takes_alike(
    texts: list[str], rules: ValueRules, has_scalars: bool
) -> None:
    fast = fast_texts(texts, ColumnPlan(("v",), rules, has_scalars=has_scalars))
    if fast is None:
        return
    for text, copied in zip(texts, fast, strict=True):
        try:
            exact = exact_copy_text(parse_json(text), rules)
        except (UnfitValueError, WiderColumnNeeded) as error:
            raise AssertionError(f"{text} was taken as {copied}") from error
        if rules.type.kind == "jsonb" and copied != "\\N":
            assert unescape(copied) == unescape(exact)
        else:
            assert copied == exact


def unescape(copied: str) -> Any:
    return parse_json(copied.replace("\\\\", "\\"))


@QUICK
@given(JSON_TEXTS)
def test_json_is_written_as_it_was_read(text: str) -> None:
    value = parse_json(text)
    assert parse_json(write_json(value)) == value


@QUICK
@given(st.text(max_size=80))
@example("")
@example("ctid")
@example("x" * 54 + "_01234567")
def test_a_legal_name_fits_and_is_stable(name: str) -> None:
    legal = legal_name(name, reserved=frozenset({"ctid"}))
    assert 0 < len(legal.encode()) <= NAME_LIMIT_BYTES
    assert "\0" not in legal
    assert legal_name(name, reserved=frozenset({"ctid"})) == legal


@QUICK
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            st.from_regex(r"x{50,70}[ab]?(_[0-9a-f]{8})?", fullmatch=True),
            st.sampled_from(["ctid", "_sdc_sequence"]).map(legal_name),
        ),
        unique=True,
        max_size=10,
    )
)
def test_different_names_become_different_columns(names: list[str]) -> None:
    reserved = frozenset({"_sdc_sequence"})
    shortened = [legal_name(name, reserved=reserved | {"ctid"}) for name in names]
    everything = list(dict.fromkeys([*names, *shortened, "ctid", "_sdc_sequence"]))
    columns = column_names(everything, reserved=reserved)
    assert len(set(columns.values())) == len(everything)
    assert not {"ctid", "_sdc_sequence"} & set(columns.values())


TYPES = st.sampled_from(
    [
        *[ColumnType(kind) for kind in KINDS],
        ColumnType("numeric", 10, 2),
        ColumnType("numeric", 20, 8),
    ]
)


@QUICK
@given(TYPES, TYPES)
def test_widening_is_stable(existing: ColumnType, incoming: ColumnType) -> None:
    wider = widest(existing, incoming)
    assert wider is not None
    assert widest(wider, incoming) == wider
    assert widest(wider, existing) == wider


@QUICK
@given(
    st.dictionaries(TEXTS, JSON_TEXTS, max_size=3),
    st.dictionaries(TEXTS, JSON_TEXTS, max_size=3),
)
def test_a_merged_state_has_every_stream_to_the_letter(
    old: dict[str, str], new: dict[str, str]
) -> None:
    def text(bookmarks: dict[str, str]) -> str:
        pairs = (f"{json.dumps(key)}: {value}" for key, value in bookmarks.items())
        return '{"bookmarks": {' + ", ".join(pairs) + "}}"

    merged = parse_json(merge_state(text(old), text(new)))["bookmarks"]
    assert merged == {key: parse_json(value) for key, value in {**old, **new}.items()}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(TEXTS, NUMBERS, JSON_TEXTS, TEXTS), min_size=1, max_size=30))
def test_values_come_back_as_they_went_in(
    db: Database, rows: list[tuple[str, str, str, str]]
) -> None:
    lines: list[Any] = [schema(t="string", id="integer", n="number", j="object")]
    for number, (text, digits, value, other) in enumerate(rows):
        lines.append(
            raw_record(
                f'{{"id": {number}, "t": {json.dumps(text)}, "n": {digits},'
                f' "j": {{"v": {value}, {json.dumps(other)}: 1}}}}'
            )
        )
    outcome = db.load(lines)
    assert outcome.status == 0, outcome.message
    stored = db.execute("select t, n::text, j::text from raw.s order by id")
    assert len(stored) >= len(rows)
    for (text, digits, value, other), found in zip(rows, stored, strict=False):
        assert found[0] == text.replace("\0", "\ufffd")
        assert Decimal(found[1]) == Decimal(digits)
        if other != "v":
            assert same_json(parse_json(found[2])["v"], parse_json(value))


def same_json(found: Any, given: Any) -> bool:
    """Compare as jsonb does: numbers by value, U+0000 replaced, last key wins."""
    if isinstance(given, dict):
        expected = {key.replace("\0", "\ufffd"): v for key, v in given.items()}
        return found.keys() == expected.keys() and all(
            same_json(found[key], expected[key]) for key in expected
        )
    if isinstance(given, list):
        return len(found) == len(given) and all(map(same_json, found, given))
    if type(given).__name__ == "NumberText":
        return Decimal(found) == Decimal(given)
    if isinstance(given, str):
        return bool(found == given.replace("\0", "\ufffd"))
    return found is given
