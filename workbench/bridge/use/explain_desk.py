"""What one picture is to the network in use, in the background: maps, filters, activations, nearest pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Slot

from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import watched
from workbench.bridge.use.use_desk import UseDesk
from workbench.engine.core.progress import IsCancelled, Progress, finished

if TYPE_CHECKING:
    from workbench.engine.data.browse import Catalogue
    from workbench.engine.data.store import DataStore
    from workbench.engine.explain.explainer import Explainer
    from workbench.engine.explain.explanation import Explanation
    from workbench.engine.explain.inside import Channels, Nearest
    from workbench.engine.explain.neighbours import FeatureIndex
    from workbench.engine.explain.question import Question
    from workbench.engine.explain.tiles import Tiles
    from workbench.engine.use.network import UsedNetwork

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """The features of the training pictures, and the network that they are of (with copies of its own)."""

    explainer: Explainer
    index: FeatureIndex


class _Kept(LatestRequest):
    """What was found stays until it is found anew."""

    keeps_value: ClassVar[bool] = True


class ExplainDesk(QObject):
    """Lives in the GUI thread; ``quick`` computes for one picture, ``long`` for the training pictures.

    A repeated request with a known result does nothing. Better weights that a run saves while a map is computed do not
    cancel it: the next request uses the newest weights.
    """

    def __init__(
        self, use: UseDesk, quick: Tasks, long: Tasks, loaded: DataStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._use, self._loaded = use, loaded
        self._explainer: tuple[UsedNetwork, Explainer] | None = None
        self._pending: dict[LatestRequest, object] = {}
        self._index_of: object = None
        #: Which network of an average is explained.
        self.member = 0
        self.map = _Kept(quick, "Explaining a picture", self)
        self.filters = _Kept(quick, "Looking at filters", self)
        self.channels = _Kept(quick, "Looking at a layer", self)
        self.index = LatestRequest(long, "Looking at training pictures", self)
        self.nearest = _Kept(quick, "Looking for the nearest pictures", self)
        self._paths: tuple[Path, ...] = ()  # those of the network that is loaded
        use.picture_changed.connect(self._on_picture)
        use.slot.renewed.connect(self._on_renewed)

    @property
    def explainer(self) -> Explainer | None:
        """The network in use, as it is explained; None while there is none, or another one is being loaded."""
        from workbench.engine.explain.explainer import Explainer

        network = self._use.slot.network
        if network is None or self._paths != self._use.slot.paths:
            return None
        number = min(self.member, len(network.members) - 1)
        known = self._explainer
        if known is None or known[0] is not network or known[1].number != number:
            known = self._explainer = network, Explainer(network, number)
        return known[1]

    @Slot()
    def _on_renewed(self) -> None:
        self._paths = self._use.slot.paths

    @Slot()
    def _on_picture(self) -> None:
        """What was found is of another picture than the one that is there now."""
        for request in (self.map, self.channels, self.nearest):
            request.cancel()
            request.forget()

    # --- One picture ---------------------------------------------------------------------------------------------

    def explain(self, question: Question) -> None:
        """Make the map of ``question`` for the picture of the desk of use."""
        self._ask(self.map, question, lambda explainer, picture: partial(_explain, explainer, picture, question))

    def look_at_layer(self, layer: str) -> None:
        """Find what ``layer`` gives for the picture; the first layer, if it is empty."""
        self._ask(self.channels, layer, lambda explainer, picture: partial(_channels, explainer, picture, layer))

    def look_at_filters(self) -> None:
        """Find the filters of the first layer, for which no picture is needed."""
        if (explainer := self.explainer) is not None:
            self.filters.ask(explainer, partial(_filters, explainer))

    def _ask(self, request: LatestRequest, question: object, work: Any) -> None:
        explainer, picture = self.explainer, self._use.picture
        if explainer is None or picture is None:
            return
        about = (self._use.slot.paths, explainer.number, self._use.picture_edition, question)
        if request.is_pending and self._pending.get(request) == about:
            return
        self._pending[request] = about
        request.ask((explainer, *about), work(explainer, picture))

    # --- The training pictures -----------------------------------------------------------------------------------

    @property
    def indexed(self) -> Indexed | None:
        """The features that were computed last; None where they are of another network."""
        found: Indexed | None = self.index.value
        if found is None or self._use.slot.network is None or self._index_of != self._now():
            return None
        return found

    @property
    def is_index_of_old_weights(self) -> bool:
        """Whether the run has better weights by now than those of the features."""
        found = self.indexed
        return found is not None and found.explainer.network is not self._use.slot.network

    def make_index(self) -> None:
        """Compute the features of the training pictures with the newest weights."""
        explainer = self.explainer
        if explainer is not None:
            self._index_of = self._now()
            work = partial(_index, self._use.slot.paths, explainer.network, explainer.number, self._loaded)
            self.index.ask(explainer, work)

    def look_for_nearest(self) -> None:
        """Find the training pictures nearest to the picture, once their features are there."""
        found, picture = self.indexed, self._use.picture
        if found is not None and picture is not None:
            about = (found, self._use.picture_edition)
            self.nearest.ask(about, partial(_nearest, found, picture))

    def _now(self) -> tuple[tuple[Path, ...], int]:
        return self._use.slot.paths, self.member


def picture_of(found: Catalogue, example: int) -> Path | Bytes:
    """An example of a catalogue as a picture to give to a network."""
    if found.pictures is None:
        return Path(found.files[example])
    pixels = found.small(example, 0)
    assert not isinstance(pixels, str)  # those of an array are there
    return pixels


def _explain(
    explainer: Explainer, picture: Path | Bytes, question: Question, progress: Progress, is_cancelled: IsCancelled
) -> Explanation:
    from workbench.engine.explain.explanation import explaining

    return finished(explaining(explainer, picture, question), watched(progress, is_cancelled))


def _channels(
    explainer: Explainer, picture: Path | Bytes, layer: str, _progress: Progress, _is_cancelled: IsCancelled
) -> Channels:
    from workbench.engine.explain.inside import channels_of

    found = channels_of(explainer, picture, layer)
    _ = found.tiles.small  # here, not in the window's thread
    return found


def _filters(explainer: Explainer, _progress: Progress, _is_cancelled: IsCancelled) -> Tiles:
    from workbench.engine.explain.inside import filters_of

    found = filters_of(explainer)
    _ = found.small  # here, not in the window's thread
    return found


def _index(
    paths: tuple[Path, ...],
    network: UsedNetwork,
    number: int,
    loaded: DataStore,
    progress: Progress,
    is_cancelled: IsCancelled,
) -> Indexed:
    from workbench.engine.explain.explainer import Explainer
    from workbench.engine.explain.neighbours import indexing, training_examples

    watch, explainer = watched(progress, is_cancelled), Explainer(network, number)  # a twin for this thread alone
    examples, notes = training_examples(paths, explainer, watch, loaded)
    return Indexed(explainer, finished(indexing(explainer, examples, notes=notes), watch))


def _nearest(found: Indexed, picture: Path | Bytes, _progress: Progress, _is_cancelled: IsCancelled) -> Nearest:
    from workbench.engine.explain.inside import nearest_to

    return nearest_to(found.explainer, found.index, picture)
