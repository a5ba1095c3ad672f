"""The SDK's stream class over our own way of reading and writing records."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import Metadata

from reading_kit.errors import ApiError, ApiProblem
from reading_kit.stream import ReadingStream
from tap_salesforce.advice import Refusal, advise, classify_refusal, find_bad_field
from tap_salesforce.bulk_reading import BulkReader, BulkRefusedError
from tap_salesforce.describing import (
    FieldSpec,
    ObjectSpec,
    build_schema,
    select_readable,
)
from tap_salesforce.objects import DEFAULT_STREAMS
from tap_salesforce.personal import personal_class
from tap_salesforce.progress import REPLACED_ENTRIES, BulkState
from tap_salesforce.rest_reading import RestReader
from tap_salesforce.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.singerlib import MetadataMapping

    from reading_kit.pages import Page
    from reading_kit.personal import PersonalClass
    from tap_salesforce.submitting import SubmittedJob
    from tap_salesforce.tap import TapSalesforce

DELETED_AT = "_sdc_deleted_at"


class SalesforceStream(ReadingStream):
    """One object of the org."""

    def __init__(self, tap: TapSalesforce, spec: ObjectSpec) -> None:
        self._org = tap
        self._settings = tap.settings
        self.spec = spec
        super().__init__(tap, schema=self._build_schema(), name=spec.name)
        self.primary_keys = spec.key_properties
        self.replication_key = spec.replication_key
        self.selected_by_default = spec.name in DEFAULT_STREAMS
        self._is_rest_only = False
        self._dropped_fields: set[str] = set()

    # What is read

    @property
    def is_bulk(self) -> bool:
        """Tell whether the stream goes through the Bulk API."""
        return (
            self._settings.api_type == "BULK2"
            and self.spec.is_bulk_capable
            and not self._is_rest_only
            and not self._org.is_bulk_exhausted
        )

    @property
    def metadata(self) -> MetadataMapping:
        """Give the selection metadata, with what this tap knows about its fields."""
        is_new = self._metadata is None
        mapping = super().metadata
        if is_new:
            self._complete_metadata(mapping)
        return mapping

    def chosen_fields(self) -> tuple[FieldSpec, ...]:
        """Give the selected fields that the org still has and the transport reads."""
        readable = select_readable(
            self.spec,
            is_bulk=self._settings.api_type == "BULK2",
            are_formulas_included=self._settings.are_formulas_included,
        )
        known = self.effective_schema.get("properties", {})
        return tuple(
            field
            for field in readable
            if field.name in known
            and self.mask["properties", field.name]
            and field.name not in self._dropped_fields
        )

    def emitted_schema(self) -> dict[str, Any]:
        """Give the schema of the records as they are written."""
        names = [field.name for field in self.chosen_fields()]
        if DELETED_AT in self.schema["properties"]:
            names.append(DELETED_AT)
        return self.schema_of(names)

    def personal_class(self, name: str) -> PersonalClass | None:
        """Tell what a field says about a person, if anything."""
        field = self._fields_by_name.get(name)
        return None if field is None else personal_class(self.name, field)

    @cached_property
    def _fields_by_name(self) -> dict[str, FieldSpec]:
        return {field.name: field for field in self.spec.fields}

    def source(self) -> Source:
        """Give what this run reads of the object."""
        fields = self.chosen_fields()
        key = self.replication_key if self.is_incremental else None
        return Source(
            name=self.name,
            fields=fields,
            key=key if any(field.name == key for field in fields) else None,
            has_id=any(field.name == "Id" for field in fields),
            is_deleted_at_emitted=DELETED_AT in self.schema["properties"],
            version=self.table_version,
            end=self._settings.end_date,
        )

    def submit_ahead(self) -> SubmittedJob:
        """Start the bulk job of this run, poll it and load its first pages.

        This runs in a thread of the board, before the stream's turn.
        """
        self._begin()
        reader = self._bulk_reader()
        job = reader.submit()
        is_wanted = self._org.board.is_open
        if self._org.bulk.wait_ahead(job.job_id, is_wanted=is_wanted):
            return reader.load_ahead(job)
        return job

    def is_submittable(self) -> bool:
        """Tell whether a job should be submitted before the stream's turn."""
        return self.is_bulk and not self._bulk_reader().is_resumable()

    # Reading

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give some records through REST, without a bulk job."""
        return self._rest_reader().sample(limit_rows)

    def read_pages(self) -> Iterator[Page]:
        """Give all pages; without a field that turns out to be gone."""
        self._announce()
        try:
            yield from self._read_transport()
        except ApiError as error:
            field = find_bad_field(error.problem)
            is_field = classify_refusal(error.problem) is Refusal.DROP_FIELD
            if not is_field or field is None or field in self._dropped_fields:
                raise ApiError(_with_advice(error.problem)) from None
            self.logger.warning("%s.%s is gone; reading without it", self.name, field)
            self._dropped_fields.add(field)
            yield from self._read_transport()

    def _read_transport(self) -> Iterator[Page]:
        if self.is_bulk or self._org.board.is_submitted(self.name):
            reader = self._bulk_reader()
            try:
                for page in reader.pages(lambda: self._org.board.take(self.name)):
                    self.table_version = reader.version
                    yield page
            except BulkRefusedError as refusal:
                self.logger.warning("Using REST: %s", refusal)
                self._is_rest_only = True
                self._org.is_bulk_exhausted |= refusal.is_for_all
            else:
                return
        yield from self._rest_reader().pages()

    def _bulk_reader(self) -> BulkReader:
        return BulkReader(
            self.source(),
            self._bulk_state(),
            client=self._org.client,
            bulk=self._org.bulk,
            rest=self._org.rest,
            workshop=self._org.workshop,
        )

    def _rest_reader(self) -> RestReader:
        return RestReader(
            self.source(),
            self._bulk_state(),
            client=self._org.client,
            rest=self._org.rest,
        )

    def _bulk_state(self) -> BulkState:
        return BulkState(
            self.stream_state,
            stream=self.name,
            write=self.write_state,
            floor=self._settings.start_date,
            lookback_s=self._settings.lookback_s,
            replaced=REPLACED_ENTRIES,
        )

    # Details

    def _announce(self) -> None:
        if self.is_incremental and self._settings.start_date:
            self.logger.info(
                "Rows changed before start_date %s are not read",
                self._settings.start_date.date(),
            )
        formulas = sum(field.is_calculated for field in self.chosen_fields())
        if formulas and self.is_incremental:
            self.logger.info(
                "%d formula fields of %s are only as fresh as the row",
                formulas,
                self.name,
            )

    def offered_names(self) -> set[str]:
        """Give the fields the org has, whether they can be read or not."""
        return {*self.spec.field_names(), DELETED_AT}

    def _build_schema(self) -> dict[str, Any]:
        schema = build_schema(self.spec)
        names = self.spec.field_names()
        if (
            self._settings.is_deleted_at_emitted
            and {
                "IsDeleted",
                "SystemModstamp",
            }
            <= names
        ):
            schema["properties"][DELETED_AT] = {
                "type": ["string", "null"],
                "format": "date-time",
            }
        return schema

    def _complete_metadata(self, mapping: MetadataMapping) -> None:
        readable = {
            field.name
            for field in select_readable(
                self.spec,
                is_bulk=self._settings.api_type == "BULK2",
                are_formulas_included=self._settings.are_formulas_included,
            )
        }
        automatic = self._automatic_fields()
        for field in self.spec.fields:
            entry = mapping["properties", field.name]
            if field.name not in readable:
                entry.inclusion = Metadata.InclusionType.UNSUPPORTED
            elif field.name in automatic:
                entry.inclusion = Metadata.InclusionType.AUTOMATIC
            elif entry.selected_by_default is None and self._tap_input_catalog is None:
                is_quiet = field.salesforce_type == "json"
                entry.selected_by_default = (
                    self._settings.select_fields_by_default and not is_quiet
                )
        if DELETED_AT in self.schema["properties"]:
            mapping[
                "properties", DELETED_AT
            ].inclusion = Metadata.InclusionType.AUTOMATIC

    def _automatic_fields(self) -> set[str]:
        names = set(self.spec.key_properties)
        if self.replication_key:
            names.add(self.replication_key)
        if any(field.salesforce_type == "currency" for field in self.spec.fields):
            # An amount without its currency says nothing in a multi-currency org.
            names.add("CurrencyIsoCode")
        if self._settings.is_deleted_at_emitted:
            names |= {"IsDeleted", "SystemModstamp"}
        return names & self.spec.field_names()


def _with_advice(problem: ApiProblem) -> ApiProblem:
    text = f"{problem.code} {problem.message}"
    return ApiProblem(problem.status, problem.code, f"{problem.message}{advise(text)}")
