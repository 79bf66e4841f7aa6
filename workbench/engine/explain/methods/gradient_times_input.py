"""Gradient × input."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.engine.core.progress import Job, Loading
from workbench.engine.explain.methods.base import Map, Method

if TYPE_CHECKING:
    from workbench.engine.explain.subject import Subject


class GradientTimesInput(Method):
    """Sum over the channels of input · ∂logit/∂input: Shrikumar et al., Not Just a Black Box, 2016."""

    kind: ClassVar[str] = "gradient_times_input"
    title: ClassVar[str] = "Gradient × input"
    summary: ClassVar[str] = (
        "Each pixel's share in the logit if the network were linear around this picture: above zero for the class, "
        "below zero against it."
    )
    limits: ClassVar[str] = (
        "It contains the picture itself: edges of the picture show in the map of any network. A pixel whose value at "
        "the network's input is 0 gets 0, whatever it means."
    )
    source: ClassVar[str] = "Shrikumar, Greenside, Shcherbina, Kundaje, Not Just a Black Box, 2016"
    unit: ClassVar[str] = "logit"
    is_signed: ClassVar[bool] = True
    order: ClassVar[int] = 30

    def attributing(self, subject: Subject) -> Job[Map]:
        yield Loading(0, 1, self.title)
        made: Map = (subject.gradients(subject.x) * subject.x)[0].sum(0).double().numpy()
        return made
