"""The export command: a program of torch, a model card, the data as folders, and what is refused."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.export.made import odd_pictures, run_of, weights
from tests.engine.failing_os import failing
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading, finished
from workbench.engine.data.fingerprint import data_fingerprint
from workbench.engine.evaluation.evaluation_data import source_at
from workbench.engine.export import program_file
from workbench.engine.export.compared import Compared, comparing
from workbench.engine.export.fixed_regions import with_fixed_regions
from workbench.engine.export.formats import exporting
from workbench.engine.export.image_folder import folder_names
from workbench.engine.export.options import Options
from workbench.engine.export.pictures import real_inputs
from workbench.engine.export.score import Score
from workbench.engine.export.subject import subject_at
from workbench.engine.nn.stochastic_layers import FractionalMaxPool
from workbench.engine.pictures.corrections import CorrectionsFile
from workbench.engine.report.words_on_test import wilson_interval
from workbench.engine.run_store.finished_runs import opened
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.network import build_network
from workbench.engine.use.network import used_network
from workbench.engine.weights.input_spec import CIFAR10


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_of(tmp_path_factory.mktemp("runs"), data__test_fraction=0.2)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- safetensors ------------------------------------------------------------------------------------------------


def test_the_file_says_what_the_run_has_recorded(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from safetensors import safe_open

    assert main(["export", run.name, "--runs", str(run.parent), "--to", "safetensors", "--out", f"{tmp_path}/o"]) == 0
    assert "complete by itself" in capsys.readouterr().out
    with safe_open(tmp_path / "o" / "model.safetensors", "pt") as file:
        about = json.loads(file.metadata()["export"])
    known = opened(run)
    validation, test = about["scores"]
    assert about["layout"] == 1 and about["classes"] == list("0123456789") and about["data"]["split_seed"] == 0
    assert (about["data"]["training_examples"], about["data"]["validation_examples"]) == known.sizes
    assert about["data"]["fingerprint"] == json.loads(json.dumps(data_fingerprint(Digits().load())))
    assert validation["accuracy"] == known.best and validation["weights_were_chosen_by_it"]
    assert validation["interval_95"] == list(wilson_interval(validation["accuracy"], validation["examples"]))
    assert test["part"] == "test" and test["examples"] == about["data"]["test_examples"] > 0
    assert about["versions"]["torch"] == torch.__version__.partition("+")[0]


def test_the_last_weights_have_the_last_score(run: Path) -> None:
    from workbench.engine.export.score import scores_of
    from workbench.engine.export.subject import origin_at
    from workbench.engine.shelf.read_record import read_record

    known = read_record(run)
    assert known is not None and known.last is not None and known.last.val is not None
    (found,) = scores_of(origin_at(run / "last.safetensors"))
    assert (found.accuracy, found.loss) == (known.last.val.accuracy, known.last.val.loss) and not found.is_choice


# --- pt2 --------------------------------------------------------------------------------------------------------


def test_a_program_is_read_again_and_answers_as_the_program(tmp_path: Path) -> None:
    """A network with layers of this program's own: fractional pooling, maxout, dropout; in any batch."""
    own = weights(
        tmp_path / "own.safetensors",
        (3, 12, 12),
        model={"kind": "small_cnn", "channels": [4], "hidden": [6], "activation": {"kind": "maxout", "pieces": 2}},
        regularization=[{"kind": "fractional_max_pooling"}, {"kind": "dropout"}],
    )
    pictures = odd_pictures(tmp_path / "pictures")
    made = finished(exporting(own, "pt2", tmp_path / "out", Options((tmp_path / "pictures",))))
    assert "Compared on 7 real inputs in batches of 1 and 48: no class changed" in made.words
    extra = {"about.json": ""}
    program = torch.export.load(made.folder / "model.pt2", extra_files=extra).module()
    assert json.loads(extra["about.json"])["classes"] == list("abcd")
    network = used_network([own])
    read = np.stack([network.read(path)[0] for path in pictures])
    for size in (1, 5):
        logits = program(torch.from_numpy(read[:size]).float() / 255)
        assert np.abs(logits.detach().log_softmax(1).numpy() - network.logs([read[:size]])).max() < 1e-5


@pytest.mark.parametrize(("kind", "name"), [("script", "best.pt"), ("script", "initial.pt"), ("pt2", "model.pt2")])
def test_what_holds_too_little_to_be_used_here_says_what_to_use(
    run: Path, tmp_path: Path, kind: str, name: str
) -> None:
    made = finished(exporting(run, kind, tmp_path / "out")).folder
    with pytest.raises(WorkbenchError) as caught:
        used_network([made / name])
    message = caught.value.message
    assert "Use the run that it was exported from, or export that as safetensors" in message
    assert ("predict.py beside it" in message) is (kind == "script") and "no network that this" not in message


def test_a_program_is_compared_on_what_the_run_held_back(run: Path, tmp_path: Path) -> None:
    inputs = finished(real_inputs(subject_at(run), ()))
    assert tuple(inputs.shape) == (256, 1, 8, 8) and 0 <= float(inputs.min()) < float(inputs.max()) == 1
    own = weights(tmp_path / "own.safetensors", (3, 8, 8), data__source={"kind": "folder", "folder": "/gone"})
    with pytest.raises(WorkbenchError, match="--pictures"):
        finished(exporting(own, "pt2", tmp_path / "out"))
    assert left_in(tmp_path) == ["own.safetensors"]


def test_a_changed_answer_is_detected_at_either_batch_size() -> None:
    inputs = torch.randn(60, 3, generator=torch.Generator().manual_seed(0))
    for wrong in (1, 48):
        found = finished(comparing(lambda x: x, lambda x, n=wrong: x.roll(1, 1) if len(x) == n else x, inputs))
        assert found.changed > 0 and found.largest > 0.1 and f"{found.changed} classes changed" in found.words
    assert finished(comparing(lambda x: x, lambda x: x, inputs)).words.endswith("probability 0.")


@pytest.mark.parametrize(("largest", "changed"), [(0.1, 0), (0.0, 1)])
def test_a_program_that_answers_otherwise_is_not_kept(
    largest: float, changed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compared(*_given: Any) -> Job[Compared]:
        yield from ()
        return Compared(largest, changed, 7, (1, 48))

    monkeypatch.setattr(program_file, "comparing", compared)
    odd_pictures(tmp_path / "pictures")
    own = weights(tmp_path / "own.safetensors", (1, 8, 8), model={"kind": "mlp", "hidden": [4]})
    with pytest.raises(WorkbenchError, match=r"answers otherwise\. .* It is not kept"):
        finished(exporting(own, "pt2", tmp_path / "out", Options((tmp_path / "pictures",))))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ratio", [1.2, 1.5, 1.9])
def test_fixed_regions_are_those_of_an_evaluation(ratio: float) -> None:
    pool = FractionalMaxPool(ratio).eval()
    pool.name = "conv1_pool"
    network = torch.nn.Sequential(pool)
    for height, width in ((2, 3), (9, 14), (17, 8)):
        x = torch.randn(3, 2, height, width, generator=torch.Generator().manual_seed(height))
        assert torch.equal(with_fixed_regions(network)(x), network(x))
    assert network[0] is pool


# --- card -------------------------------------------------------------------------------------------------------


def test_a_card_has_results_and_seeds(tmp_path: Path) -> None:
    for seed in (0, 1):
        run_of(tmp_path / "runs", loop__seed=seed)
    runs = [path for path in sorted((tmp_path / "runs").iterdir()) if path.is_dir()]
    text = (finished(exporting(runs[0], "card", tmp_path / "card")).folder / "model_card.md").read_text()
    best = [opened(path).best for path in runs]
    mean = 100 * sum(value or 0 for value in best) / 2
    assert f"The same settings with 2 seeds: {mean:.1f} %" in text
    assert f"Accuracy: {100 * (best[0] or 0):.1f} % of 359 validation examples (95 % interval" in text
    for heading in ("Training data", "Split", "Training settings", "Limits", "Licence of the data", "Versions"):
        assert f"\n## {heading}\n" in text
    assert "CC BY 4.0" in text and "- Learning rate: 0.01" in text and "No test part was measured" in text


def test_a_card_of_weights_alone_says_what_is_not_known(tmp_path: Path) -> None:
    """Weights of the shape of a published network: its classes and the preparation of pictures are the usual ones."""
    spec = ExperimentSpec().edited("model", {"kind": "cifar_resnet"})
    torch.save(build_network(spec, (3, 32, 32), 10).module.state_dict(), tmp_path / "other.pt")
    made = finished(exporting(tmp_path / "other.pt", "card", tmp_path / "out"))
    text = (made.folder / "model_card.md").read_text()
    assert "assumed: 32×32 pixels, ImageNet normalization, the names of the classes." in text
    assert "No measurement is recorded" in text and "took part in choosing" not in text
    told = Options(names=CIFAR10)  # the same names, of which the user is sure
    made = finished(exporting(tmp_path / "other.pt", "card", tmp_path / "told", told))
    assert "assumed: 32×32 pixels, ImageNet normalization." in (made.folder / "model_card.md").read_text()


def test_a_score_is_said_with_its_interval() -> None:
    assert Score("test", 1.0, 20, False).words.startswith("100.0") and "83.9" in Score("test", 1.0, 20, False).words


# --- data -------------------------------------------------------------------------------------------------------


def class_folders(root: Path, count: int = 10) -> list[Path]:
    """Pictures of two classes, of one name in both."""
    files = []
    for number in range(2 * count):
        folder = root / ("cat", "dog: big")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        files.append(folder / f"{number // 2}.png")
        Image.fromarray(np.full((9, 9), 10 * number, np.uint8)).save(files[-1])
    return files


def test_corrections_and_split_are_applied(tmp_path: Path) -> None:
    files = class_folders(tmp_path / "data")
    corrections = CorrectionsFile(tmp_path / "data")
    corrections.exclude([files[0]])
    corrections.relabel([files[3]], "cat")
    source = {"kind": "folder", "folder": str(tmp_path / "data"), "size": 8}
    run = run_of(tmp_path / "runs", data__source=source, data__examples_per_class=None, data__test_fraction=0.2)
    made = finished(exporting(run, "data", tmp_path / "out"))
    assert "1 picture is left out by corrections. 1 picture is in another class by corrections." in made.words
    held = source_at(made.folder).load()
    assert held.validation is not None and held.classes == ("cat", "dog_ big")
    assert (int((~held.validation).sum()), int(held.validation.sum())) == opened(run).sizes
    written = {path.stat().st_ino: path for path in made.folder.rglob("*.png")}
    assert len(written) == 19 and (files[0].stat().st_ino not in written)
    assert written[files[3].stat().st_ino].parent.name == "cat", "the very file, in its new class"
    assert (made.folder / "classes.txt").read_text() == "cat\ndog: big\n"


def test_data_that_have_changed_are_refused(tmp_path: Path) -> None:
    files = class_folders(tmp_path / "data")
    source = {"kind": "folder", "folder": str(tmp_path / "data"), "size": 8}
    run = run_of(tmp_path / "runs", data__source=source, data__examples_per_class=None)
    for file in files[:4]:
        file.unlink()
    with pytest.raises(WorkbenchError, match="has changed since"):
        finished(exporting(run, "data", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_arrays_become_pictures_and_a_drive_without_links_gets_copies(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = finished(exporting(run, "data", tmp_path / "out"))
    pictures = sorted((made.folder / "validation" / "7").iterdir())
    digits = Digits().load()
    assert (np.asarray(Image.open(pictures[0])) == digits.inputs[int(pictures[0].stem)][0]).all()
    assert digits.labels[int(pictures[0].stem)] == 7 and "did not use stay out" in made.words

    def no_links(*_paths: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    class_folders(tmp_path / "data")
    source = {"kind": "folder", "folder": str(tmp_path / "data"), "size": 8}
    other = run_of(tmp_path / "runs", data__source=source, data__examples_per_class=None)
    monkeypatch.setattr(os, "link", no_links)
    assert "20 copied" in finished(exporting(other, "data", tmp_path / "copies")).words


def test_every_class_has_a_folder_of_its_own_on_every_system() -> None:
    names = ["a/b", "a:b", "A?B", "con", "..", "", "x. ", "v1.2", "V1.2"]
    made = folder_names(names)
    assert made == ["a_b", "a_b_2", "A_B_3", "_con", "_", "__2", "x", "v1.2", "V1_2.2"]


# --- What is refused, and what is left behind ---------------------------------------------------------------------


def test_an_existing_target_is_not_overwritten(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    assert main(["export", str(run), "--to", "card", "--out", str(tmp_path / "out")]) == 2
    assert "is there already, and nothing is written over. Choose another name" in capsys.readouterr().err
    assert main(["export", str(run), "--to", "card", "--out", str(tmp_path / "no" / "out")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["export", str(run), "--to", "pickle", "--out", str(tmp_path / "x")])
    assert "invalid choice: 'pickle'" in capsys.readouterr().err and left_in(tmp_path) == ["out"]


def test_an_ensemble_is_refused_with_its_members(tmp_path: Path) -> None:
    run = run_of(tmp_path / "runs", ensemble={"kind": "independent", "members": 2})
    with pytest.raises(WorkbenchError, match=r"ensemble of 2 networks, which are exported one by one: .*member-1"):
        finished(exporting(run, "safetensors", tmp_path / "out"))
    finished(exporting(run / "member-1", "safetensors", tmp_path / "out"))
    assert left_in(tmp_path / "out") == ["model.safetensors"]


def test_weights_that_say_nothing_of_data_have_none_to_export(tmp_path: Path) -> None:
    file = tmp_path / "other.pt"
    torch.save({"classifier.weight": torch.zeros(2, 3), "classifier.bias": torch.zeros(2)}, file)
    with pytest.raises(WorkbenchError, match="does not say on which data"):
        finished(exporting(file, "data", tmp_path / "out"))


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "Read-only")])
def test_a_full_or_closed_drive_leaves_nothing(run: Path, tmp_path: Path, number: int, said: str) -> None:
    subject = exporting(run, "card", tmp_path / "out")
    for progress in subject:
        if progress.words == "Writing the model card":
            break
    with failing(2, number), pytest.raises(CannotWrite, match=said):
        finished(subject)
    assert left_in(tmp_path) == []


def test_a_cancelled_export_leaves_nothing(run: Path, tmp_path: Path) -> None:
    def stop(progress: Loading) -> None:
        if progress.words == "Writing pictures" and progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finished(exporting(run, "data", tmp_path / "out"), stop)
    assert left_in(tmp_path) == []
