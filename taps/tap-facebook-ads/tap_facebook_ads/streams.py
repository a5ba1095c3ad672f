"""The streams: objects, and one for each report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.errors import TapError
from reading_kit.stream import ReadingStream
from reading_kit.timestamps import format_instant
from tap_facebook_ads.fields import Field, Kind, build_schema
from tap_facebook_ads.insight_reading import InsightReader
from tap_facebook_ads.insight_rows import SLICE_STARTED_AT, InsightRows
from tap_facebook_ads.insight_work import (
    AccountWork,
    forget_all,
    forget_other_report,
    plan_account,
)
from tap_facebook_ads.lead_sources import list_forms, list_pages
from tap_facebook_ads.object_reading import ObjectReader, Place
from tap_facebook_ads.objects import Parent
from tap_facebook_ads.partitions import Partition, find_partition, forget_whole
from tap_facebook_ads.personal import PERSONAL
from tap_facebook_ads.problems import Cause, GraphError
from tap_facebook_ads.slices import Part, Span, oldest_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from reading_kit.pages import Page
    from reading_kit.personal import PersonalClass
    from tap_facebook_ads.accounts import AdAccount
    from tap_facebook_ads.object_reading import Listed
    from tap_facebook_ads.objects import ObjectSpec
    from tap_facebook_ads.reports import Report
    from tap_facebook_ads.tap import TapFacebookAds

#: Days of a report's sample, more of them where there are no rows.
_SAMPLE_DAYS = (2, 28, 400)
_SKIPPED_CAUSES = frozenset({Cause.PERMISSION, Cause.MISSING})


class ObjectStream(ReadingStream):
    """One kind of objects."""

    def __init__(self, tap: TapFacebookAds, spec: ObjectSpec) -> None:
        self._facebook = tap
        self.spec = spec
        schema = build_schema(spec.fields, keys=("id",))
        super().__init__(tap, schema=schema, name=spec.stream)
        self.primary_keys = ["id"]
        self.replication_key = spec.replication_key
        self.selected_by_default = spec.is_default

    def personal_class(self, name: str) -> PersonalClass | None:
        """Tell what a field says about a person, if anything."""
        return PERSONAL.get(self.name, {}).get(name)

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give some objects of the first place that has any."""
        reader = self._new_reader()
        for place in self._places():
            page = reader.sample(place, limit_rows)
            yield page
            if page.rows:
                return

    def read_pages(self) -> Iterator[Page]:
        """Give the objects of one account (page, form) after the other.

        Raises:
            TapError: the objects of an account cannot be had whole.
        """
        reader = self._new_reader()
        try:
            places = self._places()
        except GraphError as error:
            if not self._is_skipped(error):
                raise self._explain(error) from None
            self._skip("all", error)
            return
        read = self._facebook.workshop.map_ahead
        results = read(lambda place: self._try(reader, place), places)
        for place, listed in zip(places, results, strict=True):
            if listed is not None:
                yield listed.page
                self._note_newest(place, listed)
        if self.replication_key is not None:
            forget_whole(self.stream_state, self.replication_key)
            self.write_state()

    def _try(self, reader: ObjectReader, place: Place) -> Listed | None:
        """Read a place; none where it is to be left out."""
        try:
            return reader.read(place)
        except GraphError as error:
            if not self._is_skipped(error):
                raise self._explain(error) from None
            self._skip(place.node, error)
            return None

    def _is_skipped(self, error: GraphError) -> bool:
        if error.cause is Cause.NOT_LINKED:
            return True
        is_optional = self.spec.is_skipped_without_permission
        return is_optional and error.cause in _SKIPPED_CAUSES

    def _skip(self, what: str, error: GraphError) -> None:
        # What was not read must not be taken for deleted.
        self.table_version = None
        self.logger.warning("%s: %s left out: %s", self.name, what, error)

    def _explain(self, error: GraphError) -> TapError:
        if error.cause is not Cause.PERMISSION:
            return error
        msg = (
            "the token needs the permission ads_read (custom audiences: "
            f"ads_management): {error}"
        )
        return TapError(msg)

    def _note_newest(self, place: Place, listed: Listed) -> None:
        if self.replication_key is None or not self.is_incremental:
            return
        partition = self._partition(place.context)
        moments = [m for m in (partition.moment(), listed.newest) if m is not None]
        if moments:
            partition.set_value(format_instant(max(moments)))
        self.write_state()

    def _new_reader(self) -> ObjectReader:
        chosen = {*self.selected_names(), "id"}
        key = self.replication_key if self.is_incremental else None
        if key is not None:
            chosen.add(key)
        return ObjectReader(
            self.spec,
            [field for field in self.spec.fields if field.name in chosen],
            client=self._facebook.client,
            workshop=self._facebook.workshop,
            replication_key=key,
            version=self.table_version,
        )

    # Places

    def _places(self) -> list[Place]:
        match self.spec.parent:
            case Parent.PAGE:
                pages = list_pages(self._facebook.client)
                return [
                    Place(each.id, {"page_id": each.id}, each.token) for each in pages
                ]
            case Parent.FORM:
                forms = list_forms(self._facebook.client)
                return [
                    self._place(each.id, {"form_id": each.id}, each.token)
                    for each in forms
                ]
            case _:
                accounts = self._facebook.accounts
                return [
                    self._place(each.node, {"account_id": each.id}, None)
                    for each in accounts
                ]

    def _place(self, node: str, context: dict[str, str], token: str | None) -> Place:
        return Place(node, context, token, self._start(context))

    def _start(self, context: dict[str, str]) -> datetime | None:
        """Give where to read from: only leads have a beginning, of which they are.

        Campaigns, ad sets and ads older than the first day of reports are in them.
        """
        if self.replication_key is None or not self.is_incremental:
            return None
        bookmark = self._partition(context).moment()
        is_lead = self.spec.parent is Parent.FORM
        return bookmark or (self._facebook.settings.start_at if is_lead else None)

    def _partition(self, context: dict[str, str]) -> Partition:
        return find_partition(
            self.stream_state,
            stream=self.name,
            key=str(self.replication_key),
            context=context,
        )


class InsightStream(ReadingStream):
    """One report."""

    def __init__(self, tap: TapFacebookAds, report: Report) -> None:
        self._facebook = tap
        self.report = report
        self._columns = report.columns
        if tap.settings.is_slice_start_emitted:
            self._columns += (Field(SLICE_STARTED_AT, Kind.MOMENT),)
        schema = build_schema(
            self._columns,
            keys=report.key_properties,
            windows=report.windows,
            action_breakdowns=report.action_breakdowns,
        )
        super().__init__(tap, schema=schema, name=report.stream)
        self.primary_keys = report.key_properties
        self.replication_key = "date_start"
        self.selected_by_default = report.is_default

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give some rows of the last days, or else of more."""
        rows = self._new_rows()
        for account in self._facebook.accounts:
            now = self._facebook.client.server_time()
            for span in self._sample_spans(account, now):
                part = Part(span, "account", account.node)
                try:
                    page = rows.sample(part, limit_rows, time_extracted=now)
                except GraphError as error:
                    if error.cause is not Cause.REDUCE:
                        raise
                    continue
                yield page
                if page.rows:
                    return

    def _sample_spans(self, account: AdAccount, now: datetime) -> list[Span]:
        today = account.day_of(now)
        first = max(self._facebook.settings.start_date, oldest_day(today))
        whole = Span(min(first, today), today)
        return list(dict.fromkeys(whole.last_days(days) for days in _SAMPLE_DAYS))

    def read_pages(self) -> Iterator[Page]:
        """Give the rows slice by slice; each slice moves the bookmark.

        Raises:
            TapError: some days, or all, cannot be had.
        """
        reader = InsightReader(
            self.report,
            [self._plan(account) for account in self._facebook.accounts],
            client=self._facebook.client,
            workshop=self._facebook.workshop,
            rows=self._new_rows(),
            write_state=self.write_state,
        )
        forget_whole(self.stream_state, "date_start")
        yield from reader.pages()

    def _plan(self, account: AdAccount) -> AccountWork:
        partition = find_partition(
            self.stream_state,
            stream=self.name,
            key="date_start",
            context={"account_id": account.id},
        )
        if not self.is_incremental:
            forget_all(partition)
        elif forget_other_report(partition, self.report):
            self.logger.warning(
                "%s: the report is defined otherwise than before; reading account %s "
                "from start_date again",
                self.name,
                account.id,
            )
        return plan_account(
            account,
            partition,
            self.report,
            settings=self._facebook.settings,
            now=self._facebook.client.server_time(),
        )

    def _new_rows(self) -> InsightRows:
        chosen = {*self.selected_names(), *self.primary_keys}
        chosen |= set(self._sources_of_keys())
        return InsightRows(
            self.report,
            [field for field in self._columns if field.name in chosen],
            client=self._facebook.client,
            workshop=self._facebook.workshop,
            version=self.table_version,
        )

    def _sources_of_keys(self) -> list[str]:
        """Give the objects whose ids are keys."""
        return [
            name for name in self.report.breakdowns if f"{name}_id" in self.primary_keys
        ]
