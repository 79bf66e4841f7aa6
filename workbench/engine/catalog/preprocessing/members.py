"""None, zero-centre, normalize."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.datasets.base import MEASURED_ON
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.preprocessing.base import Preprocessing, Standardizer

if TYPE_CHECKING:
    import torch


class NoPreprocessing(Preprocessing):
    """Values as they are: pixels in [0, 1], points unscaled."""

    kind: ClassVar[str] = "none"
    title: ClassVar[str] = "None"
    summary: ClassVar[str] = "Values as they are. Data that is not centred is harder to optimize."
    order: ClassVar[int] = 10

    def fit(self, chunks: Iterable[torch.Tensor]) -> Standardizer:
        import torch

        return Standardizer(torch.zeros(()), torch.ones(()))


class ZeroCentre(Preprocessing):
    """Subtract the mean of the training split."""

    kind: ClassVar[str] = "zero_centre"
    title: ClassVar[str] = "Zero-centre"
    summary: ClassVar[str] = "Subtracts the training mean, so that values lie around zero."
    order: ClassVar[int] = 20

    mean: Annotated[
        Literal["channel", "image"],
        Knob(
            "Mean",
            "What is subtracted: one number per channel, or a whole mean picture. "
            f"Of picture files, {MEASURED_ON} training pictures are measured.",
            options={"channel": "one mean per channel (or coordinate)", "image": "a mean picture, one mean per pixel"},
        ),
    ] = "channel"

    def fit(self, chunks: Iterable[torch.Tensor]) -> Standardizer:
        import torch

        mean, _ = moments(chunks, per_pixel=self.mean == "image")
        return Standardizer(mean, torch.ones(()))


class Normalize(Preprocessing):
    """Subtract the mean and divide by the standard deviation of the training split, per channel or coordinate."""

    kind: ClassVar[str] = "normalize"
    title: ClassVar[str] = "Normalize"
    summary: ClassVar[str] = (
        "Zero mean and unit variance in every channel; the loss gets less sensitive to small changes. "
        f"Of picture files, {MEASURED_ON} training pictures are measured."
    )
    order: ClassVar[int] = 30

    def fit(self, chunks: Iterable[torch.Tensor]) -> Standardizer:
        mean, std = moments(chunks, per_pixel=False)
        # A constant channel has nothing to scale: it is only centred. Rounding leaves its std a little above zero.
        return Standardizer(mean, 1.0 / std.where(std > 1e-6 * (1.0 + mean.abs()), std.new_ones(())))


def moments(chunks: Iterable[torch.Tensor], per_pixel: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and population std, float64 sums; shape (C, 1, 1) or (C, H, W) for pictures, (D,) for points; float32."""
    import torch

    total = square = None
    count = 0
    for chunk in chunks:
        wide = chunk.double()
        axes = (0, 2, 3) if wide.dim() == 4 and not per_pixel else (0,)
        sums, squares = wide.sum(axes, keepdim=True)[0], wide.square().sum(axes, keepdim=True)[0]
        total = sums if total is None else total + sums
        square = squares if square is None else square + squares
        count += wide.numel() // sums.numel()
    if total is None or square is None:
        return torch.zeros(()), torch.ones(())
    mean = total / count
    return mean.float(), (square / count - mean.square()).clamp_min(0).sqrt().float()
