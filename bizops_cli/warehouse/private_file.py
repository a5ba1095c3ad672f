"""Files only their owner reads, the owner being the project's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.files import OWNER_ONLY, write_atomically
from bizops_cli.warehouse.account import give_to_owner

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.warehouse.account import ServerAccount


def write_private(path: Path, text: str, account: ServerAccount | None) -> None:
    """Replace a file of mode 0600 as a whole.

    Raises:
        BizopsError: The disk is full or the folder cannot be written.
    """
    write_atomically(path, text.encode(), mode=OWNER_ONLY)
    give_to_owner(path, account)
