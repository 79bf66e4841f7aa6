"""Make resources/weights/letters.safetensors, the trained network that comes with the program.

``uv run python resources/make_backbone.py [FOLDER]`` trains what letters.toml says (half a minute on one core) and
writes the best weights into FOLDER, by default where they belong. On one machine it is the same file to the last bit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def main() -> int:
    """Train, write the file, and say how good the network is."""
    from workbench.engine.spec.toml import load

    target = (Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "weights") / "letters.safetensors"
    begun = time.perf_counter()
    said = make(load(HERE / "weights" / "letters.toml"), target)
    sys.stdout.write(f"{said}, {target.stat().st_size:,} bytes, {time.perf_counter() - begun:.1f} s\n")
    return 0


def make(spec: ExperimentSpec, target: Path) -> str:
    """Train ``spec`` and write its best weights, with what they need to be used, to ``target``; say what they reach."""
    from workbench import __version__
    from workbench.engine.core.atomic_write import write_whole
    from workbench.engine.core.drive import drive
    from workbench.engine.core.events import EpochEnded, Event
    from workbench.engine.core.safetensors_file import with_metadata
    from workbench.engine.core.seal import OPEN, SEAL, sealed_safetensors
    from workbench.engine.run_store.run_folder import RunFolder
    from workbench.engine.run_store.weights_metadata import metadata_of
    from workbench.engine.train import train_loop
    from workbench.engine.training.set_up import set_up

    measured: list[EpochEnded] = []

    def note(event: Event) -> None:
        if isinstance(event, EpochEnded):
            measured.append(event)

    with tempfile.TemporaryDirectory() as parent:
        folder = RunFolder.create(spec, Path(parent))
        run = set_up(spec, folder)
        drive(train_loop(run), lambda event: None, note)
        data = (folder.path / "best.safetensors").read_bytes()
    best = max(each.val.accuracy for each in measured if each.val is not None)
    said = f"{best:.2%} of {len(run.data.split.val):,} validation pictures right"
    metadata = metadata_of(spec, run.data.classes, run.data.shape)
    metadata |= {"workbench.version": __version__, "workbench.trained": f"resources/make_backbone.py: {said}"}
    write_whole(target, sealed_safetensors(with_metadata(data, {**metadata, SEAL: OPEN})))
    return said


if __name__ == "__main__":
    sys.exit(main())
