"""What own data is taken for, above its settings: sentences, each with the other ways to read it; doubts; omissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget

from workbench.bridge.data.understand_data import DataUnderstanding
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import counted, grouped
from workbench.engine.data.understand import Understood
from workbench.views.widgets.basics import Box, ShortPathWords, Words, drop
from workbench.views.widgets.collapsible_header import LinkButton
from workbench.views.widgets.theme import ERROR, MUTED, WARNING

#: Number of names that are listed, of the classes and of what is left out.
SHOWN = 20
_PARTS = {"train": "training"}


class UnderstandingView(Box):
    """Hidden for data sets that come with the program: these can be read in one way only."""

    rearranged = Signal()  #: there are other buttons, which have no place in the tab order yet

    def __init__(self, understanding: DataUnderstanding, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(0, 0, 0, 1), spacing=1)
        self._understanding = understanding
        self._shown: object = None
        self._content = Box(self)
        self.add(self._content)
        self.setAccessibleName("How the data is read")
        understanding.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known now."""
        known = self._understanding
        self.setVisible(known.concerns)
        now = (known.understood, known.trouble)
        if now == self._shown:
            return
        self._shown = now
        old, self._content = self._content, Box(self, spacing=1)
        self.add(self._content)
        if known.understood is not None:
            self._show(known.understood)
        else:
            self._say(known.trouble or "Looking at the data…", ERROR if known.trouble else MUTED)
        focused = QApplication.focusWidget()
        if focused is not None and (focused is old or old.isAncestorOf(focused)):
            self._take_focus()
        drop(old)
        self.rearranged.emit()

    def _take_focus(self) -> None:
        """Keep the keys here: without the button that was pressed they would go on to another setting."""
        self._content.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._content.show()
        buttons = [each for each in self._content.findChildren(QAbstractButton) if each.isVisibleTo(self._content)]
        (buttons[0] if buttons else self._content).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, understood: Understood) -> None:
        for doubt in understood.doubts:
            self._content.add(_DoubtBox(self._understanding, doubt, self._content))
        if understood.refused and not any(doubt.is_refused for doubt in understood.doubts):
            self._say(understood.refused, ERROR)
        if any(doubt.is_refused for doubt in understood.doubts):
            return  # what would be read so is not chosen
        self._say(_counts(understood))
        for fact in understood.facts:
            self._content.add(_FactBox(self._understanding, fact, self._content))
        if understood.left_out:
            self._content.add(_LeftOut(understood.left_out, self._content))

    def _say(self, text: str, tone: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> None:
        if text:
            self._content.add(ShortPathWords(text, self._content, tone))


def _counts(understood: Understood) -> str:
    """How many examples each part has, and of which classes, in two sentences."""
    parts = [
        f"{grouped(count)} {_PARTS.get(name, name)}"
        for name, count in understood.parts.items()
        if count or name != "test"
    ]
    names = list(understood.classes.items())
    few = ", ".join(f"{name}: {grouped(count)}" for name, count in names[:SHOWN])
    more = f" and {grouped(len(names) - SHOWN)} more" if len(names) > SHOWN else ""
    said = [f"Examples: {', '.join(parts)}."] * bool(parts)
    said += [f"{understood.class_words} ({few}{more})."] * bool(names)
    return "\n".join(said)


class _Readings(Box):
    """The other ways to read the data."""

    def __init__(self, understanding: DataUnderstanding, readings: Sequence[Reading], parent: QWidget) -> None:
        super().__init__(parent, margins=(2, 0, 0, 0), spacing=0.5)
        self._trouble = Words("", self, ERROR)
        for reading in readings:
            self.add(_ReadingLine(understanding, reading, self._trouble, self))
        self.add(self._trouble)
        self._trouble.say("")


class _ReadingLine(Box):
    """*Choose* and what it means; a long sentence is wrapped, as no button can."""

    def __init__(self, understanding: DataUnderstanding, reading: Reading, trouble: Words, parent: QWidget) -> None:
        super().__init__(parent, spacing=1, horizontal=True)
        self._understanding, self._reading, self._trouble = understanding, reading, trouble
        button = QPushButton("Choose", self)
        button.setAccessibleName(f"Choose: {reading.label}")
        button.setAutoDefault(True)  # else Enter does nothing outside of dialogs
        button.setToolTip("Read the data in this way. It can be undone.")
        button.clicked.connect(self._on_clicked)
        self.box.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.add(Words(reading.label, self), 1)

    @Slot()
    def _on_clicked(self) -> None:
        try:
            self._understanding.choose(self._reading)
        except SpecError as error:
            self._trouble.say(error.message)


class _DoubtBox(Box):
    """A question with its answers; a run waits for it if it is about classes or parts."""

    def __init__(self, understanding: DataUnderstanding, doubt: Doubt, parent: QWidget) -> None:
        super().__init__(parent, spacing=0.5)
        self.add(ShortPathWords(doubt.sentence, self, ERROR if doubt.is_refused else WARNING))
        if doubt.readings:
            self.add(_Readings(understanding, doubt.readings, self))


class _FactBox(Box):
    """A sentence; where the data can be read in another way, *Change* shows how."""

    def __init__(self, understanding: DataUnderstanding, fact: Fact, parent: QWidget) -> None:
        super().__init__(parent, spacing=0)
        self.add(ShortPathWords(fact.sentence, self))
        if fact.readings:
            readings = _Readings(understanding, fact.readings, self)
            _fold(self, readings, "Change…", f"Change: {fact.sentence}")


class _LeftOut(Box):
    """How much is left out; *Show* lists it with the reasons."""

    def __init__(self, left_out: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent, spacing=0)
        count = len(left_out)
        self.add(Words(_how_much(left_out), self))
        lines = [f"{name}: {reason}" for name, reason in list(left_out.items())[:SHOWN]]
        lines += [f"and {grouped(count - SHOWN)} more"] * (count > SHOWN)
        _fold(self, ShortPathWords("\n".join(lines), self, MUTED), "Show", "Show what is left out")


def _how_much(left_out: Mapping[str, str]) -> str:
    """How much is left out; columns that nothing is read from are counted by themselves, as they are no examples."""
    columns = sum(name.startswith("column ") and reason == "not used" for name, reason in left_out.items())
    others = len(left_out) - columns
    said = [f"{grouped(others)} left out."] * bool(others) + [f"{counted(columns, 'column')} not used."] * bool(columns)
    return " ".join(said)


def _fold(box: Box, inner: QWidget, label: str, accessible: str) -> None:
    """Put ``inner`` into ``box`` below a link that shows and hides it."""
    link = LinkButton(box)
    link.setText(label)
    link.setAccessibleName(accessible)
    link.setCheckable(True)
    box.box.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
    inner.hide()
    box.add(inner)
    link.toggled.connect(inner.setVisible)
