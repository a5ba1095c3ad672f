"""What a plugin says about itself with `--about --format=json`."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class About:
    """The parts bizops uses; a plugin that says nothing has none of them.

    Attributes:
        version: Its version, or an empty text.
        capabilities: Such as `catalog`, `discover`, `state`, `batch`.
        settings: JSON Schema of its settings; None when it does not say.
    """

    version: str = ""
    capabilities: frozenset[str] = frozenset()
    settings: Mapping[str, Any] | None = field(default=None)

    @property
    def setting_names(self) -> frozenset[str]:
        """Return the names of its settings; empty when it does not say."""
        return frozenset((self.settings or {}).get("properties", {}))


def ask_about(
    executable: Path, *, directory: Path, variables: Mapping[str, str]
) -> bytes | None:
    """Run `--about --format=json`; None when the plugin does not know it.

    Raises:
        InstallError: It was killed or gave no answer in time. Not to know that it has
            settings would mean to run it without them.
    """
    try:
        ended = subprocess.run(
            [executable, "--about", "--format=json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=directory,
            env=dict(variables),
            timeout=TIMEOUT_S,
            check=False,
        )
    except OSError:
        return None
    except subprocess.TimeoutExpired:
        raise _no_answer(executable, f"did not answer in {TIMEOUT_S:.0f} s") from None
    if ended.returncode < 0:
        name = signal.Signals(-ended.returncode).name
        raise _no_answer(executable, f"was ended by {name}")
    if ended.returncode or parse_about(ended.stdout) == About():
        return None
    return ended.stdout


def _no_answer(executable: Path, trouble: str) -> InstallError:
    return InstallError(
        f"{executable.name} --about {trouble}",
        "Run the same command again; if it stays so, run that one by hand.",
    )


def parse_about(data: bytes) -> About:
    """Read the answer; anything unexpected in it is as if it were not there."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return About()
    if not isinstance(value, dict):
        return About()
    capabilities = value.get("capabilities")
    settings = value.get("settings")
    has_properties = isinstance(settings, dict) and isinstance(
        settings.get("properties"), dict
    )
    return About(
        version=str(value.get("version") or ""),
        capabilities=frozenset(
            str(item) for item in capabilities if isinstance(item, str)
        )
        if isinstance(capabilities, list)
        else frozenset(),
        settings=settings if has_properties else None,
    )
