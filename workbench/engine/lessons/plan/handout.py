"""The handout of a plan: one HTML page for the class, with pictures, numbers, questions and room for notes."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.lessons.band import Band as LessonBand
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.picture import Panel, Picture, Table
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.record import Record
from workbench.engine.lessons.play import finding
from workbench.engine.report.svg.chart import Band, Chart, Curve
from workbench.engine.report.svg.colours import LIGHT
from workbench.engine.report.svg.drawing import chart_svg
from workbench.engine.report.svg.paint import fixed, series_colour

#: Ruled lines below each scene; pixels of a chart alone in its row, and of one beside another.
_LINES: Final = 5
_ALONE, _BESIDE, _HIGH = 690, 338, 250
_STYLE: Final = """
:root { color-scheme: light; }
body { font: 11pt/1.45 system-ui, "Segoe UI", "Helvetica Neue", sans-serif; color: #1a1d23; background: #fff;
  max-width: 700px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 20pt; margin: 0 0 .2em; } h2 { font-size: 14pt; margin: 0 0 .3em; }
section { border-top: 2px solid #1a1d23; padding-top: .6em; margin-top: 1.8em; }
h2, .question, figure, table, .numbers li { break-inside: avoid; } h2, .question { break-after: avoid; }
.question { font-weight: 600; margin: .2em 0 .6em; } .small { color: #555c68; font-size: 9.5pt; }
figure { margin: .4em 0; display: flex; flex-wrap: wrap; gap: 12px; } svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: .5em 0; font-size: 10pt; } th { text-align: left; font-weight: 600; }
td, th { padding: .15em .9em .15em 0; border-bottom: 1px solid #c9ced6; } td + td, th + th { text-align: right; }
.numbers { padding-left: 1.2em; margin: .5em 0; } .name { display: inline-block; margin-right: .5em; }
.line { border-bottom: 1px solid #9aa1ac; height: 8.5mm; } .notes { break-inside: avoid; margin-top: .6em; }
.blank { border-bottom: 1px solid #1a1d23; display: inline-block; width: 14em; }
ol.contents { columns: 2; font-size: 10pt; padding-left: 1.6em; }
@page { margin: 16mm 14mm; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
"""


def save_handout(plan: LessonPlan, path: Path) -> None:
    """Write the handout completely or not at all. Raises WorkbenchError with the reason."""
    write_whole(path, handout(plan).encode())


def handout(plan: LessonPlan) -> str:
    """The page as HTML. Pictures and numbers are those of the records; a scene without one has room for them."""
    body = "\n".join(_body(plan))
    head = f'<meta charset="utf-8"><title>{escape(plan.title)}</title><style>{_STYLE}</style>'
    safe = "default-src 'none'; style-src 'unsafe-inline'"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{safe}">'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{policy}{head}</head>\n<body>\n{body}\n</body></html>\n'


def _body(plan: LessonPlan) -> Iterator[str]:
    yield f"<h1>{escape(plan.title)}</h1>"
    yield '<p class="small"><span class="name">Name</span><span class="blank"></span></p>'
    yield from (f"<p>{escape(part)}</p>" for part in plan.note.split("\n\n") if part.strip())
    if len(plan.scenes) > 1:
        items = "".join(f'<li value="{each.number}">{escape(each.title)}</li>' for each in plan.lessons)
        yield f'<ol class="contents">{items}</ol>'
    for scene in plan.scenes:
        yield f"<section>\n{''.join(_scene(scene))}\n</section>"
    if not plan.scenes:
        yield "<p>This plan has no scenes yet.</p>"


def _scene(scene: PlanScene) -> Iterator[str]:
    lesson, record = scene.lesson, scene.record
    beyond = " <span class='small'>(beyond the lecture)</span>" if lesson.is_beyond_the_lecture else ""
    yield f"<h2>{lesson.number}. {escape(lesson.title)}{beyond}</h2>"
    yield f'<p class="question">{escape(lesson.question)}</p>'
    if record is not None and record.picture is not None:
        yield from _picture(record.picture, lesson.band)
    yield from _numbers(lesson, record)
    yield f'<div class="notes"><span class="small">Notes</span>{_LINES * _RULE}</div>'


_RULE: Final = '<div class="line"></div>'


def _picture(picture: Picture, band: LessonBand) -> Iterator[str]:
    width = _ALONE if len(picture.panels) == 1 else _BESIDE
    charts = [chart_svg(chart_of(panel, band), fixed(LIGHT), width, _HIGH) for panel in picture.panels]
    if charts:
        yield f"<figure>{''.join(charts)}</figure>"
    if picture.table is not None:
        yield _table(picture.table)


def chart_of(panel: Panel, band: LessonBand) -> Chart:
    """A panel of a scene as a chart; the band belongs to one whose vertical axis is the measured number."""
    curves, number = [], 0
    for line in panel.lines:
        is_theory = line.style == "dashed"
        colour = "muted" if is_theory else series_colour(number)
        number += not is_theory
        style = "dotted" if line.style == "drawn" else line.style
        curves.append(Curve(line.name, line.x, line.y, colour, style))
    return Chart(
        panel.title,
        panel.x_label,
        panel.y_label,
        tuple(curves),
        band=Band(band.low, band.high, "expected") if panel.is_measured else None,
        x_scale="log" if panel.log_x else "linear",
        y_scale="log" if panel.log_y else "linear",
    )


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _numbers(lesson: Lesson, record: Record | None) -> Iterator[str]:
    """The sentence for each number, or room for one that was not measured."""
    parts = [(lesson.quantity, lesson.band, lesson.conclusion)]
    parts += [(also.quantity, also.band, also.conclusion) for also in lesson.also]
    found = [finding(*part, value) for part, value in zip(parts, record.numbers, strict=True)] if record else []
    items = [escape(each.text) for each in found]
    if not found:
        room = '<span class="blank" style="width: 6em"></span>'
        said = (each[2].replace("{band}", each[1].text).split("{measured}") for each in parts)
        items = [room.join(map(escape, pieces)) for pieces in said]
    yield f'<ul class="numbers">{"".join(f"<li>{item}</li>" for item in items)}</ul>'
