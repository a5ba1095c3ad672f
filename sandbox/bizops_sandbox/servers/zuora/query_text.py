"""The text of a query: words, literals, and the statement they make.

Three languages share a parser: Export ZOQL (batch-query), ZOQL (action/query) and the
SQL of Data Query. A dialect says which constructs each of them has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|''|\\.)*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r'|"(?P<quoted>[^"]+)"'
    r"|(?P<symbol><=|>=|!=|<>|[=<>(),*;]))"
)
_KEYWORDS = frozenset(
    {"select", "from", "where", "and", "or", "order", "by", "asc", "desc", "limit"}
    | {"is", "not", "null", "like", "in", "as", "true", "false"}
)


class QueryError(Exception):
    """A query that cannot be run; the message says why."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a query language has.

    `has_sql` adds typed literals, functions, `in`, `SHOW TABLES` and `DESCRIBE`.
    """

    name: str
    has_order: bool
    has_relations: bool
    has_sql: bool = False
    needs_lower_case: bool = False


EXPORT_ZOQL = Dialect("export", has_order=True, has_relations=True)
ZOQL = Dialect("zoql", has_order=False, has_relations=False, needs_lower_case=True)
DATA_QUERY = Dialect("sql", has_order=True, has_relations=True, has_sql=True)


@dataclass(frozen=True, slots=True)
class Typed:
    """A literal of Data Query with its type: `TIMESTAMP '...'`, `DATE '...'`."""

    type: str
    text: str


Literal = str | Decimal | bool | Typed | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator literal`; a literal None is NULL."""

    field: str
    symbol: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`field IN (literals)`."""

    field: str
    literals: tuple[Literal, ...]
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions of which all must hold, or some."""

    parts: tuple[Condition, ...]
    is_all: bool


Condition = Comparison | Membership | Junction


@dataclass(frozen=True, slots=True)
class Column:
    """One item of a select list; `zone` is that of `at_timezone(field, zone)`."""

    field: str
    alias: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole query. No columns means `*`; `is_count` is `count(*)`."""

    object_name: str
    columns: tuple[Column, ...] = ()
    where: Condition | None = None
    order_by: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    has_star: bool = False
    is_count: bool = False
    kind: str = "select"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def filtered_fields(condition: Condition | None) -> frozenset[str]:
    """Return the names of all fields a condition is about."""
    if condition is None:
        return frozenset()
    if isinstance(condition, Junction):
        return frozenset().union(*map(filtered_fields, condition.parts))
    return frozenset({condition.field})


def parse(text: str, dialect: Dialect) -> Statement:
    """Read a query.

    Raises:
        QueryError: for anything the dialect does not have.
    """
    return _Parser(_tokens(text), dialect).statement()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            rest = text[position:].strip()[:20]
            raise QueryError(f"unexpected token: {rest}")
        kind = match.lastgroup
        tokens.append(_Token(kind, match.group(kind)))
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], dialect: Dialect) -> None:
        self._tokens = tokens
        self._place = 0
        self._dialect = dialect

    def statement(self) -> Statement:
        if self._dialect.has_sql and self._take("show"):
            self._expect("tables")
            return self._ended(Statement("", kind="tables"))
        if self._dialect.has_sql and self._take("describe"):
            return self._ended(Statement(self._object_name(), kind="describe"))
        self._expect("select")
        columns, has_star, is_count = self._select_list()
        self._expect("from")
        name = self._object_name()
        where = self._either() if self._take("where") else None
        order_by = self._order_by() if self._take("order") else ()
        limit = self._limit() if self._take("limit") else None
        return self._ended(
            Statement(name, columns, where, order_by, limit, has_star, is_count)
        )

    def _ended(self, statement: Statement) -> Statement:
        self._take_symbol(";")
        if self._place < len(self._tokens):
            raise QueryError(f"unexpected token: {self._tokens[self._place].text}")
        return statement

    def _select_list(self) -> tuple[tuple[Column, ...], bool, bool]:
        columns: list[Column] = []
        has_star = is_count = False
        while True:
            if self._take_symbol("*"):
                has_star = True
            elif self._is_call("count"):
                self._call("count")
                is_count = True
            else:
                columns.append(self._column())
            if not self._take_symbol(","):
                break
        if has_star and self._dialect.needs_lower_case:
            raise QueryError("unexpected token: *")
        if not columns and not has_star and not is_count:
            raise QueryError("You must specify a select.")
        return tuple(columns), has_star, is_count

    def _column(self) -> Column:
        zone = None
        if self._is_call("at_timezone"):
            self._place += 2
            field = self._name()
            self._require(",")
            zone = self._string()
            self._require(")")
        else:
            field = self._name()
        alias = None
        if self._dialect.has_sql and self._take("as"):
            alias = self._name()
        return Column(field, alias, zone)

    def _is_call(self, function: str) -> bool:
        if not self._dialect.has_sql:
            return False
        token, after = self._peek(), self._peek(1)
        return (
            token is not None
            and token.text.lower() == function
            and after is not None
            and after.text == "("
        )

    def _call(self, function: str) -> None:
        self._place += 2
        if not self._take_symbol("*"):
            raise QueryError(f"{function} is supported with * only")
        self._require(")")

    def _object_name(self) -> str:
        return self._name().rsplit(".", 1)[-1]

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Junction(tuple(parts), is_all=False)

    def _both(self) -> Condition:
        parts = [self._condition()]
        while self._take("and"):
            parts.append(self._condition())
        return parts[0] if len(parts) == 1 else Junction(tuple(parts), is_all=True)

    def _condition(self) -> Condition:
        if self._take_symbol("("):
            inner = self._either()
            self._require(")")
            return inner
        field = self._name()
        if self._take("is"):
            symbol = "!=" if self._take("not") else "="
            self._expect("null")
            return Comparison(field, symbol, None)
        is_negated = self._dialect.has_sql and self._take("not")
        if self._dialect.has_sql and self._take("in"):
            return self._membership(field, is_negated=is_negated)
        if self._take("like"):
            return Comparison(field, "like", self._string())
        return self._comparison(field)

    def _comparison(self, field: str) -> Comparison:
        token = self._peek()
        if token is None or token.text not in {"=", "!=", "<>", "<", "<=", ">", ">="}:
            shown = "end of query" if token is None else token.text
            raise QueryError(f"unexpected token: {shown}")
        self._place += 1
        symbol = "!=" if token.text == "<>" else token.text
        return Comparison(field, symbol, self._literal())

    def _membership(self, field: str, *, is_negated: bool) -> Membership:
        self._require("(")
        literals = [self._literal()]
        while self._take_symbol(","):
            literals.append(self._literal())
        self._require(")")
        return Membership(field, tuple(literals), is_negated)

    def _literal(self) -> Literal:
        token = self._peek()
        if token is None:
            raise QueryError("unexpected end of query")
        if token.kind == "string":
            return self._string()
        self._place += 1
        if token.kind == "number":
            return Decimal(token.text)
        word = token.text.lower()
        if word in {"true", "false"}:
            return word == "true"
        if word == "null":
            return None
        if self._dialect.has_sql and word in {"timestamp", "date"}:
            return Typed(word, self._string())
        raise QueryError(f"unexpected token: {token.text}")

    def _string(self) -> str:
        token = self._peek()
        if token is None or token.kind != "string":
            raise QueryError("a text in quotes is expected")
        self._place += 1
        return re.sub(r"''|\\(.)", lambda m: m.group(1) or "'", token.text[1:-1])

    def _order_by(self) -> tuple[tuple[str, bool], ...]:
        if not self._dialect.has_order:
            raise QueryError("unexpected token: order")
        self._expect("by")
        found: list[tuple[str, bool]] = []
        while True:
            field = self._name()
            is_descending = self._take("desc")
            if not is_descending:
                self._take("asc")
            if self._take("nulls") and not self._take("first"):
                self._expect("last")
            found.append((field, is_descending))
            if not self._take_symbol(","):
                return tuple(found)

    def _limit(self) -> int:
        token = self._peek()
        if not self._dialect.has_order or token is None or not token.text.isdigit():
            raise QueryError("unexpected token: limit")
        self._place += 1
        return int(token.text)

    def _name(self) -> str:
        token = self._peek()
        if token is None or token.kind not in {"name", "quoted"}:
            shown = "end of query" if token is None else token.text
            raise QueryError(f"unexpected token: {shown}")
        is_keyword = token.kind == "name" and token.text.lower() in _KEYWORDS
        is_order_object = token.text.lower() == "order" and self._is_after_from()
        if is_keyword and not is_order_object:
            raise QueryError(f"unexpected token: {token.text}")
        self._place += 1
        return token.text

    def _is_after_from(self) -> bool:
        before = self._tokens[self._place - 1] if self._place else None
        return before is not None and before.text.lower() == "from"

    def _peek(self, ahead: int = 0) -> _Token | None:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def _take(self, word: str) -> bool:
        token = self._peek()
        if token is None or token.kind != "name" or token.text.lower() != word:
            return False
        if self._dialect.needs_lower_case and token.text != word:
            raise QueryError(f"unexpected token: {token.text}")
        self._place += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            token = self._peek()
            shown = "end of query" if token is None else token.text
            raise QueryError(f"unexpected token: {shown}, {word} is expected")

    def _take_symbol(self, symbol: str) -> bool:
        token = self._peek()
        if token is None or token.kind != "symbol" or token.text != symbol:
            return False
        self._place += 1
        return True

    def _require(self, symbol: str) -> None:
        if not self._take_symbol(symbol):
            raise QueryError(f"unexpected token, {symbol} is expected")
