"""`--since` and `--until`: a window is read again, and no bookmark moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_plan import EltRequest

_START = ("start_date",)
_END = ("end_date", "until")


def check_window(tap: ReadyPlugin, request: EltRequest) -> None:
    """Make sure that a tap can be given the window.

    Raises:
        ConfigError: It has no setting for it.
    """
    known = tap.about.settings
    if known is None:
        return
    for option, value, names in (
        ("--since", request.since, _START),
        ("--until", request.until, _END),
    ):
        if value is not None and _name(known, names) is None:
            raise ConfigError(
                f"{tap.name} has no setting {names[0]!r}, so that {option} "
                "cannot be told to it",
                f"Leave {option} out for this tap, or name only the taps that have it.",
            )


def takes_end(tap: ReadyPlugin) -> bool:
    """Tell whether a tap can be told until when to read."""
    return _name(tap.about.settings or {}, _END) is not None


def window_config(tap: ReadyPlugin, request: EltRequest) -> dict[str, object]:
    """Return the settings that tell a tap the window; none without one."""
    known: Mapping[str, Any] = tap.about.settings or {}
    config: dict[str, object] = {}
    for value, names in ((request.since, _START), (request.until, _END)):
        if value is not None:
            name = _name(known, names) or names[0]
            config[name] = _as_wanted(value, known.get("properties", {}).get(name, {}))
    return config


def _name(known: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    properties = known.get("properties", {})
    return next((name for name in names if name in properties), None)


def _as_wanted(text: str, rule: Mapping[str, Any]) -> str:
    """Return a day as an instant where the tap takes instants."""
    is_day = len(text) == len("2024-01-01")
    return f"{text}T00:00:00Z" if is_day and rule.get("format") == "date-time" else text
