"""The report of a run as a PDF file. It may be written in any thread."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtSvg import QSvgRenderer

from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.export.report.contents import Report, Section
from workbench.engine.export.report.page import LONG
from workbench.engine.report.svg.colours import LIGHT
from workbench.engine.report.svg.paint import fixed

#: Scale of a chart in the PDF: 96 dots per inch become 288.
_SHARP: Final = 3
_MARGIN_MM: Final = 15
#: Width of a chart in pixels, at a text size of 12.
_DRAWN: Final = 400
#: Number of charts in a row, and the space between them in points.
_BESIDE, _GAP = 2, 10
_STYLE: Final = (
    "body { color: #1a1d23; } h1 { font-size: 14pt; } h2 { font-size: 11pt; }"
    " th { font-weight: normal; text-align: left; color: #555c68; } td, th { padding-right: 12px; }"
)


def write_pages(report: Report, file: Path) -> None:
    """Write ``report`` as pages of A4. Raises CannotWrite."""
    writer = QPdfWriter(str(file))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(*[_MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    writer.setTitle(report.title)
    document = QTextDocument()
    document.setDefaultFont(QFont("sans-serif", 8))
    document.setDefaultStyleSheet(_STYLE)
    room = writer.pageLayout().paintRect(QPageLayout.Unit.Point).size()
    document.setPageSize(QSizeF(room))
    wide = round(room.width())
    pictures: list[QImage] = []
    body = "".join(_section(section, pictures, wide) for section in report.sections)
    for number, picture in enumerate(pictures):
        document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(f"drawing:{number}"), picture)
    document.setHtml(f"<h1>{escape(report.title)}</h1><p>{escape(report.subtitle)}</p>{body}")
    document.print_(writer)
    if not file.is_file() or not file.stat().st_size:
        raise CannotWrite(file, 0, OSError("the PDF could not be written"))


def _section(section: Section, pictures: list[QImage], wide: int) -> str:
    if not (section.lines or section.table or section.drawings):
        return ""
    text = f"<h2>{escape(section.title)}</h2>" + "".join(f"<p>{escape(line)}</p>" for line in section.lines)
    cells = []
    for draw in section.drawings:
        cells.append(f'<img src="drawing:{len(pictures)}" width="{wide // _BESIDE - _GAP}">')
        pictures.append(_drawn(draw(fixed(LIGHT), _DRAWN)))
    return text + _beside(cells) + _beside(_tables(section.table))


def _beside(cells: list[str]) -> str:
    """A table with ``_BESIDE`` cells in a row."""
    lines = [cells[start : start + _BESIDE] for start in range(0, len(cells), _BESIDE)]
    rows = ("".join(f"<td>{cell}</td>" for cell in line) for line in lines)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>" if cells else ""


def _tables(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """A long table in two halves."""
    half = -(-len(rows) // 2) if len(rows) > LONG else len(rows)
    parts = [part for part in (rows[:half], rows[half:]) if part]
    return [f"<table>{''.join(map(_row, part))}</table>" for part in parts]


def _row(cells: tuple[str, ...]) -> str:
    first, *rest = (escape(cell).replace("\u2003", "&emsp;") for cell in cells)
    return f"<tr><th>{first}</th>{''.join(f'<td>{cell}</td>' for cell in rest)}</tr>"


def _drawn(svg: str) -> QImage:
    renderer = QSvgRenderer(svg.encode())
    picture = QImage(renderer.defaultSize() * _SHARP, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(picture.rect()))
    painter.end()
    return picture
