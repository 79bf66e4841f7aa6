"""What the plots show: one declaration a lane. A new lane or curve is an entry here and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from workbench.views.plots.axis_ticks import AxisScale

Style = Literal["solid", "dashed", "dotted", "dash_dot", "long_dash"]


@dataclass(frozen=True, slots=True)
class StepSeries:
    """A curve with one value a step; ``column`` of the StepStore. ``faint`` where a measured curve stands before it."""

    name: str
    label: str
    column: str
    colour: str
    faint: bool = False
    smooths: bool = True
    style: Style = "solid"
    end_label: str = ""

    @property
    def short(self) -> str:
        """The name beside the curve's end."""
        return self.end_label or self.label


@dataclass(frozen=True, slots=True)
class EpochSeries:
    """A curve with one value an evaluation; ``column`` of the EpochTable. ``ghost``: the previous run shows it too.

    ``occasional``: it stands in plot and legend only where a run has it.
    """

    name: str
    label: str
    column: str
    colour: str
    style: Style = "solid"
    ghost: bool = False
    star: bool = False
    occasional: bool = False
    end_label: str = ""

    @property
    def short(self) -> str:
        """The name beside the curve's end."""
        return self.end_label or self.label


Series = StepSeries | EpochSeries


@dataclass(frozen=True, slots=True)
class SubplotSpec:
    """One plot. ``limits`` fixes the vertical axis; ``floor`` is part of it always. ``filled``: two series' names.

    ``log_choice``: the user may switch it to a logarithmic axis. ``share`` of the height relative to the other lanes.
    """

    name: str
    title: str
    series: tuple[Series, ...]
    empty: str
    scale: AxisScale = "linear"
    log_choice: bool = False
    limits: tuple[float, float] | None = None
    floor: float | None = None
    filled: tuple[str, str] | None = None
    zero_line: bool = False
    share: int = 2


def _averages(what: str) -> tuple[EpochSeries, ...]:
    """Validation with averaged weights or predictions, beside the raw one: each with a colour and line of its own."""
    looks: tuple[tuple[str, str, Style, str], ...] = (
        ("ema", "average (EMA)", "dotted", "EMA"),
        ("mean", "average (mean)", "dash_dot", "mean"),
        ("ensemble", "ensemble", "long_dash", "ens."),
    )
    return tuple(
        EpochSeries(name, label, f"{name}_{what}", name, style, ghost=False, occasional=True, end_label=end)
        for name, label, style, end in looks
    )


LOSS: Final = SubplotSpec(
    "loss",
    "Loss",
    (
        StepSeries("running", "running", "loss", "running", faint=True, end_label="run"),
        EpochSeries("train", "train", "train_loss", "train", ghost=True),
        EpochSeries("val", "val", "val_loss", "val", "dashed", ghost=True, star=True),
        *_averages("loss"),
    ),
    "Press Train: the loss of every step appears here, and after every epoch the loss on train and validation.",
    log_choice=True,
    floor=0.0,
    filled=("train", "val"),
    share=8,
)
ACCURACY: Final = SubplotSpec(
    "accuracy",
    "Accuracy",
    (
        StepSeries("running", "running", "accuracy", "running", faint=True, end_label="run"),
        EpochSeries("train", "train", "train_accuracy", "train", ghost=True),
        EpochSeries("val", "val", "val_accuracy", "val", "dashed", ghost=True, star=True),
        *_averages("accuracy"),
    ),
    "The share of right answers, on train and validation; ★ marks the best validation.",
    scale="share",
    limits=(0.0, 1.04),  # room for a curve and its star at 100 %
    filled=("train", "val"),
    share=6,
)
GAP: Final = SubplotSpec(
    "gap",
    "Gap",
    (
        EpochSeries("gap", "gap", "gap_loss", "gap", ghost=True),
        EpochSeries("effect", "running − train", "effect_loss", "effect", "dashed", end_label="lag"),
    ),
    "After each epoch: how much more validation loses than train, and what regularization adds.",
    floor=0.0,
    zero_line=True,
    share=4,
)
RATE: Final = SubplotSpec(
    "lr",
    "Learning rate",
    (StepSeries("lr", "rate", "lr", "text", smooths=False),),
    "The learning rate of every step.",
    scale="log",
    share=3,
)
NORM: Final = SubplotSpec(
    "grad_norm",
    "Gradient norm",
    (StepSeries("grad_norm", "norm", "grad_norm", "accent", faint=True),),
    "The length of the gradient at every step.",
    scale="log",
    share=3,
)
SUBPLOTS: Final = (LOSS, ACCURACY, GAP, RATE, NORM)
