"""The short form of the verifier: each fault a little, in every run of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fault.arena import Arena, open_arena
from tests.fault.campaign import FAULTS, Fault, run_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = [fault for fault in FAULTS if fault.short]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    with open_arena(tmp_path_factory.mktemp("arena")) as opened:
        yield opened


@pytest.mark.parametrize("fault", SHORT, ids=[f"{f.number} {f.title}" for f in SHORT])
def test_after_a_fault_and_a_rerun_the_tables_hold_what_they_must(
    arena: Arena, fault: Fault
) -> None:
    result = run_fault(fault, arena, trials=fault.short, seed=20180101)
    if result.unavailable is not None:
        pytest.skip(result.unavailable)
    assert not result.failures
    assert result.trials >= fault.short
