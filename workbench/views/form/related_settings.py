"""Links to settings that regularize too and have their home in another panel: one home for each, found from both."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.collapsible_header import LinkButton
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.theme import MUTED, rhythm

#: What is said, the panel it is in, and the setting.
LINKS: Final = (
    ("Batch norm", "Model", "model.batch_norm"),
    ("Weight decay", "Optimizer", "optimizer.weight_decay"),
    ("Erasing, mixup, CutMix", "Augmentation", "augmentations"),
    ("Early stopping", "Run", "loop.patience"),
    ("Random test passes", "Test time", "testing.passes"),
)


class RelatedSettings(Box):
    """The links; ``asked`` carries the path of the setting that is to be shown."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self.add(Words("Set elsewhere, and regularizing too:", tone=MUTED))
        links = QWidget()
        flow = FlowLayout(links, rhythm(self, 3))
        self.buttons: dict[str, LinkButton] = {}
        for title, panel, path in LINKS:
            button = LinkButton(links)
            button.setText(title)
            button.setToolTip(plain_tip(f"Opens the panel {panel}."))
            button.setAccessibleName(f"{title}, in the panel {panel}")
            button.clicked.connect(partial(self.asked.emit, path))
            flow.addWidget(button)
            self.buttons[path] = button
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        links.setSizePolicy(policy)
        self.add(links)
