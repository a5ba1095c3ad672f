from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bizops_sandbox.projections.salesforce_org import FieldSpec, ObjectTable
from bizops_sandbox.servers.salesforce.selection import bind
from bizops_sandbox.servers.salesforce.soql import (
    Both,
    Comparison,
    Either,
    Membership,
    Name,
    Negation,
    SoqlError,
    parse,
)

_KEYWORDS = {
    *("SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY"),
    *("LIMIT", "OFFSET", "TRUE", "FALSE", "NULL", "COUNT", "ASC", "DESC", "NULLS"),
}
_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}(__c)?", fullmatch=True).filter(
    lambda name: name.upper() not in _KEYWORDS
)
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
_INSTANTS = st.integers(-8_000_000_000, 4_000_000_000).map(
    lambda second: datetime.fromtimestamp(second, tz=UTC)
)
_LITERALS = st.one_of(
    _TEXTS,
    st.booleans(),
    st.none(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).filter(
        lambda number: abs(number) < 10**12
    ),
    st.dates(),
    _INSTANTS,
)


def _write_literal(value: object) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
        return f"'{escaped}'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "TRUE", False: "false"}[value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", ".000Z")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _write(condition: object) -> str:
    match condition:
        case Comparison(name, operator, value):
            return f"{name.text} {operator} {_write_literal(value)}"
        case Membership(name, values, is_negated):
            listed = ", ".join(_write_literal(value) for value in values)
            return f"{name.text} {'NOT ' if is_negated else ''}IN ({listed})"
        case Negation(part):
            return f"NOT ({_write(part)})"
        case Both(parts):
            return " AND ".join(f"({_write(part)})" for part in parts)
        case Either(parts):
            return " or ".join(f"({_write(part)})" for part in parts)
    raise AssertionError(condition)


def _without_positions(condition: object) -> object:
    match condition:
        case Comparison(name, operator, value):
            return Comparison(Name(name.text, 0), operator, value)
        case Membership(name, values, is_negated):
            return Membership(Name(name.text, 0), values, is_negated)
        case Negation(part):
            return Negation(_without_positions(part))
        case Both(parts) | Either(parts):
            return type(condition)(tuple(map(_without_positions, parts)))
    raise AssertionError(condition)


_POSITIONLESS = _NAMES.map(lambda name: Name(name, 0))
_LEAVES = st.one_of(
    st.builds(
        Comparison,
        _POSITIONLESS,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        _LITERALS,
    ),
    st.builds(
        Membership,
        _POSITIONLESS,
        st.lists(_LITERALS, min_size=1, max_size=3).map(tuple),
        st.booleans(),
    ),
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(Negation, inner),
        st.builds(Both, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Either, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(
    fields=st.lists(_NAMES, min_size=1, max_size=5),
    source=_NAMES,
    condition=_CONDITIONS,
    limit=st.none() | st.integers(0, 10**6),
)
def test_what_is_written_in_soql_is_read_back_the_same(
    fields, source, condition, limit
):
    soql = f"SELECT {', '.join(fields)} FROM {source} WHERE {_write(condition)}"
    statement = parse(soql if limit is None else f"{soql} LIMIT {limit}")
    assert [name.text for name in statement.fields] == fields
    assert statement.object.text == source
    assert statement.limit == limit
    assert _without_positions(statement.where) == condition
    for name in (*statement.fields, statement.object):
        assert soql[name.position :].startswith(name.text)


@given(st.text(max_size=60))
@example("SELECT Id FROM Lead WHERE A = 9999-99-99")
@example("SELECT Id FROM Lead WHERE A = 2018-01-01T25:00:00Z")
@example("SELECT Id FROM Lead WHERE A = 'x")
@example("SELECT Id FROM Lead WHERE A = 1.2.3")
@example("SELECT Id FROM Lead LIMIT " + "9" * 5_000)
@example("SELECT Id FROM Lead WHERE " + "(" * 5_000)
@example("SELECT Id FROM Lead WHERE " + "NOT " * 5_000)
@example("SELECT Id FROM Lead LIMIT \N{ARABIC-INDIC DIGIT ONE}")
def test_any_other_text_is_malformed_and_nothing_worse(text):
    try:
        parse(text)
    except SoqlError as error:
        assert error.code == "MALFORMED_QUERY"  # noqa: PT017


_WHOLE = "SELECT Id, Name FROM Lead WHERE A = 'b' AND C IN (1)"


@pytest.mark.parametrize(
    "stopped", [_WHOLE[:at] for at, letter in enumerate(_WHOLE) if letter == " "]
)
def test_a_statement_that_stops_early_says_so(stopped):
    if stopped.endswith(("Lead", "'b'")):
        parse(stopped)
        return
    with pytest.raises(SoqlError, match="<EOF>"):
        parse(stopped)


def test_and_and_or_are_not_mixed_without_parentheses():
    with pytest.raises(SoqlError, match="unexpected token: 'OR'"):
        parse("SELECT Id FROM Lead WHERE A = 1 AND B = 2 OR C = 3")
    parse("SELECT Id FROM Lead WHERE (A = 1 AND B = 2) OR C = 3")


def test_a_statement_over_100000_characters_is_refused():
    with pytest.raises(SoqlError, match="100000"):
        parse("SELECT Id FROM Lead WHERE A = '" + "x" * 100_000 + "'")


_FIELDS = (
    FieldSpec("Id", "id"),
    FieldSpec("Amount", "currency"),
    FieldSpec("When", "datetime"),
    FieldSpec("Day", "date"),
    FieldSpec("Name", "string"),
)
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "Id": st.uuids().map(lambda value: f"00Q{value.hex[:15]}"),
            "Amount": st.none() | st.decimals(-1000, 1000, places=2),
            "When": st.none() | _INSTANTS,
            "Day": st.none() | st.dates(),
            "Name": st.none() | _TEXTS,
        }
    ),
    max_size=20,
)


def _select(rows, soql):
    table = ObjectTable("Deal", "Deal", "006", _FIELDS, tuple(rows))
    return bind(parse(soql), table).rows(include_deleted=True)


@given(rows=_ROWS, bound=_INSTANTS)
def test_two_halves_of_time_and_the_empty_are_all_rows(rows, bound):
    at = bound.isoformat().replace("+00:00", "Z")
    parts = [
        _select(rows, f"SELECT Id FROM Deal WHERE When {condition}")
        for condition in (f"< {at}", f">= {at}", "= null")
    ]
    found = [row["Id"] for part in parts for row in part]
    assert sorted(found) == sorted(row["Id"] for row in rows)
    assert all(row["When"] < bound for row in parts[0])


@given(rows=_ROWS, bound=st.decimals(-1000, 1000, places=2))
def test_a_condition_and_its_negation_are_all_rows(rows, bound):
    condition = f"Amount > {format(bound, 'f')}"
    yes = _select(rows, f"SELECT Id FROM Deal WHERE {condition}")
    no = _select(rows, f"SELECT Id FROM Deal WHERE NOT {condition}")
    assert len(yes) + len(no) == len(rows)
    assert all(row["Amount"] > bound for row in yes)


@given(rows=_ROWS, limit=st.integers(0, 25))
def test_an_order_sorts_with_empty_values_first_and_a_limit_cuts(rows, limit):
    found = _select(rows, f"SELECT Id FROM Deal ORDER BY Amount LIMIT {limit}")
    amounts = [row["Amount"] for row in found]
    assert len(found) == min(limit, len(rows))
    filled = [amount for amount in amounts if amount is not None]
    assert amounts == [None] * (len(amounts) - len(filled)) + sorted(filled)


def test_an_order_with_empty_values_last():
    rows = [{"Day": day} for day in (date(2018, 1, 1), None, date(2017, 1, 1))]
    found = _select(rows, "SELECT Day FROM Deal ORDER BY Day DESC NULLS LAST")
    assert [row["Day"] for row in found] == [date(2018, 1, 1), date(2017, 1, 1), None]
