"""Saved weights measured on one set of examples, one entry after the other, and the average of their predictions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Measured
from workbench.engine.core.progress import Loading
from workbench.engine.data.looks_at_test import count_look, fingerprint
from workbench.engine.data.store import DataStore
from workbench.engine.evaluation.brightness import brightness_note
from workbench.engine.evaluation.class_matching import below_chance
from workbench.engine.evaluation.class_orders import ClassesUnmatched, ClassOrder, OrderUnknown
from workbench.engine.evaluation.entries import Entry, entry_at, expanded
from workbench.engine.evaluation.evaluation_data import ChosenData, Data, EvaluationData, HeldBackData, MeasuredPart
from workbench.engine.evaluation.file_predictor import TrainedFile, trained_file
from workbench.engine.evaluation.order_pictures import with_pictures
from workbench.engine.evaluation.results import (
    EntryFailed,
    EntryMeasured,
    Evaluation,
    EvaluationProgress,
    OnOwnFolds,
    Outcome,
)
from workbench.engine.evaluation.run_predictor import TrainedRun, trained_run
from workbench.engine.evaluation.trained_on import TrainedOn, are_folds_of_one_run, of_run, trained_on
from workbench.engine.report.words_on_test import look_words
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput

if TYPE_CHECKING:
    import torch

    from workbench.engine.evaluation.evaluation_data import EvaluationExamples
    from workbench.engine.run_store.finished_runs import FinishedRun

_PLAIN = "It was measured in one plain pass: its settings for test time belong to its own data."


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationOptions:
    """How data and weights are read for an evaluation.

    ``order`` names the outputs of weights that name no classes. ``settings`` are fields of the source at a path (see
    ``ChosenData``), ``chosen`` the size and the normalization of pictures for files that other programs wrote. Data
    that ``store`` holds are not read again.
    """

    order: ClassOrder = None
    settings: Sequence[tuple[str, Any]] = ()
    chosen: ChosenInput = UNCHOSEN
    store: DataStore | None = None


USUAL: Final = EvaluationOptions()
#: Receives the progress of an evaluation; an exception cancels it.
Watch = Callable[[EvaluationProgress], object]


def unwatched(_progress: EvaluationProgress) -> None:
    """Ignore the progress."""


def evaluate(
    paths: Sequence[Path],
    data: Data = None,
    part: MeasuredPart = "validation",
    watch: Watch = unwatched,
    options: EvaluationOptions = USUAL,
    take: Callable[[Taken], object] = lambda taken: None,
) -> Evaluation:
    """Measure the weights at ``paths``: files, or folders of finished runs (an ensemble's counts as its members).

    ``data`` are the examples: those of ``part`` at a path or of a data source (see ``ChosenData``). With None they are
    those that the first run among ``paths``, or else the first file that says how it was trained, held back for
    validation; runs are then measured as they measured themselves. Each fold of a cross-validation is measured on its
    own validation (or training) part, and nothing is then averaged of the predictions. An entry that cannot be measured
    does not stop the others. ``take`` gets the predictions of each entry. Raises WorkbenchError if the examples cannot
    be loaded, DataInDoubt if the files at a path can be read in more than one way.
    """
    entries = tuple(map(entry_at, expanded(paths)))
    return _Evaluator(entries, data, part, watch, options, take).evaluation()


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What an entry predicted of ``examples``: log-probabilities ``logs``, float64 (n, K), for the classes of the data.

    ``trained`` is how it was trained, None if it does not say it.
    """

    examples: EvaluationExamples
    logs: npt.NDArray[np.float64]
    trained: TrainedOn | None

    def training_counts(self) -> npt.NDArray[np.int64] | None:
        """The number of examples of each class (K,) on which it was trained; None for other data than its own."""
        examples = self.examples
        if self.trained is None or examples.source is None:
            return None
        own = self.trained.split_of(examples.dataset, examples.source)
        if own is None:
            return None
        return np.bincount(examples.dataset.labels[own.train], minlength=len(examples.dataset.classes))


class _BadData(Exception):
    """The data is at fault: no other entry could be measured on it either."""

    def __init__(self, cause: WorkbenchError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class _Evaluator:
    """Measures ``entries`` in order and collects what comes of each."""

    def __init__(
        self,
        entries: tuple[Entry, ...],
        data: Data,
        part: MeasuredPart,
        watch: Watch,
        options: EvaluationOptions,
        take: Callable[[Taken], object],
    ) -> None:
        self._store = options.store if options.store is not None else DataStore()
        self._entries, self._watch, self._options, self._take = entries, watch, options, take
        self._looks_at_test = part == "test"
        self._outcomes: list[Outcome] = []
        self._predictions: list[torch.Tensor] = []
        self._parts: list[EvaluationExamples] = []  # what each of the predictions is of
        self._predicted_by: list[TrainedOn | None] = []
        self._measured_on: EvaluationExamples | None = None
        self._trained = [trained_on(each) for each in entries]
        data = self._own_data() if data is None and part != "validation" else data
        self._first = next((each.run for each in entries if each.run is not None), None) if data is None else None
        self._data = self._examples_of(data, part)

    def _own_data(self) -> Data:
        """The data of the first weights that say theirs, with their split; None without such."""
        return next((each.spec.data for each in self._trained if each is not None), None)

    def _examples_of(self, data: Data, part: MeasuredPart) -> EvaluationData | None:
        said = [each for each in self._trained if each is not None]
        if data is not None:
            return ChosenData(data, part, said, self._tell_words, self._options.settings, self._store)
        first = of_run(self._first) if self._first is not None else next(iter(said), None)
        return HeldBackData(first, self._tell_words, self._store) if first is not None else None

    def evaluation(self) -> Evaluation:
        """Measure all entries. Raises WorkbenchError for what is wrong with the data."""
        if self._data is None and not any(each.problem for each in self._entries):
            text = "None of these says on which data it was trained, so no examples are held back: choose the data."
            raise WorkbenchError(text)
        for entry, trained in zip(self._entries, self._trained, strict=True):
            self._outcomes.append(self._outcome(entry, trained))
            self._tell("Measuring")
        held_back, folds = self._first is not None, self._on_own_folds()
        notes = self._measured_on.dataset.notes if self._measured_on is not None else ()
        return Evaluation(tuple(self._outcomes), self._average(folds), held_back, self._words(folds), folds, notes)

    def _average(self, folds: OnOwnFolds | None) -> Measured | None:
        """Of the predictions of all entries; there is none of folds, which predict different examples."""
        import torch

        from workbench.engine.training.evaluate import averaged, score

        if len(self._predictions) < 2 or folds is not None:
            return None
        return score(averaged(torch.stack(self._predictions)), _labels(self._parts[0]))

    def _on_own_folds(self) -> OnOwnFolds | None:
        if not any(each.is_own_fold for each in self._parts):
            return None
        examples = len(np.unique(np.concatenate([each.indices for each in self._parts])))
        accuracies = tuple(e.measured.accuracy for e in self._outcomes if isinstance(e, EntryMeasured))
        return OnOwnFolds(examples, accuracies if are_folds_of_one_run(self._predicted_by) else ())

    def _words(self, folds: OnOwnFolds | None) -> str:
        """What was measured on; a test part that was looked at is counted."""
        on = self._measured_on
        if folds is not None and on is not None:
            return f"{'training' if on.part == 'train' else on.part} examples, each fold measured on its own"
        if on is None or not (self._looks_at_test and self._predictions):
            return on.words if on is not None else ""
        return f"{on.words}, {look_words(count_look(fingerprint(on.dataset, on.indices)))}"

    def _outcome(self, entry: Entry, trained: TrainedOn | None) -> Outcome:
        try:
            return self._measured(entry, trained)
        except _BadData as error:
            raise error.cause from None
        except ClassesUnmatched as error:
            choice = with_pictures(error.choice, self._measured_on) if isinstance(error, OrderUnknown) else None
            return EntryFailed(entry.path, entry.name, error.message, choice, error.advice, True)
        except WorkbenchError as error:
            return EntryFailed(entry.path, entry.name, error.message)
        except AssertionError:  # torchvision's transformers take one size
            reason = "Its network does not take pictures of the chosen size; it has a size of its own."
            return EntryFailed(entry.path, entry.name, reason)
        except (RuntimeError, MemoryError) as error:
            reason = str(error) or "the memory does not suffice"
            return EntryFailed(entry.path, entry.name, f"{entry.path} cannot be computed with: {reason}.")

    def _measured(self, entry: Entry, trained: TrainedOn | None) -> EntryMeasured:
        """Raises WorkbenchError, or _BadData."""
        from workbench.engine.training.evaluate import score

        opened = self._opened(entry)
        examples = self._load_for(opened).of_fold(trained)
        began = time.perf_counter()
        predictor = opened.predictor(examples.dataset, self._options.order)
        predictions = predictor.predict(examples, lambda share: self._tell(f"Measuring {entry.name}", share))
        measured = score(predictions, _labels(examples))
        self._predictions.append(predictions)
        self._take(Taken(examples, predictions.numpy(), trained))
        self._parts.append(examples)
        self._predicted_by.append(trained)
        seconds = time.perf_counter() - began
        below = below_chance(measured.accuracy, measured.n, len(examples.dataset.classes)) if predictor.by_order else ""
        bright = brightness_note(opened.origin, examples)
        notes = (
            *filter(None, (below, bright, examples.about(trained))),
            *predictor.notes,
            *examples.notes,
            *self._left_aside(entry),
        )
        doubt = examples.doubt(trained) or ("" if examples.is_own_fold else predictor.doubt)
        return EntryMeasured(
            entry.path,
            entry.name,
            predictor.title,
            predictor.parameters,
            measured,
            seconds,
            notes,
            doubt,
            predictor.preprocessing,
            predictor.assumed,
        )

    def _opened(self, entry: Entry) -> TrainedFile | TrainedRun:
        if entry.problem or self._data is None:
            raise WorkbenchError(entry.problem or "No run says which examples to measure on.")
        if self._first is not None and entry.run is not None:
            return trained_run(entry.run, self._first, self._tell_words)
        return trained_file(entry.weights, self._tell_words, self._options.chosen)

    def _load_for(self, opened: TrainedFile | TrainedRun) -> EvaluationExamples:
        assert self._data is not None
        try:
            examples = self._data.load_for(opened.origin)
            _refuse_others(self._measured_on, examples)
        except WorkbenchError as error:
            raise _BadData(error) from None
        self._measured_on = examples
        return examples

    def _left_aside(self, entry: Entry) -> tuple[str, ...]:
        """A note if a run's settings for test time were not used, since they are made for its own data."""
        from workbench.engine.training.evaluate import how_to_test

        run: FinishedRun | None = entry.run if self._first is None else None
        return () if run is None or how_to_test(run.spec).is_plain else (_PLAIN,)

    def _tell_words(self, loading: Loading) -> None:
        self._tell(loading.words)

    def _tell(self, words: str, share: float = 0.0) -> None:
        outcomes = tuple(self._outcomes)
        self._watch(EvaluationProgress(len(outcomes), len(self._entries), words, outcomes, share))


def _labels(examples: EvaluationExamples) -> torch.Tensor:
    import torch

    return torch.from_numpy(examples.dataset.labels[examples.indices])


def _refuse_others(before: EvaluationExamples | None, examples: EvaluationExamples) -> None:
    if before is not None and before is not examples and _labels(before).tolist() != _labels(examples).tolist():
        raise WorkbenchError("The data changed while it was measured; start again.")
