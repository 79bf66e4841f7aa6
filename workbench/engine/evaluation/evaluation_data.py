"""The examples on which weights are evaluated: those at a path, of a data source, or held back by a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, get_args

import numpy as np

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.understanding import Doubt
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Watch, finished
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.data.detect import recognise
from workbench.engine.data.part_for_test import part_for_test
from workbench.engine.data.split import Indices, Split, split
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import doubts_of
from workbench.engine.evaluation.picture_reading import PictureReading, reading_for, reading_notes
from workbench.engine.evaluation.trained_on import TrainedOn, same_path, same_place
from workbench.engine.spec.assignment import with_assigned
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from workbench.engine.weights.input_spec import Origin

MeasuredPart = Literal["validation", "all", "train", "test"]
PARTS: tuple[MeasuredPart, ...] = get_args(MeasuredPart)
#: Where the examples come from; None means those that the first run held back for validation. Settings of data
#: say how to split them where neither the data nor the weights do.
Data = Path | DataSource | DataSpec | None
#: A source of a kind that nothing on the disk is, so that none of its settings is kept.
_ANY = Digits()
_PLAIN_READING = PictureReading()
#: Doubts that matter where nothing is trained; those about columns are mostly about the split.
_NOTED: Final = ("values", "shapes", "files")
_OPEN: Final = "Open the data, choose how it is read, and measure on that."
_CHOOSE: Final = "Choose how it is read in the Data panel, then measure."


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationExamples:
    """A data set and the indices (n,) of the examples in it that are evaluated; ``words`` say what they are.

    ``source`` is where the set is from; None for a test part, which no run trains on. Where ``split_by`` split it, the
    examples are its ``part``; ``is_own_fold`` says that these are another fold's than those of the first weights.
    ``notes`` say how its pictures were read for the weights.
    """

    dataset: Dataset
    indices: Indices
    words: str
    source: DataSource | None = None
    split_by: TrainedOn | None = None
    part: MeasuredPart = "all"
    is_own_fold: bool = False
    notes: tuple[str, ...] = ()

    def of_fold(self, trained: TrainedOn | None) -> EvaluationExamples:
        """The part that ``trained`` has of its own, where it is another fold than ``split_by``; else these examples."""
        if trained is None or self.split_by is None or self.source is None or self.part not in ("validation", "train"):
            return self
        own = trained.split_of(self.dataset, self.source) if trained.is_other_fold_of(self.split_by) else None
        if own is None:
            return self
        indices = own.val if self.part == "validation" else own.train
        return replace(self, indices=indices, split_by=trained, is_own_fold=True)

    def doubt(self, trained: TrainedOn | None) -> str:
        """What makes a measurement of weights that were ``trained`` so too good, in a few words; else empty."""
        seen = None
        if trained is not None and self.source is not None:
            seen = trained.has_seen(self.dataset, self.source, self.indices)
        if not seen:
            return ""
        return f"includes {grouped(seen)} examples it was trained on"

    def about(self, trained: TrainedOn | None) -> str:
        """A sentence on data of the user's own that weights were ``trained`` on where these lie elsewhere; or empty."""
        if trained is None or self.source is None or not trained.place:
            return ""
        if same_place(trained.spec.data.source, self.source):
            return ""
        if trained.split_of(self.dataset, self.source) is not None:
            return f"These are the data that {trained.name} was trained on, in another place than {trained.place}."
        if trained.data_mark and same_path(trained.spec.data.source, self.source):
            return ""
        text = f"{trained.name} was trained on {trained.place}"
        return f"{text}, which are not just these examples; whether some of them are the same is not known."


class DataInDoubt(WorkbenchError):
    """The files can be read in more than one way; ``doubts`` have the ways to choose from, and ``how`` says where."""

    def __init__(self, doubts: Sequence[Doubt], how: str) -> None:
        said = " ".join(doubt.sentence for doubt in doubts)
        super().__init__(f"{said} {how}", "data.source")
        self.doubts = tuple(doubts)


class EvaluationData(Protocol):
    """Loads the examples when they are first needed."""

    def load_for(self, origin: Origin | None) -> EvaluationExamples:
        """The examples, image files read in size, colours and shape as ``origin`` asks. Raises WorkbenchError."""


class ChosenData:
    """Examples of ``part`` at a path, of a data source, or of the settings' data; ``trained`` are the weights' own.

    Data are split as the first of ``trained`` that was trained on them split them, else as the settings do, else as
    they are stored. Where none of them says it, all examples are measured, and ``words`` say so. ``settings`` are
    fields of the source at a path, which say how it is read. Picture files are read in the size and colours of the
    weights, also those of the settings, and again for weights that need another size; in gray where the fields ask it.
    """

    def __init__(
        self,
        data: Path | DataSource | DataSpec,
        part: MeasuredPart,
        trained: Sequence[TrainedOn] = (),
        watch: Watch | None = None,
        settings: Sequence[tuple[str, Any]] = (),
        store: DataStore | None = None,
    ) -> None:
        self._settings_given = settings
        self._store = store if store is not None else DataStore()
        self._data, self._part, self._trained, self._watch = data, part, trained, watch
        self._last: tuple[DataSource, EvaluationExamples] | None = None
        self._read_as: PictureReading | None = None
        self._doubts: tuple[str, ...] = ()

    def load_for(self, origin: Origin | None) -> EvaluationExamples:
        """As in EvaluationData. Arrays come in the size they have."""
        if self._last is None or self._read_as != reading_for(origin):
            source = self._source(origin)
            self._last, self._read_as = (source, self._load(source)), reading_for(origin)
        source, examples = self._last
        noted = _noted(origin, examples, self._asked(source), source, self._watch)
        return replace(noted, notes=(*noted.notes, *self._doubts))

    def _asked(self, read: DataSource) -> DataSource:
        """The source as the settings have it; a path alone says no size, so it is the one that is ``read``."""
        if isinstance(self._data, Path):
            return self._settled(read)
        return self._data.source if isinstance(self._data, DataSpec) else self._data

    def _source(self, origin: Origin | None) -> DataSource:
        """At a path that one of the weights was trained on, the examples are read as it read them."""
        reading = reading_for(origin)
        if isinstance(self._data, Path):
            found = source_at(self._data, reading)
            own = next((t.spec.data.source for t in self._trained if same_path(t.spec.data.source, found)), None)
            return reading.of(own) if own is not None else self._as_asked(found, reading)
        source = self._data.source if isinstance(self._data, DataSpec) else self._data
        return source if origin is None else reading.of(source)

    def _as_asked(self, found: DataSource, reading: PictureReading) -> DataSource:
        """``found`` with the settings that were given with it, read for the weights; in gray also for those in colour
        where that was asked for.
        """
        settled = self._settled(found)
        read = reading.of(settled)
        is_gray = isinstance(settled, PictureFiles) and settled.colour == "gray"
        return read.model_copy(update={"colour": "gray"}) if is_gray else read

    def _settled(self, source: DataSource) -> DataSource:
        """``source`` with the settings that were given with it."""
        spec = ExperimentSpec().edited("data.source", source)
        for name, value in self._settings_given:
            spec = with_assigned(spec, f"data.source.{name}", value)
        return spec.data.source

    def _refuse_doubts(self, source: DataSource) -> None:
        """Raises DataInDoubt where the settings of ``source`` leave open which its classes or parts are.

        What they leave open of the files, and of the shapes and values of pictures, is noted.
        """
        found = finished(doubts_of(source, self._store), self._watch)
        doubts = tuple(doubt for doubt in found if doubt.is_refused)
        self._doubts = tuple(doubt.sentence for doubt in found if doubt.subject in _NOTED)
        if doubts:
            raise DataInDoubt(doubts, _OPEN if isinstance(self._data, Path) else _CHOOSE)

    def _load(self, source: DataSource) -> EvaluationExamples:
        self._refuse_doubts(source)
        if self._part != "test":
            return self._of_part(self._store.loaded(source, self._watch), source)
        every = None
        if any(data.test_fraction > 0 for data in self._settings(source)):
            every = self._store.loaded(source, self._watch)
        own = self._split_of(every, source)[0] if every is not None else None
        part = finished(part_for_test(own, source.loading_test), self._watch)
        if part.dataset is not None:
            return EvaluationExamples(part.dataset, part.indices, part.words)
        assert every is not None  # a share was held out of it
        return EvaluationExamples(every, part.indices, part.words, source)

    def _settings(self, source: DataSource) -> list[DataSpec]:
        """Those that may say how the data of ``source`` are split."""
        trained = [t.spec.data for t in self._trained if t.data_mark or same_place(t.spec.data.source, source)]
        return trained + ([self._data] if isinstance(self._data, DataSpec) else [])

    def _of_part(self, dataset: Dataset, source: DataSource) -> EvaluationExamples:
        every = np.arange(len(dataset.labels))
        own, by = self._split_of(dataset, source)
        kept = every if own is None else np.setdiff1d(every, own.test)
        if self._part == "all":
            return EvaluationExamples(dataset, kept, "examples, training and validation together", source)
        held = np.flatnonzero(dataset.validation) if own is None and dataset.validation is not None else None
        held = own.val if own is not None else held
        if self._part == "train":
            if held is None:
                raise WorkbenchError(f"{source.title} keeps no parts, and no run says how it was split.", "data.source")
            trained = np.setdiff1d(kept, held) if own is None else own.train
            return EvaluationExamples(dataset, trained, "training examples", source, by, "train")
        if held is None or not len(held):
            return EvaluationExamples(dataset, kept, self._words_of_all(dataset), source)
        return EvaluationExamples(dataset, held, "validation examples", source, by, "validation")

    def _words_of_all(self, dataset: Dataset) -> str:
        """Why all examples are measured, where nothing says which were held back."""
        elsewhere = [each for each in self._trained if each.place]
        if not elsewhere:
            return "examples, all there are: neither the data nor the weights say what was held back"
        names = paths_text([each.name for each in elsewhere], 3)
        return f"examples, all there are: they are not known as those that {names} was trained on"

    def _split_of(self, dataset: Dataset, source: DataSource) -> tuple[Split | None, TrainedOn | None]:
        """How the first of the weights that were trained on it split it, and which; else how the settings do."""
        for trained in self._trained:
            own = trained.split_of(dataset, source)
            if own is not None:
                return own, trained
        return (split(dataset, self._data) if isinstance(self._data, DataSpec) else None), None


class HeldBackData:
    """The examples that ``first`` held back for validation."""

    def __init__(self, first: TrainedOn, watch: Watch | None = None, store: DataStore | None = None) -> None:
        self._first, self._watch = first, watch
        self._store = store if store is not None else DataStore()
        self._last: tuple[DataSource, EvaluationExamples] | None = None

    def load_for(self, origin: Origin | None) -> EvaluationExamples:
        """As in EvaluationData; runs, which have no ``origin``, get them in the size in which the first was trained."""
        asked = self._first.spec.data.source
        source = asked if origin is None else reading_for(origin).of(asked)
        if self._last is None or self._last[0] != source:
            self._last = (source, self._load(source))
        return _noted(origin, self._last[1], source, source, self._watch)

    def _load(self, source: DataSource) -> EvaluationExamples:
        first = self._first
        dataset = self._store.loaded(source, self._watch)
        own = first.split_of(dataset, source)
        has_its_size = source != first.spec.data.source or dataset.shape == first.shape
        if dataset.classes != first.classes or not has_its_size or own is None:
            raise WorkbenchError(f"The data of {first.name} has changed since it was trained; it cannot be measured.")
        if not len(own.val):
            raise WorkbenchError(f"{first.name} holds nothing back for validation, so there is nothing to measure on.")
        words = f"validation examples of {first.name}"
        return EvaluationExamples(dataset, own.val, words, source, first, "validation")


def _noted(
    origin: Origin | None, examples: EvaluationExamples, asked: DataSource, read: DataSource, watch: Watch | None
) -> EvaluationExamples:
    """``examples`` with what is said of how their pictures were ``read``; ``asked`` is how the settings have them."""
    return replace(examples, notes=reading_notes(origin, examples.dataset, asked, read, watch))


def source_at(path: Path, reading: PictureReading = _PLAIN_READING) -> DataSource:
    """The data source that reads ``path``, as the window would open it, picture files by ``reading``.

    Files that cannot be read are left out and named.

    Raises WorkbenchError if there is none.
    """
    if not path.exists():
        raise WorkbenchError(f"Cannot read {path}: there is no such file or folder.", "data.source")
    found = recognise([path.resolve()])
    if not found.kind:
        raise WorkbenchError(f"{path} holds settings of an experiment and no data.", "data.source")
    source = found.source(_ANY)
    if isinstance(source, PictureFiles):
        source = source.model_copy(update={"skip_unreadable": True})
    return reading.of(source)
