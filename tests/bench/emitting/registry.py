"""All comparisons of emission, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.emitting import facebook, gitlab, marketo, salesforce, zuora

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bench.emitting.case import Case

_MODULES = (salesforce, marketo, zuora, facebook, gitlab)
CASES: Mapping[str, Case] = {
    f"{case.tap}: {case.what}": case for module in _MODULES for case in module.CASES
}
