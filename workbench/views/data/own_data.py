"""Own data at the window: dropped or chosen, opened in the background, answered in the banner."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMainWindow

from workbench.bridge.data.open_data import Refused
from workbench.bridge.services import Services
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.data.own_data import OwnData
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.data.download_line import DownloadLine
from workbench.views.data.drop_target import DropTarget
from workbench.views.form.panels import PanelColumn
from workbench.views.widgets.banner import Banner, Offer

_CODE = "own data"


class OwnDataDesk(QObject):
    """Takes what is dropped or chosen and says what became of it. ``open_settings`` opens a settings file."""

    data_opened = Signal()  #: own data is the data set now
    opened_path = Signal(object)  #: the Path of data that is in use now
    data_replaced = Signal()  #: another kind of data was chosen after that

    def __init__(
        self,
        window: QMainWindow,
        services: Services,
        panels: PanelColumn,
        banner: Banner,
        open_settings: Callable[[Path], object],
    ) -> None:
        super().__init__(window)
        self._window, self._services, self._panels, self._banner = window, services, panels, banner
        self._open_settings = open_settings
        self._folder = str(Path.home())
        self._opened: DataSource | None = None
        self._asked_for = Path()
        self._reading, self._is_said = "", False
        self.download = DownloadLine(services.downloading, services.store, services.previews)
        panels.panel("data").add_extra(self.download)
        services.store.changed.connect(self._on_spec)
        self.target = DropTarget(window)
        self.target.watch(window.windowHandle())
        self.target.dropped.connect(self.open)
        opening = services.opening
        opening.opened.connect(self._on_opened)
        opening.settings_found.connect(self._on_settings)
        opening.refused.connect(self._on_refused)
        opening.slow.connect(self._on_slow)
        opening.progressed.connect(self._on_progressed)
        opening.ended.connect(self._on_ended)

    @property
    def slots(self) -> dict[str, Callable[[], None]]:
        """What the menus' actions do, by name."""
        return {
            "open_data": self.choose_folder,
            "open_data_file": self.choose_file,
        }

    @Slot(object)
    def open(self, paths: Sequence[Path]) -> None:
        """Open what was dropped."""
        before = self._reading if self._services.opening.is_busy else ""
        self._asked_for = paths[0] if len(paths) == 1 else Path(os.path.commonpath(paths)) if paths else Path()
        self._services.opening.open(paths)
        self._reading = self._asked_for.name or str(self._asked_for)
        instead = f" instead of “{before}”" if before else ""
        self._on_progressed(f"Reading “{self._reading}”{instead}…")
        self._is_said = True

    @Slot(str)
    def _on_progressed(self, words: str) -> None:
        self._banner.say(words, "info", (Offer("Cancel", self._services.opening.cancel),), _CODE)

    @Slot()
    def _on_ended(self) -> None:
        """Nothing is being read any more: an answer says the rest."""
        if self._is_said:
            self._is_said = False
            self._banner.retract(_CODE)

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder."""
        self._choose("Open data folder", QFileDialog.FileMode.Directory, "")

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file."""
        self._choose("Open data file", QFileDialog.FileMode.ExistingFile, "Data (*.npz *.csv *.tsv);;All files (*)")

    def _choose(self, title: str, mode: QFileDialog.FileMode, names: str) -> None:
        """Without blocking; the dialog deletes itself when it is closed."""
        dialog = QFileDialog(self._window, title, self._folder, names)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        self._folder = str(Path(path).parent)
        self.open((Path(path),))

    @Slot(object)
    def _on_opened(self, found: OwnData) -> None:
        self.data_opened.emit()
        self.opened_path.emit(self._asked_for)
        self._opened = self._services.store.spec.data.source
        self._panels.show_setting("data.source")
        words = f"The data set is now “{found.name}”. {found.note}".rstrip()
        if not self._services.session.is_active:
            self._banner.say(words, "info", (), _CODE)
            return
        text = f"The next run uses “{found.name}”; the current run keeps its data. {found.note}"
        offers = (Offer("Restart with this", self._services.session.restart),)
        self._banner.say(text.rstrip(), "info", offers, _CODE)

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        """What was said of opened data is not true of other data."""
        if self._opened is not None and _place(spec.data.source) != _place(self._opened):
            self._opened = None
            self._banner.retract(_CODE)
            self.data_replaced.emit()

    @Slot(object)
    def _on_settings(self, path: Path) -> None:
        self._open_settings(path)

    @Slot(object)
    def _on_refused(self, refused: Refused) -> None:
        near = [refused.instead] if refused.instead is not None else []
        offers = tuple(Offer(f"Open “{each.name or each}”", _Open(self, each)) for each in (*near, *refused.others))
        stays = _named(self._services.store.spec.data.source)
        self._banner.say(f"{refused.message} The data set stays “{stays}”.", "error", offers, _CODE)

    @Slot(str)
    def _on_slow(self, words: str) -> None:
        self._banner.say(words, "warning", (Offer("Cancel", self._services.opening.cancel),), _CODE)


def _place(source: DataSource) -> tuple[str, str]:
    """What data it is, whatever else is chosen of it."""
    return source.kind, getattr(source, "folder", "") or getattr(source, "file", "")


def _named(source: DataSource) -> str:
    """What the user calls it."""
    return Path(_place(source)[1]).name or source.title


class _Open:
    """A button's act: open this folder."""

    def __init__(self, desk: OwnDataDesk, folder: Path) -> None:
        self._desk, self._folder = desk, folder

    def __call__(self) -> None:
        self._desk.open((self._folder,))
