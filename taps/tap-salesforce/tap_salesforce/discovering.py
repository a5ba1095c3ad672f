"""Asks the org which objects there are and what they look like, in few calls."""

from __future__ import annotations

import difflib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError, SettingsError
from tap_salesforce.describing import ObjectSpec, is_replicable, parse_describe
from tap_salesforce.rest import RestApi, read_sub_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_salesforce.client import SalesforceClient

logger = logging.getLogger(__name__)

#: Describes per composite request, and such requests at once.
BATCH_SIZE = 25
PARALLEL_BATCHES = 4


def list_objects(client: SalesforceClient) -> list[str]:
    """Give the names of all objects that can be streams."""
    answer = client.get_json(f"{client.settings.data_path}/sobjects")
    return [str(entry["name"]) for entry in answer["sobjects"] if is_replicable(entry)]


def choose_objects(wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    """Give the wanted objects with the case the org gives them.

    Raises:
        SettingsError: an object is not there; near names are listed.
    """
    by_lower = {name.lower(): name for name in there}
    unknown = [name for name in wanted if name.lower() not in by_lower]
    if unknown:
        hints = [_hint(name, there) for name in unknown]
        msg = f"streams_to_discover: not in this org: {'; '.join(hints)}"
        raise SettingsError(msg)
    return list(dict.fromkeys(by_lower[name.lower()] for name in wanted))


def _hint(name: str, there: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, there, n=3)
    return f"{name} (near: {', '.join(near)})" if near else name


def describe_objects(
    client: SalesforceClient,
    rest: RestApi,
    names: Sequence[str],
    *,
    is_quiet: bool = False,
) -> list[ObjectSpec]:
    """Describe objects, 25 to a call; one that cannot be described is left out."""
    level = logging.DEBUG if is_quiet else logging.WARNING
    batches = [names[i : i + BATCH_SIZE] for i in range(0, len(names), BATCH_SIZE)]
    base = f"{client.settings.data_path}/sobjects"

    def describe(batch: Sequence[str]) -> list[ObjectSpec]:
        entries = rest.batch([f"{base}/{name}/describe" for name in batch])
        pairs = zip(batch, entries, strict=True)
        specs = (_read_entry(name, entry, level=level) for name, entry in pairs)
        return [spec for spec in specs if spec is not None]

    if len(batches) <= 1:
        return [spec for batch in batches for spec in describe(batch)]
    with ThreadPoolExecutor(PARALLEL_BATCHES) as pool:
        return [spec for specs in pool.map(describe, batches) for spec in specs]


def _read_entry(name: str, entry: dict[str, Any], *, level: int) -> ObjectSpec | None:
    try:
        return parse_describe(read_sub_result(entry))
    except ApiError as error:
        logger.log(level, "%s cannot be described, left out: %s", name, error)
    except (KeyError, TypeError):
        logger.log(level, "%s has a description that cannot be read, left out", name)
    return None


def discover(client: SalesforceClient, rest: RestApi) -> list[ObjectSpec]:
    """Give all objects the settings ask for.

    Raises:
        SettingsError: ``streams_to_discover`` names an object that is not there.
    """
    wanted = client.settings.streams_to_discover
    if not wanted:
        return describe_objects(client, rest, list_objects(client))
    specs = describe_objects(client, rest, wanted, is_quiet=True)
    found = {spec.name.lower() for spec in specs}
    missing = [name for name in wanted if name.lower() not in found]
    if missing:
        names = choose_objects(missing, list_objects(client))
        specs += describe_objects(client, rest, names)
    return list({spec.name: spec for spec in specs}.values())
