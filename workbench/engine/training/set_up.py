"""Sets up a run: device, data, network, optimizer, callbacks; nothing is trained yet."""

from __future__ import annotations

from typing import Literal

import torch

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.callbacks import Callback
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Event, Notice, RunStarted
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.fingerprint import mark_of
from workbench.engine.diagnostics.layer_probe import Diagnostics
from workbench.engine.diagnostics.speed_limit import SpeedLimit
from workbench.engine.diagnostics.weight_probe import Watch
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.device import Resolved, arithmetic_of, resolve
from workbench.engine.training.epoch_batches import EpochBatches
from workbench.engine.training.live_edits import LiveEdits
from workbench.engine.training.network import Network, build_network
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.run_data import prepare_data
from workbench.engine.training.snapshot_ensemble import SnapshotEnsemble
from workbench.engine.training.state import TrainState
from workbench.engine.training.train_step import FullBatchStep, TorchStep, TrainStep
from workbench.engine.training.weight_averaging import averages_of
from workbench.engine.training.written_step import WrittenStep

#: At most this many of the data's notes (files left out) are sent.
MAX_NOTES = 5


def refuse_problems(spec: ExperimentSpec) -> None:
    """Raise SpecError with all errors of ``spec``, if there are any."""
    errors = [p for p in spec.problems() if p.severity == "error"]
    if errors:
        raise SpecError(errors)


def set_up(
    spec: ExperimentSpec,
    folder: RunFolder | None = None,
    steps: StepStore | None = None,
    like: RunContext | None = None,
    dataset: Dataset | None = None,
) -> RunContext:
    """A run that is ready to begin, or to have a saved state restored. Per-step scalars go into ``steps``.

    ``dataset`` is what the spec's source has given; without it it is read here. ``like`` is a run on the same data
    with the same preprocessing, whose examples are used. Raises WorkbenchError with a sentence for the user.
    """
    refuse_problems(spec)
    where = resolve(spec.loop)
    arithmetic = arithmetic_of(spec, where.device)
    torch.set_num_threads(where.threads)
    data = prepare_data(spec, where.device, dataset) if like is None else like.data
    network = build_network(spec, data.shape, len(data.classes))
    network.arithmetic = arithmetic
    state = _initial_state(spec, network, where)
    batches = EpochBatches(state, data.split.train)
    averages = averages_of(spec.averaging, network.module, batches.per_epoch)
    snapshots = SnapshotEnsemble()
    speed_limit = SpeedLimit(spec, network.module)
    state.callbacks += [*averages, snapshots, *_probes(state, network), speed_limit]
    live = LiveEdits(state, network)
    channel = CommandChannel(live, folder)
    step: TrainStep = WrittenStep(data.examples, network, state)
    if spec.optimizer.full_batch:
        step = FullBatchStep(TorchStep(data.examples, network, state), state, channel)
        state.callbacks.append(step)
    return RunContext(
        initial=spec,
        where=where,
        data=data,
        network=network,
        state=state,
        batches=batches,
        step=step,
        averages=averages,
        snapshots=snapshots,
        speed_limit=speed_limit,
        channel=channel,
        live=live,
        steps=steps if steps is not None else StepStore(),
        folder=folder,
    )


def early_stopping_notes(run: RunContext) -> list[Notice]:
    """A notice if early stopping is on and nothing is measured that it could act on."""
    if run.initial.loop.patience is None or len(run.data.split.val):
        return []
    words = "Early stopping never acts: there are no validation examples. Raise Validation share above 0 for it."
    return [Notice(run.state.progress.step, "early_stopping", words)]


def first_events(run: RunContext) -> list[Event]:
    """What is said after the start: that the run goes on, or else what is to be known of its data and settings."""
    if run.origin.resumed is not None:
        return [run.origin.resumed]
    notes = [Notice(run.state.progress.step, "data_note", note, "info") for note in run.data.notes[:MAX_NOTES]]
    words = run.origin.words
    begun = [Notice(run.state.progress.step, "fork", words, "info")] if words else []
    notes += [Notice(run.state.progress.step, "weights", note, "info") for note in run.initial.model.notes()]
    return [*begun, *notes, *preprocessing_notes(run), *early_stopping_notes(run), *memory_format_notes(run)]


def memory_format_notes(run: RunContext) -> list[Notice]:
    """A notice if a memory format was chosen that makes no difference."""
    reason = run.initial.unused().get("loop.memory_format", "")
    if run.initial.loop.fastest or run.initial.loop.memory_format == "contiguous" or not reason:
        return []
    return [Notice(run.state.progress.step, "memory_format", f"Memory format channels last: {reason}", "info")]


def preprocessing_notes(run: RunContext) -> list[Notice]:
    """A notice if the pictures are not normalized as both the settings and a network that is used again want it."""
    paths: dict[str, Literal["info", "warning"]] = {"preprocessing": "info", "model.normalization": "warning"}
    found = [p for p in run.initial.problems() if p.path in paths]
    return [Notice(run.state.progress.step, "preprocessing", f"{p}.", paths[p.path]) for p in found]


def _initial_state(spec: ExperimentSpec, network: Network, where: Resolved) -> TrainState:
    network.module.to(where.device)
    network.reuse.refuse(spec)
    optimizer = spec.optimizer.build(network.module, network.reuse.blocks)
    state = TrainState(spec, network.module, optimizer, network.tune)
    network.reuse.apply(state)
    return state


def _probes(state: TrainState, network: Network) -> list[Callback]:
    certificate = network.reuse.certificate
    probes: list[Callback] = [Diagnostics(state.spec, network.module), Watch(state)]
    return probes if certificate is None else [*probes, certificate]


def started(run: RunContext) -> RunStarted:
    """The event with which a run begins: what "auto" has become, and the sizes of data and network."""
    split, folder = run.data.split, run.folder
    return RunStarted(
        spec=plain(run.initial),
        device=run.where.device,
        device_note=run.where.note,
        threads=run.where.threads,
        parameters=run.network.parameters,
        train_size=len(split.train),
        val_size=len(split.val),
        train_eval_size=len(split.train_eval),
        classes=run.data.classes,
        input_shape=run.data.shape,
        steps_per_epoch=run.batches.per_epoch,
        torch_version=torch.__version__,
        folder=str(folder.path) if folder else "",
        value_range=run.data.value_range,
        test_size=run.data.test_size,
        parent=run.origin.parent,
        parent_step=run.origin.parent_step,
        measured=run.origin.measured,
        steps_words=run.step.words,
        data_mark=mark_of(run.data.fingerprint),
    )
