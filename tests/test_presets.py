"""The ready experiments: each loads, is ready to run, and shows what its note says."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.engine.core.events import EpochEnded, RunEnded, RunStarted
from workbench.engine.race.ready import FOLDER as RACES
from workbench.engine.race.ready import ReadyRace, ready_races
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.presets import FOLDER, Preset, presets

RACERS = ("SGD", "Momentum", "Tiny weights", "Huge weights")
FILES = sorted(FOLDER.glob("*.toml"))
#: Those that need data which does not come with the program: they wait for its folder, and for nothing else.
WAITING = ("9-fashion-recipe",)


def preset(name: str) -> Preset:
    return next(p for p in presets() if p.path.stem == name)


def racing(name: str) -> ExperimentSpec:
    """The settings of a racer of the ready races."""
    races = [ready.race for ready in ready_races()]
    race, at = next((race, at) for race in races for at, racer in enumerate(race.racers) if racer.name == name)
    return race.spec_of(at)


@cache
def trained(name: str, *edits: tuple[str, Any]) -> tuple[EpochEnded, ...]:
    """The evaluations of a preset's run, or of a racer's, with some settings changed, on one thread."""
    from workbench.engine.train import train

    spec = racing(name) if name in RACERS else preset(name).spec
    spec = spec.edited("loop.threads", 1)
    for path, value in edits:
        spec = spec.edited(path, dict(value) if isinstance(value, frozenset) else value)
    events = list(train(spec))
    assert any(isinstance(event, RunStarted) for event in events)
    assert isinstance(events[-1], RunEnded)
    assert events[-1].reason == "completed"
    return tuple(e for e in events if isinstance(e, EpochEnded))


def best(evaluations: tuple[EpochEnded, ...]) -> float:
    return max(e.val.accuracy for e in evaluations if e.val is not None)


def losses(evaluations: tuple[EpochEnded, ...], split: str = "train_eval") -> list[float]:
    return [getattr(e, split).loss for e in evaluations]


def test_every_file_is_listed_in_order() -> None:
    assert [p.path for p in presets()] == FILES
    assert len(FILES) >= 5


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_preset_is_complete_and_ready(file: Path) -> None:
    ready = preset(file.stem)
    missing = ["data.source.folder"] if file.stem in WAITING else []
    assert [problem.path for problem in ready.spec.problems()] == missing
    assert 10 <= len(ready.title) <= 60
    assert not ready.title.endswith(".")
    assert ready.note.endswith(".")
    assert "\n" not in ready.note
    assert "Look at " in ready.note
    assert 100 <= len(ready.note) <= 700


def test_titles_differ() -> None:
    assert len({p.title for p in presets()}) == len(FILES)


def test_the_first_one_is_the_default_experiment() -> None:
    spec = presets()[0].spec
    assert spec.edited("title", "").edited("note", "") == ExperimentSpec()


@pytest.mark.parametrize("race", ready_races(), ids=lambda race: race.path.stem)
def test_a_ready_race_can_begin_and_says_what_to_look_at(race: ReadyRace) -> None:
    assert race.race.problems() == ()
    assert 10 <= len(race.title) <= 60
    assert "Look at " in race.note
    assert 100 <= len(race.note) <= 700


def test_every_ready_race_is_listed() -> None:
    assert [race.path for race in ready_races()] == sorted(RACES.glob("*.toml"))


def test_the_two_optimizers_differ_in_the_optimizer_alone() -> None:
    first, second = racing("SGD"), racing("Momentum")
    assert first.edited("optimizer", {"kind": "sgd"}) == second.edited("optimizer", {"kind": "sgd"})
    assert first.optimizer.lr == second.optimizer.lr


def test_a_broken_file_spoils_no_menu(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("no toml")
    (tmp_path / "b.toml").write_text('title = "x"')
    assert [p.title for p in presets(tmp_path)] == ["x"]
    (tmp_path / "c.toml").write_text("")
    assert [p.title for p in presets(tmp_path)] == ["x", "c"]
    assert presets(tmp_path / "absent") == ()


# --- what the notes say -------------------------------------------------------------------------------------------


def test_first_steps_passes_98_percent() -> None:
    assert best(trained("1-first-steps")) >= 0.98


def test_overfitting_shows_a_gap() -> None:
    evaluations = trained("2-overfit", ("loop.epochs", 40))
    last = evaluations[-1]
    assert last.train_eval is not None
    assert last.val is not None
    assert last.train_eval.accuracy == 1.0
    assert last.val.accuracy < 0.96
    train, val = losses(evaluations), losses(evaluations, "val")
    assert train[-1] < 0.1 * train[10]
    assert val[-1] > 10 * train[-1]


def test_momentum_reaches_in_two_epochs_what_sgd_reaches_in_fifteen() -> None:
    sgd, momentum = losses(trained("SGD")), losses(trained("Momentum"))
    assert sgd[0] == momentum[0]  # the same initial weights
    assert momentum[2] < sgd[15]


def test_too_much_momentum_ends_higher() -> None:
    wild = losses(trained("Momentum", ("optimizer.momentum", 0.99)), "val")
    assert wild[-1] > 1.5 * losses(trained("Momentum"), "val")[-1]


def test_tiny_weights_learn_nothing() -> None:
    assert all(abs(loss - math.log(10)) < 0.001 for loss in losses(trained("Tiny weights")))
    assert re.search(r"2\.303", ready_races()[1].note)


def test_huge_weights_start_high_and_stay_poor() -> None:
    evaluations = trained("Huge weights")
    assert losses(evaluations)[0] == pytest.approx(16, abs=1)
    assert best(evaluations) < 0.6


@pytest.mark.parametrize("name", ["Tiny weights", "Huge weights"])
def test_xavier_mends_both(name: str) -> None:
    assert best(trained(name, ("model.init_weights", frozenset({"kind": "xavier"}.items())))) > 0.96


def test_batch_norm_mends_huge_weights() -> None:
    assert best(trained("Huge weights", ("model.batch_norm", True))) > 0.85


def test_a_spiral_needs_hidden_layers() -> None:
    assert best(trained("7-spiral")) >= 0.98
    assert best(trained("7-spiral", ("model.hidden", ()))) < 0.75


@pytest.mark.parametrize("seed", range(3))
def test_the_digits_recipe_passes_98_percent(seed: int) -> None:
    assert best(trained("8-digits-recipe", ("loop.seed", seed))) >= 0.98


def test_the_digits_recipe_ends_lower_than_a_constant_rate() -> None:
    falling = losses(trained("8-digits-recipe"), "val")
    constant = losses(trained("8-digits-recipe", ("schedule", frozenset({"kind": "constant"}.items()))), "val")
    assert abs(falling[-1] - falling[-2]) < 0.1 * falling[-1]
    assert constant[-1] > 1.2 * falling[-1]


@pytest.mark.parametrize("name", ["8-digits-recipe", "9-fashion-recipe"])
def test_a_recipe_says_what_was_measured_and_runs_on_any_processor(name: str) -> None:
    recipe = preset(name)
    assert re.search(r"0\.\d+ times .* cores", recipe.note)
    assert recipe.spec.loop.precision == "float32" and recipe.spec.loop.device == "auto"


def test_the_fashion_recipe_trains_on_the_folder_it_is_given(tmp_path: Path) -> None:
    """Pictures whose bright half is their class, where torchvision keeps Fashion-MNIST."""
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    labels = np.arange(600, dtype=np.uint8) % 10
    pictures = np.zeros((600, 28, 28), np.uint8)
    pictures[np.arange(600), 2 * labels] = 255
    for name, values in (("images-idx3", pictures), ("labels-idx1", labels)):
        head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
        (raw / f"train-{name}-ubyte").write_bytes(head + values.tobytes())
    assert best(trained("9-fashion-recipe", ("data.source.folder", str(tmp_path)), ("loop.epochs", 5))) > 0.9


@pytest.mark.full
@pytest.mark.parametrize("split_seed", range(10))
def test_the_default_experiment_on_other_splits(split_seed: int) -> None:
    assert best(trained("1-first-steps", ("data.split_seed", split_seed))) >= 0.975
