"""`--since` and `--until` mean something to every one of our taps that has a past."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from bizops_cli.plugins.known import KNOWN
from bizops_cli.usecases.backfill import check_window, window_config

# Files have no time of their own: they are read whole.
TAPS = sorted(
    name for name in KNOWN if name.startswith("tap-") and name not in {"tap-csv"}
)


def ready(tap: str) -> SimpleNamespace:
    """Give what a run knows of a tap: what it says about itself."""
    done = subprocess.run(
        [Path(sys.executable).parent / tap, "--about", "--format=json"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    about = json.loads(done.stdout)
    return SimpleNamespace(name=tap, about=SimpleNamespace(settings=about["settings"]))


@pytest.mark.parametrize("tap", TAPS)
def test_a_window_is_told_to_a_tap_in_its_own_words(tap: str) -> None:
    plugin = ready(tap)
    request = SimpleNamespace(since="2017-03-01", until="2017-04-01")
    check_window(plugin, request)  # type: ignore[arg-type]
    config = window_config(plugin, request)  # type: ignore[arg-type]
    assert set(config) == {"start_date", "end_date"}
    settings = plugin.about.settings["properties"]
    for name, value in config.items():
        jsonschema.validate(
            value, settings[name], format_checker=jsonschema.FormatChecker()
        )
        assert str(value).startswith("2017-0")
