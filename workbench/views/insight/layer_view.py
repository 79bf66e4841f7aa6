"""The layers of the network during training: activations, dead units, gradients, update ratios."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.engine.core.events import Event
from workbench.engine.core.observed import LayerStats
from workbench.engine.core.text import grouped
from workbench.engine.report.layer_advice import advice
from workbench.engine.report.layer_stats import numbers
from workbench.engine.run_store.history import History
from workbench.views.insight.layer_rows import LayerHeads, LayerRows, Row
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import MUTED, rhythm

#: Milliseconds between two redraws: faster changes cannot be read.
REDRAW_MS = 500
EMPTY = "Train a model to see its layers here: activations, gradients, dead units, and the size of each update."
TAKEN_BACK = "The run went back some steps. The layers are shown again when they are measured next."
OFF = "The layers are not measured. Set “Layers every” under Run to a number of steps."

_Align = Qt.AlignmentFlag


class LayerView(Box):
    """Advice in a sentence, and a row for each layer. Computes nothing while it is hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1), spacing=1)
        set_help(self, "insight", "Layers")
        self._history = History()
        self._seen: LayerStats | None = None
        self._went_back = False
        self.redraws = 0
        self.words = Words(EMPTY, tone=MUTED)
        self.words.setAccessibleName("Advice on the layers")
        self.rows = LayerRows()
        self._heads = LayerHeads(self.rows)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._scroll.setWidget(self.rows)
        self._scroll.setAccessibleName("Rows of the layers")
        self.add(self.words)
        self.add(self._heads)
        self.add(self._scroll, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self.refresh)
        self.setAccessibleName("Layers")
        self._show_rows(())

    @Slot(object)
    def set_history(self, history: History) -> None:
        """Show another run."""
        self._history, self._seen, self._went_back = history, None, False
        self.refresh()

    @Slot(int, bool)
    def take_back(self, step: int, is_oldest: bool = False) -> None:
        """The run is after ``step`` steps again: what was measured behind it is shown no more."""
        if self._history.layers is None:
            self._seen, self._went_back = None, True
            self.refresh()

    @Slot(object)
    def take(self, events: list[Event]) -> None:
        """Redraw soon if ``events``, already in the history, have new layer statistics."""
        if self.isVisible() and not self._timer.isActive() and any(isinstance(e, LayerStats) for e in events):
            self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Show the last measurement."""
        layers = self._history.layers
        if not self.isVisible() or (layers is self._seen and layers is not None):
            return
        self._seen = layers
        self._show(layers)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 120), rhythm(self, 48))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 24))

    def _show(self, layers: LayerStats | None) -> None:
        self.redraws += 1
        if layers is None:
            self.words.say(OFF if self._is_off() else TAKEN_BACK if self._went_back else EMPTY)
            self._show_rows(())
            return
        rows = tuple(Row(each.name, _kind(each.layer, each.activation), numbers(each)) for each in layers.layers)
        whose = f", first {self._history.averaged_noun}" if self._history.averaged_members else ""
        self.words.say(f"Step {grouped(layers.step + 1)}{whose}. {advice([(row.name, row.numbers) for row in rows])}")
        self._show_rows(rows)

    def _show_rows(self, rows: tuple[Row, ...]) -> None:
        self.rows.set_rows(rows)
        self.words.setForegroundRole(QPalette.ColorRole.WindowText if rows else MUTED)
        self._heads.setVisible(bool(rows))
        self._scroll.setVisible(bool(rows))
        self.box.setAlignment(_Align.AlignTop if not rows else _Align(0))

    def _is_off(self) -> bool:
        started = self._history.started
        return started is not None and not started.spec.get("loop", {}).get("diagnostics", 0)


def _kind(layer: str, activation: str) -> str:
    return f"{layer} – {activation}" if activation else layer
