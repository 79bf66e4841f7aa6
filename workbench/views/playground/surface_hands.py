"""The handles that a surface has on its picture: those of the bowl for tilt and condition, and hills to sculpt."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QWidget

from workbench.bridge.settings_store import SettingsStore
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.surfaces.sculpted import MAX_HEIGHT, Bump, Sculpted
from workbench.engine.core.text import short, significant
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.frame import Frame
from workbench.views.playground.handle import Handle

#: Half the length of the bowl's flat axis on the picture, as a share of half its view.
_FLAT: Final = 0.9
#: Degrees of an arrow key, and with Shift.
_TURN, _TURN_FAR = 1.0, 15.0
#: Factor on the condition number of an arrow key, and with Shift.
_SQUEEZE, _SQUEEZE_FAR = 1.05, 2.0
#: Height of a hill for a drag over the whole picture, in sizes of the view.
_LIFT: Final = 1.0
_NEW_WIDTH: Final = 0.45


class BowlHands(QObject):
    """Handles at the ends of the flat and of the steep axis: one turns the bowl, the other sets how narrow it is."""

    changed = Signal(str, object, bool)  #: path and value of an edit, and whether it goes on from the one before

    def __init__(self, picture: QWidget) -> None:
        super().__init__(picture)
        self._frame: Frame | None = None
        self._bowl = Bowl()
        turn = "Drag around the middle, or press the arrow keys, with Shift in steps of 15°."
        self.turn = Handle("turn", "Tilt of the bowl", turn, picture)
        squeeze = "Drag towards the middle for a narrower valley, or press the arrow keys."
        self.squeeze = Handle("squeeze", "Condition number of the bowl", squeeze, picture)
        self.turn.dragged.connect(self._on_turned)
        self.turn.nudged.connect(self._on_turn_key)
        self.squeeze.dragged.connect(self._on_squeezed)
        self.squeeze.nudged.connect(self._on_squeeze_key)

    def show_surface(self, surface: Any, frame: Frame) -> None:
        """Put the handles where they belong; hide them for another surface."""
        is_bowl = isinstance(surface, Bowl)
        if is_bowl:
            self._bowl, self._frame = surface, frame
            for handle, end in zip((self.turn, self.squeeze), self.ends(), strict=True):
                handle.put(frame.pixel(*end))
        for handle in (self.turn, self.squeeze):
            handle.setVisible(is_bowl)

    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where the flat and the steep axis of one contour end."""
        angle = math.radians(self._bowl.tilt)
        flat = _FLAT * self._bowl.view.right
        steep = flat / math.sqrt(self._bowl.condition)
        return (flat * math.cos(angle), flat * math.sin(angle)), (-steep * math.sin(angle), steep * math.cos(angle))

    def _on_turned(self, pixel: QPointF, goes_on: bool) -> None:
        assert self._frame is not None
        x, y = self._frame.point(pixel)
        if x or y:
            self.changed.emit("surface.tilt", _half_turn(round(math.degrees(math.atan2(y, x)), 1)), goes_on)

    def _on_turn_key(self, right: int, up: int, far: bool) -> None:
        by = (up or right) * (_TURN_FAR if far else _TURN)
        self.changed.emit("surface.tilt", _half_turn(self._bowl.tilt + by), True)

    def _on_squeezed(self, pixel: QPointF, goes_on: bool) -> None:
        assert self._frame is not None
        x, y = self._frame.point(pixel)
        angle = math.radians(self._bowl.tilt)
        away = abs(math.cos(angle) * y - math.sin(angle) * x)
        flat = _FLAT * self._bowl.view.right
        self._squeeze_to((flat / away) ** 2 if away else math.inf, goes_on)

    def _on_squeeze_key(self, right: int, up: int, far: bool) -> None:
        factor = _SQUEEZE_FAR if far else _SQUEEZE
        self._squeeze_to(self._bowl.condition * factor ** (-(up or right)), True)

    def _squeeze_to(self, condition: float, goes_on: bool) -> None:
        condition = min(max(condition, 1.0), 1000.0)
        self.changed.emit("surface.condition", significant(condition, 3), goes_on)


def _half_turn(angle: float) -> float:
    """The angle of the same axis from −90° to 90°."""
    return (angle + 90.0) % 180.0 - 90.0


class Sculptor(QObject):
    """Hills and holes: a drag on the ground makes one, a drag of its middle raises or digs it, Delete removes it."""

    def __init__(self, picture: QWidget, store: SettingsStore[PlaygroundSpec]) -> None:
        super().__init__(picture)
        self._picture, self._store = picture, store
        self._frame: Frame | None = None
        self.hills: list[Handle] = []
        self._from: tuple[Bump, QPointF] | None = None

    @property
    def surface(self) -> Sculpted | None:
        """The surface, if it can be sculpted."""
        found = self._store.spec.surface
        return found if isinstance(found, Sculpted) else None

    def show_surface(self, frame: Frame) -> None:
        """One handle for each hill and hole."""
        self._frame = frame
        bumps = self.surface.bumps if self.surface is not None else ()
        while len(self.hills) > len(bumps):
            gone = self.hills.pop()
            gone.hide()
            gone.deleteLater()
        while len(self.hills) < len(bumps):
            self.hills.append(self._handle(len(self.hills)))
        for handle, bump in zip(self.hills, bumps, strict=True):
            name = "Hill" if bump[2] > 0 else "Hole"
            handle.setAccessibleName(f"{name} of height {short(bump[2], 3)}")
            handle.put(frame.pixel(bump[0], bump[1]))
            handle.show()

    def begin(self, pixel: QPointF) -> None:
        """A drag on the ground begins."""
        assert self._frame is not None
        x, y = self._frame.point(pixel)
        self._from = (round(x, 3), round(y, 3), 0.0, _NEW_WIDTH), pixel

    def drag(self, pixel: QPointF, goes_on: bool) -> None:
        """The drag on the ground has come to ``pixel``: up raises a hill, down digs a hole."""
        surface, held = self.surface, self._from
        if surface is not None and held is not None:
            bump = _lifted(held[0], self._height(held[1].y() - pixel.y()))
            bumps = surface.bumps[:-1] if goes_on else surface.bumps
            self._set((*bumps, bump), goes_on)

    def _handle(self, index: int) -> Handle:
        help_text = "Drag up or down, or press Up and Down: it rises or sinks. Left and Right: its width. Delete."
        handle = Handle("hill", "Hill", help_text, self._picture)
        handle.dragged.connect(self._on(index, self._lift))
        handle.nudged.connect(self._on(index, self._nudge))
        handle.removed.connect(self._on(index, self._remove))
        return handle

    def _on(self, index: int, act: Callable[..., None]) -> Callable[..., None]:
        return lambda *more: act(index, *more)

    def _lift(self, index: int, pixel: QPointF, goes_on: bool) -> None:
        bumps = self._bumps()
        if not goes_on:
            assert self._frame is not None
            self._from = bumps[index], self._frame.pixel(*bumps[index][:2])
        assert self._from is not None
        bump, begun = self._from
        self._change(index, _lifted(bump, bump[2] + self._height(begun.y() - pixel.y())), goes_on)

    def _nudge(self, index: int, right: int, up: int, far: bool) -> None:
        x, y, height, width = self._bumps()[index]
        step = 5 if far else 1
        self._change(index, (x, y, round(height + 0.05 * step * up, 3), _width(width + 0.05 * step * right)), True)

    def _remove(self, index: int) -> None:
        self._picture.setFocus()
        self._set(tuple(b for at, b in enumerate(self._bumps()) if at != index), False)

    def _change(self, index: int, bump: Bump, goes_on: bool) -> None:
        self._set(tuple(bump if at == index else b for at, b in enumerate(self._bumps())), goes_on)

    def _bumps(self) -> tuple[Bump, ...]:
        return self.surface.bumps if self.surface is not None else ()

    def _set(self, bumps: tuple[Bump, ...], goes_on: bool) -> None:
        self._store.edit("surface.bumps", bumps, goes_on)

    def _height(self, pixels: float) -> float:
        """The height of a drag by ``pixels`` up."""
        assert self._frame is not None and self.surface is not None
        return _LIFT * pixels * self._frame.unit


def _lifted(bump: Bump, height: float) -> Bump:
    return bump[0], bump[1], round(max(-MAX_HEIGHT, min(height, MAX_HEIGHT)), 3), bump[3]


def _width(width: float) -> float:
    return round(max(0.1, min(width, 3.0)), 3)
