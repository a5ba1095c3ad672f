"""A plan in a file: asked for again, and refused when the world has moved since."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import ConfigError
from bizops_cli.usecases.forecast import FORM, Forecast, forecast, hash_of

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.run_plan import EltRequest


def planned_request(file: Path, request: EltRequest) -> EltRequest:
    """Return the request a plan was made for, with how the run goes from this one.

    Raises:
        ConfigError: The file is no plan, is of another project or environment, or the
            request says itself what is to be done.
    """
    kept = _read_plan(file)
    project = request.project
    if (kept["project"], kept["environment"]) != (project.name, project.environment):
        raise ConfigError(
            f"{file} is a plan of {kept['project']}, environment {kept['environment']}",
            f"Give -e {kept['environment']}, or make another plan.",
        )
    said = (request.taps, request.job, request.only, request.models)
    if any((*said, request.full_refresh, request.since, request.until)):
        raise ConfigError(
            "a plan says itself what is to be done",
            "Leave out taps, --job, --only, --models, --full-refresh and --since.",
        )
    asked = kept["request"]
    return replace(
        request,
        job=kept["job"],
        taps=tuple(asked["taps"]),
        only=asked["only"],
        models=asked["models"],
        full_refresh=tuple(asked["full_refresh"]),
        since=asked["since"],
        until=asked["until"],
    )


def check_plan(file: Path, request: EltRequest, *, on_event: OnEvent) -> None:
    """Make sure that a run would still do what a plan says.

    Raises:
        ConfigError: The file is no plan, or the world has moved; what differs is told.
    """
    kept = _read_plan(file)
    old = {key: kept[key] for key in Forecast.__dataclass_fields__}
    now = forecast(request, on_event=on_event)
    if kept.get("facts") == hash_of(now.facts):
        return
    differences = list(_differences("", _without_expectations(old), now.facts))
    raise ConfigError(
        "the world has moved since this plan was made",
        "Look at the new plan with `bizops plan`, then run that.",
        dict(differences[:10]),
    )


def _read_plan(file: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(file.read_bytes())
        is_plan = all(key in kept for key in Forecast.__dataclass_fields__)
    except (OSError, ValueError, TypeError):
        is_plan = False
    if not is_plan or kept["form"] != FORM:
        raise ConfigError(f"{file} is no plan", "Make one: bizops plan --out plan.json")
    return kept


def _without_expectations(value: dict[str, Any]) -> dict[str, Any]:
    for tap in value["taps"]:
        for stream in tap["streams"] or ():
            stream.pop("expected_rows", None)
    return value


def _differences(path: str, old: Any, new: Any) -> Any:  # noqa: ANN401
    """Yield what differs as `(place, old -> new)`."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differences(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for before, after in zip(old, new, strict=True):
            name = after.get("stream") or after.get("tap") if _is_named(after) else ""
            yield from _differences(f"{path} {name}".rstrip(), before, after)
    elif old != new:
        before = _shortened(old, new) if isinstance(old, list) else old
        after = _shortened(new, old) if isinstance(new, list) else new
        yield path.removeprefix("."), f"{before} -> {after}"


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and ("stream" in value or "tap" in value)


def _shortened(value: list[Any], other: object) -> str:
    """Return what a list has and the other has not."""
    others = other if isinstance(other, list) else []
    names = [v.get("stream") or v.get("tap") if _is_named(v) else v for v in value]
    known = [v.get("stream") or v.get("tap") if _is_named(v) else v for v in others]
    own = [str(name) for name in names if name not in known]
    return f"{len(value)} with {', '.join(own[:5])}" if own else f"{len(value)}"
