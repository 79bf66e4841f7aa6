"""A gradient against centred differences: one number's figures, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workbench.engine.core.text import counted, grouped, short

#: Half the width of a centred difference, in float64: rounding and curvature then cost about the same.
H: Final = 1e-5
#: A relative error up to this, where rounding explains no more, is agreement.
TOLERANCE: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Difference:
    """The gradient of one number: ``numeric`` by a centred difference, ``autograd``; both in float64.

    ``rounding`` is how far rounding alone can move ``numeric``. ``has_kink``: the one-sided differences disagree, and
    not as curvature makes them.
    """

    index: int
    numeric: float
    autograd: float
    rounding: float
    has_kink: bool

    @property
    def error(self) -> float:
        """The relative error; 0 where both are 0."""
        largest = max(abs(self.numeric), abs(self.autograd))
        return abs(self.numeric - self.autograd) / largest if largest else 0.0

    @property
    def agrees(self) -> bool:
        """Whether they agree as well as a difference can tell."""
        largest = max(abs(self.numeric), abs(self.autograd))
        return abs(self.numeric - self.autograd) <= TOLERANCE * largest + self.rounding


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """What has come of checking one parameter in the 0-based ``step`` on ``examples``: the watched number, then others.

    ``in_training`` is the watched number's gradient in the precision of training. ``notes`` are sentences about what is
    compared.
    """

    step: int
    parameter: str
    examples: int
    watched: Difference
    others: tuple[Difference, ...]
    in_training: float
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Difference, ...]:
        """The watched number, then the others."""
        return (self.watched, *self.others)

    @property
    def verdict(self) -> str:
        """Whether they agree, as a sentence."""
        wrong = [each for each in self.all if not each.agrees and not each.has_kink]
        total = counted(len(self.all), "number")
        if not wrong:
            kinks = sum(each.has_kink for each in self.all)
            beside = f" ({counted(kinks, 'number')} beside a kink left out)" if kinks else ""
            return f"Autograd agrees with centred differences in {total} of {self.parameter}{beside}."
        return f"Autograd differs from centred differences in {grouped(len(wrong))} of {total} of {self.parameter}."

    @property
    def holds(self) -> bool:
        """Whether nothing disagrees that no kink explains."""
        return all(each.agrees or each.has_kink for each in self.all)


def worst(differences: Sequence[Difference]) -> float | None:
    """The largest relative error among those that a kink does not spoil; None without one.

    Gradients near 0 have no digits to compare: there the error is relative to the smallest one that could agree.
    """
    errors = [
        abs(d.numeric - d.autograd) / max(abs(d.numeric), abs(d.autograd), d.rounding / TOLERANCE)
        for d in differences
        if not d.has_kink
    ]
    return max(errors, default=None)


def kink_words(check: GradientCheck) -> str:
    """A sentence about the kinks that were met; empty if there were none."""
    kinks = [each for each in check.all if each.has_kink]
    if not kinks:
        return ""
    whose = "of the watched number" if check.watched.has_kink else f"of {counted(len(kinks), 'other')}"
    return (
        f"A kink of ReLU (or of a maximum) lies within ±{short(H)} {whose}: left and right of it the slopes differ, so "
        "a difference across it is none of the two. Autograd gives the slope on the side where the number is."
    )
