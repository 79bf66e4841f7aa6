"""Scripts repeat the run's losses where this program cannot be imported, for every member of the catalog."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.export.made import odd_pictures, run_of, weights
from tests.engine.helpers import small_spec
from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Event, Stepped, Stop
from workbench.engine.core.progress import finished
from workbench.engine.core.step_store import StepStore
from workbench.engine.export.formats import exporting
from workbench.engine.export.script import original
from workbench.engine.export.script.original import original_of
from workbench.engine.pictures.decode import Unreadable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.presets import presets
from workbench.engine.train import train
from workbench.engine.use.network import UsedNetwork, used_network

STEPS = 50
FILES = ["best.pt", "data.npz", "initial.pt", "predict.py", "train.ipynb", "train.py"]
#: Runs the scripts one after the other, in one process because torch takes seconds to load, and prints their losses.
HARNESS = """
import contextlib, importlib.util, io, json, runpy, sys
assert importlib.util.find_spec("workbench") is None
_, steps, folders, *pictures = sys.argv


def lines(script, *arguments):
    out, sys.argv = io.StringIO(), [script, *arguments]
    with contextlib.redirect_stdout(out):
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as end:
            print("exit code", end.code)
    return out.getvalue().splitlines()


for folder in json.loads(folders):
    losses = [float(line.rpartition(" ")[2]) for line in lines(folder + "/train.py", "--steps", steps)]
    print(json.dumps(losses))
if pictures:
    sys.path.insert(0, folder)
    print(json.dumps(lines(folder + "/predict.py", *pictures)))
"""
CNN = {"kind": "small_cnn", "channels": [4, 6], "hidden": [8]}
#: By the number of steps after which they were made.
EDITS = {
    7: Edit("optimizer.lr", 0.003),
    12: Edit("regularization.0.p", 0.1),
    20: Edit("augmentations.0.p", 0.9),
    30: Edit("optimizer.beta1", 0.5),
}
#: Ten steps an epoch, so that fifty have seen evaluations and five orders.
BASE = {
    "data.examples_per_class": 20,
    "data.validation_fraction": 0.2,
    "model": {"kind": "mlp", "hidden": [16]},
    "loop.batch_size": 16,
    "loop.epochs": 5,
}


def spec_of(edits: Mapping[str, Any]) -> ExperimentSpec:
    spec = ExperimentSpec()
    for path, value in (BASE | dict(edits)).items():
        spec = spec.edited(path, value)
    return spec


def trained(spec: ExperimentSpec, parent: Path, edits: Mapping[int, Edit] = MappingProxyType({})) -> Path:
    """The folder of a run that is edited after some steps, and stopped after so many."""

    def stop(event: Event) -> Command | None:
        if not isinstance(event, Stepped):
            return None
        return Stop() if event.step >= STEPS else edits.get(event.step)

    folder = RunFolder.create(spec, parent)
    drive(train(spec, folder, StepStore()), stop, lambda _event: None)
    return folder.path


def check(cases: Mapping[str, ExperimentSpec], tmp_path: Path, pictures: Sequence[Path] = ()) -> None:
    """The losses of each script are those of its run; and what the last one says of ``pictures``."""
    folders, own = [], []
    for number, (name, spec) in enumerate(cases.items()):
        run = trained(spec, tmp_path / "runs" / str(number), EDITS if name.startswith("edited") else {})
        made = finished(exporting(run, "script", tmp_path / str(number)))
        assert "losses are those of the run" in made.words or "loss is that" in made.words, name
        folders.append(str(made.folder))
        own.append(read_steps_from(run)[1][:STEPS, 0])
    losses = run_scripts(folders, pictures)
    if pictures:
        answers_as(used_network([run]), pictures, losses.pop())
    assert len(losses) == len(cases)
    for name, got, known in zip(cases, losses, own, strict=True):
        assert len(got) >= len(known) >= 5, name  # an epoch may be one step, and a run may diverge
        assert max(abs(a - b) for a, b in zip(got, known, strict=False)) < 1e-6, name


def answers_as(network: UsedNetwork, pictures: Sequence[Path], lines: list[str]) -> None:
    """Each picture is read as the program reads it; of those that it cannot read a line says why it says."""
    unread = 0
    for path, line in zip(pictures, lines[: len(pictures)], strict=True):
        if why := why_unread(network, path):
            assert line == f"{path}: not read, {why}"
            unread += 1
            continue
        shares = torch.from_numpy(network.logs([network.read(path)[0][None]])[0]).exp()
        name, label, share = line.rsplit(" ", 2)
        assert (name, label) == (str(path), network.classes[int(shares.argmax())])
        assert abs(float(share) - float(shares.max())) < 1e-5
    assert lines[len(pictures) :] == (["exit code 2"] if unread else [])


def why_unread(network: UsedNetwork, path: Path) -> str:
    try:
        network.read(path)
    except Unreadable as error:
        return str(error)
    return ""


def special_pictures(folder: Path) -> list[Path]:
    """Pictures with transparency, shapes that are in it alone, 16 bits; damaged, empty and missing files."""
    folder.mkdir()
    draw = np.random.default_rng(1)
    shape = np.pad(draw.integers(0, 256, (20, 12), np.uint8), 10)
    white = np.full_like(shape, 255)
    for name, channels in {
        "la": (shape[::-1], shape),
        "rgba": (shape, white, shape, shape),
        "la_white": (white, shape),
    }.items():
        Image.fromarray(np.stack(channels, 2)).save(folder / f"{name}.png")
    Image.fromarray(shape.astype(np.uint16) * 150).save(folder / "deep.png")
    (folder / "cut.png").write_bytes((folder / "rgba.png").read_bytes()[:90])
    (folder / "empty.png").touch()
    return [folder / "missing.png", *sorted(folder.iterdir())]


def run_scripts(folders: list[str], pictures: Sequence[Path] = ()) -> list[Any]:
    """The losses of each script; with ``pictures`` also what ``predict.py`` of the last says of them."""
    code = [sys.executable, "-I", "-c", HARNESS, str(STEPS), json.dumps(folders), *map(str, pictures)]
    done = subprocess.run(code, capture_output=True, text=True, timeout=110, cwd=folders[0], check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_selection_repeats_its_losses(tmp_path: Path) -> None:
    """Everything that is of another kind: layers with masks, mixed labels, measurements, full batches, parts, own
    optimizers, renamed settings."""
    mixed = [{"kind": "rotation"}, {"kind": "mixup"}, {"kind": "random_erasing"}, {"kind": "noise"}]
    cases = {
        "edited, random layers": small_spec(loop__epochs=9, loop__batch_size=24),
        "mixing, batch norm, weighted": spec_of(
            {
                "model": CNN,
                "augmentations": mixed,
                "regularization": [{"kind": "fractional_max_pooling"}, {"kind": "label_smoothing"}],
                "data.class_weights": True,
                "optimizer": {"kind": "nesterov", "form": "inside"},
                "schedule": {"kind": "plateau", "patience": 0, "threshold": 0.4},
            }
        ),
        "full batch": spec_of({"optimizer": {"kind": "lbfgs"}, "loop.epochs": 12}),
        "parts": spec_of({"optimizer": {"kind": "muon"}, "loop.accumulate": 3, "schedule": {"kind": "one_cycle"}}),
        "points": spec_of({"data.source": {"kind": "spirals"}, "data.examples_per_class": None}),
        "pictures": spec_of({"model": CNN, "model.activation": {"kind": "maxout"}}),
    }
    check(cases, tmp_path, [*special_pictures(tmp_path / "special"), *odd_pictures(tmp_path / "pictures")])


FAMILIES: dict[str, tuple[type[Any], str, bool]] = {
    "optimizers": (Optimizer, "optimizer", False),
    "schedules": (Schedule, "schedule", False),
    "augmentations": (Augmentation, "augmentations", True),
    "regularizers": (Regularizer, "regularization", True),
    "preprocessing": (Preprocessing, "preprocessing", False),
    "activations": (Activation, "model.activation", False),
    "models": (Model, "model", False),
}


@pytest.mark.full
@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_repeats_its_losses(family: str, tmp_path: Path) -> None:
    base, path, is_list = FAMILIES[family]
    cases = {}
    for kind in members_of(base):
        if kind == "transfer":  # refused, see below
            continue
        member = {"kind": kind} | ({"name": "mnasnet0_5"} if kind == "torchvision" else {})
        edits: dict[str, Any] = {path: [member] if is_list else member}
        if family in ("augmentations", "regularizers"):
            edits = {"model": {"kind": "cifar_resnet", "width": 4} if kind == "stochastic_depth" else CNN} | edits
        cases[kind] = spec_of(edits)
    check(cases, tmp_path)


@pytest.mark.full
def test_every_preset_repeats_its_losses(tmp_path: Path) -> None:
    """All but that of a data set which is not inside."""
    found = {each.path.stem: each.spec for each in presets() if not hasattr(each.spec.data.source, "folder")}
    assert len(found) >= 4
    check(found, tmp_path)


def test_the_notebook_is_the_script(tmp_path: Path) -> None:
    made = finished(exporting(run_of(tmp_path / "runs"), "script", tmp_path / "out")).folder
    cells = ["".join(cell["source"]) for cell in json.loads((made / "train.ipynb").read_text())["cells"]]
    text = (made / "train.py").read_text()
    assert cells[2] in text and cells[3] in text and "training(RECIPE" in cells[5]
    for cell in cells[1:]:
        compile(cell, "cell", "exec")
    assert "workbench" not in text and sorted(each.name for each in made.iterdir()) == FILES


def test_what_cannot_be_repeated_is_refused_by_name(tmp_path: Path) -> None:
    alone = weights(tmp_path / "alone.safetensors", (1, 8, 8), model={"kind": "mlp", "hidden": [9]})
    with pytest.raises(WorkbenchError, match=r"alone.safetensors has changed since it was trained"):
        finished(exporting(alone, "script", tmp_path / "out"))

    assert not (tmp_path / "out").exists()


def test_trainings_that_no_script_has_are_named() -> None:
    spec = ExperimentSpec()
    record = SimpleNamespace(folder=Path("run"), parent="other", is_live=False, step=5)

    def refusal(trained: object, record: object = None) -> str:
        subject: Any = SimpleNamespace(name="mine", origin=SimpleNamespace(trained=trained, record=record))
        with pytest.raises(WorkbenchError) as said:
            finished(original_of(subject))
        return said.value.message

    assert "does not say how it was trained" in refusal(None)
    transfer = spec.edited("model", {"kind": "transfer"})
    assert "began with another trained network" in refusal(SimpleNamespace(spec=transfer))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(original, "started_as", lambda folder: None)
        patch.setattr(original, "run_spec", lambda folder: (spec, ""))
        assert "mine branched off other" in refusal(SimpleNamespace(spec=spec), record)
        started = SimpleNamespace(device="mps", threads=1)
        patch.setattr(original, "started_as", lambda folder: started)
        record.parent = ""
        assert "was trained on mps" in refusal(SimpleNamespace(spec=spec), record)
