"""Two processes give what one gives, within rounding: the issue's two runs, and every member of the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.distributed.together import Trained, differences, trained, two_processes
from tests.engine.helpers import small_spec
from tests.engine.training.short_runs import edits_at
from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.averages import Average
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import Edit, Edited, EnsembleMeasured, Stop
from workbench.engine.distributed.joining import GroupOfRun
from workbench.engine.spec.experiment import ExperimentSpec

CNN = {"kind": "small_cnn", "batch_norm": False}
NORMED_CNN = {"kind": "small_cnn", "batch_norm": True}
PLAIN: dict[str, Any] = {"augmentations": [], "regularization": []}


@pytest.fixture(scope="module", autouse=True)
def _two() -> Iterator[GroupOfRun]:
    with two_processes() as made:
        yield made


def small(**edits: Any) -> ExperimentSpec:
    """100 digits: three steps of 29 and one of 13 an epoch."""
    base = {**PLAIN, "data__examples_per_class": 10, "loop__batch_size": 29, "loop__epochs": 2}
    return small_spec(**{**base, "optimizer": {"kind": "sgd", "lr": 0.05}, **edits})


def both(spec: ExperimentSpec, place: Path) -> tuple[Trained, Trained]:
    return trained(spec, place / "one"), trained(spec, place / "two", processes=2)


@pytest.mark.parametrize(
    "edits",
    [
        {"model": {"kind": "mlp", "hidden": [32]}, "regularization": [{"kind": "dropout", "p": 0.5}]},
        {"model": CNN},
    ],
    ids=["mlp with dropout", "cnn without batch norm"],
)
def test_a_hundred_steps_with_an_uneven_last_batch(edits: dict[str, Any], tmp_path: Path) -> None:
    spec = small(**edits, data__examples_per_class=50, loop__batch_size=49, loop__epochs=10)
    one, two = both(spec, tmp_path)
    assert len(one.steps) == 110  # 500 examples: ten batches of 49 and one of 10
    assert differences(one, two) == []


def member_specs() -> Iterator[tuple[str, ExperimentSpec]]:
    """Settings with each member that takes part in a step."""
    for kind in members_of(Augmentation):
        yield f"augmentation {kind}", small(model=CNN, augmentations=[{"kind": kind}], loop__epochs=1)
    every = [{"kind": kind} for kind in members_of(Augmentation)]
    yield "all augmentations", small(model=CNN, augmentations=every, loop__epochs=1)
    residual = {"kind": "cifar_resnet", "depth": "20"}
    for kind in members_of(Regularizer):
        model = residual if kind == "stochastic_depth" else {"kind": "mlp", "hidden": [16, 16]}
        model = NORMED_CNN if "pooling" in kind else model
        yield f"regularizer {kind}", small(model=model, regularization=[{"kind": kind}], loop__epochs=1)
    # Without batch norm: the gradient of a bias before it is 0 but for rounding, which adaptive optimizers enlarge.
    for kind, optimizer in members_of(Optimizer).items():
        if not optimizer.full_batch:
            yield (
                f"optimizer {kind}",
                small(model={"kind": "mlp", "hidden": [16]}, optimizer={"kind": kind, "lr": 0.01}),
            )
    for kind in members_of(Schedule):
        yield f"schedule {kind}", small(schedule={"kind": kind})
    for kind in members_of(Average):
        yield f"average {kind}", small(averaging=[{"kind": kind}])


@pytest.mark.timeout(300)
def test_every_member_of_the_catalog(tmp_path: Path) -> None:
    found = {name: differences(*both(spec, tmp_path / name)) for name, spec in member_specs()}
    assert {name: each for name, each in found.items() if each} == {}
    assert len(found) > 40


@pytest.mark.parametrize(
    "edits",
    [
        {"model": NORMED_CNN, "loop__accumulate": 3},
        {"model": NORMED_CNN, "loop__memory_format": "channels_last", "regularization": [{"kind": "dropout"}]},
        {"data__class_weights": True, "regularization": [{"kind": "label_smoothing"}]},
        {"loop__evaluate_every": 1, "loop__patience": 1, "loop__min_change": 50.0, "loop__epochs": 6},
        {"testing": {"passes": 3, "augment": True}, "regularization": [{"kind": "dropout"}]},
        {"loop__batch_size": 1, "data__examples_per_class": 1, "model": {"kind": "mlp", "hidden": [8]}},
    ],
    ids=["parts", "channels last", "class weights", "early stopping", "test-time passes", "fewer rows than processes"],
)
def test_other_settings(edits: dict[str, Any], tmp_path: Path) -> None:
    assert differences(*both(small(**edits), tmp_path)) == []


def test_snapshots_of_one_run(tmp_path: Path) -> None:
    one, two = both(small(ensemble={"kind": "snapshots", "every": 1}), tmp_path)
    assert differences(one, two) == []
    assert [len(each.members) for each in two.recorder.of(EnsembleMeasured)] == [1, 2]


def test_an_edit_and_a_stop_reach_both_at_the_same_step(tmp_path: Path) -> None:
    plan = {2: Edit("optimizer.lr", 0.01), 3: Edit("optimizer.lr", -1.0), 6: Stop()}
    spec = small(loop__epochs=20)
    one = trained(spec, tmp_path / "one", commands=edits_at(dict(plan)))
    two = trained(spec, tmp_path / "two", processes=2, commands=edits_at(dict(plan)))
    assert [(each.step, each.new) for each in two.recorder.of(Edited)] == [(2, 0.01)]
    assert two.ended.reason == "stopped"
    assert two.ended.step == 6
    assert differences(one, two) == []
