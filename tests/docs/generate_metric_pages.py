"""Write doc/metrics.md and doc/data_model.md from the transform's seeds and models.

The prose is in templates/. Run it with `make docs`; tests/docs/test_metric_pages.py
holds pages and models together.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHECKOUT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "templates"
TRANSFORM = CHECKOUT / "transform"
MODELS = TRANSFORM / "models"
WRITTEN = "<!-- Written by `make docs`; change transform/, not this page. -->"
BETTER = {"up": "more is better", "down": "less is better", "none": "neither is better"}


def pages() -> dict[str, str]:
    """Give every generated page by its name below doc/."""
    return {"metrics.md": metrics_page(), "data_model.md": model_page()}


def metrics_page() -> str:
    """Give what each metric is, and what its terms mean."""
    metrics = definitions()
    parts = []
    for department in dict.fromkeys(metric["department"] for metric in metrics):
        parts.append(f"## {department.title()}")
        parts += [_metric(row) for row in metrics if row["department"] == department]
    rows = [f"| `{name}` | `{text}` | {why} |" for name, text, why in variables()]
    table = "\n".join(["| var | default | meaning |", "| --- | --- | --- |", *rows])
    return _filled("metrics.md", metrics="\n\n".join(parts), vars=table)


def model_page() -> str:
    """Give every seed and model, marts with their columns."""
    marts = []
    for path in sorted(MODELS.glob("marts/*/_*__models.yml")):
        marts.append(f"### {path.parent.name.title()}")
        marts += [_table(model, "####") for model in _entries(path, "models")]
    seeds = _entries(TRANSFORM / "seeds" / "_seeds.yml", "seeds")
    return _filled(
        "data_model.md",
        marts="\n\n".join(marts),
        seeds="\n\n".join(_table(seed, "###") for seed in seeds),
        staging=_list(_models_below("staging")),
        intermediate=_list(_models_below("intermediate")),
    )


def definitions() -> list[dict[str, str]]:
    """Give the rows of the seed metric_definitions."""
    path = TRANSFORM / "seeds" / "metric_definitions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def variables() -> Iterator[tuple[str, str, str]]:
    """Give each var of the project with its default and the comment above it."""
    project = (TRANSFORM / "dbt_project.yml").read_text(encoding="utf-8")
    comment: list[str] = []
    for line in project.split("\nvars:\n")[1].splitlines():
        if line.lstrip().startswith("#"):
            comment.append(line.strip("# "))
        elif line.strip():
            name, default = line.strip().split(":", 1)
            yield name, default.strip(), " ".join(comment)
            comment = []


def _filled(template: str, **parts: str) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"<{name}>\n", f"{part}\n")
    return f"{WRITTEN}\n{text}"


def _metric(metric: dict[str, str]) -> str:
    return (
        f"### {metric['name']}\n\n`{metric['metric_code']}` · {metric['kind']} ·"
        f" {metric['unit']} · {BETTER[metric['direction']]}\n\n"
        f"{metric['formula']}.\n\nOrigin: {metric['origin']}."
    )


def _models_below(layer: str) -> list[dict[str, Any]]:
    paths = sorted((MODELS / layer).glob("**/_*__models.yml"))
    return [model for path in paths for model in _entries(path, "models")]


def _entries(path: Path, kind: str) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = document[kind]
    return entries


def _table(entry: dict[str, Any], heading: str) -> str:
    has_types = "data_type" in entry["columns"][0]
    lines = [f"{heading} {entry['name']}", "", entry["description"].strip(), ""]
    if has_types:
        lines += ["| column | type | meaning |", "| --- | --- | --- |"]
    else:
        lines += ["| column | meaning |", "| --- | --- |"]
    for column in entry["columns"]:
        kind = f" {column['data_type']} |" if has_types else ""
        lines.append(f"| `{column['name']}` |{kind} {_cell(column['description'])} |")
    return "\n".join(lines)


def _list(entries: Iterable[dict[str, Any]]) -> str:
    return "\n".join(f"- `{e['name']}`: {_cell(e['description'])}" for e in entries)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    for page, text in pages().items():
        (CHECKOUT / "doc" / page).write_text(text, encoding="utf-8")
