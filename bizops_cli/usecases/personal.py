"""`pii`: which fields are about people, and erasing one person with a proof."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.files import write_atomically
from bizops_cli.redact import MASK
from bizops_cli.singer.catalog_diff import stream_facts
from bizops_cli.singer.personal import classify, personal_class
from bizops_cli.usecases.catalog_cache import read_any_catalog
from bizops_cli.usecases.discover import look_at
from bizops_cli.usecases.session import choose_tap
from bizops_cli.usecases.transform import built_schemas
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.catalog_diff import StreamFacts
    from bizops_cli.singer.personal import PersonalClass

Treatment = Literal["kept", "hashed", "dropped", "not read"]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FILES = (".log", ".json", ".jsonl", ".txt", ".sql", ".yml")


@dataclass(frozen=True, slots=True)
class PersonalField:
    """A field about a person.

    Attributes:
        tap: The tap.
        stream: The stream.
        field: The field, as the tap calls it.
        kind: What it tells.
        told_by: Whether the tap declares it, or its name tells it.
        treatment: What becomes of it on the way to the warehouse.
    """

    tap: str
    stream: str
    field: str
    kind: PersonalClass
    told_by: Literal["tap", "name"]
    treatment: Treatment


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was found of a person and what became of it.

    Attributes:
        is_dry_run: Whether it was only looked for.
        rows: Table to rows whose personal columns were emptied.
        mentions: Table to rows in which the email was masked inside other text.
        built: Table to rows changed where a build keeps the past.
        files: Files in which it was masked.
        left: Table to rows that still have it; the proof is that this is empty.
    """

    is_dry_run: bool
    rows: dict[str, int]
    mentions: dict[str, int]
    files: tuple[str, ...]
    left: dict[str, int]
    built: dict[str, int] = field(default_factory=dict)


def list_personal(
    project: Project, names: Sequence[str], *, on_event: OnEvent
) -> list[PersonalField]:
    """Return the fields about people that taps have, with what becomes of them.

    Raises:
        ConfigError: There is no such tap, or it does not say what it has.
        PluginError: A discovery failed.
    """
    found = []
    for tap in [choose_tap(project, name) for name in names or project.taps]:
        catalog = look_at(project, tap.name, refreshes=False, on_event=on_event)
        kinds = _classes(catalog.streams)
        for stream in catalog.streams:
            for each in stream.fields:
                kind = kinds.get((stream.name, each.name))
                if kind is not None:
                    is_read = stream.is_selected and each.is_selected
                    treatment = _treatment(tap, stream.name, each.name)
                    found.append(
                        PersonalField(
                            *(tap.name, stream.name, each.name, kind),
                            "name" if each.personal is None else "tap",
                            treatment if is_read else "not read",
                        )
                    )
    return found


def erase_person(project: Project, email: str, *, is_dry_run: bool) -> Erasure:
    """Empty what raw tables know of a person, mask the email everywhere else.

    Columns about people are emptied in rows of raw tables whose email is this one, or
    its hash; elsewhere the email itself is masked. What dbt builds is not touched: it
    is made anew from the raw tables by the caller.

    Args:
        project: The project.
        email: The person's email.
        is_dry_run: Only look.

    Raises:
        ConfigError: This is no email.
        LockedError: A run is under way.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.locks.postgres import hold_run_locks
    from bizops_cli.warehouse.refusals import connected

    text = email.strip().lower()
    if not _EMAIL.fullmatch(text):
        raise ConfigError("this is no email", "Give it as in --email ann@example.com.")
    texts = [text, *_hash(project, text)]
    address = find_warehouse(project)
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(
            connected(address.url, application_name="bizops pii")
        )
        stack.enter_context(hold_run_locks(connection, project))
        places = {
            tap.raw_schema: _TapClasses.of(project, tap)
            for tap in project.taps.values()
        }
        rows, mentions = _erase_in(connection, places, texts, is_dry_run=is_dry_run)
        files = tuple(_mask_files(project, text, is_dry_run=is_dry_run))
    return Erasure(is_dry_run, rows, mentions, files, {})


def erase_in_built(project: Project, email: str) -> dict[str, int]:
    """Erase a person where a build leaves the past alone: snapshots, records of runs.

    Call it after the models were built anew.

    Returns:
        Table to rows that were changed.

    Raises:
        LockedError: A run is under way.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.locks.postgres import hold_run_locks
    from bizops_cli.warehouse.refusals import connected

    text = email.strip().lower()
    texts = [text, *_hash(project, text)]
    address = find_warehouse(project)
    with (
        connected(address.url, application_name="bizops pii") as connection,
        hold_run_locks(connection, project),
    ):
        places = dict.fromkeys([*built_schemas(project), "bizops"], _TapClasses())
        rows, mentions = _erase_in(connection, places, texts, is_dry_run=False)
    tables = {**rows, **mentions}
    return {name: rows.get(name, 0) + mentions.get(name, 0) for name in tables}


def find_left(project: Project, email: str) -> dict[str, int]:
    """Return every table of the warehouse that still has an email, with its rows.

    Raises:
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.warehouse.erasing import count_mentions, text_columns
    from bizops_cli.warehouse.refusals import connected

    text = email.strip().lower()
    texts = [text, *_hash(project, text)]
    address = find_warehouse(project)
    left = {}
    with connected(address.url, application_name="bizops pii") as connection:
        for table, columns in text_columns(connection).items():
            count = count_mentions(connection, table, list(columns), texts)
            if count:
                left[".".join(table)] = count
    return left


def raise_left(erasure: Erasure) -> None:
    """Raise an error if something of the person is left.

    Raises:
        BizopsError: It is.
    """
    if erasure.left and not erasure.is_dry_run:
        raise BizopsError(
            f"the email is still in {len(erasure.left)} tables",
            "Build the models anew (`bizops elt run --only t`) and erase again; other "
            "tables are not BizOps's own.",
            {table: f"{rows} rows" for table, rows in erasure.left.items()},
        )


def _treatment(tap: PluginSettings, stream: str, field: str) -> Treatment:
    for pattern, mapping in tap.mapping.items():
        if fnmatchcase(stream, pattern):
            if field in mapping.drop:
                return "dropped"
            if field in mapping.hash:
                return "hashed"
    return "kept"


def _hash(project: Project, text: str) -> list[str]:
    """Return what a mapping makes of the email, if there is a secret for it."""
    if project.hash_secret is None:
        return []
    key = project.hash_secret.reveal().encode()
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest()]


@dataclass(frozen=True, slots=True)
class _TapClasses:
    """What the columns of a tap's tables tell about people.

    Attributes:
        tap: The tap; None for tables that no tap makes.
        fields: What its kept catalog says, by stream and field.
        streams: The streams that catalog has.
    """

    tap: PluginSettings | None = None
    fields: Mapping[tuple[str, str], PersonalClass] = field(default_factory=dict)
    streams: frozenset[str] = frozenset()

    @classmethod
    def of(cls, project: Project, tap: PluginSettings) -> _TapClasses:
        """Read what is known of a tap; a tap that cannot be asked is not needed."""
        catalog = read_any_catalog(project, tap.name)
        streams = stream_facts(catalog) if catalog is not None else []
        names = frozenset(stream.name for stream in streams)
        return cls(tap, _classes(streams), names)

    def kinds(self, table: str, columns: Iterable[str]) -> dict[str, PersonalClass]:
        """Return the columns about people, those a mapping has renamed too."""
        names: dict[str, str] = {}
        for pattern, mapping in self.tap.mapping.items() if self.tap else ():
            if fnmatchcase(table, pattern):
                names |= {new: old for old, new in mapping.rename.items()}
        kinds = {}
        for column in columns:
            name = names.get(column, column)
            kind = self.fields.get((table, name))
            if table not in self.streams:
                kind = personal_class(name)
            if kind is not None:
                kinds[column] = kind
        return kinds


def _classes(streams: Iterable[StreamFacts]) -> dict[tuple[str, str], PersonalClass]:
    return classify({(s.name, f.name): f.personal for s in streams for f in s.fields})


def _erase_in(
    connection: Connection,
    places: Mapping[str, _TapClasses],
    texts: Sequence[str],
    *,
    is_dry_run: bool,
) -> tuple[dict[str, int], dict[str, int]]:
    """Erase in the tables of schemas; return rows emptied and rows masked, by table."""
    from bizops_cli.warehouse.erasing import (
        blank_person,
        count_mentions,
        mask_mentions,
        vacuum,
    )

    rows: dict[str, int] = {}
    mentions: dict[str, int] = {}
    salt = secrets.token_hex(16)
    for table, columns, emails, personal in _classed_tables(connection, places):
        name = ".".join(table)
        if emails and not is_dry_run:
            changed = blank_person(
                connection,
                table,
                emails=emails,
                personal=personal,
                texts=texts,
                salt=salt,
            )
        else:
            changed = count_mentions(connection, table, emails, texts) if emails else 0
        if changed:
            rows[name] = changed
        found = count_mentions(connection, table, list(columns), texts)
        if is_dry_run:
            found -= changed
        elif found:
            mask_mentions(connection, table, list(columns), texts, MASK)
        if found > 0:
            mentions[name] = found
        if not is_dry_run and (changed or found):
            vacuum(connection, table)
    return rows, mentions


def _classed_tables(
    connection: Connection, places: Mapping[str, _TapClasses]
) -> Iterator[tuple[tuple[str, str], dict[str, bool], list[str], dict[str, bool]]]:
    """Yield each table with its text columns, its e-mail columns, its personal ones."""
    from bizops_cli.warehouse.erasing import other_columns, text_columns

    others = other_columns(connection)
    for table, columns in text_columns(connection).items():
        classes = places.get(table[0])
        if classes is None:
            continue
        every = {**columns, **dict.fromkeys(others.get(table, ()), False)}
        kinds = classes.kinds(table[1], every)
        emails = [n for n, kind in kinds.items() if kind == "email" and n in columns]
        yield table, columns, emails, {column: every[column] for column in kinds}


def _mask_files(project: Project, text: str, *, is_dry_run: bool) -> Iterator[str]:
    """Mask the email in logs and records of runs; yield the files it was in."""
    pattern = re.compile(re.escape(text.encode()), re.IGNORECASE)
    for file in _text_files(project.state_directory):
        with contextlib.suppress(OSError):
            data = file.read_bytes()
            if not pattern.search(data):
                continue
            if not is_dry_run:
                masked = pattern.sub(MASK.encode(), data)
                write_atomically(file, masked, mode=file.stat().st_mode & 0o777)
            yield str(file.relative_to(project.directory))


def _text_files(directory: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(directory):
        if folder == str(directory):
            folders[:] = [n for n in folders if n not in {"warehouse", "plugins"}]
        for name in sorted(files):
            if name.endswith(_FILES):
                yield Path(folder, name)
