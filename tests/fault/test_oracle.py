"""The oracle sees what is wrong: whatever it lets pass, nobody else notices."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fault.command import main
from tests.fault.oracle import (
    WrongContentsError,
    check_at_least_once,
    check_complete,
    check_interrupted,
)
from tests.fault.place import Contents
from tests.fault.plain_reading import (
    NotUnderstoodError,
    Stored,
    check_finished,
    check_stopped,
    read_input,
)
from tests.fault.workload import KEYED, KEYLESS, Workload, covered_by

if TYPE_CHECKING:
    from collections.abc import Callable

WORKLOAD = Workload(seed=7, rows=300, keys=40, state_every=50)


def contents(count: int) -> Contents:
    """What is stored when a run was cut off after so many rows, all covered."""
    keyless = tuple(map(WORKLOAD.keyless_row, range(count)))
    return Contents(count, tuple(WORKLOAD.last_keyed(count).values()), keyless)


def lose_keyless(found: Contents) -> Contents:
    return replace(found, keyless=found.keyless[:9] + found.keyless[10:])


def double_keyless(found: Contents) -> Contents:
    return replace(found, keyless=(*found.keyless, found.keyless[3]))


def send_beyond(found: Contents) -> Contents:
    beyond = WORKLOAD.keyless_row(found.covered)
    return replace(found, keyless=(*found.keyless, beyond))


def change_keyless(found: Contents) -> Contents:
    first, *rest = found.keyless
    return replace(found, keyless=(replace(first, payload="x"), *rest))


def lose_key(found: Contents) -> Contents:
    return replace(found, keyed=found.keyed[1:])


def double_key(found: Contents) -> Contents:
    return replace(found, keyed=(*found.keyed, found.keyed[0]))


def outdate_key(found: Contents) -> Contents:
    late = {row.id: row for row in found.keyed}
    early = next(
        row for row in map(WORKLOAD.keyed_row, range(300)) if late[row.id] != row
    )
    rest = [row for row in found.keyed if row.id != early.id]
    return replace(found, keyed=(early, *rest))


def round_number(found: Contents) -> Contents:
    late = next(row for row in found.keyed if row.grade.endswith(".50"))
    rest = [row for row in found.keyed if row is not late]
    rounded = replace(late, grade=late.grade.removesuffix(".50"))
    return replace(found, keyed=(rounded, *rest))


def lose_text(found: Contents) -> Contents:
    late = next(row for row in found.keyed if row.extra)
    rest = [row for row in found.keyed if row is not late]
    return replace(found, keyed=(replace(late, extra=None), *rest))


def run_ahead(found: Contents) -> Contents:
    return replace(found, covered=found.covered + 50)


WRONGS = [
    lose_keyless,
    double_keyless,
    send_beyond,
    change_keyless,
    lose_key,
    double_key,
    outdate_key,
    round_number,
    lose_text,
    run_ahead,
]


def test_what_is_right_passes() -> None:
    check_complete(contents(300), WORKLOAD)
    check_at_least_once(contents(300), WORKLOAD, told=300)
    for count in (0, 100, 300):
        check_interrupted(contents(count), WORKLOAD, told=count)
    ahead = replace(contents(100), keyed=contents(300).keyed)
    check_interrupted(ahead, WORKLOAD, told=50)
    twice = replace(contents(300), keyless=contents(300).keyless * 2)
    check_at_least_once(twice, WORKLOAD, told=0)


@pytest.mark.parametrize("spoil", WRONGS)
def test_what_is_wrong_is_seen(spoil: Callable[[Contents], Contents]) -> None:
    with pytest.raises(WrongContentsError):
        check_complete(spoil(contents(300)), WORKLOAD)
    late = replace(contents(250), covered=250)
    with pytest.raises(WrongContentsError):
        check_interrupted(spoil(late), WORKLOAD, told=250)


def test_a_state_told_before_it_is_stored_is_seen() -> None:
    with pytest.raises(WrongContentsError, match="150 was told"):
        check_interrupted(contents(100), WORKLOAD, told=150)


def test_a_row_that_stands_twice_before_the_state_is_seen() -> None:
    with pytest.raises(WrongContentsError, match="log 3 stands 2 times"):
        check_at_least_once(double_keyless(contents(300)), WORKLOAD, told=200)


def test_the_output_from_a_bookmark_is_the_rest_of_the_whole() -> None:
    def records(start: int) -> list[bytes]:
        return [line for line in WORKLOAD.lines(start) if b"RECORD" in line]

    assert records(0)[200:] == records(100)
    assert records(0)[400:] == records(200)
    states = [json.loads(each) for each in WORKLOAD.lines() if b"STATE" in each]
    assert [covered_by(each["value"]) for each in states] == [*range(50, 301, 50)]
    assert {json.loads(each).get("stream") for each in WORKLOAD.lines()} == {
        KEYED,
        KEYLESS,
        None,
    }


SOUND = [
    b'{"type": "SCHEMA", "stream": "things"}',
    b'{"type": "RECORD", "stream": "things", "record": {"id": 1, "n": 1.50, "t": "a"}}',
    b'{"type": "RECORD", "stream": "log", "record": {"n": 1}}',
    b'{"type": "STATE", "value": {"n": 1}}',
    b'{"type": "RECORD", "stream": "things", "record": {"id": 1, "n": 2}}',
    b'{"type": "RECORD", "stream": "log", "record": {"n": 2}}',
]
FIRST, SECOND = ("1", "1.5", "a", None), ("1", "2", None, None)
STATE = read_input(SOUND).state


def test_a_plain_reading_tells_what_may_be_stored() -> None:
    reading = read_input(SOUND)
    check_finished(reading, Stored(STATE, (SECOND,), (("1", None), ("2", None))))
    for wrong in (
        Stored(STATE, (FIRST,), (("1", None), ("2", None))),
        Stored(STATE, (SECOND,), (("1", None),)),
        Stored(None, (SECOND,), (("1", None), ("2", None))),
    ):
        with pytest.raises(AssertionError):
            check_finished(reading, wrong)


def test_a_plain_reading_tells_what_a_stopped_run_may_leave() -> None:
    lines = [*SOUND, b"garbage"]
    check_stopped(lines, Stored(None, (), ()))
    check_stopped(lines, Stored(STATE, (SECOND,), (("1", None),)))
    for wrong in (
        Stored(STATE, (SECOND,), (("1", None), ("2", None))),
        Stored(STATE, (), (("1", None),)),
        Stored({"n": "2"}, (FIRST,), (("1", None),)),
        Stored(None, (("1", "9", "a", None),), ()),
    ):
        with pytest.raises(AssertionError):
            check_stopped(lines, wrong)


@pytest.mark.parametrize(
    "line",
    [
        b"text",
        b"[]",
        b'{"type": "RECORD", "stream": "things", "record": {"n": 1}}',
        b'{"type": "RECORD", "stream": "log", "record": {"n": "1"}}',
        b'{"type": "RECORD", "stream": "log", "record": {"t": {}}}',
        b'{"type": "RECORD", "stream": "log", "record": {"t": "\\ud800"}}',
        b"\xff",
    ],
)
def test_a_plain_reading_stops_at_what_cannot_be_right(line: bytes) -> None:
    with pytest.raises(NotUnderstoodError):
        read_input([*SOUND, line])


def test_an_unknown_fault_ends_with_2() -> None:
    assert main(["--fault", "F99"]) == 2
