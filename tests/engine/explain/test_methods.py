"""Each method against its definition, written down anew."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.autograd.functional import jacobian

from tests.engine.explain.made import attributed, cnn, picture
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import generator
from workbench.engine.explain.methods.base import Map
from workbench.engine.explain.methods.grad_cam import GradCam
from workbench.engine.explain.methods.gradient import Gradient
from workbench.engine.explain.methods.gradient_times_input import GradientTimesInput
from workbench.engine.explain.methods.occlusion import Occlusion
from workbench.engine.explain.methods.smooth_gradient import SmoothGradient


def differences(x: Tensor, column: int) -> Tensor:
    """∂logit/∂input by central differences."""
    network, made = cnn(x.shape[1]), torch.zeros_like(x)
    for at in np.ndindex(*x.shape):
        step = torch.zeros_like(x)
        step[at] = 1e-6
        made[at] = ((network(x + step) - network(x - step))[0, column] / 2e-6).detach()
    return made


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_the_input_gradient_is_that_of_finite_differences_and_of_torch(channels: int) -> None:
    x, network = picture(channels), cnn(channels)
    found = attributed(Gradient(), network, x, 1)
    assert np.allclose(found, differences(x, 1)[0].abs().amax(0), atol=1e-7)
    exact = jacobian(lambda some: network(some)[0, 1], x)
    assert np.allclose(found, exact[0].abs().amax(0), rtol=1e-12)  # type: ignore[union-attr,index]


def test_gradient_times_input_adds_up_to_the_logit_of_a_network_without_offsets() -> None:
    network, x = cnn(), picture()
    network[1] = torch.nn.ReLU()  # homogeneous: then the gradients are exact shares (Euler)
    with torch.no_grad():
        for layer in (network[0], network[3], network[6]):
            layer.bias.zero_()  # type: ignore[operator,union-attr]
    found = attributed(GradientTimesInput(), network, x, 2)
    assert found.sum() == pytest.approx(float(network(x)[0, 2].detach()), rel=1e-12)
    assert found.min() < 0 < found.max()  # it is signed


def test_the_smoothed_gradient_is_the_mean_over_noisy_copies_and_leaves_the_generator_alone() -> None:
    network, x, before = cnn(), picture(), torch.get_rng_state()
    found = attributed(SmoothGradient(samples=7, noise=0.3), network, x, 0)
    draws, total = generator("cpu", "explain-noise"), torch.zeros_like(x)
    for _ in range(7):
        noise = torch.randn(x.shape, generator=draws, dtype=x.dtype)
        noisy = x + 0.3 * (x.max() - x.min()) * noise
        total += jacobian(lambda some: network(some)[0, 0], noisy)
    assert np.allclose(found, (total / 7)[0].abs().amax(0), rtol=1e-10)
    assert torch.equal(torch.get_rng_state(), before)
    assert np.allclose(
        attributed(SmoothGradient(samples=2, noise=0.0), network, x, 0), attributed(Gradient(), network, x, 0)
    )


def cam_by_hand(x: Tensor, column: int) -> Map:
    """Grad-CAM behind the second convolution, by the formulas of Selvaraju et al. 2017 and the chain rule by hand."""
    network = cnn(x.shape[1])
    values = network[3](network[2](network[1](network[0](x))))[0].detach()
    weights = network[6].weight[column].detach().reshape(5, 3, 4)  # type: ignore[operator,index]
    gradients = weights * (values > 0)  # through ReLU
    made = np.zeros((3, 4))
    for k in range(5):
        alpha = sum(float(gradients[k, i, j]) for i in range(3) for j in range(4)) / 12
        made += alpha * values[k].detach().numpy()
    return np.maximum(made, 0)


@pytest.mark.parametrize("column", [0, 1, 2])
def test_grad_cam_is_that_of_a_transcription(column: int) -> None:
    x, network = picture(), cnn()
    found = attributed(GradCam(), network, x, column, "3")  # followed by a ReLU that works in place
    assert found.shape == (3, 4) and found.max() > 0
    assert np.allclose(found, cam_by_hand(x, column), rtol=1e-10)


def test_grad_cam_refuses_a_network_without_places() -> None:
    flat = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(96, 3)).double()
    with pytest.raises(WorkbenchError, match="needs a layer whose outputs lie on a grid of places, and 1 has none"):
        attributed(GradCam(), flat, picture(), 0, "1")
    with pytest.raises(WorkbenchError, match="this network has no such layer"):
        attributed(GradCam(), flat, picture(), 0)


def covered_by_hand(x: Tensor, column: int, side: int, step: int) -> Map:
    """Square by square, each in a pass of its own."""
    network, height, width = cnn(x.shape[1]), *x.shape[2:]
    falls: list[list[list[float]]] = [[[] for _ in range(width)] for _ in range(height)]
    before = float(network(x)[0, column].detach())
    tops, lefts = ({min(k, length - side) for k in range(0, length, step)} for length in (height, width))
    for top in tops:
        for left in lefts:
            covered = x.clone()
            covered[0, :, top : top + side, left : left + side] = 0
            fall = before - float(network(covered)[0, column].detach())
            for i in range(top, top + side):
                for j in range(left, left + side):
                    falls[i][j].append(fall)
    return np.array([[np.mean(each) for each in row] for row in falls])


@pytest.mark.parametrize(("share", "side", "step"), [(0.5, 4, 2), (0.25, 2, 1), (0.38, 3, 1), (0.05, 1, 1)])
def test_occlusion_is_that_of_a_naive_loop(share: float, side: int, step: int) -> None:
    x = picture()
    found = attributed(Occlusion(side=share), cnn(), x, 1)
    assert np.allclose(found, covered_by_hand(x, 1, side, step), rtol=1e-9, atol=1e-12)


def test_a_covered_picture_that_is_zero_anyway_changes_nothing() -> None:
    assert not attributed(Occlusion(), cnn(), torch.zeros(1, 2, 6, 8, dtype=torch.float64), 0).any()
