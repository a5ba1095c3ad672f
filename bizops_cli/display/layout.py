"""Where charts stand on a dashboard: rows of twelve columns under headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.display.charts import Drawing

COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawing with what a dashboard knows it by."""

    drawing: Drawing
    uuid: str
    chart_id: int


@dataclass(slots=True)
class Page:
    """Superset's `position` of a dashboard, written from top to bottom."""

    title: str
    position: dict[str, Any] = field(default_factory=dict)
    _children: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._add(
            "HEADER",
            text=text,
            headerSize="MEDIUM_HEADER",
            background="BACKGROUND_TRANSPARENT",
        )

    def note(self, markdown: str, *, units: int) -> None:
        """Write a paragraph over the whole width."""
        note = self._place("MARKDOWN", code=markdown, width=COLUMNS, height=units)
        self._add("ROW", children=[note], background="BACKGROUND_TRANSPARENT")

    def row(self, charts: Sequence[Placed]) -> None:
        """Put charts beside each other; those without a width share what is left."""
        names = []
        for placed, width in zip(
            charts, widths([c.drawing.width for c in charts]), strict=True
        ):
            names.append(
                self._place(
                    "CHART",
                    chartId=placed.chart_id,
                    uuid=placed.uuid,
                    sliceName=placed.drawing.title,
                    width=width,
                    height=max(c.drawing.units for c in charts),
                )
            )
        self._add("ROW", children=names, background="BACKGROUND_TRANSPARENT")

    def finished(self) -> dict[str, Any]:
        """Return the position, with its roots and every element's parents."""
        roots = {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
            "GRID_ID": {
                "type": "GRID",
                "id": "GRID_ID",
                "children": self._children,
                "parents": ["ROOT_ID"],
            },
            "HEADER_ID": {
                "type": "HEADER",
                "id": "HEADER_ID",
                "meta": {"text": self.title},
            },
        }
        for name in self._children:
            element = self.position[name]
            element["parents"] = ["ROOT_ID", "GRID_ID"]
            for child in element["children"]:
                self.position[child]["parents"] = ["ROOT_ID", "GRID_ID", name]
        return {**roots, **self.position}

    def _add(self, kind: str, *, children: Sequence[str] = (), **meta: object) -> None:
        name = self._place(kind, **meta)
        self.position[name]["children"] = list(children)
        self._children.append(name)

    def _place(self, kind: str, **meta: object) -> str:
        name = f"{kind}-{len(self.position) + 1}"
        self.position[name] = {"type": kind, "id": name, "children": [], "meta": meta}
        return name


def widths(wanted: Sequence[int | None]) -> list[int]:
    """Return how many of twelve columns each chart of a row gets."""
    free = COLUMNS - sum(width or 0 for width in wanted)
    sharing = [width is None for width in wanted].count(True)
    if not sharing or free < sharing:
        wanted, sharing, free = [None] * len(wanted), len(wanted), COLUMNS
    share, rest = divmod(free, sharing)
    found = []
    for width in wanted:
        extra = 1 if width is None and rest else 0
        rest -= extra
        found.append(width or share + extra)
    return found
