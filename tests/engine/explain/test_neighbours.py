"""The nearest training pictures, against all distances computed one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.export.made import weights
from tests.engine.use.made import digit_files, trained
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Returned, finished
from workbench.engine.evaluation.entries import entry_at
from workbench.engine.evaluation.trained_on import trained_on
from workbench.engine.explain.explainer import Explainer
from workbench.engine.explain.neighbours import FeatureIndex, feature_of, indexing, training_examples
from workbench.engine.use.network import used_network


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"), loop__epochs=3)


@pytest.fixture(scope="module")
def explainer(run: Path) -> Explainer:
    return Explainer(used_network([run]))


@pytest.fixture(scope="module")
def index(run: Path, explainer: Explainer) -> FeatureIndex:
    examples, notes = training_examples((run,), explainer)
    assert notes == ()
    return finished(indexing(explainer, examples))


def features_by_hand(explainer: Explainer, pictures: np.ndarray) -> np.ndarray:
    """All layers but the last, one after the other."""
    with torch.no_grad():
        x = explainer.member.module[:-1](torch.from_numpy(pictures).float() / 255)
        return np.asarray(explainer.member.module[-1][:-1](x))


def test_the_index_has_the_features_of_the_training_examples_and_no_others(
    run: Path, explainer: Explainer, index: FeatureIndex
) -> None:
    dataset, trained = index.examples.dataset, trained_on(entry_at(run))
    assert trained is not None
    assert index.layer == "classifier"
    own = trained.split_of(dataset, trained.spec.data.source)
    assert own is not None and np.array_equal(index.examples.indices, own.train)
    by_hand = features_by_hand(explainer, dataset.inputs[own.train])
    assert np.allclose(index.features, by_hand, rtol=1e-5, atol=1e-6) and index.features.dtype == np.float32


def test_the_nearest_are_those_of_all_distances(explainer: Explainer, index: FeatureIndex, tmp_path: Path) -> None:
    dataset = index.examples.dataset
    for file in digit_files(tmp_path, 5):
        x = explainer.prepared(explainer.read(file)[None])
        feature = feature_of(explainer, x)
        distances = np.array([np.sqrt(((each.astype(float) - feature) ** 2).sum()) for each in index.features])
        found = index.nearest(feature, 7)
        assert [each.position for each in found] == np.argsort(distances, kind="stable")[:7].tolist()
        assert np.allclose([each.distance for each in found], np.sort(distances)[:7])
        for each in found:
            example = index.examples.indices[each.position]
            assert each.label == dataset.classes[dataset.labels[example]]
            logits = explainer.logits(explainer.prepared(dataset.inputs[[example]]))
            assert each.predicted == dataset.classes[int(logits.argmax())] and each.is_right == (
                each.label == each.predicted
            )


def test_a_training_picture_is_its_own_nearest(explainer: Explainer, index: FeatureIndex) -> None:
    first = index.examples.dataset.inputs[index.examples.indices[[3]]]
    found = index.nearest(feature_of(explainer, explainer.prepared(first)), 1)[0]
    assert found.position == 3 and found.distance < 1e-5


def test_memory_is_bounded_and_that_is_said(run: Path, explainer: Explainer, index: FeatureIndex) -> None:
    examples, _ = training_examples((run,), explainer)
    small = finished(indexing(explainer, examples, most_bytes=40 * 4 * index.features.shape[1]))
    assert len(small.features) == len(small.examples.indices) == 40
    assert set(small.examples.indices) < set(index.examples.indices)
    assert small.notes == (f"Of {len(index.features)} training pictures 40 are compared: memory is bounded.",)


def test_progress_counts_the_pictures_and_the_work_can_be_cancelled(run: Path, explainer: Explainer) -> None:
    examples, _ = training_examples((run,), explainer)
    work = Returned(indexing(explainer, examples))
    assert [(at.done, at.total) for at in work] == [(0, 200), (128, 200)]
    cancelled = indexing(explainer, examples)
    next(cancelled)
    cancelled.close()


def test_weights_that_do_not_know_their_data_are_refused(tmp_path: Path) -> None:
    file = weights(tmp_path / "net.safetensors", (1, 8, 8))
    foreign = tmp_path / "foreign.safetensors"
    from safetensors.torch import load_file, save_file

    save_file(load_file(file), foreign)
    explainer = Explainer(used_network([file]))
    with pytest.raises(WorkbenchError, match=r"foreign\.safetensors does not say on which pictures it was trained"):
        training_examples((foreign,), explainer)
