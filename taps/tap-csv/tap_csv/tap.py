"""The tap: its settings, its streams, and the files to begin with."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import click
from singer_sdk.helpers.capabilities import CapabilitiesEnum

from reading_kit.command import ReadingTap, run_as_process
from reading_kit.config_validation import normalize_config
from tap_csv.config_schema import CONFIG_SCHEMA, IGNORED_SETTINGS
from tap_csv.finding import find_sources
from tap_csv.settings import parse_settings
from tap_csv.streams import CsvStream, find_columns
from tap_csv.templates import write_templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream

    from tap_csv.settings import Settings


class CsvCapabilities(CapabilitiesEnum):
    """What this tap can beside what others can."""

    #: The catalog follows the files and costs nothing: ask for it before each run.
    LIVE_CATALOG = "live-catalog"


class TapCsv(ReadingTap):
    """Singer tap for CSV files."""

    name = "tap-csv"
    package_name = "bizops-tap-csv"
    config_jsonschema = CONFIG_SCHEMA
    ignored_settings = IGNORED_SETTINGS
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        *ReadingTap.capabilities,
        CsvCapabilities.LIVE_CATALOG,
    ]

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        return parse_settings(self.config)

    def normalize(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Bring a config into one form; a single place may be given as text."""
        return normalize_config(
            raw, self.config_jsonschema, ignored=self.ignored_settings
        )

    def discover_streams(self) -> Sequence[CsvStream]:
        """Give a stream for each file that has a header, or is known by its name."""
        found = []
        for source in find_sources(self.settings):
            columns = find_columns(source)
            if columns is None:
                self.logger.warning("%s is left out: no header", source.name)
            else:
                found.append(CsvStream(self, source, columns))
        return found

    def prepare_run(self, streams: Sequence[Stream]) -> None:  # noqa: ARG002 - all files count
        """Tell files the catalog does not know, and those that are gone."""
        known = self.input_catalog
        for name in self.streams:
            if known is not None and name not in known:
                self.logger.warning("%s is not in the catalog; discover again", name)
        read_before = {
            name
            for name, entry in self.state.get("bookmarks", {}).items()
            if "read_as" in entry
        }
        for name in sorted(read_before - set(self.streams)):
            self.logger.warning(
                "%s: its file is gone, its rows stay; to empty the table leave a file "
                "of only the header",
                name,
            )

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Give the command, which also writes the files to begin with."""
        command = super().get_singer_command()
        command.params.append(
            click.Option(
                ["--write-templates"],
                metavar="FOLDER",
                type=click.Path(file_okay=False, path_type=Path),
                help="Write a file of only a header for each input of BizOps, and "
                "COLUMNS.md, which tells what they hold. What is there stays.",
                callback=_on_write_templates,
                expose_value=False,
                is_eager=True,
            )
        )
        return command


def _on_write_templates(
    context: click.Context, _option: click.Parameter, folder: Path | None
) -> None:
    if folder is None:
        return
    written = write_templates(folder)
    click.echo(f"{len(written)} files written to {folder}", err=True)
    context.exit()


def main() -> NoReturn:
    """Run as a process."""
    run_as_process(TapCsv)


if __name__ == "__main__":
    main()
