"""What observers of a step tell: events that show a network at work and are not logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.engine.core.update_rule import Line, Rule


@dataclass(frozen=True, slots=True)
class Boundary:
    """The predictions of the network over the plane of a 2-D set, at ``step``; not logged.

    ``extent`` is (x_min, x_max, y_min, y_max). ``labels`` and ``confidence`` are ``side`` × ``side`` bytes, row by row
    from y_min upwards: the predicted class, and its probability × 255.
    """

    step: int
    extent: tuple[float, float, float, float]
    side: int
    labels: bytes
    confidence: bytes


@dataclass(frozen=True, slots=True)
class LayerStat:
    """One layer with weights at one step. ``name`` is its path, ``activation`` the kind that follows it, or empty.

    The rest are samples as float32 bytes; ``layer_numbers.numbers`` says what they mean. ``values`` are of its
    output (after the activation where there is one), ``peaks`` the sum of each unit's values over the batch
    (ReLU only), ``gradient`` of its weight's gradient, ``old`` and ``new`` of the weight before and after the update,
    the same entries. Those three are empty if the layer is frozen. ``back`` is the gradient of its output,
    empty where there is none.
    """

    name: str
    layer: str
    activation: str
    values: bytes
    peaks: bytes
    gradient: bytes
    old: bytes
    new: bytes
    back: bytes = b""


@dataclass(frozen=True, slots=True)
class LayerStats:
    """The layers of the network in the order in which they are used, at the 0-based ``step``; not logged."""

    step: int
    layers: Sequence[LayerStat]


@dataclass(frozen=True, slots=True)
class RecentSteps:
    """The last recorded steps of the watched number: ``rows`` are float64 bytes (n, names), the oldest step first.

    ``names`` are "step" (0-based), "lr", "g", "x" before the step, "t" (the updates before it, NaN where torch does not
    count them), and the memories and constants of ``rule``, which is None where none is declared. A memory that was not
    there yet is NaN.
    """

    rule: Rule | None
    names: tuple[str, ...]
    rows: bytes


@dataclass(frozen=True, slots=True)
class Watched:
    """One number of the network in the 0-based ``step``: the rule's lines with its numbers, and torch's; not logged.

    ``parameter`` and ``index`` (row by row) name the number, ``rule`` the optimizer. ``expected`` is the rule's new
    value, computed in double precision; ``agrees`` compares it with torch's ``new``. Both are None where the lines do
    not give the new value; ``words`` then say why. The norms are of the whole parameter before the step, of its
    gradient and of its change; None where a large parameter was not kept. ``recent`` are this step and those before it.
    """

    step: int
    rule: str
    parameter: str
    index: int
    shape: tuple[int, ...]
    lines: tuple[Line, ...]
    words: tuple[str, ...]
    gradient: float
    old: float
    new: float
    expected: float | None
    agrees: bool | None
    norm: float | None
    gradient_norm: float
    update_norm: float | None
    recent: RecentSteps | None = None
