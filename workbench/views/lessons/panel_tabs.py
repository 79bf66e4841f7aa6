"""A tab for each panel of a picture that has room for one at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QTabBar, QWidget

from workbench.views.widgets.basics import plain_tip


class PanelTabs(QTabBar):
    """Tabs named by the beginning of a panel's title; where they have no room they are cut, the longest ones first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Panels of the picture")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the page
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setUsesScrollButtons(False)
        self.setExpanding(False)
        self.setDrawBase(False)

    def show_titles(self, titles: Sequence[str]) -> None:
        """A tab for each title. The chosen one stays while the titles do, else it is the first; no signal says so."""
        if list(titles) == [self.tabData(place) for place in range(self.count())]:
            return
        blocked = self.blockSignals(True)
        while self.count():
            self.removeTab(0)
        for place, title in enumerate(titles):
            self.addTab(re.split("[,:]", title)[0].replace("&", "&&"))
            self.setTabData(place, title)
            self.setTabToolTip(place, plain_tip(title))
        self.blockSignals(blocked)

    def tabSizeHint(self, index: int) -> QSize:
        """Its own, or its share of the width with what shorter tabs leave of theirs."""
        size, share = super().tabSizeHint(index), self.width() // max(1, self.count())
        others = (super(PanelTabs, self).tabSizeHint(place) for place in range(self.count()) if place != index)
        left = self.width() - sum(min(share, other.width()) for other in others)
        return QSize(min(size.width(), max(share, left)), size.height())
