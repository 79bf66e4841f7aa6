"""How the gradient of a batch differs from that of the whole training set, on a real network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.data.split import Indices
    from workbench.engine.lessons.still_run import StillRun

SIZES: Final = (4, 8, 16, 32, 64, 128)
#: Batches of each size over which is averaged.
DRAWS: Final = 48
#: Gradients of the whole training set that are compared with each other.
PASSES: Final = 6
#: For each size that is done: its noise and its cosine.
_Found = dict[int, tuple[float, float]]


class NoiseExponent(Quantity):
    """The exponent p where the noise of a batch's gradient goes with its size to the power p.

    The noise is the root mean square distance from the gradient of the whole training set, as a share of its length.
    """

    kind: ClassVar[str] = "noise_exponent"
    title: ClassVar[str] = "Growth of the gradient's noise with the batch size"
    summary: ClassVar[str] = (
        "The exponent p where the distance of a batch's gradient from that of the whole training set goes with the "
        "p-th power of the batch size: −0.5 where four times the batch halves the noise."
    )
    order: ClassVar[int] = 20
    decimals: ClassVar[int | None] = 2
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    shuffled: Annotated[
        bool,
        Knob("Shuffled", "Draw batches in the shuffled order of a run; off: cut them from examples sorted by class."),
    ] = True

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.still_run import StillRun

        found: _Found = {}
        yield Frame(0, len(SIZES), "The network is built, the whole gradient computed", _picture(found))
        run = StillRun(stage.run)
        whole = run.gradient(run.train)
        for done, size in enumerate(SIZES):
            found[size] = _noise(run, whole, self._batches(run, size, stage.seed))
            yield Frame(done + 1, len(SIZES), f"Batches of {grouped(size)}", _picture(found))
        noise = [own for own, _ in found.values()]
        return float(np.polyfit(np.log(SIZES), np.log(noise), 1)[0])

    def _batches(self, run: StillRun, size: int, seed: int) -> list[Indices]:
        if self.shuffled:
            return [run.order(draw)[:size] for draw in range(DRAWS)]
        ordered = run.by_class()
        begins = np.random.default_rng(seed).integers(0, len(ordered) - size, DRAWS)
        return [ordered[begin : begin + size] for begin in begins]


class FullBatchAgreement(Quantity):
    """The mean cosine between gradients of the whole training set at one point, each pass with masks of its own."""

    kind: ClassVar[str] = "full_batch_agreement"
    title: ClassVar[str] = "Cosine between two gradients of the whole training set"
    summary: ClassVar[str] = (
        "The cosine of the angle between the gradients of two passes over the whole training set with the same "
        "weights; 1 if they agree. Random layers draw new masks in each pass."
    )
    order: ClassVar[int] = 21
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.still_run import StillRun, cosine

        yield Frame(0, PASSES, "The network is built")
        run, gradients = StillRun(stage.run), []
        for done in range(PASSES):
            gradients.append(run.gradient(run.train, done))
            yield Frame(done + 1, PASSES, "A pass over the whole training set")
        pairs = [cosine(a, b) for i, a in enumerate(gradients) for b in gradients[i + 1 :]]
        return float(np.mean(pairs))


def _noise(run: StillRun, whole: Tensor, batches: list[Indices]) -> tuple[float, float]:
    """The noise of the batches as a share of the whole gradient, and their mean cosine to it."""
    from workbench.engine.lessons.still_run import cosine

    gradients = [run.gradient(batch) for batch in batches]
    squares = [float((g - whole).square().sum()) for g in gradients]
    return float(np.sqrt(np.mean(squares)) / whole.norm()), float(np.mean([cosine(g, whole) for g in gradients]))


def _picture(found: _Found) -> Picture:
    sizes, noise, cosines = list(found), [n for n, _ in found.values()], [c for _, c in found.values()]
    theory = line("∝ 1/√B", SIZES, (noise[0] if noise else 1.0) * (np.array(SIZES) / SIZES[0]) ** -0.5, "dashed")
    panels = (
        Panel(
            "Noise of the gradient, as a share of the whole gradient",
            "Batch size B",
            "Noise",
            (line("Measured", sizes, noise, "dots"), theory),
            log_x=True,
            log_y=True,
        ),
        Panel(
            "Cosine to the whole gradient", "Batch size B", "Cosine", (line("Measured", sizes, cosines),), log_x=True
        ),
    )
    rows = tuple((grouped(s), grouped(n, 2), grouped(c, 2)) for s, n, c in zip(sizes, noise, cosines, strict=True))
    return Picture(panels, Table(("Batch size", "Noise", "Cosine"), rows))
