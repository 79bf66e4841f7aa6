"""Insight: a verdict on the curves in words, the generalization gap and the regularization effect, a suggestion."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.engine.core.events import Evaluated
from workbench.engine.core.text import counted, decimal_text, percent
from workbench.engine.report.evaluation_words import place_words
from workbench.engine.report.explanation import Explanation
from workbench.engine.report.generalization_gap import RUNNING_GAP, LossGap
from workbench.engine.report.suggestions import Suggestion, changes_setting_of_run, is_of_fork
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.report.verdict import Judge, Verdict
from workbench.engine.report.words_on_test import words_on_test
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.insight.ensemble_view import EnsembleView
from workbench.views.insight.explanations_view import ExplanationsView
from workbench.views.widgets.basics import keep_room
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.scroll_bar import reserve_scroll_bar

_NOTHING = "–"
_MOST_EVIDENCE = 6
_EFFECT = f"Regularization effect: {RUNNING_GAP}. It shows dropout, augmentation and progress within the epoch."
_LAG = (
    f"{RUNNING_GAP.capitalize()}: this run has no random regularization, so it is only how far the running loss is "
    "behind: a mean over the epoch's batches, computed while the model was improving (and with the batch statistics of "
    "batch norm)."
)
_LINE = "The lines are ± 2 standard errors."
#: Lines reserved for the verdict, so that the widgets below it do not move.
_HEADLINE_LINES = 5


class SplitBars(QWidget):
    """Gap and regularization effect as two bars on one scale, each with ± 2 standard errors."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._split: LossGap | None = None
        self.setAccessibleName("Generalization gap and regularization effect")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._say()

    def show_split(self, split: LossGap | None) -> None:
        """Replace what is shown."""
        self._split = split
        self._say()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, round(4.6 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = DARK if self.palette().window().color().lightness() < 128 else LIGHT
        muted = self.palette().placeholderText().color()
        for row, (name, value, margin) in enumerate(self._bars()):
            if value is None:  # not measured
                continue
            top = row * self.height() / 2
            self._paint_row(painter, top, name, value, QColor((colours.gap, colours.effect)[row]), muted)
            self._paint_bar(painter, top, value, margin, QColor((colours.gap, colours.effect)[row]), muted)

    def _bars(self) -> tuple[tuple[str, float | None, float], ...]:
        split = self._split
        gap = (split.gap, split.margin) if split else (None, 0.0)
        effect = (split.effect, split.effect_margin) if split else (None, 0.0)
        name = split.effect_name if split else "regularization effect"
        return ("Generalization gap", *gap), (name.capitalize(), *effect)

    def _paint_row(self, painter: QPainter, top: float, name: str, value: float, colour: QColor, muted: QColor) -> None:
        line = self.fontMetrics().height()
        box = QRectF(0, top, self.width(), line)
        painter.setPen(self.palette().windowText().color())
        words, metrics = _words(value), self.fontMetrics()
        room = self.width() - metrics.horizontalAdvance(words) - line // 2
        name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_bar(
        self, painter: QPainter, top: float, value: float, margin: float, colour: QColor, muted: QColor
    ) -> None:
        line = self.fontMetrics().height()
        high, middle = line * 0.5, top + 1.5 * line
        scale = self._scale()
        zero = self.width() * 0.25 if self._reaches_below() else 0.0
        painter.setPen(QPen(muted, 1))
        painter.drawLine(round(zero), round(middle - high), round(zero), round(middle + high))
        if not math.isfinite(value) or scale <= 0:
            return
        unit = (self.width() - zero - 2) / scale
        left, right = sorted((zero, zero + value * unit))
        painter.fillRect(QRectF(max(0.0, left), middle - high / 2, right - max(0.0, left), high), colour)
        painter.setPen(QPen(self.palette().windowText().color(), 1))
        low_end, high_end = zero + (value - margin) * unit, zero + (value + margin) * unit
        start, end = round(max(0.0, low_end)), round(min(high_end, self.width() - 1.0))
        painter.drawLine(start, round(middle), end, round(middle))

    def _reaches_below(self) -> bool:
        return any(value is not None and value < 0 for _, value, _ in self._bars())

    def _scale(self) -> float:
        ends = [abs(value) + margin for _, value, margin in self._bars() if value is not None and math.isfinite(value)]
        return max(ends, default=0.0)

    def _say(self) -> None:
        words = [f"{name} {_words(value)} ± {decimal_text(margin)}" for name, value, margin in self._bars()]
        self.setAccessibleDescription("; ".join(words))
        lags = self._split is not None and not self._split.is_random
        self.setToolTip(
            "Differences of the loss. Gap: validation − train, measured the same way. "
            f"{_LAG if lags else _EFFECT} {_LINE}"
        )


class GapView(QScrollArea):
    """The insight panel. Call ``refresh`` after an epoch; it does nothing if nothing has changed."""

    suggested = Signal(object)  #: the Suggestion whose button was pressed
    said = Signal(str)  #: the sentence about the run has changed

    def __init__(self, parent: QWidget | None = None, in_fork: bool = False) -> None:
        """``in_fork``: the run is over, so that only what a fork can test with one value is offered."""
        super().__init__(parent)
        self._in_fork = in_fork
        set_help(self, "insight")
        self.setAccessibleName("Insight")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(self)
        self._judge = Judge(History())
        self._seen: tuple[int, ...] = ()
        self._verdict_suggests: Suggestion | None = None
        self._suggestion: Suggestion | None = None  # the one that the button offers
        self._spec: ExperimentSpec | None = None
        self._build()
        self._fit_font()
        self.refresh()

    def _build(self) -> None:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        self.run = self._label("Run", inside)
        self.run.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.run.hide()
        self.headline = self._label("Verdict", inside)
        self.headline.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton(inside)
        self.button.clicked.connect(self._on_pressed)
        self.bars = SplitBars(inside)
        self.best, self.accuracy = self._label("Best validation", inside), self._label("Gap in accuracy", inside)
        for part in (self.button, self.bars, self.best, self.accuracy):
            keep_room(part)
        self.evidence = [self._label(f"Evidence {k + 1}", inside) for k in range(_MOST_EVIDENCE)]
        self.ensemble, self.tested = EnsembleView(inside), self._label("Test part", inside)
        self.explained = ExplanationsView(inside)
        below = (self.best, self.tested, self.accuracy, self.ensemble, self.explained, *self.evidence)
        for widget in (self.run, self.headline, self.button, self.bars, *below):
            column.addWidget(widget)
        for label in self.evidence:
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column.addStretch(1)
        self.setWidget(inside)

    def _label(self, name: str, parent: QWidget, text: str = "") -> QLabel:
        label = QLabel(text, parent)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAccessibleName(name or text)
        return label

    def _fit_font(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        self.headline.setFont(font)
        self.headline.setMinimumHeight(_HEADLINE_LINES * self.headline.fontMetrics().lineSpacing())
        self.setMinimumWidth(12 * self.fontMetrics().averageCharWidth())

    def sizeHint(self) -> QSize:
        return QSize(34 * self.fontMetrics().averageCharWidth(), 24 * self.fontMetrics().height())

    def set_history(self, history: History) -> None:
        """Show another run."""
        self._judge = Judge(history)
        self._seen = ()
        self.refresh()

    @Slot(str)
    def show_run(self, name: str) -> None:
        """Say whose numbers these are, where the settings are those of other data or another network by now."""
        self.run.setText(f"The curves and numbers are of the run on {name}." if name else "")
        self.run.setVisible(bool(name))

    @Slot()
    def refresh(self) -> None:
        """Update the verdict."""
        history = self._judge.history
        begun, ended = history.started is not None, history.ended is not None
        seen = (
            begun,
            history.loading is not None,
            len(history.evaluations),
            len(history.edits),
            len(history.notices),
            len(history.folds),
            history.tested is not None,
            ended,
        )
        if seen != self._seen:
            self._seen = seen
            self._show(self._judge.verdict(), self._judge.explanations())
            self._show_several(history)
            self.tested.setText(words_on_test(history.tested) if history.tested is not None else "")
            self.tested.setVisible(history.tested is not None)

    def _show_several(self, history: History) -> None:
        """The members of an ensemble, or the folds, one by one."""
        if history.folds:
            self.ensemble.show_folds(history.folds[-1])
            return
        latest = history.ensemble[-1] if history.ensemble else None
        self.ensemble.show_measured(latest, of_members=history.averaged_members > 0)

    def _show(self, verdict: Verdict, explanations: Sequence[Explanation]) -> None:
        self.headline.setText(verdict.headline)
        self.said.emit(verdict.headline)
        lines = (*verdict.evidence, *[""] * _MOST_EVIDENCE)[:_MOST_EVIDENCE]
        for label, words in zip(self.evidence, lines, strict=True):
            label.setText(words)
            label.setVisible(bool(words))
        self.bars.show_split(verdict.split)
        self.bars.setVisible(verdict.split is not None)
        history = self._judge.history
        self.best.setText(_best_words(verdict.best, history.averaged_members, history.averaged_noun))
        self.best.setVisible(verdict.best is not None)
        gap = percent(verdict.split.gap_accuracy) if verdict.split else _NOTHING
        self.accuracy.setText(f"Accuracy gap {gap}")
        self.accuracy.setVisible(verdict.split is not None)
        self.explained.show_explanations(explanations, said=(verdict.headline, *verdict.evidence))
        self._verdict_suggests = _best_known(verdict.suggestion, explanations)
        self._offer_if_open()

    @Slot(object)
    def set_spec(self, spec: ExperimentSpec) -> None:
        """The form has ``spec`` now. A suggestion for a setting that was changed is withdrawn until it is undone."""
        self._spec = spec
        self._offer_if_open()

    def _offer_if_open(self) -> None:
        suggestion = self._verdict_suggests
        history, spec = self._judge.history, self._spec
        is_open = suggestion is not None and (spec is None or changes_setting_of_run(suggestion, history, spec))
        is_open = is_open and (not self._in_fork or is_of_fork(suggestion))
        self._offer(suggestion if is_open else None)

    def _offer(self, suggestion: Suggestion | None) -> None:
        self._suggestion = suggestion
        self.button.setEnabled(suggestion is not None)
        self.button.setVisible(suggestion is not None)
        words = suggestion.words.replace("&", "&&") if suggestion else ""
        self.button.setText(f"{words}, in a fork…" if words and self._in_fork else words)

    @Slot()
    def _on_pressed(self) -> None:
        if self._suggestion is not None:
            followed = self._suggestion
            if not self._in_fork:  # a dialog may be left without a fork
                self._offer(None)
            self.suggested.emit(followed)


def _best_known(advice: Suggestion | None, explanations: Sequence[Explanation]) -> Suggestion | None:
    """The verdict's ``advice`` as the explanations have it, which know where a fork would begin; else their first."""
    known = [each.suggestion for each in explanations if each.suggestion is not None]
    if advice is None:
        return known[0] if known else None
    same = (each for each in known if (each.path, each.value) == (advice.path, advice.value))
    return next(same, advice)


def _words(value: float | None) -> str:
    return _NOTHING if value is None or not math.isfinite(value) else decimal_text(value)


def _best_words(best: Evaluated | None, members: int, noun: str) -> str:
    if best is None or best.val is None:
        return f"★ Best validation {_NOTHING}"
    whose = f", mean of {counted(members, noun)}" if members else ""
    return f"★ Best validation {percent(best.val.accuracy)}, {place_words(best)}{whose}"
