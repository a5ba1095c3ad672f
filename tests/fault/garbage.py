"""F6: a tap that sends garbage, and what may be stored of it.

A short input is damaged in one to three places. Either the target stores exactly what a
plain reading of all lines gives and ends with 0, or it stops with 3 and holds what a
plain reading of the lines before a STATE gives. What is not right never ends with 0.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tests.fault.plain_reading import (
    NotUnderstoodError,
    check_finished,
    check_stopped,
    read_input,
    stored_rows,
)
from tests.fault.trial import TrialError

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.fault.trial import Trial

_NAMED_LINE = re.compile(r"\bline \d+")
_ROWS, _STATE_EVERY = 40, 8
_WRONG_INPUT = 3
Harm = Literal["harmless", "harmful", "either"]


@dataclass(slots=True)
class Damage:
    """A kind of damage: what it makes of a record's line, and whether that is wrong."""

    harm: Harm
    apply: Callable[[bytes, Random], bytes]


def send_garbage(trial: Trial) -> str:
    """Send one damaged input.

    Raises:
        AssertionError: If something wrong was stored or called right.
    """
    lines, harms = _damaged_input(trial.chance)
    trial.settings["batch_size_rows"] = trial.chance.choice((3, 15, 250))
    running = trial.start()
    running.feed(line + b"\n" for line in lines)
    outcome = running.wait()
    trial.arena.wait_until_quiet(trial.place)
    try:
        _check(trial, lines, harms, status=outcome.status, log=outcome.log)
    except AssertionError as error:
        kept = trial.arena.directory / f"garbage-{trial.place.schema}.jsonl"
        kept.write_bytes(b"\n".join(lines) + b"\n")
        raise TrialError(f"{error}\n{outcome.log[-1500:]}\ninput: {kept}") from error
    return "stored" if outcome.status == 0 else "refused"


def _check(
    trial: Trial, lines: list[bytes], harms: set[Harm], *, status: int, log: str
) -> None:
    if status not in {0, _WRONG_INPUT} or "Traceback" in log:
        raise TrialError(f"ended with {status}")
    if status == 0 and "harmful" in harms:
        raise TrialError("something harmful was taken for right")
    if status != 0 and harms == {"harmless"}:
        raise TrialError("something harmless was refused")
    if status != 0 and not _NAMED_LINE.search(log):
        raise TrialError("the line is not named")
    stored = stored_rows(trial.place)
    if status == 0:
        try:
            check_finished(read_input(lines), stored)
        except NotUnderstoodError as error:
            raise TrialError(f"taken for right: {error}") from None
    else:
        check_stopped(lines, stored)


def _damaged_input(chance: Random) -> tuple[list[bytes], set[Harm]]:
    lines = _sound_input(chance)
    harms: set[Harm] = set()
    records = [i for i, line in enumerate(lines) if b'"record"' in line]
    # Different lines, so that no damage undoes another.
    for record in chance.sample(records, k=chance.randint(1, 3)):
        damage = chance.choice(_DAMAGES)
        lines[record] = damage.apply(lines[record], chance)
        harms.add(damage.harm)
    return lines, harms


def _sound_input(chance: Random) -> list[bytes]:
    number, text = {"type": ["null", "number"]}, {"type": ["null", "string"]}
    integer = {"type": ["null", "integer"]}
    things = {"id": integer, "n": number, "t": text, "o": {}}
    messages: list[dict[str, Any]] = [
        _schema("things", things, keys=["id"]),
        _schema("log", {"n": integer, "t": text}, keys=[]),
    ]
    for row in range(_ROWS):
        key = chance.randrange(_ROWS // 2)
        thing = {"id": key, "n": row, "t": f"é{row}\t", "o": {"a": [row, None]}}
        messages.append({"type": "RECORD", "stream": "things", "record": thing})
        entry = {"n": row, "t": f"\\{row}"}
        messages.append({"type": "RECORD", "stream": "log", "record": entry})
        if row % _STATE_EVERY == _STATE_EVERY - 1:
            messages.append({"type": "STATE", "value": {"n": row + 1}})
    return [json.dumps(each, ensure_ascii=False).encode() for each in messages]


def _schema(stream: str, properties: dict[str, Any], *, keys: list[str]) -> Any:
    schema = {"type": "object", "properties": properties}
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": schema,
        "key_properties": keys,
    }


def _put(name: str, value: str) -> Callable[[bytes, Random], bytes]:
    """Give the record a further property, or an old one once more."""

    def apply(line: bytes, _chance: Random) -> bytes:
        return line[:-2] + f', "{name}": {value}}}}}'.encode()

    return apply


def _before(text: bytes) -> Callable[[bytes, Random], bytes]:
    return lambda line, _chance: text + b"\n" + line


def _truncate(line: bytes, chance: Random) -> bytes:
    return line[: chance.randrange(1, len(line))]


def _noise(line: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(line))
    size = chance.randint(1, 8)
    return line[:at] + bytes(b for b in chance.randbytes(size) if b != 10) + line[at:]


def _swap_bytes(line: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(line) - 1)
    return line[:at] + line[at + 1 : at + 2] + line[at : at + 1] + line[at + 2 :]


_DEEP = "[" * 20_000 + "]" * 20_000
_NESTED = "[" * 400 + "]" * 400

_DAMAGES: tuple[Damage, ...] = (
    Damage("harmless", _before(b"")),
    Damage("harmless", lambda line, _: line + b"\r"),
    Damage("harmless", lambda line, _: b"  " + line),
    Damage("harmless", _put("unknown", '{"a": 1}')),
    Damage("harmless", _put("t", '"once more"')),
    Damage("harmless", _put("t", '"\\u0000 \\ud83d\\ude42"')),
    Damage("harmless", _put("n", "123456789012345678901234567890")),
    Damage("harmless", _put("n", "7.25")),
    Damage("harmless", _put("n", "1e3")),
    Damage("harmless", _put("n", "NaN")),
    Damage("harmless", _put("n", "null")),
    Damage("harmless", _put("t", "false")),
    Damage("harmless", _put("t", "12.50")),
    Damage("either", _put("o", _NESTED)),
    Damage("either", _put("o", '{"a": 1, "a": 2, "\\u0000": -0.10}')),
    Damage("either", _put("n", "1e400")),
    Damage("either", _put("id", "98765432109876543210")),
    Damage("harmful", _put("t", _DEEP)),
    Damage("harmful", _put("t", '{"an": "object"}')),
    Damage("harmful", _put("t", '"\\ud800"')),
    Damage("harmful", _put("n", '"not a number"')),
    Damage("harmful", _put("n", "[1]")),
    Damage("harmful", _put("n", "1e999999")),
    Damage("harmful", _before(b"INFO 200 OK GET /things")),
    Damage("harmful", _before(b"null")),
    Damage(
        "harmful", _before(b'{"type": "RECORD", "stream": "unknown", "record": {}}')
    ),
    Damage("harmful", _before(b'{"type": "RECORD", "stream": "things", "record": {}}')),
    Damage("harmful", _before(b'{"type": "RECORD", "stream": "things"}')),
    Damage("harmful", _before(b'{"type": "NEWS", "stream": "things"}')),
    Damage("harmful", _before(b'{"type": "STATE"}')),
    Damage("harmful", _before(b'{"stream": "things", "record": {"id": 1}}')),
    Damage("harmful", _before(b"\xff\xfe")),
    Damage("either", _truncate),
    Damage("either", _noise),
    Damage("either", _noise),
    Damage("either", _swap_bytes),
    Damage("harmless", lambda line, _: line + b"\n" + line),
)
