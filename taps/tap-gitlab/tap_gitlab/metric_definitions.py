"""The dictionary of Service Ping's metrics, a YAML list. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from reading_kit.errors import IncompleteDataError
from reading_kit.sending import MalformedAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY = re.compile(rb"^- ", re.MULTILINE)
_BLOCK_ENTRIES = 100
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _TextLoader(_BASE):  # type: ignore[misc] # the C loader or the Python one
    """A safe loader that leaves scalars as text: milestone 13.10 is no number."""


_TextLoader.yaml_implicit_resolvers = {
    first: kept
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
    if (kept := [(tag, rule) for tag, rule in resolvers if tag.endswith(":null")])
}


def read_definitions(text: bytes) -> Iterator[list[dict[str, Any]]]:
    """Give the definitions, some at a time: the dictionary has thousands.

    Raises:
        MalformedAnswerError: it is not a YAML list of objects with key paths.
    """
    if not text.endswith(b"\n"):
        # A YAML list cut in the middle is often a YAML list.
        raise MalformedAnswerError("metric definitions that end too early")
    for block in _blocks(text):
        yield [_check(entry) for entry in _load(block)]


def _blocks(text: bytes) -> Iterator[bytes]:
    """Cut the list between entries; anchors, which would lead across, are not used."""
    starts = [match.start() for match in _ENTRY.finditer(text)]
    if not starts or b"&" in text[: starts[0]]:
        yield text
        return
    if re.search(rb": &\w+$", text, re.MULTILINE):
        yield text
        return
    for place in range(0, len(starts), _BLOCK_ENTRIES):
        ends = starts[place + _BLOCK_ENTRIES : place + _BLOCK_ENTRIES + 1]
        yield text[starts[place] : ends[0] if ends else len(text)]


def _load(text: bytes) -> list[Any]:
    try:
        document = yaml.load(text, Loader=_TextLoader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        raise MalformedAnswerError("metric definitions that are not YAML") from None
    if not isinstance(document, list):
        raise MalformedAnswerError("metric definitions that are no list")
    return document


def _check(entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict) or not entry.get("key_path"):
        raise IncompleteDataError("a metric definition without key_path")
    found: dict[str, Any] = dict(entry)
    for name in ("tiers", "tier", "distribution", "performance_indicator_type"):
        if isinstance(found.get(name), str):
            found[name] = [found[name]]
    return found
