"""Every mend that a problem offers removes the problem and brings no new error."""

from __future__ import annotations

from typing import Any, cast

import pytest

from workbench.engine.catalog.averages import Average
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.spec.experiment import ExperimentSpec

PLAIN: dict[str, dict[str, Any]] = {
    **{
        f"{kind} on points": {"data.source": {"kind": "spirals"}, "model": {"kind": kind}} for kind in members_of(Model)
    },
    **{
        f"{kind} with batches of one": {"model": {"kind": kind}, "loop.batch_size": 1}
        for kind in members_of(cast("type[Variant]", Model))
    },
    **{f"{kind} twice": {"averaging": [{"kind": kind}] * 2} for kind in members_of(cast("type[Variant]", Average))},
    **{
        f"{kind} twice": {"regularization": [{"kind": kind}] * 2}
        for kind in members_of(cast("type[Variant]", Regularizer))
    },
    "no convolution": {"model": {"kind": "small_cnn", "channels": []}},
    "transfer with a normalization": {"model": {"kind": "transfer"}, "preprocessing": {"kind": "normalize"}},
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_mend_removes_its_problem_and_brings_no_other_error(name: str) -> None:
    spec = ExperimentSpec()
    for path, value in PLAIN[name].items():
        spec = spec.edited(path, value)
    before = spec.problems()
    for problem in before:
        for mend in problem.mends:
            after = spec.edited(mend.path, mend.value).problems()
            assert problem.message not in [other.message for other in after if other.path == problem.path]
            assert {p.message for p in after if p.severity == "error"} <= {p.message for p in before}


def test_what_a_button_can_change_has_one() -> None:
    """Of the errors above only those of files that are missing have no mend."""
    without = set()
    for changes in PLAIN.values():
        spec = ExperimentSpec()
        for path, value in changes.items():
            spec = spec.edited(path, value)
        without |= {p.path for p in spec.problems() if p.severity == "error" and not p.mends}
    assert without <= {"model.weights"}
