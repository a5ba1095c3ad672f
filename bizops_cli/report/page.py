"""The report as one HTML page that needs nothing else, not even a network."""

from __future__ import annotations

import html
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.files import make_directory, write_atomically
from bizops_cli.report.markdown import write_markdown
from bizops_cli.report.plain import page_data

if TYPE_CHECKING:
    from bizops_cli.report.document import Report, Selection

_SCRIPTS = ("figures.js", "charts.js", "blocks.js", "main.js")


def write_page(
    report: Report, selection: Selection, *, cache: Path | None = None
) -> str:
    """Return the page; it opens with the selection and can show any other.

    Args:
        report: What it shows.
        selection: What it opens with.
        cache: A folder that keeps the charts' library, which takes a second to bundle.
    """
    import msgspec

    parts = page_parts()
    data = msgspec.json.encode(page_data(report, selection)).decode()
    scripts = "\n".join((parts / name).read_text("utf-8") for name in _SCRIPTS)
    filled = {
        "TITLE": html.escape(f"Report of {report.project}"),
        "STYLE": (parts / "page.css").read_text("utf-8"),
        # "<" as an escape, so that no text of the data can end the script.
        "DATA": data.replace("<", "\\u003c"),
        "LIBRARY": _library(cache).replace("</script", "<\\/script"),
        "SCRIPT": scripts,
        "PLAIN": html.escape(write_markdown(report, selection)),
    }
    page = (parts / "page.html").read_text("utf-8")
    # One pass over the template: what is filled in is never searched again.
    pieces = page.split("@@")
    return "".join(
        filled[piece] if index % 2 else piece for index, piece in enumerate(pieces)
    )


def page_parts() -> Path:
    """Return the folder of the page's parts: in the wheel, or in the checkout."""
    package = Path(__file__).parents[1]
    in_wheel = package / "_report_page"
    return in_wheel if in_wheel.is_dir() else package.parent / "display" / "report"


def _library(cache: Path | None) -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that sets `vegaEmbed`."""
    if cache is None:
        return _bundle()
    kept = cache / f"vega-{version('vl-convert-python')}.js"
    try:
        return kept.read_text("utf-8")
    except OSError:
        script = _bundle()
    make_directory(cache)
    write_atomically(kept, script.encode())
    return script


def _bundle() -> str:
    import vl_convert

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"(() => {{{script}\n}})();"
