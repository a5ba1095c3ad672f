"""The Zuora server's reading of query texts, whatever they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_sandbox.servers.zuora.formats import decimal_text
from bizops_sandbox.servers.zuora.instants import InstantError, parse_instant
from bizops_sandbox.servers.zuora.query_text import (
    DATA_QUERY,
    EXPORT_ZOQL,
    ZOQL,
    Comparison,
    Junction,
    QueryError,
    parse,
)
from bizops_sandbox.servers.zuora.settings import Settings

DIALECTS = [EXPORT_ZOQL, ZOQL, DATA_QUERY]
_KEYWORDS = ("select", "from", "where", "and", "or", "null", "order", "by", "limit")
_OTHERS = ("Id", "Account", ">=", "'x'", "'it''s'", "12")
words = st.sampled_from([*"=(),*.'", *_KEYWORDS, *_OTHERS])


@given(st.lists(words, max_size=14).map(" ".join), st.sampled_from(DIALECTS))
def test_any_text_is_read_or_refused_as_a_query(text, dialect):
    try:
        statement = parse(text, dialect)
    except QueryError:
        return
    assert statement.object_name
    assert statement.columns or statement.has_star


@given(st.text(max_size=40), st.sampled_from(DIALECTS))
def test_any_literal_comes_out_as_it_went_in(value, dialect):
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    statement = parse(f"select Id from Account where Name = '{escaped}'", dialect)
    assert statement.where == Comparison("Name", "=", value)


def test_and_binds_closer_than_or_and_parentheses_closer_still():
    loose = parse("select Id from A where a = 1 or b = 2 and c = 3", EXPORT_ZOQL)
    one, two, three = (
        Comparison(name, "=", Decimal(number))
        for number, name in enumerate("abc", start=1)
    )
    both = Junction((two, three), is_all=True)
    assert loose.where == Junction((one, both), is_all=False)
    tight = parse("select Id from A where (a = 1 or b = 2) and c = 3", EXPORT_ZOQL)
    either = Junction((one, two), is_all=False)
    assert tight.where == Junction((either, three), is_all=True)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001
        lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
    ),
    st.integers(-12 * 60, 14 * 60),
)
def test_an_offset_is_taken_off(instant, offset_minutes):
    local = (instant + timedelta(minutes=offset_minutes)).replace(tzinfo=None)
    hours, minutes = divmod(abs(offset_minutes), 60)
    sign = "-" if offset_minutes < 0 else "+"
    for between in (":", ""):
        text = f"{local.isoformat()}{sign}{hours:02d}{between}{minutes:02d}"
        assert parse_instant(text, Settings()) == instant


@pytest.mark.parametrize(
    "text", ["", "2018", "2018-13-01", "2018-01-01T25:00:00Z", "01/02/2018", "today"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(InstantError):
        parse_instant(text, Settings())


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9))
def test_a_number_is_written_without_loss_and_without_an_exponent(value):
    text = decimal_text(value)
    assert Decimal(text) == value
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith(("0", ".")))
