"""What the page of use asks for: answers to pictures, tables of predictions, disagreements of two networks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import watched
from workbench.bridge.use.network_slot import NetworkSlot
from workbench.engine.core.progress import IsCancelled, Progress, finished
from workbench.engine.core.text import counted, grouped

if TYPE_CHECKING:
    from workbench.engine.use.answer import Answer
    from workbench.engine.use.disagree import Disagreements
    from workbench.engine.use.network import UsedNetwork

Bytes = npt.NDArray[np.uint8]


class UseDesk(QObject):
    """Lives in the GUI thread. ``quick`` is the thread of single pictures, ``long`` that of folders."""

    answered = Signal(object)  #: an Answer
    refused = Signal(str)  #: why a picture has no answer
    written = Signal(str, bool)  #: what was written, as a sentence, and whether all pictures could be read
    compared = Signal(object)  #: Disagreements
    picture_changed = Signal()  #: another picture was given, or there is none any more
    changed = Signal()  #: progress of work on folders

    def __init__(self, session: Session, quick: Tasks, long: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.slot, self.other = NetworkSlot(session, quick, self), NetworkSlot(session, quick, self)
        self._picture: Path | Bytes | None = None
        self._picture_words = ""
        self._number = 0
        self._pictures = 0
        self._answer = LatestRequest(quick, "Predicting a picture", self)
        self._answer.answered.connect(self.answered)
        self._answer.failed.connect(self.refused)
        self.table = LatestRequest(long, "Predicting a folder", self)
        self.table.changed.connect(self.changed)
        self.table.answered.connect(self._on_table)
        self.table.failed.connect(self._on_table_failed)
        self.comparison = LatestRequest(long, "Comparing two networks", self)
        self.comparison.changed.connect(self.changed)
        self.comparison.answered.connect(self.compared)
        self.slot.renewed.connect(self._on_renewed)

    # --- A picture -----------------------------------------------------------------------------------------------

    @property
    def has_picture(self) -> bool:
        """Whether a picture was given, which is asked again when the network changes."""
        return self._picture is not None

    @property
    def picture(self) -> Path | Bytes | None:
        """The picture that was given last: a file, or pixels uint8 (H, W, 1, 3 or 4)."""
        return self._picture

    @property
    def picture_words(self) -> str:
        """What the picture is, in words: its name, and its class where that is known."""
        return self._picture_words

    @property
    def picture_edition(self) -> int:
        """Another value for another picture."""
        return self._pictures

    def ask(self, picture: Path | Bytes, words: str = "") -> None:
        """Predict a file, or pixels in memory, uint8 (H, W, 1, 3 or 4); the newest counts. ``words`` name it."""
        self._give(picture, words)
        self._ask()

    def forget(self) -> None:
        """There is no picture any more."""
        self._give(None)
        self._answer.forget()

    def _give(self, picture: Path | Bytes | None, words: str = "") -> None:
        self._picture, self._picture_words = picture, words
        self._pictures += 1
        self.picture_changed.emit()

    @Slot()
    def _on_renewed(self) -> None:
        if self._picture is not None:
            self._ask()

    def _ask(self) -> None:
        network, picture = self.slot.network, self._picture
        if network is not None and picture is not None:
            self._number += 1
            self._answer.ask(self._number, partial(_answer, network, picture))

    # --- Folders -------------------------------------------------------------------------------------------------

    def write_table(self, paths: Sequence[Path], out: Path) -> None:
        """Predict all pictures at ``paths`` into the CSV file ``out``."""
        if (network := self.slot.network) is not None:
            self._number += 1
            self.table.ask(self._number, partial(_table, network, tuple(paths), out))

    def compare(self, paths: Sequence[Path]) -> None:
        """Find the pictures at ``paths`` about which the two networks disagree."""
        one, other = self.slot.network, self.other.network
        if one is not None and other is not None:
            self._number += 1
            self.comparison.ask(self._number, partial(_compare, one, other, tuple(paths)))

    @Slot(object)
    def _on_table(self, said: tuple[str, bool]) -> None:
        self.written.emit(*said)

    @Slot(str)
    def _on_table_failed(self, why: str) -> None:
        self.written.emit(why, False)


def _answer(network: UsedNetwork, picture: Any, _progress: Progress, _is_cancelled: IsCancelled) -> Answer:
    from workbench.engine.use.answer import answered

    return answered(network, picture)


def _table(
    network: UsedNetwork, paths: tuple[Path, ...], out: Path, progress: Progress, is_cancelled: IsCancelled
) -> tuple[str, bool]:
    """What was done in a sentence, and whether every picture could be read."""
    from workbench.engine.core.errors import WorkbenchError
    from workbench.engine.use.picture_walk import PictureWalk
    from workbench.engine.use.predict import predicting_files
    from workbench.engine.use.prediction_table import prediction_file

    walk = PictureWalk(paths)
    with prediction_file(out, network.classes) as table:
        result = finished(predicting_files(network, walk, table.add), watched(progress, is_cancelled))
        if not result.count and not result.unreadable:
            raise WorkbenchError(" ".join(("There are no pictures here; nothing was written.", *result.troubles)))
    said = f"{counted(result.count, 'picture')} predicted in {grouped(result.seconds, 1)} s, in {out}."
    if result.unreadable:
        said += f" {counted(result.unreadable, 'file')} could not be read; their rows say why."
    return " ".join((said, *result.troubles)), not result.unreadable and not result.troubles


def _compare(
    one: UsedNetwork, other: UsedNetwork, paths: tuple[Path, ...], progress: Progress, is_cancelled: IsCancelled
) -> Disagreements:
    from workbench.engine.use.disagree import disagreeing

    return finished(disagreeing(one, other, paths), watched(progress, is_cancelled))
