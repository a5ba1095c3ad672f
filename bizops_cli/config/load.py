"""bizops.yml from file to `Project`: found, read, checked, filled in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.config.build import build_project
from bizops_cli.config.env import read_variables
from bizops_cli.config.included import read_project_document
from bizops_cli.config.inherit import inherit
from bizops_cli.config.interpolate import Interpolation
from bizops_cli.config.overlay import choose_environment, lay_over
from bizops_cli.config.problems import Problem, raise_problems
from bizops_cli.config.secrets import SecretContext, SecretReader
from bizops_cli.config.validate import find_problems
from bizops_cli.errors import ConfigError
from bizops_cli.model import UnsetVariable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bizops_cli.model import KeyPath, Position, Project

FILE_NAME = "bizops.yml"


def find_project_file(directory: Path | None) -> Path:
    """Return bizops.yml of this folder; without one, of here or a folder above.

    Raises:
        ConfigError: There is none.
    """
    if directory is not None:
        candidates = [directory.resolve()]
    else:
        here = Path.cwd()
        candidates = [here, *here.parents]
    for folder in candidates:
        file = folder / FILE_NAME
        if file.is_file():
            return file
    where = "" if directory is not None else " or any folder above"
    raise ConfigError(
        f"there is no {FILE_NAME} in {candidates[0]}{where}",
        "Go to the project's folder, or name it with --project-dir.",
    )


def load_project(
    *,
    directory: Path | None = None,
    environment: str | None = None,
    environ: Mapping[str, str] | None = None,
    env_file: Path | None = None,
) -> Project:
    """Read, check and fill in the project file for one environment.

    Args:
        directory: Folder of bizops.yml; None searches here and above.
        environment: Name of the block; None takes BIZOPS_ENVIRONMENT or the default.
        environ: Variables instead of the process's own.
        env_file: File of variables instead of `.env`.

    Raises:
        ConfigError: Anything in the file, in one it includes or in `.env` is wrong, or
            a variable outside `taps` and `target` is unset. Every problem found is
            named with its line.
    """
    file = find_project_file(directory)
    document = read_project_document(file)
    raise_problems(find_problems(document))
    variables = read_variables(file.parent, environ=environ, file=env_file)
    wanted = environment or variables.get("BIZOPS_ENVIRONMENT")
    name = choose_environment(document, wanted)
    whole = inherit(*lay_over(document, name))
    if variables.get("BIZOPS_WAREHOUSE_URL"):
        whole.value["warehouse"] = {
            "type": "postgres",
            "url": variables["BIZOPS_WAREHOUSE_URL"].replace("${", "$${"),
        }
    secrets = SecretReader(SecretContext(file.parent, variables))
    filling = Interpolation(variables, secrets)
    filled = filling.fill(whole.value, ())
    if not isinstance(filled, dict):
        raise TypeError("the document's top is a mapping")
    unset = [
        UnsetVariable(path, _nearest(whole.positions, path), why.message, why.next_step)
        for path, why in filling.unset
    ]
    raise_problems([_unset_problem(u) for u in unset if not _is_of_plugin(u.path)])
    return build_project(
        filled,
        file=file,
        environment=name,
        env_file=env_file,
        positions=whole.positions,
        variables=variables,
        interpolated=filling.used,
        own_settings=whole.own_settings,
        unset=tuple(u for u in unset if _is_of_plugin(u.path)),
    )


def known_names(directory: Path | None, kind: str) -> list[str]:
    """Return names the file has, however wrong the rest of it is.

    Args:
        directory: Folder of bizops.yml; None searches here and above.
        kind: `taps`, `jobs`, `environments`, or `plugins` for taps and target.
    """
    try:
        value = read_project_document(find_project_file(directory)).value
    except ConfigError:
        return []
    found = value.get("taps" if kind == "plugins" else kind)
    names = list(found) if isinstance(found, dict) else []
    target = value.get("target")
    if kind == "plugins" and isinstance(target, dict) and target.get("name"):
        names.append(str(target["name"]))
    return names


def require_variables(project: Project, plugins: Collection[str]) -> None:
    """Make sure that everything these plugins' settings need has a value.

    Raises:
        ConfigError: A variable is unset; each is named with its line.
    """
    raise_problems(
        [_unset_problem(u) for u in project.unset if _plugin_of(u, project) in plugins]
    )


def _plugin_of(unset: UnsetVariable, project: Project) -> str:
    if unset.path[0] == "target":
        return project.target.name if project.target else ""
    return str(unset.path[1])


def _is_of_plugin(path: KeyPath) -> bool:
    return path[0] in {"taps", "target"} and len(path) > 1


def _nearest(positions: Mapping[KeyPath, Position], path: KeyPath) -> Position:
    while path not in positions:
        path = path[:-1]
    return positions[path]


def _unset_problem(unset: UnsetVariable) -> Problem:
    return Problem(unset.position, unset.message, unset.next_step)
