"""Links from the Regularization panel to settings in other panels that regularize as well."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.collapsible_header import LinkButton
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.theme import MUTED, rhythm

#: The link's text, the panel, and the path of the setting.
LINKS: Final = (
    ("Batch norm", "Model", "model.batch_norm"),
    ("Weight decay", "Optimizer", "optimizer.weight_decay"),
    ("Erasing, mixup, CutMix", "Augmentation", "augmentations"),
    ("Early stopping", "Run", "loop.patience"),
    ("Random test passes", "Test time", "testing.passes"),
)


class RelatedSettings(Box):
    """The links; ``requested`` carries the path of the setting to show."""

    requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self.add(Words("Other settings that regularize:", tone=MUTED))
        links = QWidget()
        flow = FlowLayout(links, rhythm(self, 3))
        self.buttons: dict[str, LinkButton] = {}
        for title, panel, path in LINKS:
            button = LinkButton(links)
            button.setText(title)
            button.setToolTip(plain_tip(f"Open the panel {panel}."))
            button.setAccessibleName(f"{title}, in the panel {panel}")
            button.clicked.connect(partial(self.requested.emit, path))
            flow.addWidget(button)
            self.buttons[path] = button
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        links.setSizePolicy(policy)
        self.add(links)
