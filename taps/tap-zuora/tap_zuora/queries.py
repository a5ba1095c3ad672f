"""Queries of a stream, and what becomes of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_zuora.zoql import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tap_zuora.describing import FieldSpec
    from tap_zuora.problems import Remedy
    from tap_zuora.windows import Part


#: An object that lacks more than so many is another one than was described.
MOST_DROPPED_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a job.

    Attributes:
        name: Its name, unique in the run.
        fields: The columns it asks for, in order.
        key: The field its window is about, if it has one.
        has_deleted: Whether it asks for deleted rows too.
        maker: What made it, and makes its like again.
        is_incremental: Whether it reads what changed since an earlier run.
    """

    name: str
    stream: str
    part: Part
    fields: tuple[FieldSpec, ...]
    key: FieldSpec | None
    has_deleted: bool
    maker: QueryMaker = field(repr=False, compare=False)
    is_incremental: bool = False


class QueryMaker:
    """Makes a stream's queries, less what the tenant turned out not to have.

    Worker threads may drop fields while others make queries; each query keeps the
    fields it was made with.

    Attributes:
        has_deleted: Whether queries ask for deleted rows.
        is_incremental: Whether an earlier run has come to the start of this one.
        version: Table version of the rows, for FULL_TABLE reads.
        is_without_deletion: Whether the object turned out to have no deleted rows.
        dropped: Names of the fields it does without.
    """

    def __init__(
        self,
        stream: str,
        fields: Sequence[FieldSpec],
        *,
        key: str | None,
        api: str,
        has_deleted: bool,
    ) -> None:
        self.stream = stream
        self.fields = tuple(fields)
        self.has_deleted = has_deleted
        self.is_incremental = False
        self.version: int | None = None
        self.is_without_deletion = False
        self.dropped: list[str] = []
        self._key = key
        self._api = api
        self._numbers = itertools.count(1)
        self._names: set[str] = set()

    def drop_deleted(self, *, is_lasting: bool) -> None:
        """Ask for deleted rows no more; lasting, where it is the object's nature."""
        self.has_deleted = False
        self.is_without_deletion = self.is_without_deletion or is_lasting

    @property
    def stamp(self) -> str | None:
        """Give the name of the field that moves with every change."""
        return self._key

    @property
    def schema_hash(self) -> str:
        """Give the fingerprint of what queries ask for now."""
        return fingerprint(
            api=self._api, fields=self.fields, has_deleted=self.has_deleted
        )

    def make(self, part: Part, *, name: str | None = None) -> Query:
        """Make the query of a part, under a new name unless one is given."""
        key = next((f for f in self.fields if f.name == self._key), None)
        if name is not None:
            self._names.add(name)
        return Query(
            name=name or self._new_name(),
            stream=self.stream,
            part=part,
            fields=self.fields,
            key=key if part.window is not None else None,
            has_deleted=self.has_deleted,
            maker=self,
            is_incremental=self.is_incremental,
        )

    def _new_name(self) -> str:
        """Give a name no query of the run has, one gone on with included."""
        names = (f"{self.stream}-{number}" for number in self._numbers)
        return next(name for name in names if name not in self._names)

    def again(self, query: Query) -> Query:
        """Make a query anew under its own name, less what was dropped meanwhile."""
        return self.make(query.part, name=query.name)

    def drop_field(self, named: str) -> bool:
        """Do without a field, named as Zuora names it; False if it cannot be.

        Id and the key of windows cannot be done without, nor more than twenty fields.
        """
        wanted = named.rpartition(".")[2].lower()
        candidates = [
            f
            for f in self.fields
            if named.lower() in {f.source.lower(), f.name.lower()}
            or (not f.is_joined and f.name.lower() == wanted)
        ]
        is_enough = len(self.dropped) >= MOST_DROPPED_FIELDS
        if (
            is_enough
            or not candidates
            or any(f.name in {"Id", self._key} for f in candidates)
        ):
            return False
        self.fields = tuple(f for f in self.fields if f not in candidates)
        self.dropped += [f.name for f in candidates]
        return True


@dataclass(frozen=True, slots=True)
class Submission:
    """A job the service has taken on.

    Attributes:
        taken_at: The server's time then; what the job reads is as of it.
    """

    job_id: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """A query's rows, ready to be fetched.

    Attributes:
        rows: How many there are, where the service counts them.
        files: Where they are, in the service's own terms.
    """

    query: Query
    submission: Submission
    rows: int | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A query that brought no rows.

    Attributes:
        is_shared: Whether its whole job failed and other queries were in it.
    """

    query: Query
    remedy: Remedy
    code: str
    message: str
    is_shared: bool = False

    def __str__(self) -> str:
        text = " ".join(self.message.split())
        return f"{self.code}: {text}" if self.code else text


Outcome = Result | Failure


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as the service shows it.

    Attributes:
        word: The service's own word.
        outcomes: By the query's name; complete once the job has ended.
    """

    word: str
    is_ended: bool
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def fail_all(
    queries: Iterable[Query],
    remedy: Remedy,
    code: str,
    message: str,
) -> dict[str, Outcome]:
    """Give the same failure for all queries of a job."""
    listed = list(queries)
    is_shared = len({query.stream for query in listed}) > 1
    return {
        query.name: Failure(query, remedy, code, message, is_shared) for query in listed
    }
