"""The largest eigenvalue of a Hessian, against the whole Hessian."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from workbench.engine.diagnostics.sharpness import largest_eigenvalue


def _quadratic(*eigenvalues: float) -> tuple[Tensor, Tensor]:
    """A symmetric matrix with these eigenvalues, and a point."""
    turn = torch.linalg.qr(torch.randn(len(eigenvalues), len(eigenvalues), dtype=torch.float64)).Q
    matrix = turn @ torch.diag(torch.tensor(eigenvalues, dtype=torch.float64)) @ turn.T
    return matrix, torch.ones(len(eigenvalues), dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("eigenvalues", [(7.0, 2.0, 1.0), (3.0, -9.0, 1.0), (-4.0, -1.0, -2.0)])
def test_the_largest_eigenvalue_not_the_largest_in_size(eigenvalues: tuple[float, ...]) -> None:
    torch.manual_seed(1)
    matrix, x = _quadratic(*eigenvalues)
    value, direction = largest_eigenvalue(lambda: x @ matrix @ x / 2, [x], 100)
    assert value == pytest.approx(max(eigenvalues), rel=1e-6)
    assert matrix @ direction == pytest.approx(max(eigenvalues) * direction, abs=1e-3)
    assert float(direction.norm()) == pytest.approx(1)


def test_of_a_network_over_several_parameters() -> None:
    torch.manual_seed(2)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    unused = torch.ones(2, dtype=torch.float64, requires_grad=True)
    x, y = torch.randn(20, 3, dtype=torch.float64), torch.randn(20, 1, dtype=torch.float64)
    parameters = [*net.parameters(), unused]
    value, direction = largest_eigenvalue(lambda: (net(x) - y).square().mean(), parameters, 200)

    def loss(*given: Tensor) -> Tensor:
        hidden = torch.tanh(x @ given[0].T + given[1])
        return (hidden @ given[2].T + given[3] - y).square().mean()

    blocks = torch.autograd.functional.hessian(loss, tuple(net.parameters()))
    sizes = [p.numel() for p in net.parameters()]
    rows = [torch.cat([b.reshape(n, -1) for b in row], dim=1) for n, row in zip(sizes, blocks, strict=True)]
    assert value == pytest.approx(float(torch.linalg.eigvalsh(torch.cat(rows)).max()), rel=1e-6)
    assert len(direction) == sum(sizes) + 2 and not direction[-2:].any()
    assert all(p.grad is None for p in parameters)


def test_a_direction_from_last_time_is_gone_on_from() -> None:
    torch.manual_seed(3)
    matrix, x = _quadratic(10.0, 9.5, 1.0)
    loss = lambda: x @ matrix @ x / 2  # noqa: E731
    _, direction = largest_eigenvalue(loss, [x], 300)
    fresh, _ = largest_eigenvalue(loss, [x], 1)
    again, _ = largest_eigenvalue(loss, [x], 1, direction)
    assert again == pytest.approx(10.0, rel=1e-6) and fresh < 9.9


def test_the_loss_is_computed_once_so_that_masks_stay() -> None:
    calls = []
    x = torch.ones(3, requires_grad=True)

    def loss() -> Tensor:
        calls.append(1)
        return x.square().sum()

    assert largest_eigenvalue(loss, [x], 5)[0] == pytest.approx(2.0)
    assert len(calls) == 1


@pytest.mark.parametrize("start", [None, torch.zeros(3)])
def test_a_linear_loss_has_no_curvature(start: Tensor | None) -> None:
    x = torch.ones(3, requires_grad=True)
    assert largest_eigenvalue(lambda: x.sum(), [x], 3, start)[0] == 0.0
