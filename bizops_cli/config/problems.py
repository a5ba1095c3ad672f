"""Problems of the project file, gathered and raised together."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.model import file_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bizops_cli.model import KeyPath, Position

_SHOWN_NAMES = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what to do."""

    position: Position
    message: str
    next_step: str = ""


def raise_problems(problems: Sequence[Problem]) -> None:
    """Raise one error for all of them; do nothing when there is none.

    Raises:
        ConfigError: There is a problem. With several, each is a fact of the error.
    """
    if not problems:
        return
    if len(problems) == 1:
        (only,) = problems
        raise ConfigError(f"{only.position}: {only.message}", only.next_step)
    files = dict.fromkeys(file_label(problem.position.file) for problem in problems)
    has = "has" if len(files) == 1 else "have"
    context: dict[str, object] = {}
    for problem in problems:
        text = f"{problem.message}. {problem.next_step}".removesuffix(" ")
        key = str(problem.position)
        context[key] = f"{context[key]} {text}" if key in context else text
    raise ConfigError(
        f"{' and '.join(files)} {has} {len(problems)} problems",
        "Correct these lines.",
        context,
    )


def suggestion(word: str, known: Iterable[str], *, what: str) -> str:
    """Return "Did you mean …?", or the list of what there is."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not names:
        return f"There is no {what} yet."
    shown = [*names[:_SHOWN_NAMES], "..."] if len(names) > _SHOWN_NAMES else names
    return f"There is: {', '.join(shown)}."


def dotted(path: KeyPath) -> str:
    """Return a key path as people write it: `taps.tap-x.select[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
