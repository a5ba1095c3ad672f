"""Files that bizops.yml includes: parts of it, each in a file of its own.

An included file has `taps`, `jobs`, `schedules` and `environments`, and nothing else.
What several files have of these is put together; nothing may stand in two of them.
"""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bizops_cli.config.document import Document, parse_document, read_text
from bizops_cli.config.problems import Problem, dotted, raise_problems, suggestion
from bizops_cli.config.validate import project_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bizops_cli.model import KeyPath

_NAMED: Final = ("taps", "jobs", "schedules")


def read_project_document(
    file: Path, *, texts: Mapping[Path, str] | None = None
) -> Document:
    """Read bizops.yml and the files it includes as one document.

    Lines know their file: those of an included one by its path from the project.

    Args:
        file: bizops.yml.
        texts: Texts to read instead of what is in these files.

    Raises:
        ConfigError: A file is missing, is no YAML, has what belongs elsewhere, or has
            what another one has too.
    """
    instead = dict(texts or {})
    main = _read(file, file, instead)
    value, positions = main.value, dict(main.positions)
    problems: list[Problem] = []
    for path, label in _included(file, main, problems):
        part = _read(path, label, instead)
        problems += _strangers(part)
        problems += _merge(value, part.value, Document(value, positions), part, ())
        positions = {**part.positions, **positions}
    raise_problems(problems)
    return Document(value, positions)


def is_shared(path: KeyPath) -> bool:
    """Tell whether a mapping may stand in several files, each with some of its keys."""
    if path[:1] == ("environments",):
        return len(path) <= 2 or (len(path) == 3 and path[2] in _NAMED)
    return len(path) == 1 and path[0] in _NAMED


def _read(file: Path, label: Path, instead: Mapping[Path, str]) -> Document:
    text = instead[file] if file in instead else read_text(file, label)
    return parse_document(text.removeprefix("\ufeff"), label)


def _included(
    file: Path, main: Document, problems: list[Problem]
) -> Iterator[tuple[Path, Path]]:
    """Yield each included file and what messages call it, in order, each once."""
    patterns = main.value.get("include") or []
    seen = {file}
    listed = patterns if isinstance(patterns, list) else [patterns]
    for index, pattern in enumerate(listed):
        if not isinstance(pattern, str):
            continue  # the schema says so
        # Unlike Path.glob it takes absolute patterns too.
        found = glob.glob(pattern, root_dir=file.parent, recursive=True)  # noqa: PTH207
        files = sorted(name for name in found if (file.parent / name).is_file())
        if not files:
            place = main.positions.get(("include", index), main.positions["include",])
            problems.append(
                Problem(
                    place,
                    f"include: there is no file {pattern!r}",
                    "Paths start from the project's folder; * stands for any name.",
                )
            )
        for name in files:
            path = (file.parent / name).resolve()
            if path not in seen:
                seen.add(path)
                yield path, Path(name)


def _strangers(part: Document) -> Iterator[Problem]:
    known = project_schema()["$defs"]["included"]["properties"]
    for key in part.value.keys() - known.keys():
        place = part.positions[key,]
        if key in project_schema()["properties"]:
            yield Problem(
                place,
                f"{key!r} may not stand in an included file",
                f"Move it into bizops.yml; here stand {', '.join(known)}.",
            )
        else:
            yield Problem(
                place,
                f"unknown key {key!r} in an included file",
                suggestion(key, known, what="key"),
            )


def _merge(
    base: dict[str, Any],
    more: Mapping[str, Any],
    whole: Document,
    part: Document,
    path: KeyPath,
) -> Iterator[Problem]:
    for key, value in more.items():
        here = (*path, key)
        if base.get(key) is None:
            base[key] = value
        elif (
            is_shared(here) and isinstance(value, dict) and isinstance(base[key], dict)
        ):
            yield from _merge(base[key], value, whole, part, here)
        elif not is_shared(here) or value is not None:
            yield Problem(
                part.positions[here],
                f"{dotted(here)} stands in {whole.positions[here]} too",
                "Keep one of the two.",
            )
