"""What a column of a pgcopy file may hold: checked by a few passes over a whole block.

PostgreSQL judges the spelling of what goes through. What is checked here is what it
would change in silence (round, cut, take for something else), and what would need a
wider column. Whatever is not plainly right raises `UnfitBlockError`, and the block goes
the exact way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from target_postgres.column_types import INTEGER_KINDS, INTEGER_RANGES
from target_postgres.copy_columns import SHAPE_CHECKS, UnfitBlockError, decimal_pattern
from target_postgres.exact_values import NULL

if TYPE_CHECKING:
    from target_postgres.column_types import Kind
    from target_postgres.compiled import ColumnPlan

Check = Callable[[Sequence[bytes]], None]

NULL_FIELD = NULL.encode()
_SEPARATOR, _SEPARATOR_TEXT = b"\x1f", "\x1f"
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_HEX_TO_ZERO = bytes.maketrans(b"123456789abcdef", b"0" * 15)
_CANONICAL_UUID = b"00000000-0000-0000-0000-000000000000"
_BOOLEANS = frozenset({b"true", b"false", NULL_FIELD})
_LONG_EXPONENT = re.compile(rb"[eE][+-]?\d{4}")
_SAFE_INTEGER_DIGITS = 18
_SAFE_NUMBER_DIGITS = 16000
_ESCAPED_NUL = rb"\\u0000"


def check_of(plan: ColumnPlan) -> Check:
    """Make the check of a column."""
    kind = plan.rules.type.kind
    if kind in INTEGER_KINDS:
        return _integers(kind, is_key=plan.is_key)
    if kind in SHAPE_CHECKS:
        return _shapes(SHAPE_CHECKS[kind])
    if kind == "numeric" and plan.rules.type.precision is not None:
        return _decimals(plan)
    return _CHECKS.get(kind, _only_nulls)


def _texts(_values: Sequence[bytes]) -> None:
    """Take any text: its escapes are checked for the whole block."""


def _booleans(values: Sequence[bytes]) -> None:
    if not _BOOLEANS.issuperset(values):
        raise UnfitBlockError


def _integers(kind: Kind, *, is_key: bool) -> Check:
    low, high = INTEGER_RANGES[kind]

    def check(values: Sequence[bytes]) -> None:
        blob = _SEPARATOR.join(values)
        leftover = blob.translate(None, b"0123456789-\x1f")
        if leftover and leftover.replace(NULL_FIELD, b""):
            raise UnfitBlockError
        is_safe = kind == "int8" and max(map(len, values)) <= _SAFE_INTEGER_DIGITS
        if is_safe and not is_key:
            return
        try:
            numbers = [int(text) for text in values if text != NULL_FIELD]
        except ValueError:
            raise UnfitBlockError from None
        if numbers and (min(numbers) < low or max(numbers) > high):
            raise UnfitBlockError
        if is_key and _SEPARATOR_TEXT.join(map(str, numbers)).encode() != blob:
            # One number, one spelling: rows of a batch are told apart by it.
            raise UnfitBlockError

    return check


def _numbers(values: Sequence[bytes]) -> None:
    blob = _SEPARATOR.join(values)
    leftover = blob.translate(None, b"0123456789.-+eE\x1f")
    if (leftover and leftover.replace(NULL_FIELD, b"")) or _LONG_EXPONENT.search(blob):
        raise UnfitBlockError
    if max(map(len, values)) > _SAFE_NUMBER_DIGITS:
        raise UnfitBlockError


def _decimals(plan: ColumnPlan) -> Check:
    fits = decimal_pattern(plan.rules.type).fullmatch

    def check(values: Sequence[bytes]) -> None:
        texts = _SEPARATOR.join(values).decode().split(_SEPARATOR_TEXT)
        if not all(text == NULL or fits(text) for text in texts):
            raise UnfitBlockError

    return check


def _shapes(is_good: Callable[[str], bool]) -> Check:
    known = {NULL_FIELD}

    def check(values: Sequence[bytes]) -> None:
        shapes = set(
            _SEPARATOR.join(values).translate(_DIGITS_TO_ZERO).split(_SEPARATOR)
        )
        for shape in shapes - known:
            if not is_good(shape.decode("ascii", "replace")):
                raise UnfitBlockError
            known.add(shape)

    return check


def _uuids(values: Sequence[bytes]) -> None:
    shapes = set(_SEPARATOR.join(values).translate(_HEX_TO_ZERO).split(_SEPARATOR))
    if not shapes <= {_CANONICAL_UUID, NULL_FIELD}:
        raise UnfitBlockError


def _json(values: Sequence[bytes]) -> None:
    blob = _SEPARATOR.join(values)
    has_null = b"null" in blob and any(text.strip() == b"null" for text in values)
    if has_null or _ESCAPED_NUL in blob:
        raise UnfitBlockError


def _only_nulls(values: Sequence[bytes]) -> None:
    """Send every other block the exact way, for columns that are rare."""
    if any(text != NULL_FIELD for text in values):
        raise UnfitBlockError


_CHECKS: dict[str, Check] = {
    "text": _texts,
    "bool": _booleans,
    "numeric": _numbers,
    "float8": _numbers,
    "uuid": _uuids,
    "jsonb": _json,
}
