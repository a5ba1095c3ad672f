"""From checked values to the `Project`, with the rules a schema cannot say."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_cli.config.problems import Problem, raise_problems, suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.model import (
    Job,
    Notification,
    PluginSettings,
    Project,
    ReconcileRule,
    Retention,
    Schedule,
    StreamMapping,
    TransformSettings,
    WarehouseSettings,
)
from bizops_cli.precedence import setting_word, variable_prefix
from bizops_cli.redact import REDACTOR, Secret, is_secret_name, reveal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from bizops_cli.model import KeyPath, PluginKind, Position, UnsetVariable


def build_project(
    value: Mapping[str, Any],
    *,
    file: Path,
    environment: str,
    env_file: Path | None,
    positions: Mapping[KeyPath, Position],
    variables: Mapping[str, str],
    interpolated: Collection[KeyPath],
    own_settings: Mapping[str, Collection[str]],
    unset: tuple[UnsetVariable, ...],
) -> Project:
    """Return the project of a value that fits the schema.

    Raises:
        ConfigError: A job names a tap that is not there, the target has no name, or
            the warehouse has a type without its URL.
    """
    raise_problems(list(_contradictions(value, positions)))
    names = [*value.get("taps", {}), value.get("target", {}).get("name", "")]
    owned = _variables_by_plugin(variables, [name for name in names if name])
    for name, own in own_settings.items():
        parent = owned[value["taps"][name]["inherit_from"]]
        owned[name] = {**_not_own(parent, own), **owned[name]}
    taps = {
        name: _plugin(
            name, "tap", tap or {}, owned, _top_settings(interpolated, ("taps", name))
        )
        for name, tap in value.get("taps", {}).items()
    }
    target = value.get("target")
    of_target = _top_settings(interpolated, ("target",))
    return Project(
        name=value["project"],
        directory=file.parent,
        environment=environment,
        env_file=env_file,
        warehouse=_warehouse(value.get("warehouse", {})),
        taps=taps,
        target=_plugin(target["name"], "target", target, owned, of_target)
        if target
        else None,
        transform=_transform(value.get("transform", {}), file.parent),
        jobs=_jobs(value.get("jobs", {}), taps),
        positions=positions,
        unset=unset,
        hash_secret=_hash_secret(value.get("hash_secret")),
        notifications=tuple(_notification(item) for item in value.get("notify", ())),
        retention=Retention(**value.get("retention", {})),
        schedules=_schedules(value.get("schedules", {})),
    )


def _contradictions(
    value: Mapping[str, Any], positions: Mapping[KeyPath, Position]
) -> Iterator[Problem]:
    yield from _warehouse_contradictions(value.get("warehouse", {}), positions)
    if value.get("target") and not value["target"].get("name"):
        yield Problem(
            _at(positions, "target"), "'name' is missing in target", "Add `name:`."
        )
    taps, jobs = value.get("taps", {}), value.get("jobs", {})
    for name, job in jobs.items():
        for index, tap in enumerate(job.get("taps", [])):
            if tap not in taps:
                yield Problem(
                    _at(positions, "jobs", name, "taps", index),
                    f"the job {name!r} names the tap {tap!r}, which is not in taps",
                    suggestion(tap, taps, what="tap"),
                )
    for name, schedule in value.get("schedules", {}).items():
        if schedule["job"] not in {"default", *jobs}:
            yield Problem(
                _at(positions, "schedules", name, "job"),
                f"the schedule {name!r} names the job {schedule['job']!r}, "
                "which is not in jobs",
                suggestion(schedule["job"], jobs, what="job"),
            )
        yield from _time_problems(name, schedule, positions)


def _time_problems(
    name: str, schedule: Mapping[str, Any], positions: Mapping[KeyPath, Position]
) -> Iterator[Problem]:
    from bizops_cli.config.cron import check_timezone, parse_cron

    for key, check in (("cron", parse_cron), ("timezone", check_timezone)):
        try:
            check(str(schedule.get(key, "UTC")))
        except ConfigError as error:
            place = _at(positions, "schedules", name, key)
            yield Problem(place, error.message, error.next_step)


def _warehouse_contradictions(
    warehouse: Mapping[str, Any], positions: Mapping[KeyPath, Position]
) -> Iterator[Problem]:
    kind = warehouse.get("type", "embedded")
    if kind == "postgres" and "url" not in warehouse:
        yield Problem(
            _at(positions, "warehouse"),
            "a warehouse of type postgres needs a url",
            "Add `url: ${BIZOPS_WAREHOUSE_URL}` and set the variable.",
        )
    if kind == "embedded" and "url" in warehouse:
        yield Problem(
            _at(positions, "warehouse", "url"),
            "the embedded warehouse has no url",
            "Write `type: postgres`, or remove the url.",
        )


def _at(positions: Mapping[KeyPath, Position], *path: str | int) -> Position:
    while path not in positions:
        path = path[:-1]
    return positions[path]


def _warehouse(value: Mapping[str, Any]) -> WarehouseSettings:
    url = value.get("url")
    if url is None:
        return WarehouseSettings(type=value.get("type", "embedded"))
    secret = url if isinstance(url, Secret) else Secret(url)
    REDACTOR.remember([secret.reveal()])
    return WarehouseSettings(type="postgres", url=secret)


def _plugin(
    name: str,
    kind: PluginKind,
    value: Mapping[str, Any],
    owned: Mapping[str, Mapping[str, tuple[str, str]]],
    interpolated: frozenset[str],
) -> PluginSettings:
    install = reveal(value.get("install", []))
    return PluginSettings(
        name=name,
        kind=kind,
        install=tuple(install) if isinstance(install, list) else (str(install),),
        executable=_text(value.get("executable")),
        python=_text(value.get("python")),
        inherits=value.get("inherit_from"),
        config=value.get("config", {}),
        interpolated=interpolated,
        variables=owned.get(name, {}),
        select=tuple(value.get("select", ())),
        metadata=value.get("metadata", {}),
        schema=_text(value.get("schema")),
        api_call_budget=value.get("api_call_budget"),
        api_call_quota=value.get("api_call_quota"),
        api_quota_percent=value.get("api_quota_percent"),
        reconcile={
            stream: _reconcile_rule(rules or {})
            for stream, rules in value.get("reconcile", {}).items()
        },
        mapping={
            stream: _mapping(rules or {})
            for stream, rules in value.get("mapping", {}).items()
        },
    )


def _mapping(rules: Mapping[str, Any]) -> StreamMapping:
    conditions = rules.get("filter") or {}
    return StreamMapping(
        drop=tuple(rules.get("drop", ())),
        hash=tuple(rules.get("hash", ())),
        rename=rules.get("rename") or {},
        keep_where={n: tuple(v) for n, v in (conditions.get("keep") or {}).items()},
        drop_where={n: tuple(v) for n, v in (conditions.get("drop") or {}).items()},
    )


def _reconcile_rule(rules: Mapping[str, Any]) -> ReconcileRule:
    tolerance = Decimal(str(rules.get("tolerance", 0)))
    return ReconcileRule(
        sum=_text(rules.get("sum")),
        staging=_text(rules.get("staging")),
        staging_sum=_text(rules.get("staging_sum")),
        tolerance=tolerance,
    )


def _notification(item: Mapping[str, Any]) -> Notification:
    url = item.get("webhook")
    secret = url if url is None or isinstance(url, Secret) else Secret(str(url))
    if secret is not None:
        REDACTOR.remember([secret.reveal()])
    on = item.get("on")
    chosen = {} if on is None else {"on": tuple(on)}
    command = tuple(str(reveal(word)) for word in item.get("command", ()))
    return Notification(command=command, webhook=secret, **chosen)


def _schedules(value: Mapping[str, Any]) -> dict[str, Schedule]:
    return {
        name: Schedule(
            name=name,
            job=rules["job"],
            cron=rules["cron"],
            timezone=rules.get("timezone", "UTC"),
        )
        for name, rules in value.items()
    }


def _hash_secret(value: object) -> Secret | None:
    if value is None:
        return None
    secret = value if isinstance(value, Secret) else Secret(str(value))
    REDACTOR.remember([secret.reveal()])
    return secret


def _text(value: object) -> str | None:
    return None if value is None else str(reveal(value))


def _top_settings(interpolated: Collection[KeyPath], plugin: KeyPath) -> frozenset[str]:
    head = (*plugin, "config")
    return frozenset(
        str(path[-1])
        for path in interpolated
        if path[:-1] == head and isinstance(path[-1], str)
    )


def _not_own(
    variables: Mapping[str, tuple[str, str]], own: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Return the variables of settings that an inheriting tap does not have itself."""
    words = {setting_word(setting) for setting in own}
    return {word: found for word, found in variables.items() if word not in words}


def _variables_by_plugin(
    variables: Mapping[str, str], plugins: Collection[str]
) -> dict[str, dict[str, tuple[str, str]]]:
    """Give each variable to the plugin whose prefix fits it best."""
    owned: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in plugins}
    by_prefix = {variable_prefix(name): name for name in plugins}
    for variable, text in variables.items():
        fitting = [p for p in by_prefix if variable.startswith(p) and variable != p]
        if not fitting:
            continue
        prefix = max(fitting, key=len)
        setting = variable.removeprefix(prefix)
        owned[by_prefix[prefix]][setting] = (variable, text)
        if is_secret_name(setting):
            REDACTOR.remember([text])
    return owned


def _transform(value: Mapping[str, Any], directory: Path) -> TransformSettings:
    project = value.get("project")
    return TransformSettings(
        project=(directory / project).resolve() if project else None,
        vars=value.get("vars", {}),
        models=value.get("models", "loaded"),
    )


def _jobs(
    value: Mapping[str, Any], taps: Mapping[str, PluginSettings]
) -> dict[str, Job]:
    jobs = {
        name: Job(
            name=name,
            taps=tuple(job.get("taps", taps)),
            transform=job.get("transform", "build"),
            parallel=job.get("parallel", 1),
            retries=job.get("retries", 0),
            retry_pause_s=float(job.get("retry_pause_s", 10)),
        )
        for name, job in value.items()
    }
    jobs.setdefault("default", Job(name="default", taps=tuple(taps)))
    return jobs
