"""Where the dashboards keep what they need: `.bizops/display`, closed to others."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.files import (
    OWNER_ONLY,
    OWNER_ONLY_DIRECTORY,
    make_directory,
    write_atomically,
)
from bizops_cli.redact import REDACTOR

if TYPE_CHECKING:
    from pathlib import Path

_SECRET_BYTES = 42


@dataclass(frozen=True, slots=True)
class Place:
    """The files of a project's dashboards."""

    directory: Path

    @property
    def settings(self) -> Path:
        """Return the file Superset's configuration reads, secrets included."""
        return self.directory / "settings.json"

    @property
    def applied(self) -> Path:
        """Return the file that says what Superset was last brought to."""
        return self.directory / "applied.json"

    @property
    def record(self) -> Path:
        """Return the file that says where the server listens."""
        return self.directory / "server.json"

    @property
    def server_lock(self) -> Path:
        """Return the file the server's processes keep locked."""
        return self.directory / "server.lock"

    @property
    def command_lock(self) -> Path:
        """Return the file a command locks while it starts or stops the server."""
        return self.directory / "command.lock"

    @property
    def server_log(self) -> Path:
        """Return the server's log."""
        return self.directory / "server.log"

    @property
    def setup_log(self) -> Path:
        """Return the log of the last set-up."""
        return self.directory / "setup.log"

    def prepare(self) -> None:
        """Make the folder.

        Raises:
            BizopsError: It cannot be made.
        """
        make_directory(self.directory)
        make_directory(self.directory, mode=OWNER_ONLY_DIRECTORY)

    def secret(self, name: str) -> str:
        """Return a secret of ours, made when it is asked for the first time.

        Raises:
            BizopsError: It cannot be written.
        """
        file = self.directory / name
        try:
            text = file.read_text("ascii").strip()
        except FileNotFoundError:
            text = ""
        if not text:
            text = secrets.token_urlsafe(_SECRET_BYTES)
            write_atomically(file, text.encode(), mode=OWNER_ONLY)
        REDACTOR.remember([text])
        return text
