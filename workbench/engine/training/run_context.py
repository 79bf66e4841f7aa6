"""What the parts of a run share: settings, data, network, state, and the channel to the driver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from workbench.engine.core.events import Event, MeasuredOnTest, Resumed
from workbench.engine.core.step_store import StepStore
from workbench.engine.diagnostics.speed_limit import SpeedLimit
from workbench.engine.distributed.joining import GroupOfRun
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.device import Resolved
from workbench.engine.training.epoch_batches import EpochBatches
from workbench.engine.training.live_edits import LiveEdits
from workbench.engine.training.network import Network
from workbench.engine.training.run_data import RunData
from workbench.engine.training.snapshot_ensemble import SnapshotEnsemble
from workbench.engine.training.state import TrainState
from workbench.engine.training.train_step import StepResult, TrainStep
from workbench.engine.training.weight_averaging import WeightAverage


@dataclass(slots=True, eq=False)
class Origin:
    """Where a run began that does not begin at its first step: ``resumed`` from a kept state of its own, or branched
    off the run in the folder ``parent``, of which ``words`` say what begins anew. ``is_trial``: it is thrown away, and
    its data is another's. ``measured``: what was found to be the fastest, see ``RunStarted``."""

    resumed: Resumed | None = None
    parent: str = ""
    parent_step: int = 0
    words: str = ""
    is_trial: bool = False
    measured: str = ""

    @property
    def is_fork(self) -> bool:
        """Whether it begins at a later step of another run."""
        return bool(self.parent) and self.resumed is None


@dataclass(slots=True, eq=False)
class RunContext:
    """One run, made by ``set_up``. ``state`` may be copied between two events, and restored before the run begins.

    ``initial`` is the spec it started with. ``val_answers``: a list here receives the logits (B, K) of each
    evaluation of the validation split, chunk by chunk. ``tested`` is what was measured of the test part at the end.
    """

    initial: ExperimentSpec
    where: Resolved
    data: RunData
    network: Network
    state: TrainState
    batches: EpochBatches
    step: TrainStep
    averages: Sequence[WeightAverage]
    snapshots: SnapshotEnsemble
    speed_limit: SpeedLimit
    channel: CommandChannel
    live: LiveEdits
    steps: StepStore
    folder: RunFolder | None = None
    val_answers: list[Tensor] | None = None
    tested: MeasuredOnTest | None = None
    origin: Origin = field(default_factory=Origin)
    #: The processes that share its batches; None for a single process.
    together: GroupOfRun | None = None

    @property
    def spec(self) -> ExperimentSpec:
        """The spec as edited so far."""
        return self.state.spec

    @property
    def rate(self) -> float:
        """The effective learning rate of the next step: the optimizer's rate times the schedule's factor."""
        spec, progress = self.state.spec, self.state.progress
        factor = spec.schedule.factor(progress.step, self.batches.per_epoch, spec.loop.epochs, progress.memory)
        return spec.optimizer.lr * factor

    @property
    def is_complete(self) -> bool:
        """Whether all epochs are trained and measured, or early stopping has ended the run."""
        return self.is_complete_with(self.state.spec)

    def is_complete_with(self, spec: ExperimentSpec) -> bool:
        """As ``is_complete``, with the settings ``spec``."""
        progress, loop = self.state.progress, spec.loop
        if progress.offset:
            return False
        return progress.epoch >= loop.epochs or (loop.patience is not None and progress.stale >= loop.patience)

    @property
    def evaluation_is_due(self) -> bool:
        """Whether an evaluation within the epoch is due now. That at its end comes in any case."""
        progress, every = self.state.progress, self.spec.loop.evaluate_every
        if every is None or not progress.offset or progress.measured_step == progress.step:
            return False
        return progress.step % every == 0

    def record(self, result: StepResult, rate: float) -> list[Event]:
        """Count a step that was done and call ``after_update`` of the callbacks. Returns their events."""
        progress = self.state.progress
        progress.count(result.loss, result.hits, result.size, rate)
        self.state.is_torn = False
        self.steps.append(result.loss, result.hits / result.size, rate, result.norm, self.channel.seconds())
        return [event for callback in self.state.callbacks for event in callback.after_update(progress.step - 1, rate)]
