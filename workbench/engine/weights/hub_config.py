"""timm's ``config.json`` beside weights: size, normalization and cut of their pictures, if it is theirs."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from workbench.engine.catalog.models.torchvision_classifier import Name, TorchvisionClassifier
from workbench.engine.weights.stated import NOTHING, Stated, stated_in
from workbench.engine.weights.timm_network import TimmNetwork

if TYPE_CHECKING:
    from workbench.engine.weights.recognise import Recognised

NAME: Final = "config.json"
#: What hub clients call every file of weights; other files may lie beside a ``config.json`` that is not theirs.
HUB_STEMS: Final = frozenset({"model", "pytorch_model", "open_clip_model", "open_clip_pytorch_model"})
_MOST_BYTES: Final = 2**20
_TABLE: Final = "pretrained_cfg"
#: How pictures are scaled here whatever their weights were trained with (``transfer.net.resized``).
_SCALED: Final = "bilinear"


@dataclass(frozen=True, slots=True)
class HubConfig:
    """What ``config.json`` says: ``stated`` of the pictures; ``classes`` is 0, the others are empty, where unsaid.

    ``of_hub`` tells that the weights beside it have a name as hubs give it, so that it is surely theirs.
    """

    stated: Stated
    classes: int = 0
    architecture: str = ""
    interpolation: str = ""
    of_hub: bool = False

    def contradiction(self, found: Recognised) -> str:
        """Why it is not of the weights that were ``found``, as the rest of a sentence; empty if it may be."""
        if self.classes and found.has_head and self.classes != found.classes:
            return f"says {self.classes} classes, and the network has {found.classes} outputs"
        name = self.architecture.partition(".")[0]
        known = isinstance(found.model, (TorchvisionClassifier, TimmNetwork)) and name in get_args(Name)
        if known and isinstance(found.model, (TorchvisionClassifier, TimmNetwork)) and name != found.model.name:
            return f"is of {name}, and these weights are of {found.model.name}"
        return ""

    def is_used(self, found: Recognised) -> bool:
        """Whether pictures are prepared as it says."""
        return self.of_hub and not self.contradiction(found)


def text_of(path: Path) -> dict[str, Any]:
    """The table in the file ``config.json`` at ``path``; empty where there is none that can be read."""
    with suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= _MOST_BYTES:
            config = json.loads(path.read_text(encoding="utf-8"))
            return config if isinstance(config, dict) else {}
    return {}


def config_beside(weights: Path) -> HubConfig | None:
    """What the ``config.json`` of timm beside ``weights`` says of pictures; None without one that says anything."""
    config = text_of(weights.with_name(NAME))
    table = config.get(_TABLE)
    if not isinstance(table, dict):
        return None
    pictures = replace(stated_in(table), classes=())
    if pictures == NOTHING:
        return None
    counts = (config.get("num_classes"), table.get("num_classes"))  # the second is of the weights before fine-tuning
    classes = next((count for count in counts if type(count) is int), 0)
    words = (config.get("architecture"), table.get("interpolation"))
    architecture, interpolation = (each if isinstance(each, str) else "" for each in words)
    return HubConfig(pictures, classes, architecture, interpolation, weights.stem.lower() in HUB_STEMS)


def completed(stated: Stated, config: HubConfig | None, found: Recognised) -> Stated:
    """``stated`` with what ``config`` says of the pictures where the file itself is silent."""
    if config is None or not config.is_used(found):
        return stated
    said = config.stated
    cut = stated if stated.size is not None else said
    normalization = stated.normalization or said.normalization
    return replace(stated, size=cut.size, shorter=cut.shorter, centre=cut.centre, normalization=normalization)


def config_notes(config: HubConfig | None, found: Recognised) -> tuple[str, ...]:
    """Sentences on what of ``config`` was used, or why it was not."""
    if config is None or len(found.shape) != 3:
        return ()
    if why := config.contradiction(found):
        return (f"“{NAME}” beside the weights {why}: its picture size and normalization were not used.",)
    if not config.of_hub:
        text = f"“{NAME}” beside the weights gives a picture size or normalization, which was not used: it is surely "
        return (f"{text}that of these weights only if they are called model or pytorch_model, as hubs call them.",)
    used = f"Picture size and normalization are those of “{NAME}” beside the weights, where the file does not say them."
    if config.interpolation in ("", _SCALED):
        return (used,)
    return used, f"“{NAME}” asks for {config.interpolation} scaling of pictures; here it is {_SCALED}."
