"""What this program says of its own weights: settings, classes and input shape, in the file or in its run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError

if TYPE_CHECKING:
    from torch import Tensor
from workbench.engine.core.seal import is_intact
from workbench.engine.run_store.manifest import run_folder_of
from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN, metadata_of


def beside(path: Path) -> dict[str, str]:
    """What the run folder of ``path`` says; empty if it lies in none."""
    from workbench.engine.run_store.finished_runs import opened

    folder = run_folder_of(path)
    if not (folder / "spec.toml").is_file() or not (folder / "events.jsonl").is_file():
        return {}
    try:
        run = opened(folder)
    except WorkbenchError:
        return {}
    return metadata_of(run.spec, run.classes, run.shape, run.sizes, run.data_mark)


def standardizer_beside(path: Path) -> tuple[Tensor, Tensor] | None:
    """The statistics saved with the run's weights; a checkpoint to go on from has none itself."""
    from safetensors import SafetensorError, safe_open

    folder = run_folder_of(path)
    for name in ("best", "last"):
        try:
            if is_intact(folder / f"{name}.safetensors") is False:
                continue
            with safe_open(folder / f"{name}.safetensors", "pt") as file:
                return file.get_tensor(MEAN).clone(), file.get_tensor(INVERSE_STD).clone()
        except (SafetensorError, OSError, ValueError):
            continue
    return None
