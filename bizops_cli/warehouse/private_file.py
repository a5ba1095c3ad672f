"""Files only their owner reads."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from bizops_cli.warehouse.account import give_to_owner

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.warehouse.account import ServerAccount


def write_private(path: Path, text: str, account: ServerAccount | None) -> None:
    """Replace a file of mode 0600 in one step, on disk before it is seen."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        give_to_owner(fresh, account)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
