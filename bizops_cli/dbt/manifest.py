"""What dbt has parsed: sources, and what is built upon them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table dbt is told of.

    Attributes:
        unique_id: dbt's name for it.
        source: Name of its source.
        schema: Where it is.
        name: Name in the project.
        identifier: Name in the warehouse.
        columns: Declared columns and their types; a type may be missing.
        file: Its file, from the project's folder.
    """

    unique_id: str
    source: str
    schema: str
    name: str
    identifier: str
    columns: Mapping[str, str | None]
    file: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What dbt has parsed.

    Attributes:
        sources: Tables of all sources.
        models: Unique id to `schema.table`, for everything that is built.
        code: Unique id to the model's code as written.
        children: What directly depends on each node.
        parents: What each node directly depends on.
        macro_code: The code of the project's own macros.
    """

    sources: tuple[SourceTable, ...]
    models: Mapping[str, str]
    code: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]
    macro_code: str = ""

    def below(self, unique_id: str) -> list[str]:
        """Return all models that depend on a node, directly or not."""
        return self._reached(unique_id, self.children)

    def above(self, unique_id: str) -> list[str]:
        """Return all nodes a node depends on, directly or not."""
        return self._reached(unique_id, self.parents, models_only=False)

    def _reached(
        self,
        unique_id: str,
        links: Mapping[str, tuple[str, ...]],
        *,
        models_only: bool = True,
    ) -> list[str]:
        found: dict[str, None] = {}
        waiting = list(links.get(unique_id, ()))
        while waiting:
            node = waiting.pop(0)
            if node not in found and (node in self.models or not models_only):
                found[node] = None
                waiting += links.get(node, ())
        return list(found)


def read_manifest(target_directory: Path) -> Manifest:
    """Read what dbt parsed last.

    Raises:
        OSError: dbt has parsed nothing yet.
        ValueError: The file is damaged.
    """
    value: dict[str, Any] = json.loads(
        (target_directory / "manifest.json").read_bytes()
    )
    built = {
        name: node
        for name, node in value["nodes"].items()
        if node["resource_type"] in {"model", "seed", "snapshot"}
    }
    return Manifest(
        sources=tuple(_source(node) for node in value["sources"].values()),
        models={n: f"{v['schema']}.{v['alias']}" for n, v in built.items()},
        code={n: v.get("raw_code") or "" for n, v in built.items()},
        children={n: tuple(v) for n, v in value["child_map"].items()},
        parents={n: tuple(v) for n, v in value["parent_map"].items()},
        macro_code="\n".join(
            macro["macro_sql"]
            for macro in value["macros"].values()
            if macro["package_name"] == value["metadata"]["project_name"]
        ),
    )


def _source(node: Mapping[str, Any]) -> SourceTable:
    return SourceTable(
        unique_id=node["unique_id"],
        source=node["source_name"],
        schema=node["schema"],
        name=node["name"],
        identifier=node["identifier"],
        columns={c["name"]: c.get("data_type") for c in node["columns"].values()},
        file=node["original_file_path"],
    )
