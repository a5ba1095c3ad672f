"""Reading what instances tell of themselves: version, licence, Service Ping."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError
from reading_kit.timestamps import parse_instant
from tap_gitlab.metric_definitions import read_definitions
from tap_gitlab.partitions import Chunk
from tap_gitlab.rows import read_json
from tap_gitlab.service_ping import is_payload, to_metrics, to_ping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_gitlab.partitions import Partition
    from tap_gitlab.reading import Reading

logger = logging.getLogger(__name__)

_ROWS_AT_ONCE = 500
_DIGEST = "sha256"


def read_metadata(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read an instance's version; old ones have /version only."""
    try:
        document = partition.client.get_json(reading.spec.path)
    except ApiError as error:
        if error.problem.status != 404:
            raise
        document = partition.client.get_json("/version")
    yield Chunk(reading.rows.make([document], partition.added))


def read_object(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a resource that is one object."""
    document = partition.client.get_json(reading.spec.path)
    yield Chunk(reading.rows.make([document], partition.added))


def read_snapshot(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a resource that is one object and changes from day to day."""
    document = partition.client.get_json(reading.spec.path)
    now = partition.client.server_time or reading.cutoff
    added = {**partition.added, "snapshot_date": now.date().isoformat()}
    yield Chunk(reading.rows.make([document], added))


def read_pings(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the payload an instance keeps of its last ping, or those of a file."""
    return _read_payloads(reading, partition, lambda payload: [to_ping(payload)])


def read_ping_metrics(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the same payloads, one row for each metric."""
    return _read_payloads(reading, partition, to_metrics)


def _read_payloads(
    reading: Reading,
    partition: Partition,
    unfold: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]],
) -> Iterator[Chunk]:
    if partition.file is not None:
        yield from _read_file(reading, partition, unfold)
        return
    payload = reading.pings.payload(partition.client)
    if not payload or not is_payload(payload):
        logger.warning(
            "%s has no Service Ping in its cache: no row until the next weekly one",
            partition.title,
        )
        return
    at = parse_instant(payload["recorded_at"])
    if partition.bookmark is not None and at <= partition.bookmark:
        return
    yield from _chunks(reading, partition.added, unfold(payload))
    yield Chunk([], payload["recorded_at"])


def _read_file(
    reading: Reading,
    partition: Partition,
    unfold: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]],
) -> Iterator[Chunk]:
    assert partition.file is not None  # noqa: S101 - the caller's case
    digest = partition.file.digest()
    if partition.notes.get(_DIGEST) == digest:
        return
    for payload in partition.file.payloads():
        added = {"instance": payload.get("hostname") or payload["uuid"]}
        yield from _chunks(reading, added, unfold(payload))
    yield Chunk([], notes={_DIGEST: digest})


def _chunks(
    reading: Reading,
    added: Mapping[str, Any],
    documents: Iterable[Mapping[str, Any]],
) -> Iterator[Chunk]:
    source = iter(documents)
    while block := list(islice(source, _ROWS_AT_ONCE)):
        yield Chunk(reading.rows.make(block, added))


def read_metric_definitions(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the dictionary of metrics."""
    params = {"include_paths": "true"}
    path = reading.spec.path
    blocks = partition.client.get(path, lambda b: list(read_definitions(b)), params)
    for block in blocks.value:
        yield Chunk(reading.rows.make(block))


def read_usage_data(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read queries or metrics that are not counted by SQL, one row for each ping."""
    document = partition.client.get(reading.spec.path, read_json).value
    if not is_payload(document):
        logger.info("%s: nothing of %s", partition.title, reading.spec.name)
        return
    row = {
        "uuid": document["uuid"],
        "recorded_at": document["recorded_at"],
        "license_subscription_id": document.get("license_subscription_id"),
        "payload": document,
    }
    yield Chunk(reading.rows.make([row], partition.added))
