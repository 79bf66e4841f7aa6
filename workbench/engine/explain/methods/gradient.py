"""Input gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.engine.core.progress import Job, Loading
from workbench.engine.explain.methods.base import Map, Method

if TYPE_CHECKING:
    from workbench.engine.explain.subject import Subject


class Gradient(Method):
    """max over the channels of |∂logit/∂input|: Simonyan et al., Deep Inside Convolutional Networks, 2014."""

    kind: ClassVar[str] = "gradient"
    title: ClassVar[str] = "Input gradient"
    summary: ClassVar[str] = (
        "How much the class's logit changes with each pixel, for a very small change: the absolute value, the largest "
        "of the channels."
    )
    limits: ClassVar[str] = (
        "It says where the network is sensitive, not what speaks for the class. It is noisy, and small where a unit "
        "is saturated, however much that place matters."
    )
    source: ClassVar[str] = "Simonyan, Vedaldi, Zisserman, Deep Inside Convolutional Networks, 2014"
    unit: ClassVar[str] = "logit per unit of the input"
    order: ClassVar[int] = 10

    def attributing(self, subject: Subject) -> Job[Map]:
        yield Loading(0, 1, self.title)
        made: Map = subject.gradients(subject.x)[0].abs().amax(0).double().numpy()
        return made
