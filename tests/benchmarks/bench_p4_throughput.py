"""P4: training steps of convolutional networks on the processor: threads, memory format and precision, in turn.

The reference is float32, contiguous, one thread. What ``loop.fastest`` chooses is measured with them: on the machine as
it is, and with a process on each core that does nothing but compute. The accuracies of float32 and of the fastest are
those of 3 seeds on the digits, or of 6000 pictures of Fashion-MNIST where ``FASHION_MNIST=FOLDER`` says where it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from statistics import mean, median, stdev

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.drive import drive
from workbench.engine.core.events import RunEnded
from workbench.engine.core.progress import finished
from workbench.engine.nn.arithmetic import why_no_bf16
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training.device import cores
from workbench.engine.training.fastest import Way, fastest
from workbench.engine.training.practice import practice_step
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up

ROUNDS = int(os.environ.get("ROUNDS", "9"))
SECONDS = 0.5
SEEDS = (0, 1, 2)
SMALL = {"kind": "small_cnn", "channels": [16, 32, 64], "hidden": [64]}
MODELS = {"small CNN": SMALL, "ResNet-20": {"kind": "cifar_resnet"}}
PLAIN = Way(1)


def main() -> None:
    """Print a table of ratios for each network, quiet and busy, and the accuracies."""
    print(f"P4 {cores()} cores; {why_no_bf16('cpu') or 'bfloat16 is supported'}")
    for name, model in MODELS.items():
        spec = _spec(model)
        for is_busy in (False, True):
            with _busy(is_busy):
                _table(f"P4 {name}{', busy' if is_busy else ''}", spec)
    _accuracies()


def _spec(model: Mapping[str, object]) -> ExperimentSpec:
    spec = ExperimentSpec().edited("model", dict(model)).edited("loop.device", "cpu").edited("loop.batch_size", 64)
    return spec.edited("optimizer", {"kind": "adam", "lr": 1e-3})


def _pictures() -> Dataset:
    """28 × 28 of noise: only the time counts."""
    drawn = np.random.default_rng(0)
    pixels = drawn.integers(0, 256, (4000, 1, 28, 28), dtype=np.uint8)
    return Dataset(pixels, drawn.integers(0, 10, 4000), tuple("0123456789"))


@contextmanager
def _busy(is_busy: bool) -> Iterator[None]:
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores() if is_busy else 0)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def _table(title: str, spec: ExperimentSpec) -> None:
    dataset = _pictures()
    best, words = finished(fastest(spec, dataset, 0))
    precisions = ("float32",) if why_no_bf16("cpu") else ("float32", "bf16")
    counts = sorted({1, min(2, cores()), best.threads})
    ways = [Way(*each) for each in product(counts, precisions, ("contiguous", "channels_last"))]
    runs = {way: set_up(way.of(spec), dataset=dataset) for way in ways}
    times: dict[Way, list[float]] = {way: [] for way in ways}
    for way in (way for _ in range(ROUNDS) for way in ways):
        times[way].append(_seconds(runs[way], way))
    print(f"{title}: {words}")
    for way in ways:
        same = Way(way.threads)
        print(
            f"{title}: {way!s:38} {1e3 * median(times[way]):7.2f} ms a step   x {_ratio(times[PLAIN], times[way])} "
            f"of one thread, x {_ratio(times[same], times[way])} at equal threads{'   <- chosen' * (way == best)}"
        )


def _seconds(run: RunContext, way: Way) -> float:
    """The mean of as many steps as fit into a moment, after two that are not counted."""
    import torch

    torch.set_num_threads(way.threads)
    practice_step(run, 1e-4)
    practice_step(run, 1e-4)
    started, steps = time.perf_counter(), 0
    while steps < 3 or time.perf_counter() - started < SECONDS:
        practice_step(run, 1e-4)
        steps += 1
    return (time.perf_counter() - started) / steps


def _ratio(reference: Sequence[float], own: Sequence[float]) -> str:
    """The median of the rounds' ratios, and from the lower to the upper quartile."""
    ratios = [one / other for one, other in zip(reference, own, strict=True)]
    low, high = np.quantile(ratios, [0.25, 0.75])
    return f"{median(ratios):.2f} ({low:.2f}–{high:.2f})"


def _accuracies() -> None:
    """Validation accuracy after the same epochs, by seed."""
    folder = os.environ.get("FASHION_MNIST", "")
    spec = _spec(SMALL).edited("loop.epochs", 3 if folder else 10)
    if folder:
        spec = spec.edited("data.source", {"kind": "idx", "folder": folder}).edited("data.examples_per_class", 600)
    ways = [PLAIN, Way(1, "float32", "channels_last")]
    ways += [] if why_no_bf16("cpu") else [Way(1, "bf16"), Way(1, "bf16", "channels_last")]
    for way in ways:
        reached = [_accuracy(way.of(spec).edited("loop.seed", seed)) for seed in SEEDS]
        each = ", ".join(f"{100 * one:.2f}" for one in reached)
        print(
            f"P4 accuracy on {'6000 of Fashion-MNIST' if folder else 'digits'}: {way!s:38} "
            f"{100 * mean(reached):.2f} ± {100 * stdev(reached):.2f} % ({each})"
        )


def _accuracy(spec: ExperimentSpec) -> float:
    ended = drive(train(spec), lambda event: None, lambda event: None)
    assert isinstance(ended, RunEnded) and ended.reason == "completed", ended.message
    return ended.best_accuracy or 0.0


if __name__ == "__main__":
    main()
