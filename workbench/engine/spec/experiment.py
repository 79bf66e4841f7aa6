"""ExperimentSpec: all settings of an experiment. Frozen, compared by value, strictly validated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import BaseModel

from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.averages import Average
from workbench.engine.catalog.ensembles import Ensemble
from workbench.engine.catalog.ensembles.single import Single
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.sgd import Momentum
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.catalog.preprocessing.members import Normalize
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.settings import setting_of
from workbench.engine.catalog.variant import AsTuple, Section, Variant
from workbench.engine.core.errors import Problem
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.editable import Editable, checked, children
from workbench.engine.spec.editable import plain as plain
from workbench.engine.spec.inference import TestingSpec
from workbench.engine.spec.several_processes import several_processes_problems

T = TypeVar("T")

Precision = Literal["float32", "bf16"]
MemoryFormat = Literal["contiguous", "channels_last"]
#: The settings of the loop that ``fastest`` measures and sets.
MEASURED: Final = ("threads", "precision", "memory_format")


class LoopSpec(Section):
    """How long, how many at a time, on what, and when to stop."""

    epochs: Annotated[
        int,
        Knob(
            "Epochs",
            "One epoch shows every training example once. A small learning rate is not wrong; it only needs more "
            "epochs, which may take a very long time.",
            low=1,
            high=1_000_000,
            search=(5, 50),
            scale="log",
            live=True,
        ),
    ] = 15
    batch_size: Annotated[
        int,
        Knob(
            "Batch size",
            "The gradient of each update is estimated from this many examples. "
            "Small batches give noisy gradients; the noise falls with the square root of the size.",
            unit="examples",
            low=1,
            high=65_536,
            search=(16, 512),
            scale="log",
        ),
    ] = 64
    accumulate: Annotated[
        int,
        Knob(
            "Parts of a batch",
            "The gradient of each batch is computed in this many parts and added up before the update. That needs less "
            "memory; batch size and update stay the same. With batch norm the update differs: its statistics are those "
            "of the smaller parts. A part has at least two examples.",
            low=1,
            high=1024,
            scale="log",
        ),
    ] = 1
    seed: Annotated[
        int,
        Knob(
            "Seed",
            "Fixes the initial weights, the order of the examples and every random choice of the run. "
            "The same seed and the same settings give the same run to the last bit on the same machine.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"],
        Knob(
            "Device",
            "The hardware that is used: auto takes a GPU if there is one, else the CPU.",
            options={
                "auto": "GPU if there is one, else CPU",
                "cpu": "the processor",
                "cuda": "NVIDIA or AMD GPU",
                "mps": "the graphics processor of Apple's chips",
            },
            titles={"cpu": "CPU", "cuda": "CUDA GPU", "mps": "Apple GPU"},
        ),
    ] = "auto"
    fastest: Annotated[
        bool,
        Knob(
            "Find the fastest",
            "At the start of the run about 20 steps of each combination of threads, precision and memory format are "
            "measured on a throw-away copy, and the fastest is used. Of those that are about as fast it takes the one "
            "with the fewest threads, then float32. What it chose and how long the steps took stands with the run, "
            "which keeps it to its end, even if the computer becomes busy meanwhile, and goes on and is forked with "
            "it. Another computer, or the same one when it is busy, may choose "
            "otherwise, so the same settings need not give the same numbers; switch this off to compare runs.",
        ),
    ] = False
    threads: Annotated[
        int | None,
        Knob(
            "Threads",
            "How many processor cores are used; auto means all but one, shared by the processes of a run. The last one "
            "is left to the window. Another number of threads may change the last bits of the result.",
            off="Auto",
            low=1,
            high=256,
        ),
    ] = None
    processes: Annotated[
        int,
        Knob(
            "Processes",
            "How many processes share each batch, with a GPU each; they compute the same update as one, within "
            "rounding. Leave it at 1 where there is one GPU or none: on a processor they share its cores, which is "
            "seldom faster. Augmentation, masks and batch norm are those of the whole batch. Layers shows the "
            "activations of the first process's examples. Any number of processes can go on with a run.",
            low=1,
            high=64,
        ),
    ] = 1
    precision: Annotated[
        Precision,
        Knob(
            "Precision",
            "The number format of the forward and backward pass. With bfloat16, layers compute with 8 instead of 24 "
            "significant bits (automatic mixed precision), which is faster where the processor has instructions for "
            "it; elsewhere such a run is refused. Weights, gradients, updates, the loss and the statistics of batch "
            "norm stay float32, and evaluations are always computed in float32. The small MLP is usually fastest in "
            "float32: its step is computed without autograd there, and an ensemble of MLPs is then computed as one.",
            options={
                "float32": "32 bits, 24 of them significant",
                "bf16": "16 bits in the layers (automatic mixed precision)",
            },
            titles={"bf16": "bfloat16"},
        ),
    ] = "float32"
    memory_format: Annotated[
        MemoryFormat,
        Knob(
            "Memory format",
            "How the values of a batch of pictures lie in memory while a convolutional network trains and is "
            "evaluated. Channels last is often faster on a processor. Sums are then formed in another order, so that "
            "the last bits differ. Weights and files are laid as ever.",
            options={
                "contiguous": "channel by channel (NCHW)",
                "channels_last": "pixel by pixel, all channels of a pixel together (NHWC)",
            },
        ),
    ] = "contiguous"
    patience: Annotated[
        int | None,
        Knob(
            "Early stopping",
            "Stop when validation has not improved for this many epochs. "
            "The best weights are kept either way: what counts is the best validation score, not a small gap.",
            unit="epochs",
            off="Never",
            low=1,
            high=100_000,
            live=True,
        ),
    ] = None
    min_change: Annotated[
        float,
        Knob(
            "Smallest improvement",
            "What counts as an improvement for early stopping: a validation accuracy this many percentage points above "
            "that of the last improvement. At 0 any better accuracy counts, and at the same accuracy a lower loss, "
            "however little lower: a loss that keeps falling slowly then prevents early stopping. Which weights are "
            "the best does not depend on it.",
            unit="points",
            low=0.0,
            high=100.0,
            live=True,
        ),
    ] = 0.0
    evaluate_every: Annotated[
        int | None,
        Knob(
            "Evaluate every",
            "Training and validation examples are also measured within the epochs, every this many steps. "
            "Each evaluation can be the best one, whose weights are kept. Early stopping and schedules that watch "
            "validation still count epochs: an improvement at any evaluation counts for its epoch. Training does "
            "not change; each evaluation takes time.",
            unit="steps",
            off="Epoch ends only",
            low=1,
            high=1_000_000,
            live=True,
        ),
    ] = None
    diagnostics: Annotated[
        int,
        Knob(
            "Layers every",
            "Activations, gradients and the size of the update are measured in each layer every this many steps. 0 "
            "switches it off. They are shown under Layers in the View menu. Measuring does not change the run.",
            unit="steps",
            low=0,
            high=10_000,
            live=True,
            lesson="Where activations or gradients vanish or saturate, nothing is learned; their spread tells early.",
        ),
    ] = 20
    speed_limit: Annotated[
        bool,
        Knob(
            "Speed limit",
            "At every evaluation the largest eigenvalue of the loss's Hessian is measured, on at most 2048 training "
            "examples and for networks of at most 500,000 trained parameters, and drawn beside the limit above which "
            "steps overshoot and grow: 2 ÷ rate for gradient descent and SGD, 2(1 + momentum) ÷ rate with momentum, "
            "less with Nesterov's. At a constant rate the eigenvalue often rises up to the limit and then stays there. "
            "Adaptive optimizers have no limit on the Hessian itself. Measuring takes time (about 20 passes over these "
            "examples) and does not change the run. Set Evaluate every to see more of it.",
            live=True,
            lesson="The learning rate limits how sharp a valley can be in which training stays.",
        ),
    ] = False
    watch: Annotated[
        str,
        Knob(
            "Watched number",
            "The number whose update the formula shows, e.g. fc1.weight[12]: the parameter's name and the index in "
            "it, row by row from 0. Empty: the number of the first weight matrix with the largest gradient in the "
            "first step. Watching does not change the run.",
            live=True,
        ),
    ] = ""

    def unused(self, spec: ExperimentSpec) -> Iterator[tuple[str, str]]:
        """The names of settings that do nothing with ``spec``, each with the reason."""
        if self.fastest:
            reason = "Measured at the start of the run."
            yield from ((name, reason) for name in MEASURED)
        elif not spec.model.has_convolutions:
            yield "memory_format", f"It has no effect: {spec.model.title} has no convolutions."

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """Early stopping that can never act, and what several processes cannot train; no data is loaded."""
        yield from several_processes_problems(spec)
        data = spec.data
        if self.patience is None or data.validation_fraction > 0 or data.folds is not None:
            return
        text = "never acts without validation examples; raise Validation share above 0, or choose Never"
        if not data.source.can_hold_back:
            yield Problem(f"{path}.patience", text, "warning")


class ExperimentSpec(Editable):
    """Everything that defines a run. The default is complete and works offline."""

    version: ClassVar[int] = 1

    title: Annotated[str, Knob("Title", "A name for this experiment.")] = ""
    note: Annotated[
        str,
        Knob(
            "Note",
            "What to look at in this experiment. Try at most about four settings at a time: the number of their "
            "combinations grows exponentially. The best value of one setting can change when another is changed; "
            "this affects the learning rate less.",
            role="note",
        ),
    ] = ""
    data: Annotated[DataSpec, Knob("Data", "What the model learns from.")] = DataSpec()
    preprocessing: Annotated[
        Preprocessing,
        Knob("Preprocessing", "What is done to every example before the model sees it, in training and in use."),
    ] = Normalize()
    augmentations: Annotated[
        tuple[Augmentation, ...],
        AsTuple,
        Knob("Augmentation", "Random changes to the training pictures that keep their label, applied in this order."),
    ] = ()
    model: Annotated[Model, Knob("Model", "The network that learns.")] = SmallCNN()
    optimizer: Annotated[Optimizer, Knob("Optimizer", "The rule that turns gradients into updates.")] = Momentum(
        lr=0.05
    )
    schedule: Annotated[Schedule, Knob("Schedule", "How the learning rate changes during the run.")] = Constant()
    regularization: Annotated[
        tuple[Regularizer, ...],
        AsTuple,
        Knob("Regularization", "What keeps the model from fitting the training examples too well."),
    ] = ()
    averaging: Annotated[
        tuple[Average, ...],
        AsTuple,
        Knob(
            "Averaging",
            "Averages of the weights over the updates, used at test time; they do not change training.",
        ),
    ] = ()
    ensemble: Annotated[
        Ensemble, Knob("Ensemble", "Several models, or several checkpoints of one, whose predictions are averaged.")
    ] = Single()
    testing: Annotated[
        TestingSpec,
        Knob(
            "Test time",
            ("How a prediction is made when the model is evaluated: by one forward pass, or by the average of many."),
        ),
    ] = TestingSpec()
    loop: Annotated[LoopSpec, Knob("Run", "How long and on what.")] = LoopSpec()

    def problems(self) -> tuple[Problem, ...]:
        """Problems that prevent a run (errors) and warnings; no data is loaded."""
        return tuple(_problems_below(self, self, ""))

    def unused(self) -> dict[str, str]:
        return {f"loop.{name}": reason for name, reason in self.loop.unused(self)}


def spec_from_plain(plain: Any) -> ExperimentSpec:
    """Validate nested dicts and lists (as from TOML). Raises SpecError with every problem and its path."""
    return checked(lambda: ExperimentSpec.model_validate(plain))


def live_paths(spec: ExperimentSpec) -> tuple[str, ...]:
    """The dotted paths of all settings that may change during a run of ``spec``."""
    return tuple(_live_below(spec, ""))


def _live_below(value: Any, prefix: str) -> Iterator[str]:
    for name, child in children(value):
        if isinstance(value, BaseModel) and setting_of(type(value), name).knob.live:
            yield prefix + name
        yield from _live_below(child, f"{prefix}{name}.")


def _problems_below(spec: ExperimentSpec, value: Any, prefix: str) -> Iterator[Problem]:
    if isinstance(value, (Variant, TestingSpec, DataSpec, LoopSpec)):
        yield from value.problems(spec, prefix.rstrip("."))
    for name, child in children(value):
        yield from _problems_below(spec, child, f"{prefix}{name}.")
