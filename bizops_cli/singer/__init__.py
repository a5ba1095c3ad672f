"""Singer values without any process around them: messages, catalogs, states."""

from __future__ import annotations

from bizops_cli.singer.states import State, merge_state, merged_text

__all__ = ["State", "merge_state", "merged_text"]
