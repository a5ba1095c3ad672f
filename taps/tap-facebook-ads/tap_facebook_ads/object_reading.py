"""Reads objects: campaigns, ad sets, ads and what else stands beside reports."""

from __future__ import annotations

import functools
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.jsonlines import LineEncoder, spool_records
from reading_kit.pages import Page
from reading_kit.timestamps import parse_instant
from tap_facebook_ads.listing import PageWalk
from tap_facebook_ads.objects import NewSince, Parent
from tap_facebook_ads.plain_pages import paged
from tap_facebook_ads.problems import Cause, GraphError, find_bad_field
from tap_facebook_ads.rows import Answer, RowCodec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from reading_kit.spool import Workshop
    from tap_facebook_ads.client import GraphClient
    from tap_facebook_ads.fields import Field
    from tap_facebook_ads.objects import ObjectSpec

    Condition = dict[str, Any]

logger = logging.getLogger(__name__)

#: All states an object may be in; lists hide archived and deleted objects otherwise.
DELIVERY_STATES = (
    "active",
    "archived",
    "completed",
    "limited",
    "not_delivering",
    "deleted",
    "not_published",
    "pending_review",
    "permanently_deleted",
    "recently_completed",
    "recently_rejected",
    "rejected",
    "scheduled",
    "inactive",
)
#: States asked for with one request: more make it too heavy.
STATES_PER_PASS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects are listed.

    Attributes:
        node: Path of the parent, e.g. ``act_1``.
        context: The entry of the state it has.
        new_since: Only objects from this instant on, if any.
    """

    node: str
    context: dict[str, str]
    token: str | None = None
    new_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What was read at a place.

    Attributes:
        newest: Highest replication key, never above the server's time at the start.
    """

    page: Page
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Pass:
    """One walk through a list.

    Attributes:
        is_extra: Whether the stream can do without it, should the service refuse.
    """

    conditions: list[Condition]
    is_extra: bool = False


class ObjectReader:
    """Reads one stream of objects, place by place; used by many threads at once."""

    def __init__(
        self,
        spec: ObjectSpec,
        columns: Sequence[Field],
        *,
        client: GraphClient,
        workshop: Workshop,
        replication_key: str | None,
        version: int | None,
    ) -> None:
        """Prepare reading.

        Args:
            spec: What is read.
            columns: What is written of each object, in order.
            client: Whom to ask.
            workshop: Where rows are kept until they are written.
            replication_key: None to read all objects.
            version: Table version of a FULL_TABLE read.
        """
        self._spec = spec
        self._columns = tuple(columns)
        self._client = client
        self._workshop = workshop
        self._key = replication_key
        self._version = version
        self._dropped: set[str] = set()
        self._codec = RowCodec(spec.stream, columns, keys=("id",))

    def read(self, place: Place) -> Listed:
        """Read all objects of a place into a file.

        Raises:
            GraphError: the service refused.
            TapError: they cannot be had whole.
        """
        cutoff = self._client.server_time()
        newest = _Newest(self._codec, self._key, cutoff)
        encoder = LineEncoder(
            self._spec.stream, time_extracted=cutoff, version=self._version
        )
        blocks = map(newest.note, self._blocks(place))
        page = spool_records(blocks, encoder, self._workshop.new_path())
        return Listed(page, newest.value)

    def sample(self, place: Place, limit_rows: int) -> Page:
        """Read some objects of a place."""
        cutoff = self._client.server_time()
        if self._spec.parent is Parent.ITSELF:
            rows = [self._get_itself(place)]
        else:
            params = {"fields": ",".join(self._asked())}
            rows = self._fetch(place, params, limit_rows=limit_rows, after=None).rows
        encoder = LineEncoder(
            self._spec.stream, time_extracted=cutoff, version=self._version
        )
        return Page(len(rows), encoder.encode(rows))

    # Rows

    def _blocks(self, place: Place) -> Iterator[list[Any]]:
        if self._spec.parent is Parent.ITSELF:
            yield [self._get_itself(place)]
            return
        passes = self._passes(place)
        seen: set[str] = set()
        for each in passes:
            for rows in self._walk_pass(place, each):
                new = self._new_rows(rows, place)
                if len(passes) > 1:
                    new = _without_seen(new, self._codec.attribute("id"), seen)
                yield new

    def _passes(self, place: Place) -> list[Pass]:
        """Give the walks through the list."""
        level = self._spec.level
        if level is None or not self._client.settings.are_deleted_included:
            groups: list[list[Condition]] = [[]]
        else:
            groups = [
                [_condition(f"{level}.delivery_info", "IN", list(states))]
                for states in _cut(DELIVERY_STATES, STATES_PER_PASS)
            ]
        since = place.new_since
        is_filtered = self._spec.new_since is NewSince.FILTER and self._key is not None
        if since is None or not is_filtered:
            return [Pass(states) for states in groups]
        # One second less, so that the instant itself is read again.
        value = int(since.timestamp()) - 1
        field = "time_created" if level is None else f"{level}.updated_time"
        passes = [Pass([*g, _condition(field, "GREATER_THAN", value)]) for g in groups]
        # An object's effective status changes with its parents, its own time does not.
        for parent in self._spec.parent_levels:
            newer = _condition(f"{parent}.updated_time", "GREATER_THAN", value)
            passes += [Pass([*g, newer], is_extra=True) for g in groups]
        return passes

    def _walk_pass(self, place: Place, each: Pass) -> Iterator[list[Any]]:
        try:
            yield from self._walk(place, each.conditions)
        except GraphError as error:
            if not each.is_extra or error.cause is not Cause.PARAMETER:
                raise
            logger.warning(
                "%s of %s: objects whose parents have changed cannot be asked for; "
                "their effective_status may be old: %s",
                self._spec.stream,
                place.node,
                error,
            )

    def _walk(self, place: Place, conditions: list[Condition]) -> Iterator[list[Any]]:
        params: dict[str, str] = {}
        if conditions:
            params["filtering"] = json.dumps(conditions)
        while True:
            names = self._asked()
            asked = {"fields": ",".join(names), **params}
            fetch = functools.partial(self._fetch, place, asked)
            rows = min(self._client.settings.page_rows, self._spec.page_rows_max)
            name = f"{self._spec.stream} of {place.node}"
            try:
                for answer in PageWalk(fetch, rows, name).pages():
                    yield answer.rows
            except GraphError as error:
                if error.cause is not Cause.FIELD:
                    raise
                self._drop_field(error, asked=names)
            else:
                return

    def _fetch(
        self,
        place: Place,
        params: dict[str, str],
        *,
        limit_rows: int,
        after: str | None,
    ) -> Answer:
        asked = paged(params, limit_rows=limit_rows, after=after)
        path = f"{place.node}/{self._spec.edge}"
        return self._codec.decode(
            self._client.get_bytes(path, asked, token=place.token)
        )

    def _get_itself(self, place: Place) -> Any:  # noqa: ANN401 - a struct
        while True:
            names = self._asked()
            params = {"fields": ",".join(names)}
            try:
                body = self._client.get_bytes(place.node, params, token=place.token)
            except GraphError as error:
                if error.cause is not Cause.FIELD:
                    raise
                self._drop_field(error, asked=names)
            else:
                return self._codec.decode_one(body)

    def _new_rows(self, rows: list[Any], place: Place) -> list[Any]:
        """Leave out what is not wanted, where the service does not filter."""
        wanted = self._client.settings.form_ids
        if wanted and self._spec.parent is Parent.PAGE:
            attribute = self._codec.attribute("id")
            return [row for row in rows if getattr(row, attribute) in wanted]
        is_filtered = self._spec.new_since is NewSince.FILTER
        if self._key is None or place.new_since is None or is_filtered:
            return rows
        attribute = self._codec.attribute(self._key)
        since = place.new_since
        return [
            row
            for row in rows
            if (text := getattr(row, attribute)) is None or parse_instant(text) >= since
        ]

    # Fields

    def _asked(self) -> list[str]:
        return [f.name for f in self._columns if f.name not in self._dropped]

    def _drop_field(self, error: GraphError, *, asked: Sequence[str]) -> None:
        """Leave out from now on what the service does not have, if that helps."""
        name = find_bad_field(str(error))
        if name is None or name in {"id", self._key} or name not in asked:
            raise error
        if name in self._dropped:
            # Another account has met it meanwhile.
            return
        logger.warning(
            "%s.%s: the service does not have it; reading without it: %s",
            self._spec.stream,
            name,
            error,
        )
        self._dropped.add(name)


class _Newest:
    """Notes the highest replication key that is not above the server's time."""

    def __init__(self, codec: RowCodec, key: str | None, cutoff: datetime) -> None:
        self._attribute = None if key is None else codec.attribute(key)
        self._cutoff = cutoff
        self._highest = ""

    def note(self, rows: list[Any]) -> list[Any]:
        """Take account of rows, and hand them on."""
        if self._attribute is not None:
            texts = [getattr(row, self._attribute) or "" for row in rows]
            self._highest = max([self._highest, *texts])
        return rows

    @property
    def value(self) -> datetime | None:
        """Give the key, none where there were no rows."""
        if not self._highest:
            return None
        return min(parse_instant(self._highest), self._cutoff)


def _without_seen(rows: list[Any], attribute: str, seen: set[str]) -> list[Any]:
    new = [row for row in rows if getattr(row, attribute) not in seen]
    seen.update(getattr(row, attribute) for row in new)
    return new


def _condition(field: str, operator: str, value: object) -> Condition:
    return {"field": field, "operator": operator, "value": value}


def _cut(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
