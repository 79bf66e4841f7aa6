"""What the bar says of a search: which trial of those planned, then the runs for the noise of seeds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.search.studies import small_plan
from workbench.bridge.runs.search_progress import SearchProgress
from workbench.bridge.runs.study_work import Snapshot
from workbench.engine.core.events import Notice
from workbench.engine.core.progress import Loading
from workbench.engine.search.figures import figures
from workbench.engine.search.repeats import BEGINS
from workbench.engine.search.trial import Trial

STATES = ("complete", "pruned", "failed", "running", "waiting")


def study(trials: int | None) -> Snapshot:
    """Three trials have ended, one is trained, one waits; another one was added by hand."""
    plan = replace(small_plan(("optimizer.lr=0.001:0.1",), trials=20), trials=trials, minutes=1.0)
    made = tuple(Trial(number, state) for number, state in enumerate(STATES))  # type: ignore[arg-type]
    made = (*made, Trial(5, "complete", 0.5, by_hand=True))
    return Snapshot("Made", plan, made, figures(plan, ()), None, None)


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (20, Loading(3, 20, "trial 4 of 20")),
        (3, Loading(3, 3, "trial 3 of 3")),
        (None, Loading(3, 0, "trial 4")),
    ],
)
def test_the_trial_is_counted_among_those_planned(planned: int | None, said: Loading) -> None:
    assert SearchProgress().of_bar(study(planned)) == said


def test_after_the_trials_come_the_runs_for_the_noise_until_the_next_search_begins() -> None:
    progress = SearchProgress()
    assert progress.take([Notice(0, BEGINS, "For the noise of seeds, run 1 of 8.", "info")])
    assert not progress.take([]) and progress.repeat == "For the noise of seeds, run 1 of 8."
    assert progress.of_bar(study(20)) == Loading(20, 20, "noise of seeds")
    progress.clear()
    assert progress.of_bar(study(20)).words == "trial 4 of 20"
