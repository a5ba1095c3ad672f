"""The sample company's org, against the records the sandbox writes to files."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from reading_kit.testing.processes import run_program
from reading_kit.timestamps import parse_instant

if TYPE_CHECKING:
    from pathlib import Path

Table = dict[str, dict[str, Any]]
#: A day before the first change, then five syncs; the last finds nothing new.
DAYS = ("2016-08-31", "2016-12-31", "2017-04-30", "2017-10-31", "2018-01-31")
LOOKBACK = timedelta(days=60)


def as_written(value: Any) -> Any:
    """Give a value of a file as the tap writes it."""
    is_instant = isinstance(value, str) and value.endswith(".000+0000")
    return value.replace("+0000", "Z") if is_instant else value


def generate(out: Path, day: str | None = None) -> dict[str, Table]:
    """Have the sandbox write its records of a day; give them by object and Id."""
    as_of = ["--as-of", day] if day else []
    only = ["--scale", "tiny", "--only", "salesforce", "--out", str(out)]
    made = run_program(["bizops-sandbox", "generate", *only, *as_of])
    assert made.status == 0, made.log
    objects: dict[str, Table] = {}
    for path in sorted(out.rglob("*.jsonl")):
        lines = path.read_text("utf-8").splitlines()
        rows = [json.loads(line, parse_float=Decimal) for line in lines]
        objects[path.stem] = {
            row["Id"]: {name: as_written(value) for name, value in row.items()}
            for row in rows
        }
    assert len(objects) == 10
    return objects


def test_the_sample_company_arrives_row_for_row(org, tmp_path):
    outcome = org.run(streams_to_discover=[])
    assert outcome.status == 0, outcome.log
    for name, expected in generate(tmp_path / "truth").items():
        assert outcome.table(name) == expected, name


def without_compounds(table: Table) -> Table:
    """Leave out what only REST reads and the files do not have: whole addresses."""
    return {
        key: {
            name: value for name, value in row.items() if not name.endswith("Address")
        }
        for key, row in table.items()
    }


def hold_back(objects: dict[str, Table]) -> dict[str, str]:
    """Choose a row of each of some objects that is committed after its neighbour."""
    late: dict[str, str] = {}
    for name in ("Contact", "Lead", "Opportunity", "CampaignMember"):
        rows = sorted(objects[name].values(), key=lambda row: row["SystemModstamp"])
        stamps = [parse_instant(row["SystemModstamp"]) for row in rows[-2:]]
        if len(stamps) == 2 and stamps[1] - stamps[0] < LOOKBACK:
            late[name] = rows[-2]["Id"]
    return late


@pytest.mark.parametrize("api_type", ["BULK2", "REST"])
def test_five_syncs_with_deletions_and_late_rows_give_the_company_row_for_row(
    org, tmp_path, api_type
):
    held: dict[str, Table] = {}
    settings = {
        "streams_to_discover": [],
        "lookback_window": int(LOOKBACK.total_seconds()),
        "api_type": api_type,
    }
    state: dict[str, Any] | None = None
    read, deleted, late_rows = [], set(), set()
    for day in DAYS:
        org.move(day)
        truth = generate(tmp_path / day, day)
        late = hold_back(truth) if day != DAYS[-1] else {}
        org.arm(
            *(
                {"fault": "rows_hidden", "object": name, "ids": [identity]}
                for name, identity in late.items()
            )
        )
        outcome = org.run(state=state, **settings)
        assert outcome.status == 0, outcome.log
        org.calm()
        state = outcome.state
        read.append(len(outcome.records()))
        for name, expected in truth.items():
            rows = held.setdefault(name, {})
            rows |= without_compounds(outcome.table(name))
            if name in late:
                late_rows.add(late[name])
                expected.pop(late[name])
                rows.pop(late[name], None)
            assert rows == expected, (day, name)
            deleted |= {key for key, row in rows.items() if row.get("IsDeleted")}
    final = org.run(state=state, **settings)
    for name, expected in generate(tmp_path / "again", DAYS[-1]).items():
        table = without_compounds(final.table(name))
        assert held[name] | table == expected, name
    assert len(deleted) >= 3
    assert len(late_rows) >= 6
    assert late_rows <= {key for rows in held.values() for key in rows}
    # Each sync brought what was new, not everything again.
    everything = sum(map(len, held.values()))
    assert all(rows < everything for rows in read[1:])
