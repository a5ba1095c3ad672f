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
from bizops_cli.plugins.lock import unlocked_names, unlocked_requirements
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

    def make(
        self,
        environment: Path,
        requirements: Sequence[str],
        name: str,
        *,
        lock: Path | None = None,
        interpreter: str = sys.executable,
    ) -> None:
        """Make an environment and install into it.

        Args:
            environment: Its folder.
            requirements: pip requirements as written.
            name: The plugin, for messages.
            lock: Exact versions with hashes; nothing else comes from a package index.
            interpreter: The Python it is made with; for uv also versions, such as
                `>=3.11,<3.13`, of which it finds or downloads one.

        Raises:
            InstallError: One of the commands failed; with its last lines.
        """
        self.log.unlink(missing_ok=True)
        write_secret_file(self.log, b"")
        python = environment / "bin" / "python"
        make: list[str | Path] = [interpreter, "-m", "venv", environment]
        if self.uv is not None:
            make = [self.uv, "venv", "--quiet", "--python", interpreter, environment]
        self._run(name, make)
        install = self._install_command(python, requirements)
        if lock is not None:
            self._run(name, [*install, "--require-hashes", "-r", lock])
            requirements = unlocked_requirements(requirements, self.directory)
            install.append("--no-deps")
        words = self._words(requirements, environment)
        if words:
            self._run(name, [*install, *words])

    def resolve(
        self, requirements: Sequence[str], name: str, scratch: Path, *, python: str
    ) -> str:
        """Return exact versions with hashes of all that a package index gives.

        Args:
            requirements: pip requirements as written.
            name: The plugin, for messages.
            scratch: A private folder.
            python: The oldest Python it is for.

        Raises:
            InstallError: There is no uv, or nothing fits.
        """
        if self.uv is None:
            raise InstallError("locking needs uv", "pip install uv")
        self.log.unlink(missing_ok=True)
        write_secret_file(self.log, b"")
        wanted = [absolute(requirement, self.directory) for requirement in requirements]
        given, made = scratch / "given.in", scratch / "made.txt"
        write_secret_file(given, "\n".join(wanted).encode())
        options: list[str | Path] = ["--universal", "--python-version", python]
        options += ["--generate-hashes", "--no-emit-index-url", "--no-header"]
        options += ["--no-annotate", "--quiet", *self._refresh(requirements)]
        for left_out in unlocked_names(requirements, self.directory):
            options += ["--no-emit-package", left_out]
        self._run(name, [self.uv, "pip", "compile", *options, "-o", made, given])
        return made.read_text("utf-8")

    def _install_command(
        self, python: Path, requirements: Sequence[str]
    ) -> list[str | Path]:
        if self.uv is None:
            pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
            return [*pip, "--no-input", "--disable-pip-version-check"]
        install: list[str | Path] = [self.uv, "pip", "install", "--no-progress"]
        return [*install, "--python", python, *self._refresh(requirements)]

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
