"""Columns that answers do not have as such. Pure."""

from __future__ import annotations

from typing import Any


def with_commit_id(row: dict[str, Any]) -> dict[str, Any]:
    """Take the key ``commit_id`` out of the commit.

    Guests are not shown the commits of releases: their key is empty then.
    """
    commit = row.get("commit") or {}
    return row | {"commit_id": str(commit.get("id") or row.get("target") or "")}


def with_id_as_commit_id(row: dict[str, Any]) -> dict[str, Any]:
    """Give the key ``commit_id`` beside ``id``, which is the same."""
    return row | {"commit_id": row.get("id")}


def from_statistics(row: dict[str, Any]) -> dict[str, Any]:
    """Take a project's sizes out of it."""
    return {"project_id": row.get("id")} | (row.get("statistics") or {})


def languages(percents: dict[str, Any]) -> list[dict[str, Any]]:
    """Give one row for each language of a project."""
    return [
        {"language_name": name, "percent": percent}
        for name, percent in percents.items()
    ]
