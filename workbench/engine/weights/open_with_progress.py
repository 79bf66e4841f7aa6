"""A file of weights opened with signs of life: whoever waits is told what for and can leave at any moment."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from workbench.engine.catalog.models.weights_name import AUTO
from workbench.engine.core.progress import Loading
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.weights.channel_order import in_rgb, turned_round
from workbench.engine.weights.hub_config import config_notes
from workbench.engine.weights.input_spec import Origin, is_ours, normalization_words, origin_of
from workbench.engine.weights.load_weights import WeightsFile, read_weights
from workbench.engine.weights.nearest import nearest_words
from workbench.engine.weights.recognise import Recognised, recognise
from workbench.engine.weights.timm_candidates import advice

#: The file, the network that it is of, and where it comes from, each as far as it is known.
Opened = tuple[WeightsFile, Recognised | None, Origin | None]


def opening(path: Path, name: str = AUTO) -> Generator[Loading, None, Opened]:
    """Read the weights called ``name`` in ``path`` and find out what they are.

    Raises WorkbenchError if it is no file of weights.
    Its drive may not answer, and the first comparison with torchvision's networks loads torchvision, which takes
    seconds that nothing can shorten: both are done in a thread that is left behind when this is closed.
    """
    file = yield from in_daemon_thread(lambda: read_weights(path, name), path, f"Reading {path.name}")
    words = f"Comparing {path.name} with the networks that are known; the first time this takes some seconds"
    return (yield from in_daemon_thread(lambda: _known(file), "", words))


def _known(file: WeightsFile) -> Opened:
    found = recognise(file.tensors, file.metadata, file.path)
    file = as_hub_says(file, found) if found is not None else file
    file = replace(file, notes=notes_on(file, found))
    return file, found, origin_of(file, found) if found is not None else None


def notes_on(file: WeightsFile, found: Recognised | None) -> tuple[str, ...]:
    """What is said of ``file`` wherever its weights are used: advice on the network ``found``, and what was done."""
    if found is None:
        return (*filter(None, [advice(file, found), nearest_words(file)]), *file.notes)
    return (
        *filter(None, [advice(file, found)]),
        *config_notes(file.config, file.stated, found),
        *_normalization_notes(file),
        *file.notes,
    )


def as_hub_says(file: WeightsFile, found: Recognised) -> WeightsFile:
    """``file`` with weights and normalizations for red, green, blue where the hub's file beside it says BGR."""
    config = file.config
    if config is None or not config.is_used(found):
        return file
    if file.is_turned:  # the file itself says it
        return replace(file, config=replace(config, stated=turned_round(config.stated)))
    said = replace(file.stated, unused=config.stated.unused)
    tensors, turned, notes = in_rgb(file.tensors, said, f"“{config.name}” beside the weights")
    if not notes:
        return file
    config = replace(config, stated=turned_round(config.stated))
    stated = replace(file.stated, normalization=turned.normalization)
    return replace(file, tensors=tensors, stated=stated, config=config, notes=(*notes, *file.notes), is_turned=True)


def _normalization_notes(file: WeightsFile) -> tuple[str, ...]:
    """Which normalization a file of others states, and where in it."""
    stated = file.stated
    if stated.normalization is None or is_ours(file):
        return ()
    text = f"The file says “{stated.normalized_by}”: {normalization_words(*stated.normalization)}."
    other = stated.normalized_otherwise_by
    return (text, f"It also has another normalization (“{other}”), which was not used.") if other else (text,)
