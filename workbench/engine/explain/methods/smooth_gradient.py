"""SmoothGrad: input gradients, averaged over noisy copies of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.randomness import generator
from workbench.engine.explain.methods.base import Map, Method

if TYPE_CHECKING:
    from workbench.engine.explain.subject import Subject


class SmoothGradient(Method):
    """max over the channels of |mean of ∂logit/∂input over noisy copies|: Smilkov et al., SmoothGrad, 2017.

    The noise is the same for the same size of picture: torch's global generator is not used.
    """

    kind: ClassVar[str] = "smooth_gradient"
    title: ClassVar[str] = "Smoothed gradient"
    summary: ClassVar[str] = (
        "The input gradient, averaged over copies of the picture with noise (SmoothGrad), then as the input gradient."
    )
    limits: ClassVar[str] = (
        "Less noisy to the eye, not truer: the average is the sensitivity around this picture, at the scale of the "
        "noise. Like the gradient it does not say what speaks for the class."
    )
    source: ClassVar[str] = "Smilkov, Thorat, Kim, Viégas, Wattenberg, SmoothGrad, 2017"
    unit: ClassVar[str] = "logit per unit of the input"
    order: ClassVar[int] = 20

    samples: Annotated[int, Knob("Copies", "The number of noisy copies.", low=2, high=200)] = 25
    noise: Annotated[
        float,
        Knob("Noise", "Standard deviation of the noise, as a share of the picture's range of values.", low=0, high=1),
    ] = 0.15

    def attributing(self, subject: Subject) -> Job[Map]:
        import torch

        x, draws = subject.x, generator("cpu", "explain-noise")
        spread = float(x.max() - x.min()) * self.noise
        total = torch.zeros(x.shape[1:], dtype=torch.float64)
        for done in range(self.samples):
            yield Loading(done, self.samples, self.title)
            noisy = x + spread * torch.randn(x.shape, generator=draws, dtype=x.dtype)
            total += subject.gradients(noisy)[0].double()
        made: Map = (total / self.samples).abs().amax(0).numpy()
        return made
