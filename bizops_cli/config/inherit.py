"""Taps that take what they have not themselves from another tap, `inherit_from`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.config.overlay import merged
from bizops_cli.config.problems import Problem, raise_problems, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bizops_cli.model import KeyPath, Position

_OWN = frozenset({"schema"})  # rows of two taps never go into one table by mistake


@dataclass(frozen=True, slots=True)
class Inheritance:
    """The project with every tap whole.

    Attributes:
        value: As the file has it, what taps inherit filled in.
        positions: Line of each value, inherited ones where they stand.
        own_settings: Names of the settings that an inheriting tap has itself.
    """

    value: dict[str, Any]
    positions: dict[KeyPath, Position]
    own_settings: Mapping[str, frozenset[str]]


def inherit(
    value: Mapping[str, Any], positions: Mapping[KeyPath, Position]
) -> Inheritance:
    """Give each tap what it inherits: mappings are merged, lists and values its own.

    Raises:
        ConfigError: A tap inherits from one that is not there, or that inherits too.
    """
    taps: Mapping[str, Any] = value.get("taps") or {}
    raise_problems(list(_problems(taps, positions)))
    whole: dict[str, Any] = {}
    lines = dict(positions)
    own: dict[str, frozenset[str]] = {}
    for name, tap in taps.items():
        parent = (tap or {}).get("inherit_from")
        if parent is None:
            whole[name] = tap
            continue
        given = {k: v for k, v in (taps[parent] or {}).items() if k not in _OWN}
        whole[name] = merged({"executable": parent, **given}, tap)
        own[name] = frozenset(tap.get("config") or {})
        lines = {**_moved(positions, parent, name), **lines}
    return Inheritance({**value, "taps": whole}, lines, own)


def _problems(
    taps: Mapping[str, Any], positions: Mapping[KeyPath, Position]
) -> Iterator[Problem]:
    for name, tap in taps.items():
        parent = (tap or {}).get("inherit_from")
        if parent is None:
            continue
        place = positions["taps", name, "inherit_from"]
        if parent not in taps or parent == name:
            others = [other for other in taps if other != name]
            yield Problem(
                place,
                f"{name} inherits from {parent!r}, which is no other tap",
                suggestion(parent, others, what="tap"),
            )
        elif (taps[parent] or {}).get("inherit_from"):
            yield Problem(
                place,
                f"{name} inherits from {parent}, which inherits itself",
                f"Write inherit_from: {taps[parent]['inherit_from']}.",
            )


def _moved(
    positions: Mapping[KeyPath, Position], parent: str, name: str
) -> dict[KeyPath, Position]:
    return {
        ("taps", name, *path[2:]): position
        for path, position in positions.items()
        if path[:2] == ("taps", parent) and len(path) > 2
    }
