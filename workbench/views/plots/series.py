"""What the plots show: one declaration per subplot. A new subplot or curve is one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from workbench.engine.core.text import grouped
from workbench.engine.data.split import FIRST_LOOK
from workbench.engine.report.generalization_gap import RUNNING_GAP
from workbench.engine.report.svg.axis_ticks import AxisScale
from workbench.views.plots.racer_table import SMOOTHED

Style = Literal["solid", "dashed", "dotted", "dash_dot", "long_dash"]


@dataclass(frozen=True, slots=True)
class StepSeries:
    """A curve with one value per step: ``column`` of the StepStore. ``faint`` if a measured curve covers it."""

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
        """The label at the curve's end."""
        return self.end_label or self.label


@dataclass(frozen=True, slots=True)
class EpochSeries:
    """A curve with one value per evaluation: ``column`` of the EpochTable. ``ghost``: also drawn for previous runs.

    ``occasional``: shown in plot and legend only if the run has it.
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
        """The label at the curve's end."""
        return self.end_label or self.label


Series = StepSeries | EpochSeries


@dataclass(frozen=True, slots=True)
class SubplotSpec:
    """One plot. ``limits`` fixes the vertical axis; ``floor`` is always in its range. ``filled``: names of two series.

    ``log_choice``: the user may switch it to a logarithmic axis. ``share``: relative height.
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

    @property
    def is_occasional(self) -> bool:
        """Whether it is shown only for runs that have one of its curves."""
        return all(isinstance(series, EpochSeries) and series.occasional for series in self.series)


def _averages(what: str) -> tuple[EpochSeries, ...]:
    """Validation with averaged weights or predictions: curves beside that of the raw model."""
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
    "Press Train. The loss of every step is drawn here, and at every evaluation the loss on train and "
    f"validation; ○ is the start, measured on at most {grouped(FIRST_LOOK)} examples of each.",
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
    "Accuracy on train and validation. ★ marks the best validation.",
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
        EpochSeries("effect", RUNNING_GAP, "effect_loss", "effect", "dashed", end_label="run − train"),
    ),
    "Losses after every epoch: gap is val − train, the other running − train.",
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
    "The norm of the gradient at every step.",
    scale="log",
    share=3,
)
SHARPNESS: Final = SubplotSpec(
    "sharpness",
    "Speed limit",
    (
        EpochSeries("sharpness", "largest eigenvalue", "sharpness", "accent", occasional=True, end_label="λ"),
        EpochSeries(
            "limit", "limit of stability", "sharpness_limit", "error", "dashed", occasional=True, end_label="limit"
        ),
    ),
    "The largest eigenvalue of the loss's Hessian at every evaluation.",
    scale="log",
    share=4,
)


def _compared(name: str, title: str, what: str, scale: AxisScale, share: int) -> SubplotSpec:
    """A plot of several runs: validation solid, training dotted."""
    return SubplotSpec(
        name,
        title,
        (
            EpochSeries("train", "train", f"train_{what}", "muted", "dotted", ghost=True),
            EpochSeries("val", "validation", f"val_{what}", "text", ghost=True),
        ),
        "Tick runs in the table: their curves are drawn here, each with its colour and shape.",
        scale=scale,
        log_choice=what == "loss",
        limits=(0.0, 1.04) if what == "accuracy" else None,
        floor=0.0 if what == "loss" else None,
        share=share,
    )


#: The plots of several runs.
COMPARED: Final = (
    _compared("accuracy", "Accuracy", "accuracy", "share", 8),
    _compared("loss", "Loss", "loss", "linear", 7),
    SubplotSpec(
        "gap",
        "Gap",
        (EpochSeries("gap", "validation loss − train loss", "gap_loss", "text", ghost=True),),
        "",
        floor=0.0,
        zero_line=True,
        share=4,
    ),
)
_RACERS: Final = "Each racer's curves are drawn here while it trains, with its colour and shape."
#: The plots of a race.
RACED: Final = (
    SubplotSpec(
        "loss",
        "Loss",
        (
            EpochSeries(
                "running", f"train, mean of the last {SMOOTHED} steps", "running_loss", "muted", "dotted", ghost=True
            ),
            EpochSeries("val", "validation", "val_loss", "text", ghost=True),
        ),
        _RACERS,
        log_choice=True,
        floor=0.0,
        share=8,
    ),
    SubplotSpec(
        "accuracy",
        "Accuracy",
        (EpochSeries("val", "validation", "val_accuracy", "text", ghost=True),),
        "",
        scale="share",
        limits=(0.0, 1.04),
        share=6,
    ),
    SubplotSpec(
        "lr", "Learning rate", (EpochSeries("rate", "rate", "lr", "text", ghost=True),), "", scale="log", share=3
    ),
)
SUBPLOTS: Final = (LOSS, ACCURACY, GAP, RATE, NORM, SHARPNESS)
