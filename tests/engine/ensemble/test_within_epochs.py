"""Evaluations of an ensemble within its epochs: all members at once, averaged, restored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.ensemble.test_training import ensemble_run, plain_spec
from tests.engine.helpers import nothing, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.events import EnsembleMeasured, EpochEnded, Evaluated, Event, Stepped, Stop
from workbench.engine.core.step_store import StepStore
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop


def untimed(events: list[Event], first: int = 0) -> list[Any]:
    kept = [e for e in events if isinstance(e, (Evaluated, EnsembleMeasured)) and e.step >= first]
    more = {Evaluated: {"images_per_second": 0.0, "seconds": 0.0}, EnsembleMeasured: {"seconds": ()}}
    return [replace(e, **more[EnsembleMeasured if isinstance(e, EnsembleMeasured) else Evaluated]) for e in kept]


@pytest.mark.parametrize("spec", [plain_spec(), small_spec(ensemble={"kind": "independent", "members": 3})])
def test_the_members_are_measured_together_every_n_steps(spec: ExperimentSpec) -> None:
    """Stacked and one after the other: the mean at the steps, the same training and the same ends of epochs."""
    plain = ensemble_run(spec)
    often = ensemble_run(spec.edited("loop.evaluate_every", 3))
    assert [e.step for e in often.of(Evaluated)] == [0, 3, 6, 7, 9, 12, 14, 15, 18, 21]
    assert [e.step for e in often.of(EnsembleMeasured)] == [e.step for e in often.of(Evaluated)]
    assert all(
        e.val.accuracy == pytest.approx(m.mean_member) and e.averages["ensemble"] == m.averaged
        for e, m in zip(often.of(Evaluated), often.of(EnsembleMeasured), strict=True)
    )
    assert often.steps.read(0)[1][:, :4].tobytes() == plain.steps.read(0)[1][:, :4].tobytes()
    ends = [(e.val, e.train_eval, e.running_loss) for e in often.of(EpochEnded)]
    assert ends == [(e.val, e.train_eval, e.running_loss) for e in plain.of(EpochEnded)]
    best = max(often.of(Evaluated)[1:], key=lambda e: (e.val.accuracy, -e.val.loss))
    assert [e for e in often.of(Evaluated) if e.is_best][-1] is best
    assert often.events[-1].best_epoch == -(-best.step // 7)


def test_members_with_fewer_steps_keep_their_last_figures() -> None:
    """Batches of 32 and 64 give 7 and 4 steps an epoch: each member is measured at its own steps."""
    differs = "loop.batch_size = [32, 64]"
    spec = small_spec(ensemble={"kind": "independent", "members": 2, "differs": differs}, loop__epochs=2)
    run = ensemble_run(spec.edited("loop.evaluate_every", 3))
    steps = [e.step for e in run.of(Evaluated)]
    assert steps == sorted(set(steps)) and [e.step for e in run.of(EpochEnded)] == [0, 7, 14]
    assert len(steps) > 5 and all(e.val.n == 359 for e in run.of(Evaluated))


@pytest.mark.parametrize("at", [2, 3, 4])
def test_an_ensemble_restored_about_an_evaluation_goes_on_as_if_nothing_had_happened(at: int) -> None:
    spec = plain_spec(loop__evaluate_every=3, loop__epochs=2)
    whole = ensemble_run(spec)
    first = EnsembleTraining(train_loop, spec)
    stop = lambda event: Stop() if isinstance(event, Stepped) and event.step == at else None  # noqa: E731
    drive(first.run(), stop, lambda event: None)
    resumed = EnsembleTraining(train_loop, spec, None, StepStore(64))
    resumed.restore(first.state())
    events: list[Event] = []
    drive(resumed.run(), nothing, events.append)
    assert untimed(events, at) == untimed(whole.events, at)
