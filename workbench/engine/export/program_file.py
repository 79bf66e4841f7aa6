"""``--to pt2``: the network with its normalization as a program of torch.export, for any batch size."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.data.store import DataStore
from workbench.engine.export.about import about
from workbench.engine.export.compared import TOLERANCE, comparing
from workbench.engine.export.fixed_regions import with_fixed_regions
from workbench.engine.export.pictures import real_inputs
from workbench.engine.export.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor

NAME: Final = "model.pt2"
#: The file in the archive that says what the network is.
ABOUT: Final = "about.json"


def writing_program(
    subject: Subject, folder: Path, given: Sequence[Path] = (), store: DataStore | None = None
) -> Job[str]:
    """Write it into ``folder``, read it again and compare it on real inputs; returns sentences on it.

    Raises WorkbenchError where torch cannot export the network, where there are no inputs to compare on, or where the
    read program answers otherwise; CannotWrite.
    """
    import torch

    inputs = yield from real_inputs(subject, given, store)
    yield Loading(0, 0, "Exporting the network")
    data = _exported(subject, inputs)
    write_whole(folder / NAME, data)
    program = torch.export.load(io.BytesIO((folder / NAME).read_bytes()))
    found = yield from comparing(subject.core, program.module(), inputs)
    if found.largest > TOLERANCE or found.changed:
        raise WorkbenchError(f"The program that torch.export made answers otherwise. {found.words} It is not kept.")
    return f"{NAME} takes values from 0 to 1 and gives logits. {found.words}"


def _exported(subject: Subject, inputs: Tensor) -> bytes:
    import torch

    network, batch = with_fixed_regions(subject.core), torch.export.Dim("batch", min=1)
    example = torch.zeros(2, *inputs.shape[1:])  # of one row torch takes the 1 for a part of the program
    made = io.BytesIO()
    try:
        program: Any = torch.export.export(network, (example,), dynamic_shapes=({0: batch},))
        torch.export.save(program, made, extra_files={ABOUT: json.dumps(about(subject), ensure_ascii=False)})
    except Exception as error:  # torch raises anything on what it cannot follow
        why = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise WorkbenchError(f"torch.export cannot follow {subject.title}: {why}.") from None
    return made.getvalue()
