"""``--to safetensors``: one file that is complete by itself; its layout is in resources/help/export.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.safetensors_file import safetensors_bytes
from workbench.engine.core.seal import OPEN, SEAL, sealed_safetensors
from workbench.engine.export.about import about, shareable
from workbench.engine.export.subject import Subject
from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN, metadata_of

if TYPE_CHECKING:
    from torch import Tensor

NAME: Final = "model.safetensors"
#: The key of the metadata that holds ``about`` as JSON.
KEY: Final = "export"


def writing_weights(subject: Subject, folder: Path) -> Job[str]:
    """Write the file into ``folder``; returns sentences on it. Raises CannotWrite."""
    yield Loading(0, 0, "Writing the weights")
    said = about(subject)
    metadata = {**_own(subject), KEY: json.dumps(said, ensure_ascii=False)}
    mean, inverse_std = preprocessing(subject)
    tensors = {**subject.core[-1].state_dict(), MEAN: mean, INVERSE_STD: inverse_std}
    data = safetensors_bytes(tensors, metadata)
    write_whole(folder / NAME, sealed_safetensors(data) if SEAL in metadata else data)
    if said["layers"] is not None:
        return f"{NAME} is complete by itself; the loader in the help page “Take it away” reads it."
    text = f"{NAME} has all weights, but {subject.title} is no chain of layers, so the loader of the help page cannot"
    return f"{text} build it. The format pt2 gives a file with the network in it."


def preprocessing(subject: Subject) -> tuple[Tensor, Tensor]:
    """Mean and inverse standard deviation, float32, for ``(x - mean) * inverse_std`` of one input in [0, 1]."""
    from workbench.engine.evaluation.input_layers import Standardized
    from workbench.engine.transfer.net import Front

    last = subject.core[-2]
    if isinstance(last, Standardized):
        return last.mean, last.inverse_std
    assert isinstance(last, Front)
    return last.mean[0], 1 / last.std[0]


def _own(subject: Subject) -> dict[str, str]:
    """What this program's own files say, so that it reads this one as one of them; empty for weights of others."""
    trained = subject.origin.trained
    if trained is None:
        return {}
    return {**metadata_of(shareable(trained.spec), trained.classes, trained.shape, trained.sizes), SEAL: OPEN}
