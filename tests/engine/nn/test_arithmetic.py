"""Passes in another memory format and in bfloat16, against float32 and contiguous, over the models for pictures."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.catalog.models import Model
from workbench.engine.catalog.variant import members_of
from workbench.engine.nn import arithmetic
from workbench.engine.nn.arithmetic import Arithmetic, channels_last, why_no_bf16
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.network import build_network

FLOAT = Arithmetic()
LAST = Arithmetic("float32", "channels_last")
BF16 = Arithmetic("bf16", "contiguous")
BOTH = Arithmetic("bf16", "channels_last")

DROPOUT = {"kind": "dropout", "p": 0.3, "conv": True}
#: The model, the regularization that acts in it, the shape of a picture.
CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], tuple[int, int, int]]] = {
    "plain": ({"kind": "small_cnn", "batch_norm": "off"}, [], (1, 28, 28)),
    "batch norm": ({"kind": "small_cnn", "batch_norm": "before"}, [], (3, 12, 12)),
    "after, on the input": ({"kind": "small_cnn", "batch_norm": "after", "input_norm": True}, [], (1, 12, 12)),
    "dropout": ({"kind": "small_cnn"}, [DROPOUT], (3, 12, 12)),
    "dropconnect": ({"kind": "small_cnn"}, [{"kind": "dropconnect", "p": 0.3}], (1, 12, 12)),
    "fractional": ({"kind": "small_cnn"}, [{"kind": "fractional_max_pooling"}], (3, 12, 12)),
    "maxout": ({"kind": "small_cnn", "activation": {"kind": "maxout"}}, [], (1, 12, 12)),
    "residual": ({"kind": "cifar_resnet"}, [{"kind": "stochastic_depth"}], (3, 16, 16)),
    "torchvision": ({"kind": "torchvision"}, [], (3, 64, 64)),
}


class Batch(NamedTuple):
    """Drawn examples; ``side`` in pixels, None: that of the case."""

    seed: int
    examples: int
    side: int | None = None


USUAL = Batch(1, 16)
#: In a deep network rounding decides the sign of a unit that lies near enough to the kink of ReLU, and the gradients
#: then differ by a percent. In these batches no unit does, so that the comparison is the same on every processor.
CLEAR_OF_KINKS = {"torchvision": Batch(38, 8, 32)}


def passed(
    name: str, how: Arithmetic, batch: Batch = USUAL, exact: bool = False
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Logits, all gradients in one, and the buffers after one training pass; ``exact``: in float64."""
    model, regularization, shape = CASES[name]
    spec = ExperimentSpec().edited("model", model).edited("regularization", regularization)
    network = build_network(spec, shape, 10)
    network.module.train()
    for layer in network.stochastic:
        layer.at(3, 7)
    drawn = torch.Generator().manual_seed(batch.seed)
    sides = (batch.side, batch.side) if batch.side else shape[1:]
    x = torch.randn(batch.examples, shape[0], *sides, generator=drawn)
    y = torch.randint(0, 10, (batch.examples,), generator=drawn)
    distances = distances_to_kinks(network.module) if exact and name in CLEAR_OF_KINKS else [1.0]
    logits = network.module.double()(x.double()) if exact else how.answer(network.module, x)
    assert min(distances) > 2e-5  # in float32 rounding moves the values by a few 1e-6
    functional.cross_entropy(logits, y).backward()
    gradients = [p.grad for p in network.module.parameters() if p.grad is not None]
    assert all(each.dtype == (torch.float64 if exact else torch.float32) for each in (logits, *gradients))
    assert all(p.is_contiguous() for p in (*network.module.parameters(), *gradients))  # as fused updates need it
    return logits.detach(), torch.cat([g.flatten() for g in gradients]), dict(network.module.named_buffers())


def distances_to_kinks(module: nn.Module) -> list[float]:
    """Filled by the next pass: of each ReLU the smallest absolute input, of each max pooling the smallest difference of
    the two largest values of a window; as shares of the channel's and the layer's standard deviation."""
    found: list[float] = []

    def of_relu(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach()
        found.append(float((x.abs() / x.std((0, 2, 3), keepdim=True)).min()))

    def of_pooling(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach()
        windows = functional.unfold(x, 3, padding=1, stride=2).unflatten(1, (x.shape[1], 9)).topk(2, 2).values
        largest, second = windows.unbind(2)
        found.append(float((largest - second)[largest > 0].min() / x.std()))  # zeros have no gradient

    for each in module.modules():
        if isinstance(each, nn.ReLU):
            each.register_forward_pre_hook(of_relu)
        elif isinstance(each, nn.MaxPool2d):
            assert (each.kernel_size, each.stride, each.padding) == (3, 2, 1)
            each.register_forward_pre_hook(of_pooling)
    return found


def apart(one: Tensor, other: Tensor) -> float:
    """The distance as a share of the length."""
    return float((one.double() - other.double()).norm() / other.double().norm())


def test_every_model_for_pictures_is_a_case() -> None:
    kinds = {kind for kind, each in members_of(Model).items() if each.has_convolutions}  # type: ignore[type-abstract]
    assert kinds - {model["kind"] for model, _, _ in CASES.values()} == {"transfer"}  # built of the same networks


@pytest.mark.parametrize("name", CASES)
def test_channels_last_gives_the_same_numbers_but_for_the_last_bits(name: str) -> None:
    """Where deep networks make more of them, they are as far from float64 as the contiguous ones are."""
    batch = CLEAR_OF_KINKS.get(name, USUAL)
    logits, gradients, buffers = passed(name, FLOAT, batch)
    exact_logits, exact_gradients, _ = passed(name, FLOAT, batch, exact=True)
    last, last_gradients, last_buffers = passed(name, LAST, batch)
    assert apart(last, exact_logits) < 1e-6 + 4 * apart(logits, exact_logits)
    assert apart(last_gradients, exact_gradients) < 1e-6 + 4 * apart(gradients, exact_gradients)
    if name != "torchvision":
        assert apart(last, logits) < 2e-6 and apart(last_gradients, gradients) < 4e-6
    for each, value in buffers.items():
        assert torch.allclose(value.double(), last_buffers[each].double(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("how", [BF16, BOTH], ids=["contiguous", "last"])
def test_bfloat16_is_float32_within_its_eight_bits(name: str, how: Arithmetic) -> None:
    logits, gradients, buffers = passed(name, FLOAT)
    rounded, rounded_gradients, rounded_buffers = passed(name, how)
    assert 1e-5 < apart(rounded, logits) < 0.05
    assert float(functional.cosine_similarity(rounded_gradients, gradients, 0)) > 0.9
    for each, value in buffers.items():
        assert rounded_buffers[each].dtype == value.dtype
        assert torch.allclose(value.double(), rounded_buffers[each].double(), rtol=0.1, atol=0.02)


def test_statistics_of_batch_norm_are_summed_in_float32() -> None:
    """Eight bits would stop a sum of thousands of ones at 256."""
    norm = nn.BatchNorm2d(4, momentum=1.0)
    x = torch.rand(64, 4, 16, 16, generator=torch.Generator().manual_seed(1)) + 1.0
    with torch.autocast("cpu", torch.bfloat16):
        norm(channels_last(x).bfloat16())
    wanted = x.bfloat16().double()
    assert norm.running_mean is not None and norm.running_var is not None
    assert torch.allclose(norm.running_mean.double(), wanted.mean((0, 2, 3)), rtol=1e-5)
    assert torch.allclose(norm.running_var.double(), wanted.var((0, 2, 3)), rtol=1e-4)


def test_a_layer_computes_in_bfloat16_and_the_loss_does_not() -> None:
    network, seen = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 3)), []
    network[0].register_forward_hook(lambda module, inputs, output: seen.append(output))
    assert BOTH.answer(network, torch.randn(2, 1, 8, 8)).dtype == torch.float32
    assert seen[0].dtype == torch.bfloat16
    assert FLOAT.answer(network, torch.randn(2, 1, 8, 8)).dtype == torch.float32 and seen[1].dtype == torch.float32


@pytest.mark.parametrize("channels", [1, 3])
def test_the_first_convolution_passes_channels_last_on(channels: int) -> None:
    """With one channel both orders are the same in memory, and torch goes by the strides."""
    x = torch.randn(4, channels, 8, 8)
    laid = channels_last(x)
    assert torch.equal(laid, x)
    made = nn.Conv2d(channels, 16, 3, padding=1)(laid)
    assert made.stride() == torch.empty(4, 16, 8, 8).to(memory_format=torch.channels_last).stride()


def test_points_have_no_memory_format() -> None:
    network, x = nn.Linear(2, 3), torch.randn(5, 2)
    assert torch.equal(LAST.answer(network, x), network(x))


def test_a_processor_without_instructions_is_not_used_for_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "has_bf16_instructions", lambda: True)
    assert why_no_bf16("cpu") == ""
    monkeypatch.setattr(arithmetic, "has_bf16_instructions", lambda: False)
    assert why_no_bf16("cpu") == "This processor has no instructions for bfloat16 and would be slower in it."
    assert why_no_bf16("mps") == "On this device bfloat16 is not supported."
