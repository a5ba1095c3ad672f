"""A file with mode 0600 that keeps one secret between runs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from reading_kit.errors import SettingsError


def read_secret(path: str, *, setting: str) -> str | None:
    """Give what the file keeps; none where there is no file.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        text = Path(path).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not readable as text"
        raise SettingsError(f"{setting}: {path}: {reason}") from None
    return text or None


def write_secret(path: str, secret: str, *, setting: str) -> None:
    """Replace the file, all at once.

    Raises:
        SettingsError: the folder does not take it.
    """
    target = Path(path)
    try:
        # mkstemp creates with mode 0600, whatever the umask.
        handle, temporary = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}."
        )
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except OSError as error:
        raise SettingsError(f"{setting}: {path}: {error.strerror}") from None
