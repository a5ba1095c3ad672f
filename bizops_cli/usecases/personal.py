"""`pii`: which fields are about people, and erasing one person with a proof."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.files import write_atomically
from bizops_cli.redact import MASK
from bizops_cli.singer.personal import personal_class
from bizops_cli.usecases.discover import look_at
from bizops_cli.usecases.session import choose_tap
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import PluginSettings, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.personal import PersonalClass
    from bizops_cli.warehouse.erasing import Table

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
        treatment: What becomes of it on the way to the warehouse.
    """

    tap: str
    stream: str
    field: str
    kind: PersonalClass
    treatment: Treatment


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was found of a person and what became of it.

    Attributes:
        is_dry_run: Whether it was only looked for.
        rows: Table to rows whose personal columns were emptied.
        mentions: Table to rows in which the email was masked inside other text.
        files: Files in which it was masked.
        left: Table to rows that still have it; the proof is that this is empty.
    """

    is_dry_run: bool
    rows: dict[str, int]
    mentions: dict[str, int]
    files: tuple[str, ...]
    left: dict[str, int]


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
        for stream in catalog.streams:
            for field in stream.fields:
                kind = personal_class(field.name)
                if kind is not None:
                    is_read = stream.is_selected and field.is_selected
                    treatment = _treatment(tap, stream.name, field.name)
                    found.append(
                        PersonalField(
                            *(tap.name, stream.name, field.name, kind),
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
        stack.enter_context(
            hold_run_locks(
                connection,
                project=project.name,
                environment=project.environment,
                jobs=project.jobs,
            )
        )
        raw = {tap.raw_schema: tap for tap in project.taps.values()}
        rows, mentions = _erase_raw(connection, raw, texts, is_dry_run=is_dry_run)
        files = tuple(_mask_files(project, text, is_dry_run=is_dry_run))
    return Erasure(is_dry_run, rows, mentions, files, {})


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


def _erase_raw(
    connection: Connection,
    raw: dict[str, PluginSettings],
    texts: Sequence[str],
    *,
    is_dry_run: bool,
) -> tuple[dict[str, int], dict[str, int]]:
    from bizops_cli.warehouse.erasing import (
        blank_person,
        count_mentions,
        mask_mentions,
        text_columns,
        vacuum,
    )

    rows: dict[str, int] = {}
    mentions: dict[str, int] = {}
    for table, columns in text_columns(connection).items():
        tap = raw.get(table[0])
        if tap is None:
            continue
        kinds = _kinds(tap, table, columns)
        emails = [name for name, kind in kinds.items() if kind == "email"]
        name = ".".join(table)
        if emails and not is_dry_run:
            personal = {column: columns[column] for column in kinds}
            changed = blank_person(
                connection, table, emails=emails, personal=personal, texts=texts
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


def _kinds(
    tap: PluginSettings, table: Table, columns: dict[str, bool]
) -> dict[str, PersonalClass]:
    """Return the columns about people, those a mapping has renamed too."""
    names: dict[str, str] = {}
    for pattern, mapping in tap.mapping.items():
        if fnmatchcase(table[1], pattern):
            names |= {new: old for old, new in mapping.rename.items()}
    kinds = {}
    for column in columns:
        kind = personal_class(names.get(column, column))
        if kind is not None:
            kinds[column] = kind
    return kinds


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
