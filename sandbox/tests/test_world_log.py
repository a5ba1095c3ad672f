"""The event log: the same bytes everywhere, and a file that can be read back."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import (
    LogUntil,
    StoredLog,
    encode_event,
    events_until,
    read_log,
    write_log,
)
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

# Made once. A machine or Python version that gets another one breaks the promise of
# the same bytes everywhere; a wanted change of the simulation changes it, too: then
# put the new digest here.
TINY_SHA256 = "15e050f050319b0b7c9e01514006d748d8a6c5b8e5094632795e102e8bf39055"

_DIGEST = """
import hashlib
from bizops_sandbox.world.log import encode_event
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate
digest = hashlib.sha256()
for event in simulate(load_parameters(scale="{scale}")):
    digest.update(encode_event(event) + b"\\n")
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def tiny():
    return simulate(load_parameters(scale="tiny"))


def digest_of(events):
    digest = hashlib.sha256()
    for event in events:
        digest.update(encode_event(event) + b"\n")
    return digest.hexdigest()


def test_the_tiny_log_has_the_bytes_it_always_had(tiny):
    assert digest_of(tiny) == TINY_SHA256


def test_two_processes_with_other_hash_seeds_write_the_same_bytes():
    digests = set()
    for hash_seed in ("1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST.format(scale="small")],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def test_another_seed_makes_another_company(tiny):
    assert digest_of(simulate(load_parameters(scale="tiny", seed=1))) != TINY_SHA256


def test_a_written_log_reads_back_equal(tiny, tmp_path):
    path = tmp_path / "events.jsonl"
    write_log(tiny, path)
    assert tuple(read_log(path)) == tiny
    first = path.read_bytes()
    write_log(read_log(path), tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == first


def test_a_line_that_is_no_event_is_named(tiny, tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(encode_event(tiny[0]) + b"\n" + b'{"type":"Nonsense"}\n')
    with pytest.raises(ValueError, match=r"events\.jsonl:2: .*Nonsense"):
        list(read_log(path))


def test_the_events_until_a_moment_are_a_beginning_of_the_log(tiny):
    moment = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    early = tuple(events_until(tiny, moment))
    assert early == tiny[: len(early)]
    assert early[-1].at <= moment < tiny[len(early)].at


def test_a_changed_parameter_leaves_other_entities_alone():
    # Twice the renewal growth: campaigns, leads and first orders stay as they were.
    base = load_parameters(overrides={"organizations": 60})
    more = load_parameters(
        overrides={"organizations": 60, "renewal": {"growth_share": 0.8}}
    )
    kinds = ("CampaignPlanned", "LeadCreated", "AdDaySpent", "AccountCreated")

    def of_kind(params):
        return [e for e in simulate(params) if type(e).__name__ in kinds]

    assert of_kind(base) == of_kind(more)
    assert simulate(base) != simulate(more)


def test_a_stored_log_is_gone_through_again_and_gives_the_kinds_asked_for(
    tiny, tmp_path
):
    path = tmp_path / "log.jsonl"
    write_log(tiny, path)
    stored = StoredLog(path)
    assert tuple(stored) == tuple(stored) == tiny
    moment = tiny[len(tiny) // 2].at
    for events in (tiny, stored):
        known = LogUntil(events, moment)
        assert list(known) == list(known) == [e for e in tiny if e.at <= moment]
        kinds = (log.LeadCreated, log.TouchMade)
        found = list(events_until(events, moment, *kinds))
        assert found == [e for e in known if isinstance(e, kinds)] != []
