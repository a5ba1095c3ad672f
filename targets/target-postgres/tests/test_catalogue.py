"""Each case R01 to R80 of the reliability catalogue has a test with its number."""

from __future__ import annotations

import re
from pathlib import Path

# Number and reason of each case that has no test here.
WITHOUT_A_TEST: dict[str, str] = {}
_NAME = re.compile(r"^def (test_\w+)", re.MULTILINE)


def test_every_case_of_the_catalogue_has_a_test_of_its_number() -> None:
    names = [
        name
        for path in Path(__file__).parent.glob("test_*.py")
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    ]
    numbers = {number for name in names for number in re.findall(r"_r(\d\d)", name)}
    wanted = {f"{number:02}" for number in range(1, 81)}
    assert wanted - numbers == set(WITHOUT_A_TEST)
