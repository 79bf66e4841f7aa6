"""A picture explained with networks in use, and by the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.export.made import weights
from tests.engine.use.made import digit_files, trained
from workbench.engine.__main__ import main
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Returned, finished
from workbench.engine.explain.explainer import Explainer
from workbench.engine.explain.explanation import Explanation, explaining
from workbench.engine.explain.filters import first_filters
from workbench.engine.explain.question import Question, method_of, methods
from workbench.engine.use.network import used_network
from workbench.engine.use.predict import predicting

_CNN = {"kind": "small_cnn", "channels": [6, 8]}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"), model=_CNN, loop__epochs=4)


@pytest.fixture(scope="module")
def digit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digit_files(tmp_path_factory.mktemp("digits"), 3)[2]


def explained(explainer: Explainer, picture: Path, kind: str, **question: object) -> Explanation:
    return finished(explaining(explainer, picture, Question(method_of(kind, {}), **question)))  # type: ignore[arg-type]


def test_the_likeliest_class_is_explained_and_its_probability_is_the_predicted_one(run: Path, digit: Path) -> None:
    used = used_network([run])
    found = explained(Explainer(used), digit, "grad_cam")
    logs = finished(predicting(used, used.read(digit)[0][None]))[0]
    assert found.class_number == logs.argmax() and found.is_top
    assert found.probability == pytest.approx(np.exp(logs.max()), rel=1e-6)
    assert found.layer == "conv2_pool" and found.seen.shape == (8, 8, 1) and found.map.shape == (2, 2)
    assert found.layers[0][0] == "conv1" and "16" not in found.layers[0][1]
    other = explained(Explainer(used), digit, "grad_cam", class_number=0, layer="conv1")
    assert not other.is_top and other.class_name == "0" and other.layer == "conv1" and other.map.shape == (8, 8)


def test_a_network_that_was_trained_gives_other_maps_than_shuffled_weights(run: Path, digit: Path) -> None:
    for kind in ("gradient", "occlusion"):
        found = explained(Explainer(used_network([run])), digit, kind)
        assert found.correlation is not None and abs(found.correlation) < 0.7
        assert not np.allclose(found.map, found.shuffled)
    with Image.open(digit) as image:
        pixels = np.asarray(image)[:, :, None].copy()
    again = finished(explaining(Explainer(used_network([run])), pixels, Question(found.method)))
    assert np.array_equal(again.map, found.map) and np.array_equal(again.shuffled, found.shuffled)


def test_progress_counts_both_networks_and_the_work_can_be_cancelled(run: Path, digit: Path) -> None:
    work = Returned(explaining(Explainer(used_network([run])), digit, Question(method_of("occlusion", {}))))
    seen = [(at.done, at.total, at.words) for at in work if at.total]
    assert seen[0] == (0, 98, "Through the network") and seen[-1][2] == "Through shuffled weights"
    assert all(done < total for done, total, _ in seen) and [done for done, *_ in seen] == sorted(d for d, *_ in seen)
    cancelled = explaining(Explainer(used_network([run])), digit, Question(method_of("occlusion", {})))
    next(cancelled)
    cancelled.close()


def test_each_network_of_an_average_is_explained_on_its_own(run: Path, digit: Path, tmp_path: Path) -> None:
    other = trained(tmp_path, model=_CNN, loop__seed=5, loop__epochs=1)
    used = used_network([run, other])
    first, second = (explained(Explainer(used, number), digit, "gradient", class_number=2) for number in (0, 1))
    alone = explained(Explainer(used_network([other])), digit, "gradient", class_number=2)
    assert np.array_equal(second.map, alone.map) and not np.array_equal(first.map, second.map)
    with pytest.raises(WorkbenchError, match="There is no network 3 in Average of 2 networks: it has 2"):
        Explainer(used, 2)


def test_a_photograph_through_a_resnet_with_random_weights(tmp_path: Path) -> None:
    file = weights(tmp_path / "net.safetensors", (3, 40, 40), model={"kind": "torchvision", "name": "resnet18"})
    photo = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    explainer = Explainer(used_network([file]))
    found = finished(explaining(explainer, photo, Question(method_of("grad_cam", {}))))
    assert found.seen.shape == (40, 40, 3) and found.layer == "net.layer4" and found.map.shape == (2, 2)
    filters = first_filters(explainer.trained, explainer.prepared(explainer.read(photo)[None]))
    assert filters.values.shape == (64, 7, 7, 3) and filters.words.endswith("64 filters of 7×7 over 3 channels")


def test_settings_and_classes_that_there_are_not_are_refused(run: Path, digit: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"Occlusion: side: .*0\.5"):
        method_of("occlusion", {"side": 0.9})
    with pytest.raises(WorkbenchError, match="Occlusion: colour"):
        method_of("occlusion", {"colour": 1})
    with pytest.raises(WorkbenchError, match="There is no class 11: the network has 10"):
        explained(Explainer(used_network([run])), digit, "gradient", class_number=10)
    (empty := digit.parent / "empty.png").touch()
    with pytest.raises(WorkbenchError, match=r"empty\.png cannot be used: not a picture"):
        explained(Explainer(used_network([run])), empty, "gradient")


def test_every_method_says_what_it_shows_and_what_not() -> None:
    assert list(methods()) == ["gradient", "smooth_gradient", "gradient_times_input", "grad_cam", "occlusion"]
    for cls in methods().values():
        assert cls.summary and cls.limits and cls.unit and cls.source


# --- The command ------------------------------------------------------------------------------------------------


def test_the_command_writes_pictures_and_numbers(
    run: Path, digit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads, out = torch.get_num_threads(), tmp_path / "out"
    arguments = ["explain", str(run), str(digit), "--method", "occlusion", "--set", "side=0.25", "--class", "2"]
    try:
        assert main([*arguments, "--out", str(out), "--json"]) == 0
    finally:
        torch.set_num_threads(threads)
    brief, numbers = json.loads(capsys.readouterr().out), json.loads((out / "explanation.json").read_bytes())
    made = finished(
        explaining(Explainer(used_network([run])), digit, Question(method_of("occlusion", {"side": 0.25}), 2))
    )
    assert np.allclose(numbers["map"], made.map, rtol=1e-4, atol=1e-5)
    assert numbers["class"] == "2" and numbers["settings"] == {"side": 0.25} and numbers["unit"] == "fall of the logit"
    assert "map" not in brief and brief["verdict"] == numbers["verdict"]
    assert sorted(file.name for file in out.iterdir()) == sorted(brief["files"])
    with Image.open(out / "occlusion-shuffled.png") as drawn:
        assert drawn.size == (224, 224)


def test_the_command_refuses_before_it_works(run: Path, digit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    try:
        assert main(["explain", str(run), str(digit), "--out", str(run)]) == 2
        assert "is there already, and nothing is written over" in capsys.readouterr().err
        assert main(["explain", str(run), str(digit), "--class", "dog", "--out", str(digit.parent / "a")]) == 2
        assert "The network has no class dog. Its classes are 0, 1" in capsys.readouterr().err
        wrong = ["--method", "grad_cam", "--layer", "conv9", "--out", str(digit.parent / "a")]
        assert main(["explain", str(run), str(digit), *wrong]) == 2
        assert "has no layer conv9. It has: conv1, conv1_norm" in capsys.readouterr().err
    finally:
        torch.set_num_threads(threads)
    assert not (digit.parent / "a").exists()
