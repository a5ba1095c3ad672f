"""The subset of SOQL the server understands, as text, tokens and a tree.

    SELECT fields | COUNT() FROM object [WHERE condition]
        [ORDER BY field [ASC|DESC] [NULLS FIRST|LAST], ...] [LIMIT n] [OFFSET n]

A condition compares (`= != <> < <= > >= LIKE IN NOT IN`), joined by AND or OR; mixing
both needs parentheses, as in Salesforce.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STATEMENT_LIMIT = 100_000
_DEEPEST_NESTING = 50
_MOST_DIGITS = 12
Literal = str | bool | Decimal | date | datetime | None


class SoqlError(Exception):
    """A statement the service refuses; `code` is Salesforce's errorCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the statement, with its offset in characters from 0."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator value`."""

    field: Name
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`field [NOT] IN (values)`."""

    field: Name
    values: tuple[Literal, ...]
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions joined by AND."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions joined by OR."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT condition`."""

    part: Condition


Condition = Comparison | Membership | Both | Either | Negation


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ORDER BY."""

    field: Name
    is_descending: bool = False
    are_nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class SelectStatement:
    """A parsed statement; names are not yet checked against an org."""

    text: str
    fields: tuple[Name, ...]
    object: Name
    is_count: bool = False
    where: Condition | None = None
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![\w.-]))
    | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<operator><=|>=|!=|<>|=|<|>)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def parse(text: str) -> SelectStatement:
    """Parse a statement.

    Raises:
        SoqlError: MALFORMED_QUERY, with a message that points at the place.
    """
    if len(text) > STATEMENT_LIMIT:
        raise SoqlError(
            "MALFORMED_QUERY",
            f"SOQL statements cannot be longer than {STATEMENT_LIMIT} characters.",
        )
    return _Parser(text).statement()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            at = end - len(text[position:end].lstrip())
            raise malformed(text, at, f"unexpected token: '{text[at]}'")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens of one statement."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def statement(self) -> SelectStatement:
        self._keyword("SELECT")
        is_count, fields = self._select_list()
        self._keyword("FROM")
        source = self._name()
        where = self._condition() if self._accept("WHERE") else None
        order_by: tuple[Ordering, ...] = ()
        if self._accept("ORDER"):
            self._keyword("BY")
            order_by = self._orderings()
        limit = self._whole_number() if self._accept("LIMIT") else None
        offset = self._whole_number() if self._accept("OFFSET") else 0
        if self._peek() is not None:
            raise self._unexpected()
        return SelectStatement(
            self._text, fields, source, is_count, where, order_by, limit, offset
        )

    def _select_list(self) -> tuple[bool, tuple[Name, ...]]:
        first = self._name()
        token = self._peek()
        if first.text.upper() == "COUNT" and token and token.text == "(":
            self._mark("(")
            self._mark(")")
            return True, ()
        fields = [first]
        while self._accept_mark(","):
            fields.append(self._name())
        return False, tuple(fields)

    def _orderings(self) -> tuple[Ordering, ...]:
        orderings = [self._ordering()]
        while self._accept_mark(","):
            orderings.append(self._ordering())
        return tuple(orderings)

    def _ordering(self) -> Ordering:
        field = self._name()
        is_descending = False
        if self._accept("DESC"):
            is_descending = True
        else:
            self._accept("ASC")
        are_nulls_last = False
        if self._accept("NULLS"):
            are_nulls_last = self._accept("LAST")
            if not are_nulls_last:
                self._keyword("FIRST")
        return Ordering(field, is_descending, are_nulls_last)

    def _condition(self) -> Condition:
        parts = [self._term()]
        joiner = next((word for word in ("AND", "OR") if self._is(word)), None)
        if joiner is None:
            return parts[0]
        while self._accept(joiner):
            parts.append(self._term())
        if self._is("AND") or self._is("OR"):
            raise self._unexpected()
        return Both(tuple(parts)) if joiner == "AND" else Either(tuple(parts))

    def _term(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST_NESTING:
            raise self._unexpected()
        term = self._nested_term()
        self._depth -= 1
        return term

    def _nested_term(self) -> Condition:
        if self._accept("NOT"):
            return Negation(self._term())
        if self._accept_mark("("):
            condition = self._condition()
            self._mark(")")
            return condition
        return self._simple_term()

    def _simple_term(self) -> Condition:
        field = self._name()
        if self._accept("NOT"):
            self._keyword("IN")
            return Membership(field, self._literal_list(), is_negated=True)
        if self._accept("IN"):
            return Membership(field, self._literal_list(), is_negated=False)
        if self._accept("LIKE"):
            return Comparison(field, "LIKE", self._literal())
        token = self._peek()
        if token is None or token.kind != "operator":
            raise self._unexpected()
        self._next += 1
        operator = "!=" if token.text == "<>" else token.text
        return Comparison(field, operator, self._literal())

    def _literal_list(self) -> tuple[Literal, ...]:
        self._mark("(")
        values = [self._literal()]
        while self._accept_mark(","):
            values.append(self._literal())
        self._mark(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._peek()
        if token is None:
            raise self._unexpected()
        words: dict[str, Literal] = {"TRUE": True, "FALSE": False, "NULL": None}
        if token.kind == "word" and token.text.upper() in words:
            self._next += 1
            return words[token.text.upper()]
        read = _LITERALS.get(token.kind)
        if read is None:
            raise self._unexpected()
        self._next += 1
        try:
            return read(token.text)
        except ValueError:
            raise malformed(
                self._text, token.position, f"invalid value: {token.text}"
            ) from None

    def _whole_number(self) -> int:
        token = self._peek()
        if token is None or token.kind != "number" or not token.text.isdecimal():
            raise self._unexpected()
        if len(token.text) > _MOST_DIGITS:
            raise self._unexpected()
        self._next += 1
        return int(token.text)

    def _name(self) -> Name:
        token = self._peek()
        if token is None or token.kind != "word":
            raise self._unexpected()
        self._next += 1
        return Name(token.text, token.position)

    def _is(self, word: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "word" and token.text.upper() == word

    def _accept(self, word: str) -> bool:
        if self._is(word):
            self._next += 1
            return True
        return False

    def _keyword(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    def _accept_mark(self, mark: str) -> bool:
        token = self._peek()
        if token is not None and token.kind == "mark" and token.text == mark:
            self._next += 1
            return True
        return False

    def _mark(self, mark: str) -> None:
        if not self._accept_mark(mark):
            raise self._unexpected()

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _unexpected(self) -> SoqlError:
        token = self._peek()
        if token is None:
            end = len(self._text.rstrip())
            return malformed(self._text, end, "unexpected token: '<EOF>'")
        return malformed(
            self._text, token.position, f"unexpected token: '{token.text}'"
        )


def _read_string(quoted: str) -> str:
    return re.sub(
        r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), quoted[1:-1]
    )


_LITERALS: dict[str, Callable[[str], Literal]] = {
    "string": _read_string,
    "datetime": lambda text: datetime.fromisoformat(text.upper()),
    "date": date.fromisoformat,
    "number": Decimal,
}


def malformed(text: str, position: int, problem: str) -> SoqlError:
    """Make a MALFORMED_QUERY error that points at a place."""
    return SoqlError("MALFORMED_QUERY", pointed(text, position, problem))


def pointed(text: str, position: int, problem: str) -> str:
    """Write a problem as the service does: near text, a caret, the column."""
    start, end = max(0, position - 40), position + 40
    excerpt = text[start:end].replace("\n", " ")
    caret = " " * (position - start) + "^"
    return f"\n{excerpt}\n{caret}\nERROR at Row:1:Column:{position + 1}\n{problem}"
