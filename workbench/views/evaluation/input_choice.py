"""How pictures are prepared for weights of other programs, where the user knows better than what is assumed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from workbench.engine.catalog.models.weights_name import AUTO, WEIGHTS_NAME
from workbench.engine.core.text import counted, grouped
from workbench.engine.weights.chosen_input import A_SIZE, NORMALIZATION_TITLES, NORMALIZATIONS, ChosenInput, size_in
from workbench.views.widgets.basics import Box, Words, plain_tip

#: Offered; any other can be typed.
_SIZES: Final = (28, 32, 48, 64, 96, 128, 160, 192, 224, 256, 299, 320, 384, 448, 512)
_LEFT: Final = "as the file says, else as usual"
_TIP: Final = (
    "For weights of other programs. Without a choice the file decides; what it does not say is assumed as is usual for "
    "its network, and the row says so. Weights of this program always say it themselves."
)


class InputChoice(Box):
    """The size of the pictures, which can also be typed, and their normalization; the name of the weights."""

    changed = Signal()
    refused = Signal(str)  #: what was typed is no size; the words say what is one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._size: tuple[int, int] | None = None
        self.size_box, self.normalization_box = QComboBox(), QComboBox()
        self.size_box.addItem(_LEFT, None)
        for side in _SIZES:
            self.size_box.addItem(counted(side, "pixel"), side)
        self.normalization_box.addItem(_LEFT, "")
        for name, title in NORMALIZATION_TITLES.items():
            self.normalization_box.addItem(title, name)
        pictures, weights = (Box(self, spacing=2, horizontal=True) for _ in range(2))
        for words, box in (("Picture si&ze:", self.size_box), ("&Normalization:", self.normalization_box)):
            label = Words(words, wrap=False)
            label.setBuddy(box)
            box.setAccessibleName(words.replace("&", "").rstrip(":"))
            box.setToolTip(plain_tip(_TIP))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(18)
            pictures.add(label)
            pictures.add(box, 1)
        self.name_box = QLineEdit()
        self.name_box.setPlaceholderText(f"{AUTO}: the last weights, not their average")
        label = Words(f"&{WEIGHTS_NAME.label}:", wrap=False)
        label.setBuddy(self.name_box)
        self.name_box.setAccessibleName(WEIGHTS_NAME.label)
        self.name_box.setToolTip(plain_tip(WEIGHTS_NAME.help))
        weights.add(label)
        weights.add(self.name_box, 1)
        self.add(pictures)
        self.add(weights)
        self._name = AUTO
        self.name_box.editingFinished.connect(self._on_name)
        self._edit = QLineEdit()
        self.size_box.setEditable(True)
        self.size_box.setLineEdit(self._edit)
        self.size_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.size_box.setCompleter(None)  # type: ignore[arg-type]  # it would make 48 of a typed 4
        self.size_box.activated.connect(self._on_size)
        self._edit.editingFinished.connect(self._on_typed)
        self.normalization_box.activated.connect(self.changed)

    def chosen(self) -> ChosenInput:
        """What was chosen; None in it for what was not."""
        name: str = self.normalization_box.currentData()
        return ChosenInput(self._size, NORMALIZATIONS.get(name), self._name)

    @Slot()
    def _on_name(self) -> None:
        before, self._name = self._name, self.name_box.text().strip() or AUTO
        if self._name != before:
            self.changed.emit()

    @Slot(int)
    def _on_size(self, index: int) -> None:
        side: int | None = self.size_box.itemData(index)
        self._take(None if side is None else (side, side))

    @Slot()
    def _on_typed(self) -> None:
        """Take the size that was typed; what is none is said, and the one before stays."""
        text = self._edit.text().strip()
        size = size_in(text.removesuffix("s").removesuffix("pixel"))
        before = _size_words(self._size)
        if text and text != _LEFT and size is None:
            self.refused.emit(f"“{text}” is no size of pictures. {A_SIZE}")
            self.size_box.setEditText(before)
        elif text != before:
            self._take(size)

    def _take(self, size: tuple[int, int] | None) -> None:
        is_other, self._size = size != self._size, size
        self.size_box.setEditText(_size_words(size))
        if is_other:
            self.changed.emit()


def _size_words(size: tuple[int, int] | None) -> str:
    if size is None:
        return _LEFT
    height, width = size
    return counted(width, "pixel") if width == height else f"{grouped(width)}×{grouped(height)} pixels"
