"""Dashboards and datasets as the reviewed YAML files have them, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KINDS = ("figure", "trend", "bars", "funnel", "table", "number", "series")
_OPTIONS = frozenset(
    {
        *("title", "by", "period", "style", "sort", "width", "format", "order"),
        *("ascending", "columns", "expression", "where", "x"),
    }
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A query charts read.

    Attributes:
        name: Its name in Superset.
        title: Its name for people.
        description: What one row is.
        needs: Tables and views, `schema.name`, without which it is left out.
        columns: Name to PostgreSQL type.
        sql: The query; `{definitions}` stands for the catalogue of metrics.
        time: Column of time a dashboard's filter of time works on.
        labels: Column to what people call it, where that differs.
    """

    name: str
    title: str
    description: str
    needs: tuple[str, ...]
    columns: Mapping[str, str]
    sql: str
    time: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a dashboard.

    Attributes:
        kind: One of KINDS.
        subjects: Metrics of a figure, trend or bars; else the dataset's name.
        options: The rest, as written.
    """

    kind: str
    subjects: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Charts under a heading, in rows."""

    title: str
    rows: tuple[tuple[Chart, ...], ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard.

    Attributes:
        slug: Its place in the address.
        title: Its name.
        description: One sentence.
        department: Whose metrics the table at its end lists; None for no table.
        sections: What it shows.
    """

    slug: str
    title: str
    description: str
    department: str | None
    sections: tuple[Section, ...]


def read_datasets(directory: Path) -> dict[str, Dataset]:
    """Read `datasets.yaml`.

    Raises:
        ConfigError: The file is missing, or is not as it should be.
    """
    document = _load(directory / "datasets.yaml")
    return {
        name: Dataset(
            name=name,
            title=value["title"],
            description=value["description"],
            needs=tuple(value["needs"]),
            columns=value["columns"],
            sql=value["sql"],
            time=value.get("time"),
            labels=value.get("labels", {}),
        )
        for name, value in document.items()
    }


def read_dashboards(directory: Path) -> list[Dashboard]:
    """Read every file of `dashboards/`, in the order of their names.

    Raises:
        ConfigError: One of them is not as it should be.
    """
    return [
        _dashboard(file) for file in sorted((directory / "dashboards").glob("*.y*ml"))
    ]


def _dashboard(file: Path) -> Dashboard:
    document = _load(file)
    try:
        sections = [_section(file, section) for section in document["sections"]]
        return Dashboard(
            slug=document["slug"],
            title=document["title"],
            description=document["description"],
            department=document.get("department"),
            sections=tuple(sections),
        )
    except (KeyError, TypeError) as error:
        raise _wrong(file, f"something is missing: {error}") from error


def _section(file: Path, value: Mapping[str, Any]) -> Section:
    rows = [tuple(_chart(file, chart) for chart in row) for row in value["rows"]]
    return Section(value["title"], tuple(rows))


def _chart(file: Path, value: Mapping[str, Any]) -> Chart:
    kinds = [kind for kind in KINDS if kind in value]
    if len(kinds) != 1:
        raise _wrong(file, f"a chart is one of {', '.join(KINDS)}: {dict(value)}")
    options = {name: option for name, option in value.items() if name != kinds[0]}
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise _wrong(file, f"a chart has no option {', '.join(unknown)}")
    subject = value[kinds[0]]
    subjects = tuple(subject) if isinstance(subject, list) else (subject,)
    return Chart(kinds[0], subjects, options)


def _load(file: Path) -> dict[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise _wrong(file, str(error)) from error
    if not isinstance(document, dict):
        raise _wrong(file, "it is no mapping")
    return document


def _wrong(file: Path, reason: str) -> ConfigError:
    return ConfigError(f"{file.name}: {reason}", f"Correct {file}; see doc/display.md.")
