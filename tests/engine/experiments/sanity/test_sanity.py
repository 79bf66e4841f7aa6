"""Sanity checks on settings whose fate is known, and that they leave the settings, the data and threads alone."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from workbench.engine.__main__ import main
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.sanity import cost
from workbench.engine.experiments.sanity.checks import CHECKS, sanity
from workbench.engine.experiments.sanity.questions import QUESTIONS
from workbench.engine.experiments.sanity.result import Result, tally
from workbench.engine.experiments.sanity.shuffled_labels import dealt_anew, guessed
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps
from workbench.engine.training.set_up import set_up

MLP: dict[str, Any] = {"kind": "mlp", "hidden": [32]}
PLAIN: dict[str, Any] = {"kind": "mlp", "hidden": [32], "batch_norm": "off"}


def spec_of(**edits: Any) -> ExperimentSpec:
    spec = ExperimentSpec()
    for path, value in {"model": MLP, **{name.replace("__", "."): v for name, v in edits.items()}}.items():
        spec = spec.edited(path, value)
    return spec


def checked(**edits: Any) -> dict[str, Result]:
    """The results by name, without a limit of time."""
    return {each.name: each for each in finished(sanity(spec_of(**edits), seconds=math.inf))}


def outcomes(**edits: Any) -> dict[str, str]:
    return {name: each.outcome for name, each in checked(**edits).items()}


def test_the_usual_settings_pass_every_check() -> None:
    results = checked()
    assert {each.outcome for each in results.values()} == {"pass"}
    assert list(results) == [check.name for check in CHECKS] == [question.name for question in QUESTIONS]
    assert results["loss_at_start"].value == pytest.approx(math.log(10), abs=1.0)
    assert (results["few_examples"].value or 1.0) <= 0.1
    assert tally(tuple(results.values())) == "Nothing speaks against a long run."


@pytest.mark.parametrize(
    "edits",
    [
        {"data__source": {"kind": "spirals"}},
        {"model": {"kind": "transfer"}, "preprocessing": {"kind": "none"}},
        {"ensemble": {"kind": "independent", "members": 2}},
        {"data__folds": 3},
        {"data__class_weights": True, "regularization": [{"kind": "dropout", "p": 0.9}], "augmentations": ["mixup"]},
    ],
    ids=["points", "transfer", "ensemble", "folds", "everything random"],
)
def test_other_kinds_of_runs_pass_too(edits: dict[str, Any]) -> None:
    edits = {**edits, "augmentations": [{"kind": kind} for kind in edits.get("augmentations", [])]}
    assert set(outcomes(**edits).values()) == {"pass"}


def test_weights_that_are_too_large_show_in_the_loss_at_the_start() -> None:
    tanh = {"kind": "tanh"}
    result = checked(model={**PLAIN, "activation": tanh, "init_weights": {"kind": "gaussian", "std": 3.0}})
    found = result["loss_at_start"]
    assert found.outcome == "fail" and (found.value or 0.0) > math.log(10) + 2.0
    assert "too large" in found.words and "He, Xavier" in found.advice


def test_a_head_that_prefers_a_class_is_called_unbalanced(monkeypatch: pytest.MonkeyPatch) -> None:
    fill = type(spec_of().model).fill

    def unbalanced(self: Any, network: torch.nn.Module, seed: int) -> None:
        fill(self, network, seed)
        with torch.no_grad():
            list(network.parameters())[-1][3] = 9.0

    monkeypatch.setattr(type(spec_of().model), "fill", unbalanced)
    found = checked()["loss_at_start"]
    assert found.outcome == "fail" and "gives one class to 100\xa0% of the examples" in found.words


def test_a_rate_that_is_far_too_low_or_too_high_does_not_learn_20_examples() -> None:
    low, high = checked(optimizer__lr=1e-7)["few_examples"], checked(model=PLAIN, optimizer__lr=1e6)["few_examples"]
    assert low.outcome == high.outcome == "fail"
    assert "Find a learning rate" in low.advice and "a tenth" in high.advice


def test_without_time_the_checks_say_that_they_cannot_tell() -> None:
    ticks = iter(range(10_000))
    results = finished(sanity(spec_of(optimizer__lr=1e-7), seconds=0.5, clock=lambda: float(next(ticks))))
    said = {each.name: each for each in results}
    assert said["few_examples"].outcome == said["shuffled_labels"].outcome == "skipped"
    assert "all that the time allowed" in said["few_examples"].words


def test_without_validation_shuffled_labels_say_nothing() -> None:
    found = checked(data__validation_fraction=0.0)["shuffled_labels"]
    assert found.outcome == "skipped" and "Validation share" in found.advice


def test_a_network_that_knows_the_labels_is_no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validation whose answers come from elsewhere: here the labels are not shuffled at all."""
    monkeypatch.setattr("workbench.engine.experiments.sanity.shuffled_labels.dealt_anew", lambda labels, seed: labels)
    found = checked()["shuffled_labels"]
    assert found.outcome == "fail" and (found.value or 0.0) > 0.7 and "leaks" in found.advice


def test_dealt_labels_are_the_same_labels_evenly_over_the_classes() -> None:
    labels = np.repeat(np.arange(4), [40, 80, 20, 60])
    for seed in (1, 2):
        dealt = dealt_anew(labels, seed)
        assert np.bincount(dealt).tolist() == [40, 80, 20, 60]
        for own in range(4):
            share = np.bincount(dealt[labels == own], minlength=4) / np.bincount(labels)[own]
            assert share == pytest.approx([0.2, 0.4, 0.1, 0.3], abs=0.06)
    assert (dealt_anew(labels, 1) != dealt_anew(labels, 2)).any()


def test_chance_counts_the_shares_of_the_answers() -> None:
    guess = guessed(np.array([0] * 90 + [1] * 10), np.zeros(100, np.int64), 2, 100)
    assert guess.accuracy == guess.chance == pytest.approx(0.9) and guess.limit > 0.9


def test_memory_counts_weights_optimizer_and_what_a_step_keeps() -> None:
    spec = spec_of(model={**PLAIN, "hidden": [64]}, optimizer={"kind": "adam"}, loop__batch_size=32)
    trial = set_up(spec)
    weights = 4 * (64 * 64 + 64 + 64 * 10 + 10)
    counted = cost.bytes_of(trial, 0)
    assert counted.weights == cost.COPIES * weights
    assert counted.optimizer == pytest.approx(2 * weights, abs=64)  # Adam's two moments, and a count of steps
    assert 4 * 32 * (64 + 64) <= counted.step <= 4 * 32 * (64 + 64 + 64 + 30)
    assert counted.total(3) - counted.total(1) == 2 * (counted.weights + counted.optimizer)


def test_too_little_memory_fails_with_the_parts_that_need_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "free_memory", lambda: 1000)
    found = checked(loop__device="cpu")["memory"]
    assert found.outcome == "fail" and "Parts of a batch to 2" in found.advice


def test_time_is_steps_and_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "_seconds", lambda work: (work() and 0.512) or 0.512)
    found = checked(loop__epochs=10, ensemble={"kind": "independent", "members": 2})["time"]
    steps, looks, examples = 10 * 23, 11, 359 + 359
    assert found.value == pytest.approx(2 * (steps * 0.512 + looks * examples * 0.001))
    assert "at most" in found.words


def test_nothing_is_touched_and_twice_gives_the_same() -> None:
    spec, data = spec_of(data__class_weights=True), DataStore()
    before = dumps(spec)
    kept = data.loaded(spec.data.source)
    labels, inputs = kept.labels.copy(), kept.inputs.copy()
    first, second = (
        [(each.name, each.value) for each in finished(sanity(spec, data, math.inf)) if each.name != "time"]
        for _ in range(2)
    )
    assert first == second and dumps(spec) == before
    assert (kept.labels == labels).all() and (kept.inputs == inputs).all()


def test_it_can_be_cancelled_and_tells_how_far_it_is() -> None:
    work = sanity(spec_of(), seconds=math.inf)
    seen = [next(work) for _ in range(12)]
    assert any(isinstance(news, Loading) and news.total for news in seen)
    assert any(isinstance(news, Result) for news in seen)
    work.close()


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(SpecError):
        finished(sanity(spec_of(data__source={"kind": "spirals"}, model={"kind": "small_cnn"})))


def test_the_command_prints_results_or_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(dumps(spec_of(data__source={"kind": "blobs"})))
    assert main(["sanity", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == ["Passed"] * len(CHECKS)
    assert main(["sanity", str(file), "--json", "--set", "optimizer.lr=1e-7"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in said["checks"]] == [check.name for check in CHECKS]
    assert {each["outcome"] for each in said["checks"] if each["name"] == "few_examples"} == {"fail"}
    assert main(["sanity", str(file), "--set", "loop.epochs=0"]) == 2
    assert list(tmp_path.iterdir()) == [file]
