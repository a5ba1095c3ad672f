"""What is written down about a started server: where it listens."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bizops_cli.warehouse.private_file import write_private

if TYPE_CHECKING:
    from bizops_cli.warehouse.home import ServerHome


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Where a server was told to listen; whether it does, only a connection tells.

    Attributes:
        port: TCP port on 127.0.0.1, and number of the socket.
        socket_directory: Folder of the socket.
        instance: A name made for this very start; the server repeats it when asked.
        data_inode: Inode of the data directory: a copied project's record is not its.
    """

    port: int
    socket_directory: str
    instance: str
    data_inode: int


def read_record(home: ServerHome) -> ServerRecord | None:
    """Return the record of the last start; None when there is none that counts."""
    try:
        value = json.loads(home.record_file.read_text(encoding="utf-8"))
        record = ServerRecord(
            port=int(value["port"]),
            socket_directory=str(value["socket_directory"]),
            instance=str(value["instance"]),
            data_inode=int(value["data_inode"]),
        )
        same_data = home.data.stat().st_ino == record.data_inode
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if same_data else None


def write_record(home: ServerHome, record: ServerRecord) -> None:
    """Write the record, in one step."""
    write_private(home.record_file, json.dumps(asdict(record)) + "\n", home.account)
