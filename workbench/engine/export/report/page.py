"""``--to report``: the report as one self-contained HTML file with styles for light, dark and print."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.progress import Job, Loading
from workbench.engine.data.store import DataStore
from workbench.engine.export.options import Pages
from workbench.engine.export.report.contents import Report, Section, reporting
from workbench.engine.export.subject import Provenance
from workbench.engine.report.svg.paint import PAGE_COLOURS, of_page

NAME: Final = "report.html"
ON_PAPER: Final = "report.pdf"
#: Pixels of a drawing.
_WIDE: Final = 720
#: Number of rows above which a table has two columns.
LONG: Final = 16
_STYLE: Final = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.15rem; border-bottom: 1px solid var(--grid); }
p { margin: 0.3rem 0; }
.subtitle { color: var(--muted); }
svg { max-width: 100%; height: auto; display: block; margin: 0.8rem 0; }
.long { columns: 2 18rem; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; font-weight: normal; }
tr + tr > * { border-top: 1px solid var(--grid); }
th { white-space: pre-wrap; color: var(--muted); }
@media print {
  body { max-width: none; margin: 0; font-size: 10pt; }
  svg, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
}
"""


def writing_report(
    origin: Provenance, folder: Path, store: DataStore | None = None, pages: Pages | None = None
) -> Job[str]:
    """Write the page into ``folder``, with ``pages`` also as pages of paper; returns a sentence.

    Raises WorkbenchError, and CannotWrite.
    """
    report = yield from reporting(origin, store)
    write_whole(folder / NAME, page(report).encode("utf-8"))
    if pages is not None:
        yield Loading(0, 0, "Writing the pages")
        pages(report, folder / ON_PAPER)
        return f"{NAME} and {ON_PAPER} have the run on one page, with its curves."
    return f"{NAME} has the run on one page, with its curves; a browser opens and prints it."


def page(report: Report) -> str:
    """The whole file."""
    name = escape(report.title)
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head = f"<head>{meta}<title>{name}</title>\n<style>\n{PAGE_COLOURS}{_STYLE}</style></head>"
    title = f'<h1>{name}</h1>\n<p class="subtitle">{escape(report.subtitle)}</p>'
    body = "\n".join(line for section in report.sections for line in _section(section))
    return f'<!doctype html>\n<html lang="en">\n{head}\n<body>\n{title}\n{body}\n</body>\n</html>\n'


def _section(section: Section) -> Iterator[str]:
    if not (section.lines or section.table or section.drawings):
        return
    yield f"<h2>{escape(section.title)}</h2>"
    yield from (f"<p>{escape(line)}</p>" for line in section.lines)
    yield from (draw(of_page, _WIDE) for draw in section.drawings)
    if section.table:
        rows = "".join(_row(cells) for cells in section.table)
        kind = ' class="long"' if len(section.table) > LONG else ""
        yield f"<div{kind}><table>\n{rows}</table></div>"


def _row(cells: tuple[str, ...]) -> str:
    first, *rest = map(escape, cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>\n'
