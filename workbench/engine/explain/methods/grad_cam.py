"""Grad-CAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.explain.methods.base import Map, Method

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.explain.subject import Subject


class GradCam(Method):
    """ReLU(Σ_k α_k A_k) with α_k the mean over all places of ∂logit/∂A_k: Selvaraju et al., Grad-CAM, 2017.

    Layers of tokens count as the grid of their patches.
    """

    kind: ClassVar[str] = "grad_cam"
    title: ClassVar[str] = "Grad-CAM"
    summary: ClassVar[str] = (
        "Which places of a layer hold channels that speak for the class: the channels, weighted with their mean "
        "gradient and added; what is below zero is cut off."
    )
    limits: ClassVar[str] = (
        "It is as coarse as the layer's grid, and a place of a deep layer has seen far more of the picture than lies "
        "under it. Early layers show edges rather than classes. What speaks against the class is not shown."
    )
    source: ClassVar[str] = "Selvaraju and others, Grad-CAM, 2017"
    unit: ClassVar[str] = "logit per place"
    uses_layer: ClassVar[bool] = True
    order: ClassVar[int] = 40

    def attributing(self, subject: Subject) -> Job[Map]:
        yield Loading(0, 1, self.title)
        layer = subject.layer
        if layer is None or not layer.has_map:
            what = f"{layer.name} has none" if layer is not None else "this network has no such layer"
            raise WorkbenchError(
                f"Grad-CAM needs a layer whose outputs lie on a grid of places, and {what}. "
                "Input gradients and occlusion work for every network."
            )
        values, gradients = (layer.on_grid(each)[0].double() for each in output_and_gradient(subject, layer.name))
        weights = gradients.mean((1, 2), keepdim=True)
        made: Map = (weights * values).sum(0).clamp_min(0).numpy()
        return made


def output_and_gradient(subject: Subject, name: str) -> tuple[Tensor, Tensor]:
    """What the layer ``name`` gives for the picture, and the gradient of the class's logit there, both of its shape."""
    import torch

    from workbench.engine.explain.layers import kept_output

    with torch.enable_grad(), kept_output(subject.network, name) as kept:
        score = subject.scores(subject.x.detach().clone().requires_grad_(True)).sum()
        (gradient,) = torch.autograd.grad(score, kept[-1], allow_unused=True)
    return kept[-1].detach(), torch.zeros_like(kept[-1]) if gradient is None else gradient
