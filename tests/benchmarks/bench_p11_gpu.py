"""P11: training on a GPU: the engine against the best loop by hand and against what a tutorial writes.

A residual network on 32×32 pictures of noise, which are cropped and flipped. The engine and the loop by hand keep data
and augmentation on the GPU, and compute in bfloat16 with channels last; the loop by hand reads no number of any step.
The tutorial's loop has a DataLoader with 2 workers and float32. Where there is no GPU nothing is measured.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.nn.arithmetic import why_no_bf16
from workbench.engine.nn.eager_optimizer import without_compiler
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.practice import practice_step
from workbench.engine.training.set_up import set_up

ROUNDS, STEPS, WARM = 5, 200, 20
RATE, MOMENTUM = 0.05, 0.9
#: About as much work for each picture as ResNet-18.
MODEL: Mapping[str, Any] = {"kind": "cifar_resnet", "depth": "20", "width": 64}
PAD = 4


def main() -> None:
    """Print the ratios of pictures a second."""
    if not torch.cuda.is_available():
        print("P11: no GPU here: not measured")
        return
    rates = measured("cuda", MODEL, 50_000, 256, ROUNDS, STEPS)
    engine, by_hand, tutorial = (median(each) for each in zip(*rates, strict=True))
    print(f"P11 {torch.cuda.get_device_name()}: {engine:,.0f} pictures a second")
    print(
        f"P11 against the best loop by hand  {median(a / b for a, b, _ in rates):.2f}   target >= 0.95 ({by_hand:,.0f})"
    )
    print(
        f"P11 against a DataLoader script    {median(a / c for a, _, c in rates):.1f}   target >= 10 ({tutorial:,.0f})"
    )


def measured(
    device: str, model: Mapping[str, Any], count: int, batch: int, rounds: int, steps: int, workers: int = 2
) -> list[tuple[float, float, float]]:
    """Pictures a second of the engine, the loop by hand and the tutorial's, in turn, ``rounds`` times."""
    drawn = np.random.default_rng(0)
    pixels, labels = drawn.integers(0, 256, (count, 3, 32, 32), np.uint8), drawn.integers(0, 10, count)
    precision = "float32" if why_no_bf16(device) else "bf16"
    spec = _spec(device, model, batch, precision)
    run = set_up(spec, dataset=Dataset(pixels, labels, tuple("0123456789")))
    network = copy.deepcopy(run.network.module)
    loops: list[Callable[[], object]] = [
        lambda: practice_step(run, RATE),
        _by_hand(network, torch.from_numpy(pixels).to(device), torch.from_numpy(labels).to(device), batch, precision),
        _tutorial(copy.deepcopy(network), torch.from_numpy(pixels), torch.from_numpy(labels), batch, workers),
    ]
    few = max(1, steps // 10)  # the tutorial's loop is far slower
    counts = (steps, steps, few)
    return [
        (*(batch / _seconds(loop, device, each) for loop, each in zip(loops, counts, strict=True)),)  # type: ignore[misc]
        for _ in range(rounds)
    ]


def _spec(device: str, model: Mapping[str, Any], batch: int, precision: str) -> ExperimentSpec:
    edits = {
        "model": dict(model),
        "augmentations": [{"kind": "random_crop"}, {"kind": "horizontal_flip"}],
        "optimizer": {"kind": "momentum", "lr": RATE, "momentum": MOMENTUM},
        "loop.device": device,
        "loop.batch_size": batch,
        "loop.precision": precision,
        "loop.memory_format": "channels_last",
    }
    spec = ExperimentSpec()
    for path, value in edits.items():
        spec = spec.edited(path, value)
    return spec


def _seconds(step: Callable[[], object], device: str, steps: int) -> float:
    """Of one step, the mean of ``steps`` behind some that are not counted."""
    for _ in range(min(WARM, steps)):
        step()
    _wait(device)
    began = time.perf_counter()
    for _ in range(steps):
        step()
    _wait(device)
    return (time.perf_counter() - began) / steps


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _by_hand(net: nn.Module, pixels: Tensor, labels: Tensor, batch: int, precision: str) -> Callable[[], object]:
    """Everything on the device, one fused update, no number read."""
    net = net.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = without_compiler(torch.optim.SGD)(net.parameters(), lr=RATE, momentum=MOMENTUM, fused=True)
    padded, rows = functional.pad(pixels, (PAD,) * 4), torch.arange(32, device=pixels.device)
    device = pixels.device

    def step() -> None:
        chosen = torch.randint(len(pixels), (batch,), device=device)
        top, left = torch.randint(2 * PAD + 1, (2, batch, 1), device=device)
        across = torch.where(torch.rand(batch, 1, device=device) < 0.5, rows.flip(0), rows)
        places = chosen[:, None, None], slice(None), (top + rows)[:, :, None], (left + across)[:, None, :]
        x = padded[places].permute(0, 3, 1, 2).float().div_(255)  # (B, 32, 32, C) in memory: channels last
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            loss = functional.cross_entropy(net(x).float(), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def _tutorial(net: nn.Module, pixels: Tensor, labels: Tensor, batch: int, workers: int) -> Callable[[], object]:
    """A DataLoader whose workers crop and flip each picture, float32, the loss read at each step."""
    device = next(net.parameters()).device
    net.train()
    optimizer = without_compiler(torch.optim.SGD)(net.parameters(), lr=RATE, momentum=MOMENTUM)
    batches = _batches(pixels, labels, batch, workers)

    def step() -> float:
        x, y = next(batches)
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


class _Cropped(TensorDataset):
    """One picture at a time, as tutorials have it."""

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        pixels, label = super().__getitem__(index)
        top, left = torch.randint(2 * PAD + 1, (2,)).tolist()
        x = functional.pad(pixels, (PAD,) * 4)[:, top : top + 32, left : left + 32].float() / 255
        return (x.flip(2) if torch.rand(1).item() < 0.5 else x), label


def _batches(pixels: Tensor, labels: Tensor, batch: int, workers: int) -> Iterator[tuple[Tensor, Tensor]]:
    loader = DataLoader(_Cropped(pixels, labels), batch, shuffle=True, drop_last=True, num_workers=workers)
    while True:
        yield from islice(loader, None)


if __name__ == "__main__":
    main()
