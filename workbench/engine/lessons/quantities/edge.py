"""The edge of stability: full-batch descent settles where the sharpness is 2 ÷ learning rate (Cohen et al. 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.sgd import GradientDescent
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Frame, Panel, Picture, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from workbench.engine.lessons.descent import Descent

#: Steps between two looks at the sharpness.
EVERY: Final = 50
#: The last looks over which the ratio is a mean.
LATE: Final = 10
#: Steps at the first rate of the toy, and at each further one.
FIRST, FURTHER = 4000, 1000

Needs = Literal["playground", "experiment", "curves"]


class EdgeOfStability(Quantity):
    """Sharpness ÷ (2 ÷ rate) at the end of gradient descent on a tanh network 1–50–50–1 and 20 points of a curve."""

    kind: ClassVar[str] = "edge_of_stability"
    title: ClassVar[str] = "Sharpness ÷ (2 ÷ learning rate) at the end"
    summary: ClassVar[str] = (
        "The largest eigenvalue of the Hessian at the end, as a share of 2 ÷ learning rate, beyond which a step in its "
        "direction is unstable; by power iteration on Hessian-vector products."
    )
    order: ClassVar[int] = 29
    decimals: ClassVar[int | None] = 2
    needs: ClassVar[Needs] = "curves"

    rates: Annotated[
        tuple[float, ...],
        AsTuple,
        Knob("Learning rates", "One after the other, while it runs.", low=1e-4, high=1.0),
    ] = (0.1, 0.15, 0.2)

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.descent import Toy, descend

        phases = [(rate, FURTHER if number else FIRST) for number, rate in enumerate(self.rates)]
        yield Frame(0, 1, "The network is built")
        toy = Toy(stage.seed)
        optimizer = GradientDescent(lr=self.rates[0]).build(toy)
        return (yield from _descended(descend(toy.loss, optimizer, phases, EVERY), sum(s for _, s in phases)))


class EdgeOnPictures(Quantity):
    """The same for the network and the optimizer of an experiment, on some of its training examples as one batch."""

    kind: ClassVar[str] = "edge_on_pictures"
    title: ClassVar[str] = "Sharpness ÷ (2 ÷ learning rate) at the end"
    summary: ClassVar[str] = (
        "The largest eigenvalue of the Hessian of the loss that the experiment minimizes, on some of its training "
        "examples, as a share of 2 ÷ learning rate; the mean over the last looks."
    )
    order: ClassVar[int] = 30
    decimals: ClassVar[int | None] = 2
    needs: ClassVar[Needs] = "experiment"

    examples: Annotated[int, Knob("Examples", "How many training examples there are.", low=10, high=2000)] = 500
    steps: Annotated[int, Knob("Steps", "How many steps are made.", low=500, high=20_000)] = 2000

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.descent import descend
        from workbench.engine.lessons.still_run import StillRun

        yield Frame(0, 1, "The network is built")
        run = StillRun(stage.run)
        part = run.order(0)[: self.examples]
        phases = [(stage.run.optimizer.lr, self.steps)]
        return (yield from _descended(descend(lambda: run.loss(part), run.optimizer, phases, EVERY), self.steps))


def _descended(descent: Generator[Descent, None, Descent], steps: int) -> Measuring:
    """The ratio at the end of ``descent``; NaN if it diverges."""
    found: Descent | None = None
    for found in descent:
        done = found.steps[-1] + EVERY
        yield Frame(done, steps, f"Step {grouped(done)} of {grouped(steps)}", _picture(found))
    if found is None or found.steps[-1] + EVERY < steps:
        return float("nan")
    return found.ratio(LATE)


def _picture(found: Descent) -> Picture:
    sharpness = (line("Sharpness", found.steps, found.sharpness), line("2 ÷ rate", found.steps, found.limits, "dashed"))
    return Picture(
        (
            Panel("Largest eigenvalue of the Hessian", "Step", "Sharpness", sharpness),
            Panel("Training loss", "Step", "Loss", (line("Loss", found.steps, found.losses),), log_y=True),
        )
    )
