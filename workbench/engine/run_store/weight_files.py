"""The files of weights in a run folder: sealed, complete or not there, written only where they have changed."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunStarted, WeightsSaved
from workbench.engine.core.seal import OPEN, SEAL, sealed_safetensors
from workbench.engine.run_store.digests import Digests
from workbench.engine.run_store.partly_saved import collected
from workbench.engine.run_store.run_copy import RunCopy
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain

if TYPE_CHECKING:
    from workbench.engine.catalog.preprocessing import Standardizer


class WeightFiles:
    """Writes the weights of the run in ``run``; ``digests`` get the SHA-256 of each file."""

    def __init__(self, run: Path, digests: Digests) -> None:
        self._run, self._digests = run, digests
        #: Metadata of the files, so that their network can be built from them alone.
        self.about: dict[str, str] = {}
        self._written: dict[str, Mapping[str, Any]] = {}  # as they were written last, by the name of their file

    def begin(self, started: RunStarted) -> None:
        """Note what the files say of the run."""
        self.about = _about(started)

    def write_changed(self, copy: RunCopy, failed: list[WorkbenchError]) -> Iterator[WeightsSaved]:
        """Write the weights that have changed since the last time, none with NaN; errors are added to ``failed``.

        A file of weights that are empty is left over from a run that has gone on from an earlier step: it goes.
        """
        from workbench.engine.nn.tensors import all_finite

        for name, weights in copy.weights.items():
            path = self._run / f"{name}.safetensors"
            if not weights:
                self.forget(name)
                continue
            is_there = self._written.get(name) is weights and path.exists()
            if not is_there and all_finite(weights):
                with collected(failed, path):
                    assert copy.standardizer is not None
                    self._write(path, weights, copy.standardizer)
                    self._written[name] = weights
                    yield WeightsSaved(copy.step, name, str(path))

    def forget(self, name: str) -> None:
        """Remove the weights with this name, if they can be removed."""
        path = self._run / f"{name}.safetensors"
        self._written.pop(name, None)
        self._digests.wanted.pop(path.name, None)
        self._digests.written.pop(path.name, None)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)

    def _write(self, path: Path, weights: Mapping[str, Any], standardizer: Standardizer) -> None:
        from workbench.engine.core.safetensors_file import safetensors_bytes
        from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN

        named = {**weights, MEAN: standardizer.mean, INVERSE_STD: standardizer.inverse_std}
        data = sealed_safetensors(safetensors_bytes(named, {**self.about, SEAL: OPEN}))
        self._digests.wanted[path.name] = digest = hashlib.sha256(data).hexdigest()
        write_whole(path, data)
        self._digests.written[path.name] = digest


def _about(started: RunStarted) -> dict[str, str]:
    from workbench.engine.run_store.weights_metadata import metadata_of

    sizes = started.train_size, started.val_size
    return metadata_of(_as_read(started), started.classes, started.input_shape, sizes, started.data_mark)


def _as_read(started: RunStarted) -> ExperimentSpec:
    """The settings with the range of values that "auto" has become: it is the same when the weights are used."""
    from workbench.engine.pictures.value_range import range_text

    spec = spec_from_plain(started.spec)
    if started.value_range is None:
        return spec
    return spec.edited("data.source.value_range", range_text(started.value_range))
