"""The pages on metrics and the data model say what the transform does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
TRANSFORM = CHECKOUT / "transform"
_spec = importlib.util.spec_from_file_location(
    "generate_metric_pages", Path(__file__).parent / "generate_metric_pages.py"
)
assert _spec is not None
assert _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("page", ["metrics.md", "data_model.md"])
def test_a_generated_page_is_what_the_models_give_now(page: str) -> None:
    committed = (CHECKOUT / "doc" / page).read_text(encoding="utf-8")

    assert committed == generate.pages()[page], "run `make docs`"


def test_every_metric_that_is_computed_is_defined_and_explained() -> None:
    page = generate.metrics_page()
    codes = {metric["metric_code"] for metric in generate.definitions()}
    computing = "".join(
        path.read_text(encoding="utf-8")
        for path in (TRANSFORM / "models" / "intermediate").glob("*/int_*.sql")
    )
    # Some models name a metric after a rule of attribution, a movement of ARR, or a
    # kind of cost.
    parts = re.findall(r"'(\w+)'", computing)
    composed = {
        f"{prefix}{part}"
        for prefix in ("iacv_", "arr_")
        for part in parts
        if f"'{prefix}' || " in computing
    }
    composed |= {f"{part}_cac" for part in parts if "{{ kind }}_cac'" in computing}
    composed |= {f"roi_{part}" for part in parts if "'roi_{{ model }}'" in computing}

    assert len(codes) == len(generate.definitions()) >= 51
    assert all(f"'{code}'" in computing for code in codes - composed)
    assert all(f"`{code}`" in page for code in codes)


def test_every_var_of_the_project_is_explained() -> None:
    project = yaml.safe_load(
        (TRANSFORM / "dbt_project.yml").read_text(encoding="utf-8")
    )
    explained = {name: meaning for name, _, meaning in generate.variables()}

    assert explained.keys() == project["vars"].keys()
    assert all(explained.values())


def test_every_mart_has_its_columns_on_the_page() -> None:
    page = generate.model_page()
    marts = [path.stem for path in (TRANSFORM / "models" / "marts").glob("*/*.sql")]

    assert len(marts) >= 12
    assert all(f"#### {mart}\n" in page for mart in marts)
