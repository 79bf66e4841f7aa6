"""The help of the field in focus, in a place of its own: no field moves when the focus does."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.collapsible_header import LinkButton
from workbench.views.widgets.theme import MUTED

#: Lines of text that are visible; a longer text can be scrolled.
_LINES = 3
_NOTHING_YET = "Click a setting to read about it."


class HelpLine(Box):
    """Shows the first sentence of a setting's help; "more" shows all of it and what the lecture says.

    Its height depends on the font alone. One that ``starts_small`` has one line until ``grow`` is called.
    """

    #: A small one has a help to show, which needs this many pixels more.
    room_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None, starts_small: bool = False) -> None:
        super().__init__(parent, margins=(1, 0.5, 1, 0.5), spacing=1, horizontal=True)
        self.setting: Setting | None = None
        self._is_small = starts_small
        self.words = Words(tone=MUTED)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setAccessibleName("Help")
        self.more = LinkButton(self)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._write)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName("Help of the field in focus")
        self._area.setWidget(self.words)
        self.add(self._area, 1)
        self.box.addWidget(self.more, 0, Qt.AlignmentFlag.AlignBottom)
        self._fit()
        self.show_setting(None)

    def show_setting(self, setting: Setting | None) -> None:
        """Show the help of a setting; None: nothing."""
        if setting != self.setting or setting is None:
            self.setting = setting
            if self._is_small and setting is not None:
                self.room_wanted.emit((_LINES - 1) * self.fontMetrics().lineSpacing())
            self.more.setChecked(False)
            self._write()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        policy = self.more.sizePolicy()
        policy.setRetainSizeWhenHidden(not self._is_small)
        self.more.setSizePolicy(policy)
        self._area.setFixedHeight((1 if self._is_small else _LINES) * self.fontMetrics().lineSpacing() + 2)

    def grow(self) -> None:
        """Take the place that a help needs, and keep it."""
        self._is_small = False
        self._fit()

    @Slot()
    def _write(self) -> None:
        opened = self.more.isChecked()
        self.more.setText("less" if opened else "more")
        self.more.updateGeometry()
        if self.setting is None:
            self.words.setText(_NOTHING_YET if self._is_small else "")
            self.more.hide()
            return
        knob = self.setting.knob
        lesson = f"\nLecture: {knob.lesson}" if knob.lesson else ""
        self.words.setText(knob.help + lesson if opened else knob.hint)
        has_more = bool(knob.lesson) or knob.help != knob.hint
        self.more.setVisible(has_more and not self._is_small)
        self.more.setAccessibleName(f"{'Less' if opened else 'More'} about {knob.label}")
        self._area.verticalScrollBar().setValue(0)
