"""Making a plugin's environment: uv where there is one, else venv and pip."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import InstallError
from bizops_cli.files import write_secret_file
from bizops_cli.plugins.fingerprint import absolute, sources
from bizops_cli.plugins.siblings import distribution_name
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LAST_LINES = 20
# Several plugins are installed at once, and sysconfig, which uv asks, gives half its
# answers while another thread fills it for the first time.
_LOOKING_FOR_UV = threading.Lock()


@dataclass(frozen=True, slots=True)
class Installer:
    """Runs the commands that make an environment.

    Attributes:
        directory: The project's folder: relative requirements start there.
        variables: What uv and pip see.
        log: Takes their whole output.
        uv: The uv binary; None uses venv and pip.
    """

    directory: Path
    variables: Mapping[str, str] = field(repr=False)
    log: Path
    uv: Path | None

    def make(self, environment: Path, requirements: Sequence[str], name: str) -> None:
        """Make an environment and install into it.

        Raises:
            InstallError: One of the commands failed; with its last lines.
        """
        self.log.unlink(missing_ok=True)
        write_secret_file(self.log, b"")
        python = environment / "bin" / "python"
        make: list[str | Path]
        install: list[str | Path]
        if self.uv is None:
            make = [sys.executable, "-m", "venv", environment]
            install = [python, "-m", "pip", "install", "--quiet", "--no-input"]
            install += ["--disable-pip-version-check"]
        else:
            make = [self.uv, "venv", "--quiet", "--python", sys.executable]
            make += [environment]
            install = [self.uv, "pip", "install", "--no-progress", "--python", python]
            install += self._refresh(requirements)
        self._run(name, make)
        self._run(name, [*install, *self._words(requirements, environment)])

    def _words(
        self, requirements: Sequence[str], environment: Path
    ) -> list[str | Path]:
        """Return what to install as arguments; addresses, which may hold a token, not.

        They stand in a file, where `ps` does not show them.
        """
        wanted = [absolute(requirement, self.directory) for requirement in requirements]
        addresses = [item for item in wanted if "://" in item]
        words: list[str | Path] = [item for item in wanted if "://" not in item]
        if addresses:
            file = environment / "requirements.txt"
            write_secret_file(file, "\n".join(addresses).encode())
            words += ["-r", file]
        return words

    def _refresh(self, requirements: Sequence[str]) -> list[str]:
        """Make uv build local folders anew; it looks at pyproject.toml's time alone."""
        arguments: list[str] = []
        for path in filter(Path.is_dir, sources(requirements, self.directory)):
            name = distribution_name(path)
            arguments += ["--refresh-package", name] if name else ["--refresh"]
        return arguments

    def _run(self, name: str, arguments: Sequence[str | Path]) -> None:
        try:
            ended = subprocess.run(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env=dict(self.variables),
                check=False,
            )
        except OSError as error:
            raise InstallError(
                f"{name} could not be installed: {arguments[0]}: {error.strerror}"
            ) from error
        output = redact(ended.stdout.decode("utf-8", "replace"))
        with self.log.open("a", encoding="utf-8") as log:
            log.write(output)
        if ended.returncode:
            lines = [line for line in output.splitlines() if line.strip()]
            raise InstallError(
                f"{name} could not be installed",
                f"Look at `install:` of {name} in bizops.yml; "
                f"the whole output is in {self.log}.",
                {"the installer said": "\n    ".join(["", *lines[-_LAST_LINES:]])},
            )


def find_uv() -> Path | None:
    """Return the uv binary that came with bizops; None if it is not there."""
    try:
        import uv

        with _LOOKING_FOR_UV:
            return Path(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        return None
