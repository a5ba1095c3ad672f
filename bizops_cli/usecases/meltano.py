"""`import meltano.yml`: a Meltano project becomes a bizops.yml, states included.

Read are extractors, the loader in use, jobs, schedules, environments and states kept in
`.meltano` (its SQLite database or its folder of state files). What has no counterpart
is told, never guessed.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from bizops_cli.config.cron import parse_cron
from bizops_cli.config.load import FILE_NAME
from bizops_cli.errors import ConfigError
from bizops_cli.files import OWNER_ONLY, make_directory, write_atomically
from bizops_cli.plugins.known import KNOWN, known_requirement
from bizops_cli.precedence import variable_of
from bizops_cli.redact import is_secret_name
from bizops_cli.usecases.init import ignore_private_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_STATE_ID = re.compile(r"(?:(?P<env>[^:]+):)?(?P<tap>tap-[^:]+?)-to-[^:]+?(?::.*)?$")
_OURS = "target-postgres"
_WAREHOUSE = "BIZOPS_WAREHOUSE_URL"


@dataclass(slots=True)
class Imported:
    """What became of a Meltano project.

    Attributes:
        files: Files written.
        taps: Taps taken over.
        states: Number of states, by environment.
        notes: What a person has to look at.
    """

    files: list[Path] = field(default_factory=list)
    taps: list[str] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def import_meltano(file: Path, directory: Path) -> Imported:
    """Write bizops.yml, and the states for `bizops state import`.

    Args:
        file: meltano.yml.
        directory: Folder of the new project.

    Raises:
        ConfigError: The file is no meltano.yml, or there is a bizops.yml already.
        BizopsError: Something cannot be written.
    """
    project = _read(file)
    target_file = directory / FILE_NAME
    if target_file.exists():
        raise ConfigError(
            f"there is a project already: {target_file}", "Give another --to folder."
        )
    result = Imported()
    make_directory(directory)
    document = _Translation(project, directory, result).document()
    head = "# Made by `bizops import meltano`; see its notes and `bizops check`.\n"
    text = head + yaml.safe_dump(document, sort_keys=False, width=1000)
    write_atomically(target_file, text.encode())
    result.files.append(target_file)
    ignore_private_files(directory)
    for environment, states in _states(file.parent, project, result).items():
        value = {"bizops_states": 1, "environment": environment, "states": states}
        place = directory / ".bizops" / f"meltano-states.{environment}.json"
        make_directory(place.parent)
        data = json.dumps(value, indent=2).encode()
        write_atomically(place, data, mode=OWNER_ONLY)
        result.files.append(place)
        result.states[environment] = len(states)
    return result


def _read(file: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(
            f"{file} cannot be read: {error}", "Name the file meltano.yml."
        ) from error
    if not isinstance(value, dict) or not isinstance(value.get("plugins", {}), dict):
        raise ConfigError(f"{file} is no meltano.yml", "Name the file meltano.yml.")
    return value


class _Translation:
    """One project, part by part."""

    def __init__(
        self, project: Mapping[str, Any], directory: Path, result: Imported
    ) -> None:
        self.project = project
        self.directory = directory
        self.result = result
        self.plugins = project.get("plugins") or {}
        self.extractors = {e["name"]: e for e in self.plugins.get("extractors") or ()}

    def document(self) -> dict[str, Any]:
        for kind in ("mappers", "orchestrators", "files"):
            if self.plugins.get(kind):
                self._note(f"plugins.{kind} have no counterpart and were left out")
        if self.project.get("include_paths"):
            self._note("include_paths: the files included were not read")
        taps = dict(self._taps())
        self.result.taps = list(taps)
        jobs = self._jobs(taps)
        document: dict[str, Any] = {
            "version": 1,
            "project": _name(str(self.project.get("project_id") or "meltano")),
            "default_environment": _name(
                str(self.project.get("default_environment") or "dev")
            ),
            **self._target(taps),
            "taps": taps,
            "jobs": jobs,
        }
        schedules = dict(self._schedules(jobs, taps))
        if schedules:
            document["schedules"] = schedules
        document["environments"] = self._environments(taps)
        return document

    def _note(self, text: str) -> None:
        if text not in self.result.notes:
            self.result.notes.append(text)

    def _taps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, own in self.extractors.items():
            parent = self.extractors.get(str(own.get("inherit_from")), {})
            if own.get("inherit_from") and not parent:
                self._note(
                    f"{name} inherits from {own['inherit_from']}, which is not "
                    "in this file: give its install and settings"
                )
            merged = {**parent, **own}
            config = {
                **self._config(str(parent.get("name")), parent.get("config") or {}),
                **self._config(name, own.get("config") or {}),
            }
            tap: dict[str, Any] = self._installed(name, merged)
            if config:
                tap["config"] = config
            if merged.get("select"):
                tap["select"] = [str(pattern) for pattern in merged["select"]]
            metadata = {**(merged.get("metadata") or {})}
            for pattern, schema in self._schemas(name, merged.get("schema") or {}):
                metadata[pattern] = {**metadata.get(pattern, {}), "schema": schema}
            if metadata:
                tap["metadata"] = metadata
            yield _name(name), tap

    def _schemas(
        self, tap: str, given: Mapping[str, Any]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for stream, fields in given.items():
            for field_name, schema in fields.items():
                pattern = f"{stream}.{field_name}"
                if "type" in schema:
                    yield pattern, schema
                else:
                    self._note(f"schema of {tap}.{pattern} without a type was left out")

    def _installed(self, name: str, own: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if own.get("pip_url"):
            words = str(own["pip_url"]).split()
            options = [word for word in words if word.startswith("-")]
            if options:
                self._note(f"pip_url of {name}: {' '.join(options)} was left out")
            wanted = [word for word in words if not word.startswith("-")]
            found["install"] = wanted[0] if len(wanted) == 1 else wanted
        elif name in KNOWN:
            found["install"] = known_requirement(KNOWN[name], self.directory.resolve())
            self._note(f"{name} is now BizOps's own")
        else:
            variant = own.get("variant")
            guess = f"{variant}-{name}" if variant else name
            found["install"] = guess
            self._note(f"{name} has no pip_url: is {guess!r} its package?")
        if own.get("executable") or own.get("inherit_from"):
            found["executable"] = str(own.get("executable") or own["inherit_from"])
        return found

    def _config(self, plugin: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings with `a.b` nested, variables as ours, secrets left out."""
        result: dict[str, Any] = {}
        for name, value in config.items():
            *parents, last = str(name).split(".")
            place = result
            for parent in parents:
                place = place.setdefault(parent, {})
            is_literal = isinstance(value, str) and not _VARIABLE.search(value)
            if is_literal and is_secret_name(last):
                variable = variable_of(plugin, str(name))
                place[last] = f"${{{variable}}}"
                self._note(
                    f"{plugin}.{name} is a secret: give it as {variable} in .env"
                )
            else:
                place[last] = _translated(value)
        return result

    def _target(self, taps: dict[str, dict[str, Any]]) -> dict[str, Any]:
        loaders = self.plugins.get("loaders") or []
        if not loaders:
            return {}
        loader = loaders[0]
        for other in loaders[1:]:
            self._note(f"there is one target: {other['name']} was left out")
        config = loader.get("config") or {}
        if loader["name"].startswith(_OURS):
            requirement = known_requirement(KNOWN[_OURS], self.directory.resolve())
            self._note(
                f"the warehouse is the one {_WAREHOUSE} names; write it into .env"
            )
            schema = config.get("default_target_schema")
            for name, tap in taps.items():
                given = str(schema) if schema and "$" not in str(schema) else None
                tap["schema"] = given or name.removeprefix("tap-").replace("-", "_")
            return {
                "warehouse": {"type": "postgres", "url": f"${{{_WAREHOUSE}}}"},
                "target": {"name": _OURS, "install": requirement},
            }
        installed = self._installed(loader["name"], loader)
        target = {"name": _name(loader["name"]), **installed}
        if config:
            target["config"] = self._config(loader["name"], config)
        self._note(f"{loader['name']} stays; states and models need a PostgreSQL too")
        return {"warehouse": {"type": "embedded"}, "target": target}

    def _jobs(self, taps: Mapping[str, Any]) -> dict[str, Any]:
        jobs = {"default": {"taps": list(taps), "transform": "none"}}
        for job in self.project.get("jobs") or ():
            tasks = job.get("tasks") or []
            lists = [t if isinstance(t, list) else str(t).split() for t in tasks]
            words = [str(word) for part in lists for word in part]
            chosen = list(dict.fromkeys(w for w in words if w in taps))
            has_dbt = any(word.startswith("dbt") for word in words)
            transform = "build" if has_dbt else "none"
            jobs[_name(str(job["name"]))] = {"taps": chosen, "transform": transform}
            if has_dbt:
                self._note(
                    f"job {job['name']} runs dbt: set transform.project to its folder"
                )
        return jobs

    def _schedules(
        self, jobs: dict[str, Any], taps: Mapping[str, Any]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for schedule in self.project.get("schedules") or ():
            name, job = _name(str(schedule["name"])), schedule.get("job")
            if job is None and schedule.get("extractor") in taps:
                job = name
                jobs[name] = {"taps": [schedule["extractor"]], "transform": "none"}
            interval = str(schedule.get("interval") or "")
            try:
                parse_cron(interval)
            except ConfigError:
                self._note(
                    f"schedule {name} ({interval or 'no interval'}) was left out"
                )
                continue
            if job is None or _name(str(job)) not in jobs:
                self._note(f"schedule {name} has no job that is there; it was left out")
                continue
            yield name, {"job": _name(str(job)), "cron": interval}

    def _environments(self, taps: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for environment in self.project.get("environments") or ():
            name = _name(str(environment["name"]))
            plugins = (environment.get("config") or {}).get("plugins") or {}
            own = {
                e["name"]: {"config": self._config(e["name"], e.get("config") or {})}
                for e in plugins.get("extractors") or ()
                if e["name"] in taps and e.get("config")
            }
            found[name] = {"taps": own} if own else {}
            if environment.get("env"):
                names = ", ".join(environment["env"])
                self._note(f"env of environment {name} was left out: {names}")
        return found


def _translated(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return _VARIABLE.sub(lambda m: f"${{{m.group(1) or m.group(2)}}}", value)
    if isinstance(value, dict):
        return {str(key): _translated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_translated(item) for item in value]
    plain = value is None or isinstance(value, bool | int | float)
    return value if plain else str(value)


def _name(text: str) -> str:
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")
    return name or "project"


# States


def _states(
    folder: Path, project: Mapping[str, Any], result: Imported
) -> dict[str, dict[str, Any]]:
    default = str(project.get("default_environment") or "dev")
    found: dict[str, dict[str, Any]] = {}
    for state_id, value in [*_database_states(folder), *_file_states(folder)]:
        match = _STATE_ID.match(state_id)
        if match is None or match["tap"] not in result.taps:
            result.notes.append(f"the state {state_id} belongs to no tap; left out")
            continue
        environment = _name(match["env"] or default)
        states = found.setdefault(environment, {})
        if match["tap"] in states:
            result.notes.append(f"another state of {match['tap']}: {state_id} left out")
            continue
        states[match["tap"]] = value
    return found


def _database_states(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what Meltano's SQLite database keeps; other databases are not read."""
    file = folder / ".meltano" / "meltano.db"
    if not file.is_file():
        return
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        try:
            rows = db.execute(
                "select state_id, partial_state, completed_state from state"
            ).fetchall()
        except sqlite3.Error:
            return
    for state_id, partial, completed in rows:
        yield from _merged(state_id, completed, partial)


def _file_states(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((folder / ".meltano" / "state").glob("*/state.json")):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            value = json.loads(file.read_bytes())
            parts = (
                value.get("completed_state") or value.get("completed"),
                value.get("partial_state") or value.get("partial"),
            )
            yield from _merged(file.parent.name, *parts)


def _merged(
    state_id: str, completed: object, partial: object
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a state: what a partial run has added to the completed one."""
    value: dict[str, Any] = {}
    for part in (completed, partial):
        read = json.loads(part) if isinstance(part, str) and part else part
        own = (read or {}).get("singer_state", read) if isinstance(read, dict) else None
        if isinstance(own, dict):
            marks = {**value.get("bookmarks", {}), **own.get("bookmarks", {})}
            value = {**value, **own, **({"bookmarks": marks} if marks else {})}
    if value:
        yield state_id, value
