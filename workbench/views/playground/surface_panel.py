"""The choice of a surface by its little picture, and the knobs of the chosen one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QWidget

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.playground.requests import Drawn, PictureRequest
from workbench.engine.catalog.surfaces import Surface
from workbench.engine.catalog.surfaces.sculpted import Sculpted
from workbench.engine.catalog.variant import members_of
from workbench.engine.playground.relief import Relief
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.form.editors import SettingRef
from workbench.views.form.fields import Fields, show_notes
from workbench.views.playground.racer_style import is_dark
from workbench.views.plots.relief_colours import image_of_relief
from workbench.views.widgets.basics import Box, Words, drop, plain_tip
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.theme import MUTED, rhythm

_SURFACES: Final[dict[str, type[Surface]]] = dict(members_of(Surface))  # type: ignore[type-abstract]
#: Pixels of a little picture; it is scaled to the letters.
_PIXELS: Final = 96


class SurfacePanel(Box):
    """A button with a picture for each surface, its summary, its knobs."""

    def __init__(self, desk: PlaygroundDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._desk = desk
        self._reliefs: dict[str, Relief] = {}
        self._choices = QWidget(self)
        self._flow = FlowLayout(self._choices, rhythm(self, 1))
        self.group = QButtonGroup(self)
        self.buttons = {kind: self._button(cls) for kind, cls in _SURFACES.items()}
        self._name = Words(parent=self)
        self._words = Words(parent=self, tone=MUTED)
        self._place = Box(self)
        self._fields: Fields | None = None
        self._shown: type[Surface] | None = None
        for widget in (self._choices, self._name, self._words, self._place):
            self.add(widget)
        self.group.idClicked.connect(self._on_clicked)
        desk.drawn.connect(self._on_drawn)
        desk.store.changed.connect(self.refresh)
        desk.store.errors_changed.connect(self.refresh)
        self._fit()
        self.refresh()

    def ask_pictures(self) -> None:
        """Ask for the little pictures that are not there yet."""
        for kind, cls in _SURFACES.items():
            if kind not in self._reliefs:
                name = f"little {kind}"
                self._desk.draw(PictureRequest(name, cls(), cls.view, _PIXELS, _PIXELS, is_urgent=False))

    def _button(self, cls: type[Surface]) -> QToolButton:
        button = QToolButton(self._choices)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setAccessibleName(cls.title)
        button.setAccessibleDescription(cls.summary)
        button.setToolTip(plain_tip(f"{cls.title}: {cls.summary}"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.group.addButton(button, len(self.group.buttons()))
        self._flow.addWidget(button)
        return button

    @Slot()
    @Slot(object)
    def refresh(self, _spec: PlaygroundSpec | None = None) -> None:
        """Show the store's surface."""
        surface = self._desk.spec.surface
        cls = type(surface)
        if cls is not self._shown:
            self._rebuild(cls)
        if self._fields is not None:
            self._fields.refresh()
            show_notes(self._fields.rows(), self._desk.store.problems())

    def _rebuild(self, cls: type[Surface]) -> None:
        self._shown = cls
        if self._fields is not None:
            drop(self._fields)
            self._fields = None
        self.buttons[cls.kind].setChecked(True)
        self._name.setText(cls.title)
        hint = " A hill is removed with Delete." if issubclass(cls, Sculpted) else ""
        self._words.setText(cls.summary + hint)
        if self._desk.store.shown_settings(cls):
            self._fields = Fields(SettingRef(self._desk.store, "surface"), cls, self._place)
            self._place.add(self._fields)

    @Slot(int)
    def _on_clicked(self, number: int) -> None:
        kind = list(self.buttons)[number]
        if kind != self._desk.spec.surface.kind:
            self._desk.choose_surface(kind)

    @Slot(object)
    def _on_drawn(self, drawn: Drawn) -> None:
        kind = drawn.request.name.removeprefix("little ")
        if kind in self.buttons:
            self._reliefs[kind] = drawn.relief
            self._paint(kind)

    def _paint(self, kind: str) -> None:
        image = image_of_relief(self._reliefs[kind], is_dark(self.palette()))
        self.buttons[kind].setIcon(QIcon(QPixmap.fromImage(image)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_reliefs"):
            for kind in self._reliefs:
                self._paint(kind)
        elif event.type() == QEvent.Type.FontChange and hasattr(self, "buttons"):
            self._fit()

    def _fit(self) -> None:
        side = rhythm(self, 10.5)
        for button in self.buttons.values():
            button.setIconSize(QSize(side, side))
            button.setFixedSize(side + rhythm(self, 1.5), side + rhythm(self, 1.5))
        font = self.font()
        font.setBold(True)
        self._name.setFont(font)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._choices.setSizePolicy(policy)
