"""In the Data panel, for a well-known set that is not there: a button that downloads it, and the way without a net."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.data.download_data import Downloading
from workbench.bridge.previews import Previews
from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.datasets.torchvision_sets import TorchvisionSet
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED


class DownloadLine(Box):
    """Hidden unless such a set is chosen and cannot be read."""

    def __init__(
        self, downloading: Downloading, store: SpecStore, previews: Previews, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, spacing=1)
        self._downloading, self._store, self._previews = downloading, store, previews
        self.words, self.hint = Words(tone=MUTED), Words(tone=MUTED)
        self.bar = ProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the download")
        self.button, self.stop = QPushButton(), QPushButton("Stop the download")
        for widget in (self.button, self.hint, self.words, self.bar, self.stop):
            self.add(widget)
        self.button.clicked.connect(downloading.begin)
        self.stop.clicked.connect(downloading.cancel)
        for changed in (downloading.changed, store.changed, previews.data_ready, previews.failed):
            changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the state of the download."""
        source, busy = self._store.spec.data.source, self._downloading.is_busy
        chosen = isinstance(source, TorchvisionSet)
        self.setVisible(busy or (chosen and self._previews.data is None))
        self.button.setVisible(not busy)
        self.hint.setVisible(not busy)
        self.bar.setVisible(busy)
        self.stop.setVisible(busy)
        self.bar.setRange(0, 1000 if self._downloading.fraction else 0)
        self.bar.setValue(round(1000 * self._downloading.fraction))
        self.words.setForegroundRole(ERROR if self._downloading.failed else MUTED)
        self.words.say(self._downloading.words)
        if isinstance(source, TorchvisionSet):
            folder = self._downloading.folder_for(source)
            self.button.setText(f"Download {source.name}")
            self.hint.setText(
                f"This uses the network only for this download and saves the data set in {folder}. "
                "Without a network, copy its files there from another computer, in the layout that torchvision uses."
            )
