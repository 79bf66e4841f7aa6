"""What the playground's thread is asked for, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.catalog.surfaces import Surface, View
from workbench.engine.playground.relief import Relief
from workbench.engine.playground.spec import PlaygroundSpec

if TYPE_CHECKING:
    from workbench.engine.playground.trail import Trail


@dataclass(frozen=True, slots=True)
class RaceRequest:
    """Paths of ``spec`` up to ``until`` updates; those after ``shown`` updates are what the window waits for."""

    spec: PlaygroundSpec
    shown: int
    until: int


@dataclass(frozen=True, slots=True)
class Laid:
    """The paths so far: one trail for each racer of ``spec``, all with as many ``updates``."""

    spec: PlaygroundSpec
    trails: tuple[Trail, ...]
    updates: int


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """The picture of ``surface`` over ``view`` in pixels. Of the requests with one ``name`` the newest counts.

    ``is_urgent``: it goes before the paths.
    """

    name: str
    surface: Surface
    view: View
    columns: int
    rows: int
    is_urgent: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """The answer to a request for a picture."""

    request: PictureRequest
    relief: Relief


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there are no paths of ``spec``: a sentence for the user, and a traceback for the log (empty if none)."""

    spec: PlaygroundSpec
    message: str
    details: str = ""
