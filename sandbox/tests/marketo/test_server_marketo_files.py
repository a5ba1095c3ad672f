"""What is hard to carry in a file, written and read back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_sandbox.projections.marketo import project_marketo
from bizops_sandbox.projections.marketo_notes import HARD_TEXTS, LONG_TEXT
from bizops_sandbox.servers.company import simulate_company
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.marketo.export_files import write_file
from bizops_sandbox.servers.marketo.export_requests import read_request
from bizops_sandbox.servers.marketo.fault_kinds import FAULT_KINDS
from bizops_sandbox.servers.marketo.formats import csv_line
from bizops_sandbox.servers.marketo.simulator import Simulator

TEXTS = (*HARD_TEXTS, LONG_TEXT, '"', ",", "", 'first"Name1')
EVER = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}
WANTED = {"fields": ["id", "mktoPersonNotes"], "filter": {"updatedAt": EVER}}


@pytest.fixture(scope="module")
def simulator():
    """Give an instance whose first leads carry every hard text."""
    company = simulate_company(scale="tiny", seed=None)
    whole = project_marketo(company.events, company.parameters, date(2018, 1, 31))
    leads = tuple(
        replace(
            lead,
            changed_at=whole.as_of,
            values={**lead.values, "mktoPersonNotes": text},
        )
        for lead, text in zip(whole.leads, TEXTS, strict=False)
    )
    hard = replace(whole, leads=leads)
    return Simulator(
        lambda _: hard,
        date(2018, 1, 31),
        faults=FaultBoard(FAULT_KINDS),
        journal=Journal(),
    )


def _rows(content: bytes) -> list[dict[str, str]]:
    text = io.StringIO(content.decode("utf-8"), newline="")
    csv.field_size_limit(1_000_000)
    return list(csv.DictReader(text, strict=True))


def test_every_hard_text_comes_back_as_it_was(simulator):
    request = read_request(simulator, "leads", WANTED)
    file = write_file(simulator, request, None)
    assert [row["mktoPersonNotes"] for row in _rows(file.content)] == list(TEXTS)
    assert file.record_count == len(TEXTS)
    assert b"\x00" in file.content
    assert "\u2028".encode() in file.content
    assert len(LONG_TEXT) > 30_000


def test_unescaped_quotes_are_written_as_some_versions_do(simulator):
    request = read_request(simulator, "leads", WANTED)
    board = simulator.faults
    (fault,) = board.arm({"fault": "quotes_unescaped"})
    file = write_file(simulator, request, fault)
    board.clear()
    assert b'"first"Name1"' in file.content


@given(
    st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=1),
    st.sampled_from([",", "\t", ";"]),
)
def test_any_line_can_be_read_back(cells, separator):
    line = csv_line(cells, separator)
    reader = csv.reader(io.StringIO(line, newline=""), delimiter=separator, strict=True)
    read = next(reader, [""])
    assert (read or [""]) == cells
