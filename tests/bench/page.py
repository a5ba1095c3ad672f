"""Sections of doc/benchmarks.md, each between markers with the command that made it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_section(page: Path, name: str, *, title: str, body: str) -> None:
    """Replace a section of the page, or add it at the end.

    What people wrote outside the markers stays.

    Args:
        page: The Markdown file; made if it is not there.
        name: The section's name in its markers.
        title: Heading of a section that is new.
        body: What stands between the markers.
    """
    begin, end = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    text = page.read_text("utf-8") if page.exists() else ""
    section = f"{begin}\n{body.strip()}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: section, text)
    else:
        text = f"{text.rstrip()}\n\n## {title}\n\n{section}\n"
    page.write_text(text.lstrip(), "utf-8")
