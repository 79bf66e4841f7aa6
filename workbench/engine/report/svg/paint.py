"""Colours of charts: fixed ones, or those of a page that follows light, dark and print."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from workbench.engine.report.svg.chart import Paint
from workbench.engine.report.svg.colours import DARK, LIGHT, SERIES_ON_DARK, SERIES_ON_LIGHT, PlotColours


def series_colour(number: int) -> str:
    """The name of the colour of the ``number``-th of several curves of one kind, from 0."""
    return f"series-{number % len(SERIES_ON_LIGHT)}"


def of_page(name: str) -> str:
    """The variable of ``PAGE_COLOURS`` that holds the colour."""
    return f"var(--{name.replace('_', '-')})"


def fixed(colours: PlotColours) -> Paint:
    """A ``Paint`` of these colours, for programs that know no variables."""
    known = _named(colours)
    return lambda name: known[name.replace("_", "-")]


def _named(colours: PlotColours) -> dict[str, str]:
    names = [each.name for each in fields(colours) if isinstance(getattr(colours, each.name), str)]
    series = SERIES_ON_DARK if colours.is_dark else SERIES_ON_LIGHT
    found = {name.replace("_", "-"): getattr(colours, name) for name in (*names, "running")}
    return found | {series_colour(number): colour for number, colour in enumerate(series)}


def _variables(colours: PlotColours) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in _named(colours).items())


#: The style sheet that ``of_page`` needs: light, or dark where the reader's system is, and light on paper.
PAGE_COLOURS: Final = f"""\
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
body {{ color: var(--text); background: var(--background); }}
"""
