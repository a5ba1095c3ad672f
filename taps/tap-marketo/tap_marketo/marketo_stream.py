"""What all streams of the tap share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import Metadata

from reading_kit.stream import ReadingStream
from tap_marketo.personal import personal_class
from tap_marketo.values import Misfits, fit_or_note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.singerlib import Catalog, MetadataMapping

    from reading_kit.personal import PersonalClass
    from tap_marketo.tap import TapMarketo

INCREMENTAL = "INCREMENTAL"
FULL_TABLE = "FULL_TABLE"


class MarketoStream(ReadingStream):
    """A stream of the instance.

    Attributes:
        phase: Streams of a lower phase are read first.
    """

    phase = 0

    def __init__(
        self,
        tap: TapMarketo,
        *,
        name: str,
        schema: dict[str, Any],
        keys: Sequence[str],
        replication_key: str | None,
    ) -> None:
        self.instance = tap
        self.settings = tap.settings
        self.client = tap.client
        self.misfits = Misfits()
        super().__init__(tap, schema=schema, name=name)
        self.primary_keys = list(keys)
        self.replication_key = replication_key

    def personal_class(self, name: str) -> PersonalClass | None:
        """Tell what a field says about a person, if anything."""
        return personal_class(self.name, name)

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take selection and method of a catalog, not its keys.

        Where there is but one way to read, the catalog's method does not matter.
        """
        keys, key = self.primary_keys, self.replication_key
        method = self.forced_replication_method
        super().apply_catalog(catalog)
        self.primary_keys, self.replication_key = keys, key
        if method is not None:
            self.forced_replication_method = method
        elif key is None:
            self.forced_replication_method = FULL_TABLE

    @property
    def metadata(self) -> MetadataMapping:
        """Give the selection metadata; columns few want are not selected by default."""
        is_new = self._metadata is None
        mapping = super().metadata
        if is_new:
            for name in self.automatic_names():
                mapping["properties", name].inclusion = Metadata.InclusionType.AUTOMATIC
            for name in self.quiet_names():
                entry = mapping["properties", name]
                if entry.selected_by_default is None and entry.selected is None:
                    entry.selected_by_default = False
        return mapping

    def automatic_names(self) -> Sequence[str]:
        """Give the columns that are always read."""
        names = list(self.primary_keys)
        return names if self.replication_key is None else [*names, self.replication_key]

    def quiet_names(self) -> Sequence[str]:
        """Give the columns that are read only where they are asked for."""
        return ()

    def fit_row(
        self, row: Mapping[str, Any], kinds: Mapping[str, str]
    ) -> dict[str, Any]:
        """Give a record with these columns, each value as its kind wants it."""
        return {
            name: fit_or_note(
                kind, row.get(name), place=f"{self.name}.{name}", misfits=self.misfits
            )
            for name, kind in kinds.items()
        }
