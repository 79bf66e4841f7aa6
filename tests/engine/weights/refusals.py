"""The sentence with which a file of weights is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.weights.load_weights import read_weights


def refusal(path: Path) -> str:
    """The sentences with which ``path`` is refused."""
    with pytest.raises(WorkbenchError) as caught:
        read_weights(path)
    message = caught.value.message
    assert message.endswith(".") and "Traceback" not in message and path.name in message
    return message
