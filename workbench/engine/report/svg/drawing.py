"""``chart_svg``: a chart as one ``<svg>`` element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

import numpy as np

from workbench.engine.core.text import for_file
from workbench.engine.report.svg.axis_ticks import ticks
from workbench.engine.report.svg.chart import Chart, Curve, Paint
from workbench.engine.report.svg.points import Axis, extent, pieces, thinned

#: Pixels: the size of text, the width that a letter takes at most, the room around the curves.
TEXT: Final = 12
LETTER: Final = 0.62 * TEXT
_LEFT, _RIGHT, _BELOW, _LINE = 64, 14, 40, 18
#: Maximum number of points per pixel of width, and the number of points up to which each is marked.
_DENSE, _FEW = 2, 24
_DASHES: Final = {"dashed": "6 4", "dotted": "2 3"}


def chart_svg(chart: Chart, paint: Paint, width: int = 720, height: int | None = None) -> str:
    """The chart ``width`` × ``height`` pixels, its names in lines above the curves; ``paint`` gives the colours.

    Without a height it has one that suits its width.
    """
    height = height or 180 + round(0.14 * width)
    rows = _legend_rows(chart.curves, width)
    top = (1 + len(rows)) * _LINE + 10
    x = Axis(chart.x_scale, *extent([each.x for each in chart.curves], chart.x_scale, 0.0), _LEFT, width - _RIGHT)
    y = Axis(chart.y_scale, *_vertical(chart), height - _BELOW, top)
    parts = [
        _text(chart.title, 0, _LINE - 4, paint("text"), weight=600),
        *_legend(rows, paint),
        *_band(chart, x, y, paint),
        *_axes(chart, x, y, paint),
        *_marks(chart, x, y, paint),
        *(
            part
            for curve in sorted(chart.curves, key=lambda each: not each.is_faint)
            for part in _curve(curve, x, y, paint)
        ),
    ]
    return element(chart.title, _described(chart), parts, width, height)


def element(title: str, words: str, parts: Sequence[str], width: int, height: int) -> str:
    """An ``<svg>`` element with a name and a description for those who do not see it."""
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}"'
    body = "\n".join(parts)
    return f'{head} font-family="sans-serif" font-size="{TEXT}">\n<desc>{escape(words)}</desc>\n{body}\n</svg>\n'


def text_at(
    words: str, x: float, y: float, colour: str, anchor: str = "start", weight: int = 400, size: int = TEXT
) -> str:
    """One line of text with its baseline at ``y``."""
    look = f'text-anchor="{anchor}" font-weight="{weight}" font-size="{size}" style="fill:{colour}"'
    return f'<text x="{_n(x)}" y="{_n(y)}" {look}>{escape(words)}</text>'


_text = text_at


def _n(value: float) -> str:
    return for_file(float(np.round(value, 2)), 7)


def _vertical(chart: Chart) -> tuple[float, float]:
    if chart.limits is not None:
        return chart.limits
    ends = [end for end in (chart.band.low, chart.band.high) if end is not None] if chart.band is not None else []
    found = extent([each.y for each in chart.curves] + [ends], chart.y_scale, 0.05)
    if chart.floor is None or chart.y_scale == "log":
        return found
    return min(found[0], chart.floor), max(found[1], chart.floor)


def _legend_rows(curves: Sequence[Curve], width: int) -> list[list[tuple[float, Curve]]]:
    """The named curves in lines, each with the left edge of its sample."""
    rows: list[list[tuple[float, Curve]]] = []
    edge = 0.0
    for curve in curves:
        wide = 34 + LETTER * len(curve.name) + 16
        if not curve.name:
            continue
        if not rows or (edge + wide > width and rows[-1]):
            rows.append([])
            edge = 0.0
        rows[-1].append((edge, curve))
        edge += wide
    return rows


def _legend(rows: Sequence[Sequence[tuple[float, Curve]]], paint: Paint) -> Iterator[str]:
    for number, row in enumerate(rows):
        y = (2 + number) * _LINE - 5
        for left, curve in row:
            middle = y - TEXT / 3
            if curve.style == "dots":
                yield _dot(left + 14, middle, 2.6, paint(curve.colour))
            else:
                yield f'<path d="M{_n(left)} {_n(middle)}h28" {_stroke(curve, paint)}/>'
            yield _text(curve.name, left + 34, y, paint("text"))


def _stroke(curve: Curve, paint: Paint) -> str:
    dashes = f' stroke-dasharray="{_DASHES[curve.style]}"' if curve.style in _DASHES else ""
    thick, clear = (1.0, 0.45) if curve.is_faint else (2.0, 1.0)
    look = f'fill="none" stroke-width="{thick}" stroke-opacity="{clear}" stroke-linejoin="round"'
    return f'{look}{dashes} style="stroke:{paint(curve.colour)}"'


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{radius}" style="fill:{colour}"/>'


def _curve(curve: Curve, x: Axis, y: Axis, paint: Paint) -> Iterator[str]:
    xs, ys = x.pixels(curve.x), np.clip(y.pixels(curve.y), y.end, y.start)
    found = pieces(*thinned(xs, ys, int(_DENSE * (x.end - x.start))))
    lines = [piece for piece in found if len(piece) > 1] if curve.style != "dots" else []
    if lines:
        path = "".join("M" + "L".join(f"{_n(a)} {_n(b)}" for a, b in piece) for piece in lines)
        yield f'<path d="{path}" {_stroke(curve, paint)}/>'
    is_shown = curve.style == "dots" or (len(xs) <= _FEW and not curve.is_faint)
    for piece in found:
        if is_shown or len(piece) == 1:
            yield from (_dot(a, b, 2.6, paint(curve.colour)) for a, b in piece)


def _axes(chart: Chart, x: Axis, y: Axis, paint: Paint) -> Iterator[str]:
    for at, words in ticks(y.low, y.high, max(2, int((y.start - y.end) / 36)), chart.y_scale):
        place = float(y.place(at))
        yield f'<path d="M{_n(x.start)} {_n(place)}H{_n(x.end)}" fill="none" style="stroke:{paint("grid")}"/>'
        yield _text(words, x.start - 8, place + TEXT / 3, paint("muted"), "end")
    for at, words in ticks(x.low, x.high, max(2, int((x.end - x.start) / 80)), chart.x_scale):
        place = float(x.place(at))
        yield f'<path d="M{_n(place)} {_n(y.start)}v5" fill="none" style="stroke:{paint("muted")}"/>'
        yield _text(words, place, y.start + 5 + TEXT, paint("muted"), _anchor(place, words, x))
    edges = f"M{_n(x.start)} {_n(y.end)}V{_n(y.start)}H{_n(x.end)}"
    yield f'<path d="{edges}" fill="none" style="stroke:{paint("muted")}"/>'
    yield _text(chart.x_label, (x.start + x.end) / 2, y.start + 10 + 2 * TEXT, paint("muted"), "middle")
    if chart.y_label.lower() not in chart.title.lower():  # a title that says it is enough
        yield _text(chart.y_label, x.start + 6, y.end + TEXT, paint("muted"))


def _anchor(place: float, words: str, x: Axis) -> str:
    """The last text of an axis would be cut off at the edge of the drawing."""
    return "end" if place + LETTER * len(words) / 2 > x.end + _RIGHT else "middle"


def _band(chart: Chart, x: Axis, y: Axis, paint: Paint) -> Iterator[str]:
    if chart.band is None:
        return
    low, high = chart.band.low, chart.band.high
    bottom, top = (end if each is None else float(y.pixels(each)) for each, end in ((low, y.start), (high, y.end)))
    size = f'width="{_n(x.end - x.start)}" height="{_n(max(bottom - top, 1.0))}"'
    yield f'<rect x="{_n(x.start)}" y="{_n(top)}" {size} fill-opacity="0.14" style="fill:{paint("accent")}"/>'
    yield _text(chart.band.name, x.end - 4, top + TEXT, paint("accent"), "end")


def _marks(chart: Chart, x: Axis, y: Axis, paint: Paint) -> Iterator[str]:
    for mark in chart.marks:
        place = float(x.pixels(mark.x))
        if not x.start <= place <= x.end:
            continue
        look = f'fill="none" stroke-dasharray="3 3" style="stroke:{paint("accent")}"'
        yield f'<path d="M{_n(place)} {_n(y.end)}V{_n(y.start)}" {look}><title>{escape(mark.words)}</title></path>'
        anchor = "end" if place > (x.start + x.end) / 2 else "start"
        yield _text(mark.label, place + (-3 if anchor == "end" else 3), y.end + TEXT - 2, paint("accent"), anchor)


def _described(chart: Chart) -> str:
    names = ", ".join(each.name for each in chart.curves if each.name)
    return f"{chart.y_label} against {chart.x_label}{f': {names}' if names else ''}."
