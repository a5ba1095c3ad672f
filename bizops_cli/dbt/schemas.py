"""The schemas a dbt project builds into, from dbt_project.yml files alone.

Those of its packages count too, so that a project of somebody's own with bizops as a
package (doc/own_models.md) is known whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bizops_cli.dbt.profile import DEFAULT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_Document = dict[str, Any]
_KINDS = ("models", "seeds", "snapshots")
_SCHEMA = ("schema", "+schema")
_SHIPPED = "bizops"
_PACKAGES = "dbt_packages"


def schemas_of(
    project_directory: Path, variables: Mapping[str, object] | None = None
) -> list[str]:
    """Return every schema the project and its packages name, and the profile's own.

    dbt's usual `generate_schema_name` puts the profile's schema in front of a custom
    one, so that both names are given. That of bizops puts its variable `schema_prefix`
    there. A file that cannot be read names none: dbt says what is wrong with it.

    Args:
        project_directory: Folder of dbt_project.yml.
        variables: Variables dbt is given on its command line; they win.
    """
    root = _document(project_directory)
    if root is None:
        return []
    packages = _packages(project_directory, root)
    own = [
        name
        for kind in _KINDS
        for name in _schemas(root.get(kind), without=packages.keys())
    ]
    found = _built(str(root.get("name")), own, root, root, variables or {})
    for package, document in packages.items():
        named = [*_named_of_package(package, document, root)]
        found += _built(package, named, document, root, variables or {})
    return list(dict.fromkeys(found))


def _document(directory: Path) -> _Document | None:
    try:
        value = yaml.safe_load((directory / "dbt_project.yml").read_text("utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError):
        return None
    return value if isinstance(value, dict) else None


def _packages(project_directory: Path, root: _Document) -> dict[str, _Document]:
    """Return the packages that `dbt deps` has installed, by name."""
    folder = project_directory / str(root.get("packages-install-path") or _PACKAGES)
    directories = sorted(folder.iterdir()) if folder.is_dir() else []
    documents = [_document(directory) for directory in directories]
    return {str(d["name"]): d for d in documents if d is not None and "name" in d}


def _named_of_package(
    package: str, document: _Document, root: _Document
) -> Iterator[str]:
    """Yield what a package names, and what the project names for it or for all."""
    for kind in _KINDS:
        yield from _schemas(document.get(kind))
        block = root.get(kind)
        if isinstance(block, dict):
            yield from _schemas(block.get(package))
            yield from _schemas({key: block.get(key) for key in _SCHEMA})


def _built(
    project: str,
    named: list[str],
    document: _Document,
    root: _Document,
    variables: Mapping[str, object],
) -> list[str]:
    if project == _SHIPPED:
        prefix = _variable("schema_prefix", project, document, root, variables) or ""
        if prefix:
            return [f"{prefix}{name}" for name in [*named, DEFAULT_SCHEMA]]
    return [*named, DEFAULT_SCHEMA, *(f"{DEFAULT_SCHEMA}_{name}" for name in named)]


def _variable(
    name: str,
    project: str,
    document: _Document,
    root: _Document,
    variables: Mapping[str, object],
) -> object:
    """Return a variable as dbt finds it: the nearest to the command line wins."""
    places: list[Any] = [variables]
    for given in (root.get("vars"), document.get("vars")):
        if isinstance(given, dict):
            places += [given.get(project), given]
    return next(
        (place[name] for place in places if isinstance(place, dict) and name in place),
        None,
    )


def _schemas(
    block: Any,  # noqa: ANN401
    *,
    without: Collection[str] = (),
) -> Iterator[str]:
    if not isinstance(block, dict):
        return
    for key, value in block.items():
        is_literal = isinstance(value, str) and "{" not in value and "," not in value
        if key in _SCHEMA and is_literal:
            yield value
        elif key not in without:
            yield from _schemas(value)
