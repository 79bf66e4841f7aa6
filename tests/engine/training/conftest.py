"""A trained network between its last step and its end."""

from __future__ import annotations

import pytest

from tests.engine.helpers import small_spec
from workbench.engine.train import train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up


@pytest.fixture(scope="module")
def trained() -> RunContext:
    run = set_up(small_spec(loop__epochs=1))
    list(train_loop(run))
    return run
