"""The files BizOps reads by name: what each holds, as ``inputs.toml`` tells."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tap_csv.layout import Column, Layout

if TYPE_CHECKING:
    from collections.abc import Mapping


def _read() -> Mapping[str, Layout]:
    text = files("tap_csv").joinpath("inputs.toml").read_text(encoding="utf-8")
    return {name: _new_layout(spec) for name, spec in tomllib.loads(text).items()}


def _new_layout(spec: Mapping[str, Any]) -> Layout:
    columns = {
        name: Column(
            name,
            column["type"],
            is_needed=not column.get("optional", False),
            one_of=tuple(column.get("one_of", ())),
            personal=column.get("personal"),
            about=column["about"],
            example=column["example"],
        )
        for name, column in spec["columns"].items()
    }
    return Layout(tuple(spec["key"]), columns, spec["about"])


#: By the stem of the file's name.
KNOWN_INPUTS = _read()
