"""The typed events of a run: frozen plain data, never a tensor or a widget.

Per-step scalars do not travel as events; they go into a StepStore and are read by index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.engine.core.observed import Boundary, LayerStats, Watched
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import RaceChange, RaceCommand, RacerEvent


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything "auto" is resolved here, before step 0. ``spec`` is plain data (see ``spec.plain``).

    ``value_range`` are the values of the pictures that are black and white, None for 0 and 255 of 8 bits.
    ``test_size`` counts the examples that the settings hold out for a last test, or else those of the data's own test
    part, which is opened at the end.
    A fork names the folder of the run from which it branches off, ``parent``, after ``parent_step`` steps.
    ``measured`` says which threads, precision and memory format were found to be the fastest; ``spec`` has them.
    ``steps_words`` say how its steps are computed, and why not in the fastest way; older runs do not say it.
    ``data_mark`` is a hash by which its data are known again in another place; older runs have none.
    """

    spec: Mapping[str, Any]
    device: str
    device_note: str
    threads: int
    parameters: int
    train_size: int
    val_size: int
    train_eval_size: int
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    steps_per_epoch: int
    torch_version: str
    folder: str = ""
    value_range: tuple[float, float] | None = None
    test_size: int = 0
    parent: str = ""
    parent_step: int = 0
    measured: str = ""
    steps_words: str = ""
    data_mark: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A run goes on after ``step`` finished steps, from the state in the file ``checkpoint``; empty: from its start.

    Comes behind RunStarted, which is in the log already. ``proof``: whether a batch that was trained again has the
    loss to the bit that is stored of it; "nothing" where no batch could be compared. ``words`` say it in a sentence,
    and what else is not as it was. ``edits`` were made behind the checkpoint and are made again at their steps.
    ``past`` are the events of the log up to ``step``; they are not logged again.
    """

    step: int
    checkpoint: str
    proof: Literal["equal", "differs", "nothing"]
    words: str
    edits: tuple[Edited, ...] = ()
    past: tuple[Any, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SteppedBack:
    """The answer to a StepBack: the run stands after ``step`` steps again, as if those behind had never been.

    What the log and the steps had of them is gone. Not logged.
    """

    step: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """One training step is done; ``step`` counts finished steps. Never logged: its numbers are in the StepStore."""

    step: int


@dataclass(frozen=True, slots=True)
class EvalProgress:
    """``done`` of ``total`` examples of a pass over the data are computed, in ``seconds``; ``words`` name the pass."""

    step: int
    done: int
    total: int
    words: str = "Evaluating"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Loss (mean cross-entropy, nats) and accuracy (0–1) over ``n`` examples, with standard errors of both means."""

    loss: float
    accuracy: float
    n: int
    loss_se: float
    accuracy_se: float


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation within an epoch (``loop.evaluate_every``), at ``step`` finished steps, after ``epochs_done`` whole
    epochs.

    ``running_*`` are means over the epoch's training batches so far, as they were trained (None before the first step);
    ``train_eval`` and ``val`` are measured alike (eval mode, no augmentation); None where a split is empty.
    ``seconds`` is training time without pauses. ``averages``: validation with averaged weights, by the average's kind.
    ``sharpness`` is the largest eigenvalue of the loss's Hessian, where it is measured (``loop.speed_limit``), and
    ``sharpness_limit`` the one above which the optimizer's steps grow.
    """

    epochs_done: int
    step: int
    seconds: float
    lr: float
    running_loss: float | None
    running_accuracy: float | None
    train_eval: Measured | None
    val: Measured | None
    is_best: bool
    epochs_without_improvement: int
    images_per_second: float
    averages: Mapping[str, Measured] = field(default_factory=dict)
    sharpness: float | None = None
    sharpness_limit: float | None = None


@dataclass(frozen=True, slots=True)
class EpochEnded(Evaluated):
    """The evaluation at the end of an epoch; before the first step (``epochs_done`` 0) that of the start.

    The start is measured on a slice of each part and is never the best (see ``data.split.first_look``).
    """


@dataclass(frozen=True, slots=True)
class EnsembleMeasured:
    """Validation of an ensemble: each member's accuracy, and the average of their probabilities.

    ``seconds`` are the training seconds of each member (one number where all were computed together);
    ``parameters`` are those that one prediction of the whole ensemble needs.
    """

    epochs_done: int
    step: int
    members: tuple[float, ...]
    averaged: Measured
    seconds: tuple[float, ...]
    parameters: int

    @property
    def mean_member(self) -> float:
        """The mean of the members' accuracies."""
        return sum(self.members) / len(self.members)


@dataclass(frozen=True, slots=True)
class FoldsMeasured:
    """Validation of cross-validation: accuracy and loss of each fold's model on its own fold, at their ``step``.

    ``folds`` are the numbers (from 1) of the folds that these are of: those that have not failed.
    """

    epochs_done: int
    step: int
    folds: tuple[int, ...]
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MeasuredOnTest:
    """The test part, measured once when training is complete, with the best weights (the last ones without validation).

    ``looks``: how often this test part has been looked at, this time included; 0 where that cannot be counted.
    ``folds``: the accuracy of each fold's model, of which ``measured`` is the mean; empty for one model. Of an ensemble
    it is the average of its predictions that is measured. ``is_share``: whether the settings hold these examples out;
    False for a test part of the data's own, None in logs of older versions.
    """

    step: int
    measured: Measured
    looks: int
    folds: tuple[float, ...] = ()
    is_share: bool | None = None


@dataclass(frozen=True, slots=True)
class Certified:
    """The proof of a run with frozen parts: whether every frozen parameter and buffer has the same SHA-256 as before.

    ``tensors`` counts those that were frozen during the whole run; ``broken`` are the names of those that changed
    anyway. ``changed`` are the blocks that were trained, ``shares`` how far the weights of each have moved as a share
    of their length (None from zero). ``path`` is the file with every hash; ``words`` say it in a sentence.
    """

    step: int
    proven: bool
    tensors: int
    broken: tuple[str, ...]
    changed: tuple[str, ...]
    shares: tuple[float | None, ...]
    path: str
    words: str


@dataclass(frozen=True, slots=True)
class WeightsSaved:
    """A file of weights was written completely."""

    step: int
    #: last, best, average-KIND or snapshot-NUMBER.
    which: str
    path: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A live setting changed before step ``step`` (0-based); an entry of the steer tape.

    ``measured``: the evaluation after ``step`` steps came before it.
    """

    step: int
    path: str
    old: Any
    new: Any
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know. ``code`` names it for views (``diverged``, ``save_failed``, …)."""

    step: int
    code: str
    message: str
    severity: Literal["info", "warning", "error"] = "warning"


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Exactly once, last. ``message`` is for the user; ``details`` may hold a traceback for the log.

    ``code`` names the cause of a failure for views (``diverged``, ``out_of_memory``, or empty). ``not_kept`` says what
    could not be written into the run's folder; it is a part of ``message``.
    """

    reason: Literal["completed", "stopped", "failed"]
    step: int
    epochs_done: int
    seconds: float
    message: str
    path: str = ""
    details: str = ""
    best_epoch: int | None = None
    best_accuracy: float | None = None
    code: str = ""
    not_kept: str = ""


@dataclass(frozen=True, slots=True)
class Copied:
    """The answer to a Copy at ``step`` finished steps; not logged."""

    step: int


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer to a Look if the last step was shown already or cannot be shown any more; not logged."""

    step: int


#: Loading comes before RunStarted, while the data is read; it is not logged.
Event = (
    Loading
    | RunStarted
    | Resumed
    | SteppedBack
    | Stepped
    | Copied
    | Looked
    | EvalProgress
    | Evaluated
    | EpochEnded
    | EnsembleMeasured
    | FoldsMeasured
    | MeasuredOnTest
    | Boundary
    | LayerStats
    | Watched
    | Certified
    | WeightsSaved
    | Edited
    | Notice
    | RaceChange
    | RacerEvent
    | RunEnded
)


@dataclass(frozen=True, slots=True)
class Edit:
    """Command: change the live setting at ``path`` to ``value`` before the next batch."""

    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Stop:
    """Command: finish the step, save, end."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Command: give ``take`` a deep copy of the run's state (see ``TrainState.state``), in the training thread.

    The run is not changed; ``take`` must neither raise nor wait.
    """

    take: Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Look:
    """Command: show the last step that was done. Answered by Watched, or by Looked if there is nothing to show."""


@dataclass(frozen=True, slots=True)
class StepBack:
    """Command: go back ``steps`` steps, at most to the oldest state that is kept. Answered by SteppedBack, or by a
    Notice (``step_back_refused``)."""

    steps: int = 1


Command = Edit | Copy | Look | StepBack | Stop | RaceCommand
