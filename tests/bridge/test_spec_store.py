"""The store: edits, undo, what stands against a run, and what a running run takes over."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QObject

from workbench.bridge.settings_store import UNDO_LIMIT
from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.sgd import Momentum
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.regularizers.penalties import L2
from workbench.engine.core.errors import SpecError
from workbench.engine.spec.experiment import ExperimentSpec


class Heard(QObject):
    """Writes down what the store says."""

    def __init__(self, store: SpecStore) -> None:
        super().__init__()
        self.specs: list[ExperimentSpec] = []
        self.live: list[tuple[str, Any]] = []
        self.reasons: list[str] = []
        self.undo: list[bool] = []
        self.redo: list[bool] = []
        self.errors = 0
        store.changed.connect(self.specs.append)
        store.live_edit.connect(self._on_live)
        store.reason_changed.connect(self.reasons.append)
        store.can_undo_changed.connect(self.undo.append)
        store.can_redo_changed.connect(self.redo.append)
        store.errors_changed.connect(self._on_errors)

    def _on_live(self, path: str, value: Any) -> None:
        self.live.append((path, value))

    def _on_errors(self) -> None:
        self.errors += 1


@pytest.fixture
def store(qapp: Any) -> SpecStore:
    return SpecStore()


@pytest.fixture
def heard(store: SpecStore) -> Heard:
    return Heard(store)


def test_an_edit_changes_the_spec_and_says_so(store: SpecStore, heard: Heard) -> None:
    store.edit("optimizer.lr", 0.2)
    assert store.spec.at("optimizer.lr") == 0.2
    assert heard.specs == [store.spec]
    assert heard.undo == [True]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("optimizer.lr", -1.0),
        ("optimizer.lr", float("nan")),
        ("optimizer.lr", "0.1"),
        ("loop.epochs", 1.5),
        ("nowhere.at.all", 1),
        ("optimizer", {"kind": "no such optimizer"}),
    ],
)
def test_a_bad_edit_raises_and_changes_nothing(store: SpecStore, heard: Heard, path: str, value: Any) -> None:
    before = store.spec
    with pytest.raises(SpecError):
        store.edit(path, value)
    assert store.spec is before
    assert not store.can_undo
    assert not heard.specs


def test_an_edit_to_the_same_value_is_no_edit(store: SpecStore, heard: Heard) -> None:
    store.edit("optimizer.lr", store.spec.at("optimizer.lr"))
    assert not heard.specs
    assert not store.can_undo


def test_undo_and_redo_walk_through_old_specs(store: SpecStore, heard: Heard) -> None:
    specs = [store.spec]
    for value in (0.1, 0.2, 0.3):
        store.edit("optimizer.lr", value)
        specs.append(store.spec)
    for spec in reversed(specs[:-1]):
        store.undo()
        assert store.spec == spec
    store.undo()  # nothing more: nothing happens
    assert store.spec == specs[0]
    for spec in specs[1:]:
        store.redo()
        assert store.spec == spec
    assert heard.undo == [True, False, True]
    assert heard.redo == [True, False]


def test_a_new_edit_forgets_what_was_undone(store: SpecStore) -> None:
    store.edit("optimizer.lr", 0.1)
    store.undo()
    store.edit("optimizer.lr", 0.2)
    assert not store.can_redo


def test_one_drag_is_one_undo(store: SpecStore) -> None:
    first = store.spec
    store.edit("optimizer.lr", 0.1)
    for value in (0.2, 0.3, 0.4):
        store.edit("optimizer.lr", value, merge=True)
    store.undo()
    assert store.spec == first
    store.redo()
    assert store.spec.at("optimizer.lr") == 0.4


def test_edits_merge_only_on_one_path_and_not_across_an_undo(store: SpecStore) -> None:
    store.edit("optimizer.lr", 0.1)
    store.edit("loop.epochs", 3, merge=True)
    store.undo()
    assert store.spec.at("optimizer.lr") == 0.1
    store.edit("optimizer.lr", 0.2, merge=True)
    store.undo()
    assert store.spec.at("optimizer.lr") == 0.1


def test_undo_is_bounded(store: SpecStore) -> None:
    for epochs in range(2, UNDO_LIMIT + 20):
        store.edit("loop.epochs", epochs)
    steps = 0
    while store.can_undo:
        store.undo()
        steps += 1
    assert steps == UNDO_LIMIT


def test_a_load_is_undoable_and_moves_the_point_that_dots_compare_with(store: SpecStore) -> None:
    first = store.spec
    other = ExperimentSpec(optimizer=Adam())
    store.load(other)
    assert (store.spec, store.reset_point) == (other, other)
    assert not store.differs("optimizer")
    store.undo()
    assert (store.spec, store.reset_point) == (first, first)
    store.redo()
    assert (store.spec, store.reset_point) == (other, other)


def test_dots_compare_values_of_fields_and_kinds_of_variants(store: SpecStore) -> None:
    store.edit("optimizer.lr", 0.3)
    assert store.differs("optimizer.lr")
    assert not store.differs("optimizer")
    store.choose("optimizer", "adam")
    assert store.differs("optimizer")
    assert not store.differs("optimizer.lr")  # the preset has no Adam: its own default counts
    store.reset("optimizer")
    assert store.spec == store.reset_point


def test_a_member_comes_back_with_the_values_it_had(store: SpecStore) -> None:
    store.edit("optimizer.lr", 0.3)
    store.choose("optimizer", "adam")
    store.edit("optimizer.beta1", 0.5)
    store.choose("optimizer", "momentum")
    assert store.spec.at("optimizer.lr") == 0.3
    store.choose("optimizer", "adam")
    assert store.spec.at("optimizer.beta1") == 0.5


def test_nested_members_come_back_too(store: SpecStore) -> None:
    store.choose("model.activation", "leaky_relu")
    store.edit("model.activation.slope", 0.25)
    store.choose("model", "mlp")
    assert store.spec.at("model.activation").kind == "relu"
    store.choose("model", "small_cnn")
    assert store.spec.at("model.activation.slope") == 0.25
    store.choose("model.activation", "relu")
    store.choose("model.activation", "leaky_relu")
    assert store.spec.at("model.activation.slope") == 0.25


def test_a_removed_item_comes_back_with_its_values(store: SpecStore) -> None:
    store.add("regularization", "dropout")
    store.edit("regularization.0.p", 0.2)
    store.edit("regularization", ())
    store.add("regularization", "l2")
    store.add("regularization", "dropout")
    assert store.spec.regularization == (L2(), Dropout(p=0.2))


def test_wrong_text_stands_against_a_run_until_it_is_mended(store: SpecStore, heard: Heard) -> None:
    assert store.reason() == ""
    store.set_input_error("optimizer.lr", "must be a number, not “abc”")
    assert store.reason() == "Optimizer, Learning rate: must be a number, not “abc”"
    assert store.problems()[0].path == "optimizer.lr"
    store.edit("optimizer.lr", 0.1)
    assert store.reason() == ""
    assert heard.reasons == ["Optimizer, Learning rate: must be a number, not “abc”", ""]


def test_wrong_text_is_forgotten_with_its_field(store: SpecStore) -> None:
    store.set_input_error("optimizer.momentum", "wrong")
    store.edit("optimizer.lr", 0.2)
    assert store.input_errors  # another field's edit mends nothing
    store.choose("optimizer", "adam")
    assert not store.input_errors


def test_wrong_text_is_forgotten_on_reset_and_load(store: SpecStore) -> None:
    store.set_input_error("optimizer.lr", "wrong")
    store.reset("optimizer.lr")
    assert not store.input_errors
    store.set_input_error("optimizer.lr", "wrong")
    store.load(ExperimentSpec())
    assert not store.input_errors


def test_a_spec_s_own_problem_stands_against_a_run(store: SpecStore) -> None:
    store.edit("model.channels", ())
    assert store.reason().startswith("Model, Channels: needs at least one convolution")
    store.undo()
    assert store.reason() == ""


def test_a_live_edit_reaches_the_run_and_its_undo_too(store: SpecStore, heard: Heard) -> None:
    store.edit("optimizer.lr", 0.1)
    assert heard.live == []  # no run
    store.set_running(store.spec)
    store.edit("optimizer.lr", 0.2)
    store.undo()
    store.redo()
    store.reset("optimizer.lr")
    assert heard.live == [("optimizer.lr", v) for v in (0.2, 0.1, 0.2, store.reset_point.at("optimizer.lr"))]
    assert store.running_spec == store.spec
    assert not store.waits_for_next_run("optimizer.lr")


def test_other_edits_wait_for_the_next_run(store: SpecStore, heard: Heard) -> None:
    store.set_running(store.spec)
    store.edit("loop.batch_size", 128)
    assert heard.live == []
    assert store.waits_for_next_run("loop.batch_size")
    assert not store.waits_for_next_run("loop.epochs")
    store.set_running(None)
    assert not store.waits_for_next_run("loop.batch_size")


def test_the_rate_of_another_optimizer_is_not_the_run_s_rate(store: SpecStore, heard: Heard) -> None:
    store.set_running(store.spec)
    store.choose("optimizer", "adam")
    store.edit("optimizer.lr", 0.5)
    assert heard.live == []
    assert store.waits_for_next_run("optimizer")
    assert not store.waits_for_next_run("optimizer.lr")  # its owner says it
    store.choose("optimizer", "momentum")
    assert heard.live == []
    assert store.running_spec == store.spec


def test_a_load_leaves_the_run_alone(store: SpecStore, heard: Heard) -> None:
    store.set_running(store.spec)
    store.load(ExperimentSpec(optimizer=Momentum(lr=0.7)))
    store.undo()
    store.redo()
    assert heard.live == []
    assert store.waits_for_next_run("optimizer.lr")


def test_items_of_another_list_are_not_the_run_s_items(store: SpecStore, heard: Heard) -> None:
    store.edit("regularization", (L2(), Dropout()))
    store.set_running(store.spec)
    store.edit("regularization.1.p", 0.3)
    assert heard.live == [("regularization.1.p", 0.3)]
    store.edit("regularization", (Dropout(p=0.3),))
    store.edit("regularization.0.p", 0.4)
    assert len(heard.live) == 1
    assert store.running_spec is not None
    assert store.running_spec.at("regularization.1.p") == 0.3


def test_every_live_setting_of_the_default_spec_reaches_the_run(store: SpecStore, heard: Heard) -> None:
    from workbench.engine.spec.experiment import live_paths

    store.set_running(store.spec)
    for path in live_paths(store.spec):
        value = store.spec.at(path)
        if isinstance(value, bool):
            changed: Any = not value
        elif isinstance(value, str):
            changed = "fc1.weight[7]"
        else:
            changed = 7 if value is None or isinstance(value, int) else min(value / 2 + 0.01, 0.5)
        store.edit(path, changed)
        assert heard.live[-1][0] == path
