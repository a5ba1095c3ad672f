"""Models and data tests of a built warehouse, run again with something changed.

dbt has compiled every model and test when it has built them. Here that very SQL runs
again on the same tables, in the order of the models, within a transaction that is
rolled back: what a source less, or another line of SQL, would make of the metrics is
known in seconds, and the warehouse stays as it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import psycopg2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A model or a data test as dbt has compiled it."""

    key: str
    name: str
    relation: str
    sql: str
    parents: tuple[str, ...]
    path: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a replay: the rows of the metrics, and the tests that failed."""

    metrics: list[Row]
    failed_tests: list[str]


def _nodes(manifest: Mapping[str, Any]) -> dict[str, Node]:
    found = {}
    for key, node in manifest["nodes"].items():
        is_test = node["resource_type"] == "test"
        if node["resource_type"] not in {"model", "test"}:
            continue
        if is_test and node["config"]["severity"].lower() == "warn":
            continue
        found[key] = Node(
            key=key,
            name=node["name"],
            relation=node["relation_name"] or "",
            sql=node["compiled_code"],
            parents=tuple(node["depends_on"]["nodes"]),
            path=node["original_file_path"],
            is_test=is_test,
        )
    return found


class Replay:
    """The models of one built warehouse.

    Args:
        url: Where it is.
        manifest: What dbt has made of the project when it built all of it.
    """

    def __init__(self, url: str, manifest: Path) -> None:
        self._url = url
        text = manifest.read_text(encoding="utf-8")
        self._nodes = _nodes(json.loads(text))
        graph = {
            key: [parent for parent in node.parents if parent in self._nodes]
            for key, node in self._nodes.items()
        }
        self._order = [
            self._nodes[key] for key in TopologicalSorter(graph).static_order()
        ]

    def run(
        self,
        *,
        without: Iterable[str] = (),
        changed: Mapping[str, Callable[[str], str]] | None = None,
        loaded: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run what depends on the tables of some sources, or on changed models.

        Args:
            without: Sources that are not there.
            changed: What to make of the SQL of a model, by its name.
            loaded: What is done to the raw tables of a source before, as SQL.
        """
        changes = changed or {}
        statements = loaded or {}
        emptied = {
            node.key
            for node in self._order
            for source in without
            if f"models/staging/{source}/" in node.path and not node.is_test
        }
        staged = {
            node.key
            for node in self._order
            for source in statements
            if f"models/staging/{source}/" in node.path and not node.is_test
        }
        touched = set(emptied)
        failed: list[str] = []
        connection = psycopg2.connect(self._url)
        try:
            with connection.cursor() as cursor:
                cursor.execute("set local work_mem = '64MB'")
                for statement in statements.values():
                    cursor.execute(statement)
                for node in self._order:
                    if node.key in emptied:
                        cursor.execute(f"delete from {node.relation}")
                    elif (
                        node.key in staged
                        or node.name in changes
                        or touched.intersection(node.parents)
                    ):
                        touched.add(node.key)
                        change = changes.get(node.name, str)
                        failed += _run(cursor, node, change(node.sql))
                cursor.execute("select * from marts.mtr_metric_values")
                names = [column.name for column in cursor.description]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            connection.rollback()
            connection.close()
        return Outcome(rows, failed)

    def sql_of(self, model: str) -> str:
        """Give the compiled SQL of a model."""
        return next(n.sql for n in self._order if n.name == model and not n.is_test)


def _run(cursor: Any, node: Node, statement: str) -> list[str]:
    """Fill a table anew, or give the name of a test that finds rows."""
    if node.is_test:
        cursor.execute(f"select count(*) from ({statement}) as found")
        return [node.name] if cursor.fetchone()[0] else []
    cursor.execute(f"select * from {node.relation} limit 0")
    columns = ", ".join(f'"{column.name}"' for column in cursor.description)
    cursor.execute(f"delete from {node.relation}")
    cursor.execute(
        f"insert into {node.relation} ({columns}) select {columns} from ({statement}) q"
    )
    return []
