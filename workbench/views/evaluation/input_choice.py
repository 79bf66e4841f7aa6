"""How pictures are prepared for weights of other programs, where the user knows better than what is assumed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from workbench.engine.core.text import counted
from workbench.engine.weights.chosen_input import NORMALIZATION_TITLES, NORMALIZATIONS, ChosenInput
from workbench.views.widgets.basics import Box, Words, plain_tip

_SIZES: Final = (28, 32, 48, 64, 96, 128, 160, 192, 224, 256, 299, 320, 384, 448, 512)
_LEFT: Final = "as the file says, else as usual"
_TIP: Final = (
    "For weights of other programs. Without a choice the file decides; what it does not say is assumed as is usual for "
    "its network, and the row says so. Weights of this program always say it themselves."
)


class InputChoice(Box):
    """One row of two choices: the size of the pictures and their normalization."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self.size_box, self.normalization_box = QComboBox(), QComboBox()
        self.size_box.addItem(_LEFT, None)
        for side in _SIZES:
            self.size_box.addItem(counted(side, "pixel"), side)
        self.normalization_box.addItem(_LEFT, "")
        for name, title in NORMALIZATION_TITLES.items():
            self.normalization_box.addItem(title, name)
        for words, box in (("Picture si&ze:", self.size_box), ("&Normalization:", self.normalization_box)):
            label = Words(words, wrap=False)
            label.setBuddy(box)
            box.setAccessibleName(words.replace("&", "").rstrip(":"))
            box.setToolTip(plain_tip(_TIP))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(18)
            self.add(label)
            self.add(box, 1)
            box.activated.connect(self.changed)

    def chosen(self) -> ChosenInput:
        """What was chosen; None in it for what was not."""
        side: int | None = self.size_box.currentData()
        name: str = self.normalization_box.currentData()
        return ChosenInput(None if side is None else (side, side), NORMALIZATIONS.get(name))
