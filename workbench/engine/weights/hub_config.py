"""Files of hubs beside weights, ``config.json`` of timm and ``preprocessor_config.json`` of transformers: size,
normalization and cut of their pictures, if they are theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from workbench.engine.catalog.models.torchvision_classifier import Name, TorchvisionClassifier
from workbench.engine.weights.channel_order import order_note, says_bgr
from workbench.engine.weights.stated import NOTHING, Stated, stated_in
from workbench.engine.weights.timm_network import TimmNetwork

if TYPE_CHECKING:
    from workbench.engine.weights.recognise import Recognised

NAME: Final = "config.json"
_PROCESSOR: Final = "preprocessor_config.json"
#: Numbers of Pillow's ways of scaling in it, and by what the values from 0 to 255 are multiplied.
_SCALINGS: Final = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}
_TO_ONE: Final = 1 / 255
_RESCALING: Final = ("do_rescale", "rescale_factor", "rescale_offset")
#: What hub clients call every file of weights; other files may lie beside a ``config.json`` that is not theirs.
HUB_STEMS: Final = frozenset({"model", "pytorch_model", "open_clip_model", "open_clip_pytorch_model"})
_MOST_BYTES: Final = 2**20
_TABLE: Final = "pretrained_cfg"
#: How pictures are scaled here whatever their weights were trained with (``transfer.net.resized``).
_SCALED: Final = "bilinear"


@dataclass(frozen=True, slots=True)
class HubConfig:
    """What the file ``name`` says: ``stated`` of the pictures; ``classes`` is 0, the others are empty, where unsaid.

    ``of_hub`` tells that the weights beside it have a name as hubs give it, so that it is surely theirs.
    """

    stated: Stated
    classes: int = 0
    architecture: str = ""
    interpolation: str = ""
    of_hub: bool = False
    name: str = NAME

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
    """What a hub's file beside ``weights`` says of pictures; None without one that says anything."""
    of_hub = weights.stem.lower() in HUB_STEMS
    config = text_of(weights.with_name(NAME))
    table = config.get(_TABLE)
    pictures = replace(stated_in(table), classes=()) if isinstance(table, dict) else NOTHING
    if pictures == NOTHING or not isinstance(table, dict):
        return _processor_beside(weights, of_hub) or _plain_config(config, of_hub)
    counts = (config.get("num_classes"), table.get("num_classes"))  # the second is of the weights before fine-tuning
    classes = next((count for count in counts if type(count) is int), 0)
    words = (config.get("architecture"), table.get("interpolation"))
    architecture, interpolation = (each if isinstance(each, str) else "" for each in words)
    return HubConfig(pictures, classes, architecture, interpolation, of_hub)


def _processor_beside(weights: Path, of_hub: bool) -> HubConfig | None:
    """What ``preprocessor_config.json`` beside ``weights`` says of pictures."""
    table = text_of(weights.with_name(_PROCESSOR))
    normalization = _normalization_of(table)
    said: dict[str, Any] = {**normalization, **_sides_of(table)}
    order = {name: value for name, value in table.items() if isinstance(value, bool) and says_bgr(name, value)}
    pictures = replace(stated_in({**said, **order}), classes=())
    other = [(name, str(table[name])) for name in _RESCALING if not normalization and name in table]
    pictures = replace(pictures, unused=(*(each for each in pictures.unused if says_bgr(*each)), *other))
    if pictures == NOTHING:
        return None
    scaling = table.get("resample")
    words = _SCALINGS.get(scaling, "") if type(scaling) is int else ""
    return HubConfig(pictures, interpolation=words, of_hub=of_hub, name=_PROCESSOR)


def _plain_config(config: dict[str, Any], of_hub: bool) -> HubConfig | None:
    """What a ``config.json`` without the table of timm says: the order of channels, and where it has a normalization
    all that it says of pictures. The size alone is one of a network that is made for it, and of no picture.
    """
    said = replace(stated_in(config), classes=())
    order = tuple(each for each in said.unused if says_bgr(*each))
    said = replace(said if said.normalization is not None else NOTHING, unused=order)
    return HubConfig(said, of_hub=of_hub) if said != NOTHING else None


def _normalization_of(table: dict[str, Any]) -> dict[str, Any]:
    """Mean and spread of values from 0 to 1; nothing where values are scaled to another range first."""
    factor = table.get("rescale_factor", _TO_ONE)
    is_usual = isinstance(factor, (int, float)) and abs(factor - _TO_ONE) < _TO_ONE / 100
    if not is_usual or table.get("do_rescale") is False or table.get("rescale_offset"):
        return {}
    if table.get("do_normalize") is False:
        return {"mean": [0.0], "std": [1.0]}
    return {"mean": table.get("image_mean"), "std": table.get("image_std")}


def _sides_of(table: dict[str, Any]) -> dict[str, Any]:
    """Size of the pictures and the shorter side before the centre is cut out, by names that ``stated_in`` knows."""
    size, crop = _side_of(table.get("size")), _side_of(table.get("crop_size"))
    if table.get("do_center_crop") and crop is not None:
        shorter = min(size) if size is not None and table.get("do_resize") is not False else None
        return {"input_size": crop, "resize": shorter}
    return {"input_size": size, "crop_pct": table.get("crop_pct")}


def _side_of(value: Any) -> list[int] | None:
    """Height and width of a number or a table; of a shortest edge the square."""
    if isinstance(value, dict):
        edge = value.get("shortest_edge")
        value = [edge, edge] if edge is not None else [value.get("height"), value.get("width")]
    sides = [value, value] if type(value) is int else value
    return sides if isinstance(sides, list) and all(type(side) is int for side in sides) else None


def completed(stated: Stated, config: HubConfig | None, found: Recognised) -> Stated:
    """``stated`` with what ``config`` says of the pictures where the file itself is silent."""
    if config is None or not config.is_used(found):
        return stated
    said = config.stated
    cut = stated if stated.size is not None else said
    normalization = stated.normalization or said.normalization
    return replace(stated, size=cut.size, shorter=cut.shorter, centre=cut.centre, normalization=normalization)


def config_notes(config: HubConfig | None, stated: Stated, found: Recognised) -> tuple[str, ...]:
    """Sentences on what of ``config`` was used where the file itself, which says ``stated``, is silent, or why not."""
    if config is None or len(found.shape) != 3:
        return ()
    file, has = f"“{config.name}” beside the weights", _kinds(config.stated, NOTHING)
    if why := config.contradiction(found):
        return (f"{file} {why}: it was not used for {has or 'pictures'}.",)
    if not config.of_hub:
        text = (
            f"{file} states the {has or 'values of pictures'}, which was not used: it is surely of these weights only "
        )
        return (f"{text}if they are called model or pytorch_model, as hubs call them.",)
    return tuple(_used(config, _kinds(config.stated, stated), file))


def _used(config: HubConfig, used: str, file: str) -> Iterator[str]:
    if used:
        are = "are those" if " and " in used else "is that"
        yield f"{used.capitalize()} {are} of {file}, where the file does not say them."
    if other := " and ".join(f"{name} = {value}" for name, value in config.stated.unused):
        is_rescaled = any(name in _RESCALING for name, _ in config.stated.unused)
        then = ", and neither is its normalization: values are taken from 0 to 1" if is_rescaled else ""
        yield f"{file} says {other}, which is not used{then}."
    yield from order_note(config.stated, file)
    if config.interpolation not in ("", _SCALED):
        yield f"“{config.name}” asks for {config.interpolation} scaling of pictures; here it is {_SCALED}."


def _kinds(said: Stated, already: Stated) -> str:
    """What ``said`` has and ``already`` has not."""
    size = "picture size" if said.size is not None and already.size is None else ""
    values = "normalization" if said.normalization is not None and already.normalization is None else ""
    order = "order of channels" if any(says_bgr(*each) for each in said.unused) and already is NOTHING else ""
    return " and ".join(filter(None, (size, values, order)))
