"""A trained network taken away, in the background: one export at a time, with progress and cancel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import watched
from workbench.bridge.use.network_slot import NetworkChoice, NetworkSlot
from workbench.engine.core.progress import IsCancelled, Progress, finished
from workbench.engine.data.store import DataStore
from workbench.engine.export.formats import FORMATS, Exported, exporting
from workbench.engine.export.options import Options


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported: the run or the weights at ``path`` as ``format``, into the new folder ``out``.

    ``names`` is a file with the names of the outputs, None without.
    """

    path: Path
    format: str
    out: Path
    options: Options
    names: Path | None = None


class ExportDesk(QObject):
    """Lives in the GUI thread. ``quick`` is the thread that loads networks, ``long`` that of exports."""

    wanted = Signal(object)  #: an export of a NetworkChoice is asked for
    changed = Signal()  #: progress
    exported = Signal(object)  #: an Exported
    failed = Signal(str)  #: why nothing was exported

    def __init__(
        self, session: Session, quick: Tasks, long: Tasks, loaded: DataStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.slot = NetworkSlot(session, quick, self)
        #: Parent folder of the last export; the window saves it.
        self.folder = Path.home()
        self.quick = quick
        self._loaded = loaded
        self._number = 0
        self.request = LatestRequest(long, "Exporting", self)
        self.request.changed.connect(self.changed)
        self.request.answered.connect(self._on_exported)
        self.request.failed.connect(self.failed)

    @Slot(object)
    def want(self, choice: NetworkChoice) -> None:
        """Ask for an export of ``choice``."""
        self.wanted.emit(choice)

    @Slot(object)
    def want_run(self, folder: Path) -> None:
        """Ask for an export of the run in ``folder``."""
        self.want(NetworkChoice((folder,)))

    @property
    def network_name(self) -> str:
        """What a folder for the chosen network is called; empty without one."""
        paths = self.slot.paths
        return paths[0].stem if len(paths) == 1 and paths[0].suffix else paths[0].name if len(paths) == 1 else ""

    @property
    def why_not(self) -> str:
        """Why the chosen network cannot be exported in any format, as a sentence; empty if it can."""
        if len(self.slot.paths) > 1:
            return "An average is of several networks, which are exported one by one: choose one of them."
        if not self.slot.paths or self.slot.is_wrong:
            return self.slot.trouble
        return ""

    def why_no(self, name: str) -> str:
        """Why the format ``name`` cannot be made here, as a sentence; empty if it can."""
        return FORMATS[name].why_not()

    def export(self, name: str, out: Path, options: Options) -> None:
        """Export the chosen network as the format ``name`` into the new folder ``out``."""
        choice = self.slot.choice
        self._number += 1
        wish = Wish(self.slot.paths[0], name, out, options, choice.names if choice is not None else None)
        self.request.ask(self._number, partial(_export, wish, self._loaded))

    @Slot(object)
    def _on_exported(self, made: Exported) -> None:
        self.folder = made.folder.parent
        self.exported.emit(made)


def _export(wish: Wish, loaded: DataStore, progress: Progress, is_cancelled: IsCancelled) -> Exported:
    from workbench.engine.weights.class_list import names_in

    names = names_in(wish.names) if wish.names is not None else ()
    options = replace(wish.options, names=names)
    work = exporting(wish.path, wish.format, wish.out, options, loaded)
    return finished(work, watched(progress, is_cancelled))
