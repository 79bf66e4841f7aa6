"""How time, memory and files grow with parameters, examples, steps and runs on the shelf; with the exponents.

Each size is measured in a process of its own, forked from one that has loaded everything: the time is its processor
time, the memory how far the peak of its resident memory rises. The exponent is the slope of a straight line in
logarithms; "at the end" is that between the two largest sizes, where what is fixed no longer hides the growth. Both are
1 where the cost is proportional to the size; nothing should be above that by more than the noise of the machine.
``SIZES=parameters,examples,steps,runs`` says which are measured. Needs Linux: memory is what ``/proc`` says.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from tests.benchmarks.bench_shelf import make
from workbench.engine.core.drive import drive
from workbench.engine.core.events import RunEnded
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.shelf.opened import opening
from workbench.engine.shelf.shelf import Shelf
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training.practice import practice_step
from workbench.engine.training.set_up import set_up

#: A cost that grows faster than this power of the size is named.
ALLOWED = 1.1
#: What costs less than this is too near to the grain of the measurement: seconds or bytes.
GRAIN = {"s": 2e-3, "MB": 1.0}
#: Seconds or megabytes by name, of one size.
Costs = dict[str, float]


def main() -> None:
    """Print a table for each kind of size."""
    torch.set_num_threads(1)
    kinds: dict[str, tuple[Sequence[int], Callable[[int, Path], Costs]]] = {
        "parameters": ((100, 316, 1000, 3162), of_parameters),
        "examples": ((2_000, 8_000, 32_000, 128_000), of_examples),
        "steps": ((2_000, 8_000, 32_000, 128_000), of_steps),
        "runs": ((100, 400, 1_600, 6_400), of_runs),
    }
    wanted = os.environ.get("SIZES", ",".join(kinds)).split(",")
    _apart(lambda place: of_steps(100, place))  # what is loaded at the first use
    for name in wanted:
        sizes, costs = kinds[name]
        found = [_apart(lambda place, size=size, costs=costs: costs(size, place)) for size in sizes]  # type: ignore[misc]
        _print(name, [round(each.pop("size")) for each in found], found)


def of_parameters(width: int, place: Path) -> Costs:
    """A step of an MLP of two hidden layers of ``width``, and what a run of it keeps."""
    spec = _spec().edited("model", {"kind": "mlp", "hidden": [width, width]}).edited("loop.epochs", 2)
    costs: Costs = {}
    with _measured(costs, "20 steps"):
        run = set_up(spec)
        for _ in range(20):
            practice_step(run, 1e-4)
    size = run.network.parameters
    del run
    with _measured(costs, "a run of 2 epochs, kept"):
        folder = _trained(spec.edited("data.examples_per_class", 10), place)
    kept = sum(file.stat().st_size for file in (folder / "checkpoints").rglob("*") if file.is_file())
    return costs | {"checkpoints, MB": kept / 1e6, "size": size}


def of_examples(count: int, place: Path) -> Costs:
    """Pictures of noise read from IDX files, and an epoch of a small network on them."""
    _write_pictures(place, count)
    spec = _spec().edited("data.source", {"kind": "idx", "folder": str(place)}).edited("loop.epochs", 1)
    spec, data, costs = spec.edited("model", {"kind": "mlp", "hidden": [32]}), DataStore(), Costs()
    with _measured(costs, "reading"):
        data.loaded(spec.data.source)
    with _measured(costs, "an epoch"):
        _end(drive(train(spec, data=data), lambda event: None, lambda event: None))
    return costs | {"size": count}


def of_steps(count: int, place: Path) -> Costs:
    """A run of ``count`` steps of a tiny network, an evaluation every 100; then it is opened as the window does."""
    source = {"kind": "blobs", "examples": 500}
    spec = _spec().edited("data.source", source).edited("model", {"kind": "mlp", "hidden": [4]})
    spec = spec.edited("loop.batch_size", 4).edited("loop.epochs", count // 100).edited("loop.diagnostics", 0)
    costs: Costs = {}
    with _measured(costs, "training"):
        folder = _trained(spec, place)
    with _measured(costs, "opening"):
        history, _ = finished(opening(folder))
    kept = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return costs | {"folder, MB": kept / 1e6, "size": history.steps.count}


def of_runs(count: int, place: Path) -> Costs:
    """``count`` runs of 30 epochs: read from their logs, and with the index; each in memory that nothing has used."""
    make(place, count)
    ways: dict[str, Callable[[], object]] = {
        "listing, no index": lambda: finished(Shelf(place).refresh()),
        "listing, index, looked at": lambda: finished(Shelf(place).refresh()),
        "listing, index": lambda: Shelf(place).known(),
    }
    costs: Costs = {"size": count}
    for name, way in ways.items():
        costs |= _forked(lambda name=name, way=way: _cost(name, way))  # type: ignore[misc]
    return costs


def _cost(name: str, work: Callable[[], object]) -> Costs:
    costs: Costs = {}
    with _measured(costs, name):
        work()
    return costs


def _spec() -> ExperimentSpec:
    spec = ExperimentSpec().edited("loop.threads", 1).edited("loop.device", "cpu")
    return spec.edited("optimizer", {"kind": "adam", "lr": 1e-4})


def _trained(spec: ExperimentSpec, place: Path) -> Path:
    folder = RunFolder.create(spec, place)
    _end(drive(train(spec, folder), lambda event: None, lambda event: None))
    return folder.path


def _end(ended: RunEnded) -> None:
    assert ended.reason == "completed", ended.message


def _write_pictures(place: Path, count: int) -> None:
    drawn = np.random.default_rng(0)
    for name, shape, most in (("images-idx3", (count, 28, 28), 256), ("labels-idx1", (count,), 10)):
        head = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
        values = drawn.integers(0, most, shape, dtype=np.uint8)
        (place / f"train-{name}-ubyte").write_bytes(head + values.tobytes())


@contextmanager
def _measured(costs: Costs, name: str) -> Iterator[None]:
    """Add seconds of processor time, and how many megabytes the peak of the memory is above that at the beginning."""
    gc.disable()  # its passes over all objects of this process fall on whichever size meets them
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew, at what is in use now
    peak, began = _peak(), time.process_time()
    yield
    costs[f"{name}, s"] = time.process_time() - began
    costs[f"{name}, MB"] = (_peak() - peak) / 1e6


def _peak() -> int:
    """The largest resident memory of this process since the peak began anew, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def _apart(work: Callable[[Path], Costs]) -> Costs:
    """What ``work`` finds in a forked process, with a folder that is removed behind it."""
    with tempfile.TemporaryDirectory() as place:
        return _forked(lambda: work(Path(place)))


def _forked(work: Callable[[], Costs]) -> Costs:
    """What ``work`` finds in a forked process."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        os.write(writer, json.dumps(work()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        found = said.read()
    os.waitpid(child, 0)
    result: Costs = json.loads(found)
    return result


def _print(kind: str, sizes: Sequence[int], found: Sequence[Mapping[str, float]]) -> None:
    print(
        f"{kind}: {', '.join(f'{size:,}' for size in sizes)}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    for name in found[0]:
        values = [each[name] for each in found]
        shown = " ".join(f"{value:9.3f}" for value in values)
        print(f"  {name:32}{shown}   {_growth(sizes, values, GRAIN[name.rpartition(' ')[2]])}", flush=True)


def _growth(sizes: Sequence[int], values: Sequence[float], grain: float) -> str:
    """The exponents, of the sizes whose cost is above ``grain``."""
    large = [(size, value) for size, value in zip(sizes, values, strict=True) if value > grain]
    if len(large) < 2:
        return "too little to tell"
    x, y = np.log(large).T
    whole, last = float(np.polyfit(x, y, 1)[0]), float((y[-1] - y[-2]) / (x[-1] - x[-2]))
    mark = "   <- faster than its size" if last > ALLOWED else ""
    return f"exponent {whole:5.2f}, at the end {last:5.2f}{mark}"


if __name__ == "__main__":
    main()
