"""Singer values without any process around them: messages, catalogs, states."""

from __future__ import annotations

from bizops_cli.singer.states import State, bookmarks, merge_state, without_streams

__all__ = ["State", "bookmarks", "merge_state", "without_streams"]
