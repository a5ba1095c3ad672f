"""The dictionary of metrics is YAML, and long."""

from __future__ import annotations

import pytest

from reading_kit.sending import MalformedAnswerError
from tap_gitlab.metric_definitions import read_definitions

ENTRY = """- key_path: counts.m%d
  description: 'It says: "yes", - and no'
  value_type: number
  milestone: 13.10
  removed_by_url: ~
  time_frame: 28d
  tiers:
  - free
  - premium
  options:
    events:
    - a
"""


def test_entries_are_read_in_blocks_and_scalars_stay_text():
    text = "---\n" + "".join(ENTRY % n for n in range(250))
    blocks = list(read_definitions(text.encode()))
    assert [len(block) for block in blocks] == [100, 100, 50]
    first = blocks[0][0]
    assert first["milestone"] == "13.10"
    assert first["removed_by_url"] is None
    assert first["tiers"] == ["free", "premium"]
    assert blocks[2][-1]["key_path"] == "counts.m249"


def test_anchors_lead_across_entries():
    text = "---\n- key_path: a\n  tiers: &id001\n  - free\n"
    text += "- key_path: b\n  tiers: *id001\n"
    (block,) = read_definitions(text.encode())
    assert block[1]["tiers"] == ["free"]


def test_nothing_is_constructed_from_tags():
    text = "---\n- key_path: !!python/object/apply:os.getcwd []\n"
    with pytest.raises(MalformedAnswerError):
        list(read_definitions(text.encode()))


@pytest.mark.parametrize(
    "text", ["---\n- key_path: a\n  desc", "<html>\n", "a: b\n", ""]
)
def test_what_is_no_whole_list_is_refused(text):
    with pytest.raises(MalformedAnswerError):
        list(read_definitions(text.encode()))
