"""Double descent: the error on new examples peaks where a network can just fit those it has (Belkin et al. 2019)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.text import grouped, short, significant
from workbench.engine.lessons.picture import Frame, Line, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

#: The least and the greatest width that is drawn, and how many of them.
LEAST, MOST, WIDTHS = 20, 2000, 20
#: Draws of examples and hidden weights; errors are their medians, since at the peak they differ by powers of ten.
DRAWS: Final = 9
#: An error on the training examples below this is only that of rounding: they are fitted.
FITTED: Final = 1e-6


class DoubleDescent(Quantity):
    """The error on new examples at one width, of networks whose output weights alone are fitted."""

    kind: ClassVar[str] = "double_descent"
    title: ClassVar[str] = "Error on new examples at this width"
    summary: ClassVar[str] = (
        "The mean squared error on examples that were held back, of a network of random ReLU units whose output "
        "weights are the solution of least squares of least norm; the median over several draws. Guessing zero has an "
        "error of 1."
    )
    order: ClassVar[int] = 32
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "curves"
    follows_hands: ClassVar[bool] = True

    width: Annotated[
        int, Knob("Width", "How many ReLU units the network has.", unit="units", low=LEAST, high=MOST, scale="log")
    ] = 100
    examples: Annotated[
        int, Knob("Training examples", "How many examples there are to fit.", low=50, high=400, scale="log")
    ] = 100
    l2: Annotated[
        float,
        Knob("L2", "The strength of the penalty on the squared weights of the output.", low=0.0, high=1.0, scale="log"),
    ] = 0.0

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.random_features import Problem, errors

        places = tuple(sorted({*widths(self.examples), self.width}))
        found = []
        for draw in range(DRAWS):
            yield Frame(draw, DRAWS, f"Draw {grouped(draw + 1)} of {grouped(DRAWS)}")
            problem = Problem(self.examples, self.l2, stage.seed, draw)
            found.append([errors(problem, width) for width in places])
        train, test = np.median(np.array(found), axis=0).T
        yield Frame(DRAWS, DRAWS, "All widths are fitted", self._picture(np.array(places), train, test))
        return float(test[places.index(self.width)])

    def text(self, value: float) -> str:
        return _brief(value, 3)

    def _picture(self, places: Array, train: Array, test: Array) -> Picture:
        here = int(np.flatnonzero(places == self.width)[0])
        fitted = np.where(train < FITTED, np.nan, train)
        lines = (
            line("New examples", places, test),
            line("Training examples", places, fitted),
            line("This width", [self.width], [test[here]], "dots"),
            self._threshold(test),
        )
        title = "Error of a network of random ReLU units, in closed form"
        panel = Panel(title, "Width", "Mean squared error", lines, log_x=True, log_y=True, is_measured=True)
        narrow = int(np.argmin(np.where(places < self.examples, test, np.inf)))
        rows = tuple(
            (grouped(int(places[at])), "0" if train[at] < FITTED else _brief(train[at]), _brief(test[at]))
            for at in sorted({narrow, here, int(np.argmax(test)), len(places) - 1})
        )
        return Picture((panel,), Table(("Width", "Training", "New"), rows))

    def _threshold(self, test: Array) -> Line:
        ends = [float(test.min()), float(test.max())]
        return line("As many units as examples", [self.examples] * 2, ends, "dashed")


def widths(examples: int) -> tuple[int, ...]:
    """The widths of a curve: evenly spaced on a log axis, and close around the number of examples."""
    even = np.geomspace(LEAST, MOST, WIDTHS)
    near = examples * np.array([0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25])
    return tuple(np.unique(np.rint([*even, *near[(near >= LEAST) & (near <= MOST)]]).astype(int)).tolist())


def _brief(value: float, digits: int = 2) -> str:
    """``value`` in its first digits, without an exponent."""
    return short(significant(value, digits))
