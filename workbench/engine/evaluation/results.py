"""What an evaluation gives, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.core.events import Measured
from workbench.engine.core.progress import Loading
from workbench.engine.evaluation.order_pictures import OrderPictures
from workbench.engine.report.words_on_test import spread_words

#: Why the mean of the folds may differ from what their run says.
FOLDS_NOTE = (
    "Each fold is measured on its own part with these weights; the mean that the run reports is that of one epoch for "
    "all folds."
)


@dataclass(frozen=True, slots=True)
class EntryMeasured:
    """One entry on the examples: loss, accuracy and their standard errors are in ``measured``.

    ``title`` is the network's, ``seconds`` is the time for building and predicting. ``notes`` are sentences on what
    was done, ``doubt`` says in a few words what makes the accuracy doubtful. ``preprocessing`` is in words how the
    pictures were prepared, ``assumed`` what of it the file does not say.
    """

    path: Path
    name: str
    title: str
    parameters: int
    measured: Measured
    seconds: float
    notes: tuple[str, ...] = ()
    doubt: str = ""
    preprocessing: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class EntryFailed:
    """An entry that could not be measured, and why in a sentence.

    ``choice`` is set where the order of its outputs has to be chosen: with it the entry can be measured. ``advice``
    says what to do in a terminal; ``needs_names`` tells that a list of the outputs' names would help.
    """

    path: Path
    name: str
    message: str
    choice: OrderPictures | None = None
    advice: str = ""
    needs_names: bool = False


@dataclass(frozen=True, slots=True)
class OnOwnFolds:
    """Folds were measured each on its own part, on ``examples`` different ones in all.

    ``accuracies`` (0–1) are those of the folds of one run, empty if the entries are not two or more of those alone.
    """

    examples: int
    accuracies: tuple[float, ...] = ()


Outcome = EntryMeasured | EntryFailed


@dataclass(frozen=True, slots=True)
class EvaluationProgress(Loading):
    """``done`` of ``total`` entries have an outcome; ``share`` (0 to 1) of the examples are done of the next one."""

    outcomes: tuple[Outcome, ...] = ()
    share: float = 0.0

    @property
    def fraction(self) -> float:
        """How much of the whole work is done, 0 to 1."""
        return (self.done + self.share) / max(1, self.total)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes in the order of the entries.

    ``averaged`` is the measurement of the mean of the probabilities of all measured entries, None for fewer than two.
    ``held_back`` says whether the examples were those that the first run held back for validation; ``examples`` say
    in a few words what they were; ``data_notes`` are sentences on the data. ``folds`` is set where
    folds were measured on parts of their own; ``averaged`` is then None.
    """

    outcomes: tuple[Outcome, ...]
    averaged: Measured | None
    held_back: bool = False
    examples: str = "examples"
    folds: OnOwnFolds | None = None
    data_notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many examples were measured, all folds together; at least one entry must be measured."""
        return self.measured[0].measured.n if self.folds is None else self.folds.examples

    @property
    def mean_of_folds(self) -> tuple[str, str] | None:
        """What the mean of the folds of one run is of, and the mean ± the standard deviation in words."""
        if self.folds is None or not self.folds.accuracies:
            return None
        return f"Mean of {len(self.folds.accuracies)} folds", spread_words(self.folds.accuracies)

    @property
    def measured(self) -> tuple[EntryMeasured, ...]:
        """The entries that could be measured."""
        return tuple(each for each in self.outcomes if isinstance(each, EntryMeasured))

    @property
    def failed(self) -> tuple[EntryFailed, ...]:
        """The entries that could not be measured."""
        return tuple(each for each in self.outcomes if isinstance(each, EntryFailed))

    @property
    def mean_accuracy(self) -> float:
        """The mean of the measured entries' accuracies (0–1); at least one must be measured."""
        return sum(each.measured.accuracy for each in self.measured) / len(self.measured)

    @property
    def parameters(self) -> int:
        """The parameters of all measured networks together: what the average has to compute for one prediction."""
        return sum(each.parameters for each in self.measured)

    @property
    def average_words(self) -> str:
        """What the average is of; says so where some entries are not in it."""
        count = f"Average of {len(self.measured)} of {len(self.outcomes)} files"
        return count if self.failed else "Average of the predictions"
