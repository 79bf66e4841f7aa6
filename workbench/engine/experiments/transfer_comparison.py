"""Comparison with training from scratch: four ways to start and freeze, side by side on few and on more examples.

The arms are: from scratch, random weights frozen, head only, and as chosen. All arms of one draw see the same examples
in the same order with the same augmentation; they differ in the initial weights and in what is trained. A generator of
plain events; closing it cancels.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.catalog.ensembles.single import Single
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EpochEnded, RunEnded
from workbench.engine.core.progress import Returned, translated
from workbench.engine.core.text import PER_CENT, counted, grouped
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import before_run
from workbench.engine.experiments.step_timing import expected
from workbench.engine.experiments.transfer_plan import TUNING_STEPS, epochs_for
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from workbench.engine.training.run_context import RunContext

Arm = Literal["scratch", "random_frozen", "head_only", "chosen"]
ARMS: Final[tuple[Arm, ...]] = ("scratch", "random_frozen", "head_only", "chosen")
TITLES: Final[dict[Arm, str]] = {
    "scratch": "From scratch",
    "random_frozen": "Random, frozen",
    "head_only": "Head only",
    "chosen": "As chosen",
}
SHOTS: Final = (5, 20, 80)
#: What the window proposes: a third of the time.
STAGE_SHOTS: Final = (20,)


@dataclass(frozen=True, slots=True)
class WorthProgress:
    """``done`` of ``total`` parts of the work; ``words`` say what is being done."""

    done: float
    total: float
    words: str


@dataclass(frozen=True, slots=True)
class WorthNote:
    """A sentence that the user should read: what was left out or has failed."""

    words: str


@dataclass(frozen=True, slots=True)
class WorthPoint:
    """One evaluation of one arm with ``shots`` examples per class in ``draw``; accuracies 0–1."""

    arm: Arm
    shots: int
    draw: int
    epochs_done: int
    val: float
    train: float | None


@dataclass(frozen=True, slots=True)
class WorthRun:
    """One arm has ended: validation accuracy after its last epoch, or None and the sentence why not."""

    arm: Arm
    shots: int
    draw: int
    accuracy: float | None
    seconds: float
    trouble: str = ""
    #: Validation examples behind ``accuracy``.
    validated: int = 0


@dataclass(frozen=True, slots=True)
class WorthRow:
    """One arm with ``shots`` examples per class over all draws: the mean and the standard deviation (None for one)."""

    arm: Arm
    shots: int
    accuracies: tuple[float, ...]
    mean: float | None
    spread: float | None


@dataclass(frozen=True, slots=True)
class WorthEnded:
    """The table, row by row for each number of examples, and what it says in sentences."""

    rows: tuple[WorthRow, ...]
    words: tuple[str, ...]


WorthEvent = WorthProgress | WorthNote | WorthPoint | WorthRun | WorthEnded
Worth = Generator[WorthEvent, None, None]


def compare(
    spec: ExperimentSpec,
    shots: Sequence[int] = SHOTS,
    draws: int = 2,
    arms: Sequence[Arm] = ARMS,
    epochs: int | None = None,
    data: DataStore | None = None,
) -> Worth:
    """Run every arm of ``spec`` (a transfer experiment) on ``shots`` examples per class, ``draws`` times.

    ``epochs`` None: chosen such that every number of examples gets about the same number of updates. Raises
    WorkbenchError before the first event if ``spec`` is none or the data cannot be read; an arm that fails is reported
    and left out.
    """
    if not isinstance(spec.model, Transfer):
        raise WorkbenchError("Only a trained network that is used again can be compared with scratch.", "model")
    return _compared(spec, shots, draws, arms, epochs, data or DataStore())


def expected_seconds(spec: ExperimentSpec, dataset: Dataset, shots: Sequence[int] = SHOTS, draws: int = 2) -> float:
    """About how long ``compare`` takes: steps of every arm are measured with the largest of ``shots`` on ``dataset``.

    Takes some seconds. Raises WorkbenchError if the experiment cannot be trained.
    """
    sizes, _ = usable(_counts(dataset, spec.data), shots)
    plans = [_for(spec, dataset, size, 0, None) for size in sizes]
    work = [plan.loop.epochs * _passes(plan, dataset) for plan in plans]
    arms, _ = _without_twins(plans[-1], ARMS)
    longest = sum(expected(arm_of(plans[-1], arm), dataset).seconds for arm in arms)
    return draws * longest * sum(work) / work[-1]


def _passes(plan: ExperimentSpec, dataset: Dataset) -> int:
    """The forward passes of an epoch and its evaluation; a training step costs about three."""
    parts = split(dataset, plan.data)
    return 3 * len(parts.train) + len(parts.val) + len(parts.train_eval)


def arm_of(spec: ExperimentSpec, arm: Arm) -> ExperimentSpec:
    """``spec`` as ``arm`` trains it."""
    edits: dict[Arm, dict[str, object]] = {
        "scratch": {
            "start": "random",
            "freezing": {"kind": "line", "line": 0},
            "trainable": (),
            "frozen": (),
            "rate_below": 1.0,
            "rates": (),
            "freeze_norm": False,
            "standardize": False,
        },
        "random_frozen": {"start": "random", "freezing": {"kind": "line"}, "trainable": (), "frozen": ()},
        "head_only": {"freezing": {"kind": "line"}, "trainable": (), "frozen": ()},
        "chosen": {},
    }
    for name, value in edits[arm].items():
        spec = spec.edited(f"model.{name}", value)
    if arm in ("scratch", "random_frozen"):  # the same network as the seed draws it, another one in every draw
        spec = spec.edited("model.network_seed", spec.loop.seed)
    return spec


class _Contestant:
    """One arm's run, pulled from one evaluation to the next."""

    def __init__(self, arm: Arm, shots: int, draw: int, run: Run) -> None:
        self.arm, self.shots, self.draw, self.run = arm, shots, draw, run
        self.last: float | None = None
        self.validated = 0
        self.ended: WorthRun | None = None
        self.epochs_done = 0

    def advance(self) -> Generator[None, None, WorthPoint | None]:
        """To its next evaluation or its end, with a yield after each of its events."""
        while self.ended is None:
            try:
                event = next(self.run)
            except (WorkbenchError, StopIteration) as error:
                self.ended = self._over(0.0, str(error) or "The run ended unexpectedly.")
                return None
            yield
            if isinstance(event, EpochEnded):
                return self._measured(event)
            if isinstance(event, RunEnded):
                self.ended = self._over(event.seconds, event.message if event.reason == "failed" else "")
        return None

    def _measured(self, event: EpochEnded) -> WorthPoint | None:
        self.epochs_done = event.epochs_done
        if event.val is None:
            return None
        self.last, self.validated = event.val.accuracy, event.val.n
        train = event.train_eval.accuracy if event.train_eval is not None else None
        return WorthPoint(self.arm, self.shots, self.draw, event.epochs_done, event.val.accuracy, train)

    def _over(self, seconds: float, trouble: str) -> WorthRun:
        accuracy = None if trouble else self.last
        return WorthRun(self.arm, self.shots, self.draw, accuracy, seconds, trouble, self.validated)


def _compared(
    spec: ExperimentSpec,
    wanted: Sequence[int],
    draws: int,
    arms: Sequence[Arm],
    epochs: int | None,
    data: DataStore,
) -> Worth:
    dataset = yield from translated(_examples(spec, data), lambda loading: WorthProgress(0.0, 1.0, loading.words))
    sizes, notes = usable(_counts(dataset, spec.data), wanted)
    arms, doubled = _without_twins(spec, arms)
    for note in (*notes, *doubled):
        yield WorthNote(note)
    ended: list[WorthRun] = []
    total = float(len(sizes) * draws)
    for index, shots in enumerate(sizes):
        for draw in range(draws):
            done = float(index * draws + draw)
            ended += yield from _draw(spec, dataset, shots, draw, arms, epochs, done, total)
    rows = tuple(_row(arm, shots, ended) for shots in sizes for arm in arms)
    yield WorthEnded(rows, tuple(_verdict(shots, ended) or _said(shots, rows) for shots in sizes))


def _examples(spec: ExperimentSpec, data: DataStore) -> Loadings:
    """The examples. Raises WorkbenchError where it is open which their classes or parts are."""
    yield from before_run(spec.data.source, data)
    return (yield from data.fresh(spec.data.source))


def _draw(
    spec: ExperimentSpec,
    dataset: Dataset,
    shots: int,
    draw: int,
    arms: Sequence[Arm],
    epochs: int | None,
    done: float,
    total: float,
) -> Generator[WorthEvent, None, list[WorthRun]]:
    """All arms on the same examples, an epoch of each in turn."""
    from workbench.engine.train import train_loop
    from workbench.engine.training.set_up import set_up

    made = _for(spec, dataset, shots, draw, epochs)
    contestants: list[_Contestant] = []
    trouble: list[WorthRun] = []
    like: RunContext | None = None
    try:
        for arm in arms:
            try:
                context = set_up(arm_of(made, arm), like=like, dataset=dataset)
            except WorkbenchError as error:
                trouble.append(WorthRun(arm, shots, draw, None, 0.0, error.message))
                continue
            like = like or context
            contestants.append(_Contestant(arm, shots, draw, train_loop(context)))
        for failed in trouble:
            yield failed
            yield WorthNote(f"{TITLES[failed.arm]} could not be run: {failed.trouble}")
        while any(each.ended is None for each in contestants):
            for each in (c for c in contestants if c.ended is None):
                work = Returned(each.advance())
                for _ in work:
                    share = sum(c.epochs_done for c in contestants) / (len(contestants) * made.loop.epochs)
                    words = f"{shots} per class, draw {draw + 1}: {TITLES[each.arm]}"
                    yield WorthProgress(done + min(1.0, share), total, words)
                point = work.result
                if point is not None:
                    yield point
                if each.ended is not None:
                    yield each.ended
                    if each.ended.trouble:
                        yield WorthNote(f"{TITLES[each.arm]} with {shots} per class has failed: {each.ended.trouble}")
    finally:
        for each in contestants:
            each.run.close()
    return trouble + [each.ended for each in contestants if each.ended is not None]


def _without_twins(spec: ExperimentSpec, arms: Sequence[Arm]) -> tuple[Sequence[Arm], list[str]]:
    """The arms without one that would train what another does already, and the sentence about it."""
    twins = {"head_only", "chosen"} <= set(arms) and arm_of(spec, "head_only") == arm_of(spec, "chosen")
    if not twins:
        return arms, []
    left = [arm for arm in arms if arm != "head_only"]
    return left, ["As chosen is head only here: it is trained once and shown as “As chosen”."]


def _for(spec: ExperimentSpec, dataset: Dataset, shots: int, draw: int, epochs: int | None) -> ExperimentSpec:
    """``spec`` with ``shots`` examples per class of ``draw``, all diagnostics switched off."""
    made = (
        spec.edited("data.examples_per_class", shots)
        .edited("data.split_seed", (spec.data.split_seed + draw) % 2**31)
        .edited("loop.seed", (spec.loop.seed + draw) % 2**31)
        .edited("loop.patience", None)
        .edited("loop.evaluate_every", None)
        .edited("loop.diagnostics", 0)
        .edited("averaging", ())
        .edited("ensemble", Single())
    )
    size = len(split(dataset, made.data).train)
    steps = 1 if made.optimizer.full_batch else -(-size // made.loop.batch_size)
    return made.edited("loop.epochs", epochs if epochs is not None else epochs_for(TUNING_STEPS, steps))


def _counts(dataset: Dataset, data: DataSpec) -> list[int]:
    """Training examples of each class, as many as there are."""
    train = split(dataset, data.model_copy(update={"examples_per_class": None})).train
    return [int(n) for n in np.bincount(dataset.labels[train], minlength=len(dataset.classes))]


def usable(counts: Sequence[int], wanted: Sequence[int]) -> tuple[list[int], list[str]]:
    """The numbers of examples per class that can be compared, rising, and notes about them."""
    most = max(counts)
    rising = sorted({min(n, most) for n in wanted if n > 0})
    notes = [f"No class has {n} training examples; {most} per class are used instead." for n in wanted if n > most]
    for n in rising:
        short = sum(count < n for count in counts)
        if short:
            have = counted(short, "class has", "classes have")
            notes.append(f"At {n} per class {have} fewer; all of theirs are used.")
    return rising, notes


def _row(arm: Arm, shots: int, ended: Sequence[WorthRun]) -> WorthRow:
    mine = [run.accuracy for run in ended if run.arm == arm and run.shots == shots]
    found = tuple(accuracy for accuracy in mine if accuracy is not None)
    return WorthRow(arm, shots, found, mean(found) if found else None, stdev(found) if len(found) > 1 else None)


def _said(shots: int, rows: Sequence[WorthRow]) -> str:
    """One sentence for one number of examples: every arm, best first."""
    found = [(row.mean, row) for row in rows if row.shots == shots and row.mean is not None]
    if not found:
        return f"{shots} per class: nothing could be measured."
    parts = []
    for value, row in sorted(found, key=lambda pair: -pair[0]):
        spread = f" ± {grouped(100 * row.spread, 1)}" if row.spread is not None else ""
        parts.append(f"{TITLES[row.arm].lower()} {grouped(100 * value, 1)}{spread}{PER_CENT}")
    return f"{shots} per class: {', '.join(parts)}."


#: Student's t for 95 % of both sides by degrees of freedom; of more than these the last (Student 1908).
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)


def _verdict(shots: int, ended: Sequence[WorthRun]) -> str:
    """Whether transfer helps at one number of examples, as far as the draws show; empty without both arms.

    The leads of the same draws are compared, with 95 % of Student's t and at least the weight of one example.
    """
    runs = {(run.arm, run.draw): run for run in ended if run.shots == shots and run.accuracy is not None}
    draws = [draw for arm, draw in runs if arm == "chosen" and ("scratch", draw) in runs]
    pairs = [(runs["chosen", draw], runs["scratch", draw]) for draw in draws]
    lead = [100 * (a.accuracy - b.accuracy) for a, b in pairs if a.accuracy is not None and b.accuracy is not None]
    if not lead:
        return ""
    gain = mean(lead)
    side = "as good as" if not gain else f"{grouped(abs(gain), 1)} points {'above' if gain > 0 else 'below'}"
    told = f"as chosen is {side} scratch"
    if len(lead) < 2:
        return f"{shots} per class: {told}, in one draw, which may be chance."
    one = 100 / max(1, min(a.validated for a, _ in pairs))
    margin = max(one, _T[min(len(lead) - 1, len(_T)) - 1] * stdev(lead) / len(lead) ** 0.5)
    words = f"{told}, ± {grouped(margin, 1)} (95 %, {len(lead)} draws)."
    if abs(gain) <= margin:
        return f"{shots} per class: no clear difference; {words} More draws give a clearer answer."
    return f"{shots} per class: transfer {'helps' if gain > 0 else 'does not help'}; {words}"
