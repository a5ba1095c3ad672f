"""`init`: a folder becomes a project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bizops_cli.config.load import FILE_NAME
from bizops_cli.config.published import publish_schemas
from bizops_cli.errors import ConfigError
from bizops_cli.files import OWNER_ONLY, make_directory, write_atomically
from bizops_cli.ids import check_name
from bizops_cli.plugins.known import KNOWN, known_requirement

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import Project

_IGNORED = (".bizops/", ".env")
_PROJECT = """\
# yaml-language-server: $schema=.bizops/bizops.schema.json
# The project file: what is loaded from where, and what is built from it. Every key is
# in doc/config.md; `bizops check` tells what is wrong with it, `bizops doctor` with the
# rest.
version: 1
project: {name}
default_environment: dev

warehouse: {{type: embedded}}   # a PostgreSQL in .bizops/warehouse

# bizops add tap-salesforce
taps: {{}}

target:
  name: target-postgres
  install: {target}

transform:
  vars:
    fiscal_year_start_month: 1   # the first month of your fiscal year

# Without `taps:` a job reads every tap.
jobs:
  default:
    transform: build
    parallel: 2

environments:
  dev: {{}}
  # bizops elt run -e prod
  prod:
    warehouse: {{type: postgres, url: "${{PROD_WAREHOUSE_URL}}"}}
"""
_VARIABLES = """\
# Copy to .env, which is never committed, and fill in. A setting of a plugin is a
# variable named after both: TAP_SALESFORCE_CLIENT_ID.
# Only for `-e prod`: a PostgreSQL server of yours.
PROD_WAREHOUSE_URL=
"""


def init_project(directory: Path, *, name: str | None) -> list[Path]:
    """Write the files of a new project and return them.

    Args:
        directory: Its folder; made if it is not there.
        name: The project's name; None takes the folder's.

    Raises:
        ConfigError: There is a project already, or the name will not do.
        BizopsError: The folder cannot be written.
    """
    file = directory / FILE_NAME
    if file.exists():
        raise ConfigError(
            f"there is a project already: {file}",
            "Add to it with `bizops add`, or choose another folder.",
        )
    chosen = name if name is not None else _as_name(directory.resolve().name)
    check_name(chosen, what="project name")
    make_directory(directory)
    target = known_requirement(KNOWN["target-postgres"], directory.resolve())
    write_atomically(file, _PROJECT.format(name=chosen, target=target).encode())
    written = [file]
    variables = directory / ".env.example"
    if not variables.exists():
        write_atomically(variables, _VARIABLES.encode())
        written.append(variables)
    if ignore_private_files(directory):
        written.append(directory / ".gitignore")
    written += publish_schemas(directory / ".bizops")
    return written


def ignore_private_files(directory: Path) -> bool:
    """Add what must not be committed to `.gitignore`; tell whether something was new.

    Raises:
        BizopsError: The file cannot be written.
    """
    file = directory / ".gitignore"
    text = file.read_text("utf-8") if file.is_file() else ""
    have = {line.strip().strip("/") for line in text.splitlines()}
    missing = [line for line in _IGNORED if line.strip("/") not in have]
    if not missing:
        return False
    if text and not text.endswith("\n"):
        text += "\n"
    write_atomically(file, (text + "\n".join(missing) + "\n").encode())
    return True


def put_variable(project: Project, name: str, value: str) -> Path:
    """Set a variable in the project's `.env` and return the file.

    Only its owner can read it.

    Raises:
        ConfigError: The value has a line end.
        BizopsError: The file cannot be written.
    """
    if "\n" in value or "\r" in value:
        raise ConfigError(
            f"the value for {name} has several lines",
            f"Give it as a variable of the environment: {name}.",
        )
    file = project.variables_file
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    quoted = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    plain = re.fullmatch(r"[\w./:@%+,=-]+", value)
    line = f"{name}={value if plain else quoted}"
    at = [i for i, text in enumerate(lines) if text.partition("=")[0].strip() == name]
    if at:
        lines[at[-1]] = line
    else:
        lines.append(line)
    write_atomically(file, ("\n".join(lines) + "\n").encode(), mode=OWNER_ONLY)
    ignore_private_files(project.directory)
    return file


def _as_name(text: str) -> str:
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")
    return name or "project"
