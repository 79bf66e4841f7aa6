"""The network that is chosen for use: loaded in the background, and again when the run has better weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import watched
from workbench.engine.core.events import WeightsSaved
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.use.network import UsedNetwork


#: Minimum interval between two loads of a run's better weights, in milliseconds.
RENEW_MS: Final = 500
_YOUNG: Final = "The run is training; its weights are kept in a few seconds."


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """Files of weights and folders of runs; of several the predictions are averaged. No ``paths``: the current run.

    ``names`` is a file with the names of the outputs, for weights that do not name them; None without.
    """

    paths: tuple[Path, ...] = ()
    names: Path | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is whatever the window trains or has trained last."""
        return not self.paths

    @property
    def title(self) -> str:
        """What it is called in a list."""
        if self.is_current:
            return "The current run (its best weights so far)"
        if len(self.paths) == 1:
            return self.paths[0].name
        return f"The average of {counted(len(self.paths), 'network')}"


class _Loaded(LatestRequest):
    """The network before is used until the next one is there."""

    keeps_value: ClassVar[bool] = True


class NetworkSlot(QObject):
    """Lives in the GUI thread. ``network`` is to be used in background tasks only."""

    changed = Signal()  #: another choice, network, trouble or progress
    renewed = Signal()  #: another network is ready, or the same with better weights

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._edition = 0
        self._has_kept = False  # whether the weights that the run has kept were asked for
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(RENEW_MS)
        self._soon.timeout.connect(self._renew)
        self.choice: NetworkChoice | None = None
        self._request = _Loaded(tasks, "Loading the network", self)
        self._request.changed.connect(self.changed)
        self._request.answered.connect(self._on_answered)
        session.updated.connect(self._on_events)
        session.began.connect(self._on_began)
        session.ended.connect(self._on_ended)

    @property
    def network(self) -> UsedNetwork | None:
        """The chosen network; None while it is not there."""
        network: UsedNetwork | None = self._request.value
        return network if not self._request.trouble else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where its weights are; empty where there are none."""
        if self.choice is None:
            return ()
        if self.choice.is_current:
            return (Path(self._session.folder),) if self._session.folder else ()
        return self.choice.paths

    @property
    def edition(self) -> object:
        """Another value for other weights."""
        return self.paths, self._edition

    @property
    def trouble(self) -> str:
        """Why there is no network, in a sentence; empty while it is loaded."""
        if self.choice is None:
            return "Choose a network: the current run, a run that is kept, or a file of weights."
        if self._is_young:
            return "" if self._request.is_pending else _YOUNG
        if not self.paths:
            return "No run has been trained in this window yet. Press Train, or choose a run that is kept."
        if self.choice.is_current and self._request.value is None and not self._request.is_pending:
            return self._request.trouble or "The current run has no weights yet: they come with its first evaluation."
        return self._request.trouble

    @property
    def is_wrong(self) -> bool:
        """Whether the trouble is that weights cannot be used, and not that there are none yet."""
        return bool(self.paths) and bool(self._request.trouble) and not self._is_young

    @property
    def _is_young(self) -> bool:
        """Whether the current run trains and has kept no weights: it keeps them only every few seconds."""
        is_current = self.choice is not None and self.choice.is_current
        return is_current and self._session.is_active and not self._has_kept and self._request.value is None

    @property
    def is_loading(self) -> bool:
        """Whether weights are being loaded."""
        return self._request.is_pending

    def choose(self, choice: NetworkChoice) -> None:
        """Use this from now on."""
        self.choice = choice
        self._load()

    def reload(self) -> None:
        """Read the weights again, if they come from a run that may have better ones by now."""
        self._edition += 1
        self._load()

    def _load(self) -> None:
        if self.paths:
            names = self.choice.names if self.choice is not None else None
            self._request.ask((self.edition, names), loading(self.paths, names))
        else:
            self._request.forget()
            self.changed.emit()

    @Slot(object)
    def _on_answered(self, _network: object) -> None:
        self.renewed.emit()

    @Slot(object)
    def _on_events(self, events: Sequence[object]) -> None:
        is_current = self.choice is not None and self.choice.is_current
        if not is_current or not any(isinstance(e, WeightsSaved) and e.which in ("best", "last") for e in events):
            return
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _renew(self) -> None:
        """Load the better weights after the pending load has finished; restarting it each time might never finish."""
        if self.is_loading:
            self._soon.start()
        else:
            self._has_kept = True
            self.reload()

    @Slot(object)
    def _on_ended(self, _ended: object) -> None:
        """Load the final weights at once: no later ones will be saved."""
        if self._soon.isActive():
            self._soon.stop()
            self.reload()
        self.changed.emit()

    @Slot(object)
    def _on_began(self, _history: object) -> None:
        """Forget the weights of the previous run."""
        self._has_kept = False
        if self.choice is not None and self.choice.is_current:
            self._request.forget()
            self.changed.emit()


def loading(paths: Sequence[Path], names: Path | None = None) -> Work:
    """Read the weights at ``paths``, their outputs named by the file ``names``; the result is a UsedNetwork."""
    return partial(_load, tuple(paths), names)


def _load(paths: tuple[Path, ...], names: Path | None, progress: Progress, is_cancelled: IsCancelled) -> UsedNetwork:
    from workbench.engine.use.network import used_network
    from workbench.engine.weights.class_list import names_in

    return used_network(paths, watched(progress, is_cancelled), names=names_in(names) if names is not None else ())
