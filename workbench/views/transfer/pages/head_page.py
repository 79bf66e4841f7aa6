"""The third page: the new head for the user's classes, and whether the pictures are what the weights want."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QPushButton, QSplitter, QTreeWidgetItem, QWidget

from workbench.bridge.transfer.draft import TransferDraft
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.settings import setting_of
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import counted, grouped, short
from workbench.engine.report.data_summary import DataSummary
from workbench.views.form.form import Form
from workbench.views.transfer.pages.page import Page, shared_widths
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, rhythm

if TYPE_CHECKING:
    from workbench.engine.catalog.models.transfer import Transfer
    from workbench.engine.weights.input_spec import Origin

_LEAD: Final = (
    "The last layer was trained for the old classes; a new one replaces it and learns yours. "
    "Your pictures get the preprocessing that the weights need."
)
DROPOUT: Final = replace(
    setting_of(Dropout, "p").knob,
    label="Dropout before the head",
    help="The probability that a feature is set to zero in a training step before the head sees it. "
    "With few examples 0.2 to 0.5 reduces overfitting of the head; 0 switches it off. "
    "The same setting is under Regularization.",
)
#: Pictures enlarged by more than this have nothing to show at the size of the weights.
_MUCH_LARGER: Final = 4.0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the comparison: what the weights want, what the data has, what is done about it."""

    what: str
    weights: str
    data: str
    done: str
    doubtful: bool = False


class HeadPage(Page):
    """Settings of the head on the left, the comparison on the right."""

    def __init__(self, draft: TransferDraft) -> None:
        super().__init__(draft, "The new head", _LEAD)
        self.dropout = NumberField(DROPOUT, scale_for(DROPOUT, 0.0, False))
        self.form = Form(draft.store, ("model.head_init", "model.standardize", "model.size"), frozenset("nbcdt"))
        self.classes = plain_table(("Class", "Training", "Validation"), "Your classes")
        self.checks = plain_table(("", "The weights", "Your data", "Conversion"), "Preprocessing")
        self.source = Words(tone=MUTED)
        self.doubts = Words(tone=WARNING)
        self.larger_button = QPushButton()
        self.larger_button.setAutoDefault(False)
        self.larger_button.setToolTip(
            plain_tip("Files that are larger keep their detail. Training takes more memory and is slower to start.")
        )
        self._count = Words()
        self._wrong = Words(tone=ERROR)
        self._lay_out()
        self.dropout.submitted.connect(self._on_dropout)
        self.dropout.refused.connect(self._on_refused)
        self.larger_button.clicked.connect(draft.read_larger)
        draft.changed.connect(self._refresh)
        draft.data.changed.connect(self._refresh)
        draft.description.changed.connect(self._refresh)

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(scrolled(self._made_head(), "The head"))
        parts.addWidget(self._made_checks())
        parts.setChildrenCollapsible(False)
        parts.setSizes([450, 600])  # in proportion
        self.checks.viewport().installEventFilter(self)
        self.column.addWidget(parts, 1)

    def _made_head(self) -> QWidget:
        """The classes and the settings of the head."""
        line = Box(spacing=2, horizontal=True)
        label = Words("&Dropout before the head", wrap=False)
        label.setBuddy(self.dropout)
        self.dropout.setAccessibleName(DROPOUT.label)
        self.dropout.setAccessibleDescription(DROPOUT.help)
        self.dropout.setToolTip(DROPOUT.help)
        line.add(label, 1)
        line.add(self.dropout)
        left = Box(spacing=2, margins=(0, 0, 2, 0))
        for part, stretch in ((self._count, 0), (self.classes, 1), (line, 0), (self._wrong, 0), (self.form, 0)):
            left.add(part, stretch)
        self._wrong.say("")
        self.classes.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return left

    def _made_checks(self) -> QWidget:
        """The preprocessing of the weights beside the user's data."""
        self.doubts.say("")
        right = Box(spacing=2)
        head = Words("Preprocessing that the weights need")
        font = QFont(head.font())
        font.setBold(True)
        head.setFont(font)
        right.add(head)
        right.add(self.checks, 1)
        right.box.addWidget(self.larger_button, 0, Qt.AlignmentFlag.AlignLeft)
        right.add(self.doubts)
        right.add(self.source)
        self.checks.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.checks.setWordWrap(True)
        self.checks.setUniformRowHeights(False)
        return right

    def initializePage(self) -> None:
        self._refresh()

    def take_focus(self) -> None:
        self.dropout.setFocus()

    @property
    def why_not(self) -> str:
        return self._wrong.text() or "\n".join(self.draft.store.input_errors.values())

    # --- the head -------------------------------------------------------------------------------------------------

    @Slot(object, bool)
    def _on_dropout(self, p: float, continues: bool) -> None:
        try:
            self.draft.set_dropout(float(p), continues)
            self._wrong.say("")
        except SpecError as error:
            self._wrong.say(self.draft.store.words_of(error))
        self.completeChanged.emit()

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self._wrong.say(f"{DROPOUT.label} {words}.")
        self.completeChanged.emit()

    @Slot()
    def _refresh(self) -> None:
        self.dropout.show_value(self.draft.dropout)
        data, found = self.draft.summary, self.draft.description.value
        if data is not None:
            self._show_classes(data)
        is_pictures = data is not None and len(data.shape) == 3  # points are refused on the first page
        if is_pictures and data is not None and found is not None and found.origin is not None:
            larger = self.draft.larger_pictures
            self.larger_button.setVisible(larger is not None)
            self.larger_button.setText(f"Read the picture files at {larger} pixels" if larger is not None else "")
            rows = checks(found.origin, found.classes, data, self.draft.model, larger is not None)
            self._show_checks(rows)
            self.source.say(f"Source of these values: {_known(found.origin.source)}.")
        problems = [p for p in self.draft.spec.problems() if p.path.startswith(("model", "preprocessing"))]
        said = [self.draft.store.named(f"{p}.") for p in problems]
        self.doubts.say("\n".join(said))
        self.completeChanged.emit()

    def _show_classes(self, data: DataSummary) -> None:
        self._count.say(f"{counted(len(data.classes), 'class', 'classes')} in your data:")
        rows = list(zip(data.classes, data.class_train, data.class_val, strict=True))
        if self.classes.topLevelItemCount() == len(rows):
            return
        self.classes.clear()
        for name, train, val in rows:
            item = QTreeWidgetItem([name, grouped(train), grouped(val)])
            self.classes.addTopLevelItem(item)
        for column in (0, 1):
            self.classes.resizeColumnToContents(column)
            self.classes.setColumnWidth(column, self.classes.columnWidth(column) + rhythm(self, 3))

    def _show_checks(self, rows: Sequence[Check]) -> None:
        self.checks.clear()
        for row in rows:
            item = QTreeWidgetItem([row.what, row.weights, row.data, row.done])
            for column in range(4):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignTop)
                item.setToolTip(column, item.text(column))
            if row.doubtful:
                item.setForeground(3, self.palette().brush(WARNING))
            self.checks.addTopLevelItem(item)
        self._fit_checks()

    def _fit_checks(self) -> None:
        shared_widths(self.checks, least=0.34)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.checks.viewport() and event.type() == QEvent.Type.Resize:
            self._fit_checks()
        return super().eventFilter(watched, event)


def checks(
    origin: Origin, old_classes: int, data: DataSummary, model: Transfer, can_be_larger: bool = False
) -> list[Check]:
    """The weights' own preprocessing beside the data, line by line.

    ``can_be_larger`` tells that it is the settings that make the pictures smaller than the network takes them.
    """
    channels = data.shape[0]
    rows = [_size_row(origin, data, model.size == "data", can_be_larger), _channel_row(origin, channels)]
    mean, std = (", ".join(short(v, 3) for v in values) for values in (origin.mean, origin.std))
    rows.append(Check("Normalization", f"mean {mean}\nstd {std}", "0 to 1", "The network normalizes them itself."))
    new = len(data.classes)
    rows.append(Check("Classes", str(old_classes), str(new), f"A new last layer with {new} outputs."))
    return rows


def _size_row(origin: Origin, data: DataSummary, keep: bool, can_be_larger: bool) -> Check:
    size = (data.shape[1], data.shape[2])
    wanted = origin.size or size
    weights, given = (f"{wide}×{high}" for high, wide in (wanted, size))
    files = data.file_side
    if keep or wanted == size:
        done = "Unchanged." if wanted == size else "They keep their own size, as you chose."
        enlarged = files is not None and files < min(size)
        done += f" Most files have about {grouped(files or 0)} pixels and are enlarged." if enlarged else ""
        return Check("Size", weights, given, done, (keep and wanted != size) or enlarged)
    scale = max(wanted[0] / size[0], wanted[1] / size[1])
    cut = " and the centre is cut out" if wanted[0] * size[1] != wanted[1] * size[0] else ""
    done = f"{'Enlarged' if scale > 1 else 'Reduced'} {short(max(scale, 1 / scale), 3)} times{cut}."
    done += _of_files(wanted, given, files, can_be_larger) if can_be_larger or scale > _MUCH_LARGER else ""
    return Check("Size", weights, given, done, scale > _MUCH_LARGER or can_be_larger)


def _of_files(wanted: tuple[int, int], given: str, files: int | None, can_be_larger: bool) -> str:
    """What the files have to give; ``files`` is about their shorter side in pixels."""
    if not can_be_larger:
        return " Such small pictures have less detail than the network can use."
    if files is None:
        return f" The settings read the files at {given}; if they are larger, let them be read larger."
    they = f" The settings read the files at {given}, and most have about {grouped(files)} pixels: "
    if files < min(wanted):
        return f"{they}read larger they keep their detail, but are still enlarged."
    return f"{they}let them be read larger."


def _channel_row(origin: Origin, channels: int) -> Check:
    names = {1: "gray", 3: "colour"}
    wanted, given = origin.channels or channels, channels
    if wanted == given:
        done = "Unchanged."
    elif given == 1:
        done = "Gray is copied into all three channels."
    else:
        done = "Colour is converted to gray (luminance weights); colour information is lost."
    return Check("Channels", names.get(wanted, str(wanted)), names.get(given, str(given)), done, wanted < given)


def _known(source: str) -> str:
    return source if source.startswith(("saved", "published", "as ")) else f"known from {source}"
