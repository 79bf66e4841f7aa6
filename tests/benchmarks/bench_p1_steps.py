"""P1: steps a second of the engine with its events on, without a window, against loops that people write by hand.

Each line begins with a ratio: the median over ROUNDS of two runs that follow each other, in processor time of the
training thread (1 thread), so that other work on the machine counts little; in brackets the lowest and the highest. A
run counts from its second epoch on. Lightning and fastai come from an environment of their own, made by uv the first
time beside the user's caches; without uv or a registry they are left out, and it is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from unittest.mock import patch

import platformdirs
import torch

from tests.benchmarks.bench_p1_diagnostics import MLP, engine, spec_of
from tests.benchmarks.child import ROOT
from tests.benchmarks.hand_loops import digits, hand_written, made_pictures, perceptron, small_cnn, textbook
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.train import train_loop
from workbench.engine.training import written_step
from workbench.engine.training.set_up import set_up

ROUNDS = 7
CNN = {"kind": "small_cnn", "batch_norm": "off"}
#: With the program's own torch behind them; what they need beside it, as the versions of 2026 do.
OTHERS = {
    "lightning": "lightning pytorch-lightning lightning-utilities torchmetrics fsspec packaging pyyaml tqdm",
    "fastai": "fastai fastcore fasttransform fastdownload fastprogress plum-dispatch beartype rich pygments "
    "cloudpickle markdown-it-py mdurl pandas python-dateutil six pytz tzdata matplotlib contourpy cycler fonttools "
    "kiwisolver pyparsing requests urllib3 idna certifi charset-normalizer pyyaml packaging python-fasthtml starlette "
    "apswutils fastlite httpx anyio httpcore h11 sniffio oauthlib itsdangerous uvicorn python-multipart "
    "beautifulsoup4 soupsieve websockets click apsw",
}
Measure = Callable[[], float]


def main() -> None:
    """Print the lines."""
    torch.set_num_threads(1)
    part = digits()
    mlp = spec_of(MLP, 0, 40)
    book = lambda: textbook(perceptron(), part)  # noqa: E731
    line("the textbook loop: tiny MLP, written out (target 4x)", lambda: engine(train_loop(set_up(mlp))), book)
    line("the textbook loop: tiny MLP, general path (target 1.8x)", lambda: without_written_pass(mlp), book)
    line(
        "the best hand-written loop with the same readings: tiny MLP (target 0.75x)",
        lambda: engine(train_loop(set_up(mlp))),
        lambda: hand_written(part),
    )
    pictures, labels = made_pictures()
    data = Dataset(pictures, labels, tuple("0123456789"))
    cnn = spec_of(CNN, 0, 4).edited("data.validation_fraction", 0.1)
    shown = torch.from_numpy(pictures[:1152]).float() / 255.0, torch.from_numpy(labels[:1152])
    for memory in ("contiguous", "channels_last"):
        spec = cnn.edited("loop.memory_format", memory)
        line(
            f"the textbook loop: small CNN on 28×28, {memory} (target 1.5x with channels_last)",
            lambda spec=spec: engine(train_loop(set_up(spec, dataset=data))),  # type: ignore[misc]
            lambda: textbook(small_cnn(), shown, 4),
        )
    for name in OTHERS:
        others(name, lambda: engine(train_loop(set_up(mlp))))


def without_written_pass(spec: object) -> float:
    """The engine on a model for which autograd is needed."""
    with patch.object(written_step, "why_not_written", lambda *_: "it is measured"):
        return engine(train_loop(set_up(spec)))  # type: ignore[arg-type]


def line(words: str, one: Measure, other: Measure, rounds: int = ROUNDS) -> None:
    """Print how many times as fast ``one`` is as ``other``."""
    pairs = [(one(), other()) for _ in range(rounds)]
    ratios = sorted(a / b for a, b in pairs)
    speeds = " and ".join(f"{median(column):,.0f}" for column in zip(*pairs, strict=True))
    print(f"{median(ratios):.2f}x ({ratios[0]:.2f} to {ratios[-1]:.2f}) {words}; {speeds} steps/s", flush=True)


def others(name: str, one: Measure) -> None:
    """The line of a library that is no dependency."""
    place = Path(platformdirs.user_cache_dir("workbench-benchmarks")) / f"{name}-{sys.version_info[1]}"
    trouble = installed(name, place)

    def other() -> float:
        path = os.pathsep.join((str(ROOT), str(place)))
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.hand_loops", name],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(done.stdout.split()[-1])

    if trouble:
        print(f"-- {name}: {trouble}", flush=True)
        return
    try:
        line(f"{name} with everything off (target 8x)", one, other, 3)
    except subprocess.CalledProcessError as error:
        print(f"-- {name} does not run: {error.stderr.strip().splitlines()[-1]}", flush=True)


def installed(name: str, place: Path) -> str:
    """Install the library into ``place`` unless it is there; why it cannot be, or nothing."""
    if place.is_dir():
        return ""
    if shutil.which("uv") is None:
        return "there is no uv to install it with"
    wanted = OTHERS[name].split()
    command = ["uv", "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", str(place)]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(place, ignore_errors=True)
        return (done.stderr.strip().splitlines() or ["uv failed"])[-1]
    return ""


if __name__ == "__main__":
    main()
