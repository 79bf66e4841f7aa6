"""Proposals among timm's networks, of which there are over a thousand: the name of the file says which one it is.

timm is optional. Where it is missing, ``advice`` says so for files that look like timm's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.weights.candidate import Guess
from workbench.engine.weights.head_variants import with_own_head
from workbench.engine.weights.hub_config import HUB_STEMS, NAME, text_of
from workbench.engine.weights.timm_network import TimmNetwork
from workbench.engine.weights.torchvision_candidates import IMAGENET_CLASSES

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.weights.load_weights import WeightsFile
    from workbench.engine.weights.recognise import Recognised

#: ``resnet18.a1_in1k``: the architecture and the tag of its weights.
_TAGGED = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_]+")
#: Data sets that the tags of timm's weights name.
_DATA = re.compile(r"\.[a-z0-9_]*(?:in1k|in12k|in21k|in22k|ig1b|laion|openai|webli|lvd|merged)")
_FOLDERS = 3
_MISSING = "The weights look like those of a network of timm, which is not installed."
_ASSUMED = (
    "The file is named like weights of timm, which is not installed, so the picture size and the normalization are "
    "not those that timm publishes."
)
_NAMELESS_ADVICE = (
    "The weights look like those of a network of timm, but the file's name does not say of which. Name the file as "
    "timm names the network, for example resnet18.a1_in1k.safetensors."
)
#: Names of tensors that timm's networks have and torchvision's do not.
_KEYS = (
    re.compile(r"conv_stem\.weight$"),
    re.compile(r"patch_embed\.proj\.weight$"),
    re.compile(r"stages\.\d+\.(?:\w+\.)*blocks\.\d+\."),
    re.compile(r"stages_?\d+\.\d+\.\w+\."),
    re.compile(r"head\.fc\.weight$"),
)


def networks(tensors: Mapping[str, Tensor], path: Path | None, metadata: Mapping[str, str]) -> Iterator[Guess]:
    """The network that the metadata, the file's name or its folder names, if timm is installed and knows it."""
    from workbench.engine.nn.timm_nets import configuration

    for said in names_of(path, metadata):
        cfg = configuration(said)
        if cfg is not None:
            yield _guess(said, cfg, tensors)
            return


def is_named(path: Path | None, metadata: Mapping[str, str]) -> bool:
    """Whether the file is surely named as timm names weights, so that timm is asked before torchvision."""
    return any(_TAGGED.fullmatch(name) for name in _said(path, metadata))


def names_of(path: Path | None, metadata: Mapping[str, str]) -> Iterator[str]:
    """What may be the network's name, the surest first: whole, then without its ending (a tag, a hash)."""
    for said in _said(path, metadata):
        yield said
        while (cut := max(map(said.rfind, ".-_"))) > 0:
            said = said[:cut]
            yield said


def advice(file: WeightsFile, found: Recognised | None) -> str:
    """What to do about a file that looks like timm's and is not taken as one of timm's; empty for any other file.

    ``found`` is the network that it was recognised as.
    """
    from workbench.engine.nn.timm_nets import INSTALL, configuration, timm

    named = any(_DATA.search(name) for name in _said(file.path, file.metadata))
    whole = found is not None and found.is_whole
    if not named and (whole or not any(pattern.search(name) for name in file.tensors for pattern in _KEYS)):
        return ""
    if timm() is None:
        return f"{_ASSUMED if whole else _MISSING} {INSTALL}"
    if whole or (found is not None and isinstance(found.model, TimmNetwork)):
        return ""
    known = next((name for name in names_of(file.path, file.metadata) if configuration(name) is not None), None)
    return _NAMELESS_ADVICE if known is None else _why_not(known.partition(".")[0])


def _why_not(name: str) -> str:
    from workbench.engine.nn.timm_nets import adopted

    try:
        adopted(name, 3, 2)
    except WorkbenchError as error:
        return error.message
    return ""


def _said(path: Path | None, metadata: Mapping[str, str]) -> Iterator[str]:
    if architecture := metadata.get("architecture"):
        yield _joined(architecture, metadata.get("tag"))
    if path is None:
        return
    stem = path.stem.lower()
    if stem not in HUB_STEMS:  # beside others lies ``config.json``, and a folder has the network's name
        yield stem
        return
    yield from _in_config(path.with_name(NAME))
    for folder in path.parents[:_FOLDERS]:
        yield folder.name.rpartition("--")[2].lower()


def _in_config(path: Path) -> Iterator[str]:
    """The network that timm's ``config.json`` names."""
    config = text_of(path)
    if isinstance(architecture := config.get("architecture"), str):
        table = config.get("pretrained_cfg")
        yield _joined(architecture, table.get("tag") if isinstance(table, dict) else None)


def _joined(architecture: str, tag: object) -> str:
    return f"{architecture}.{tag}" if isinstance(tag, str) and tag and "." not in architecture else architecture


def _guess(said: str, cfg: Any, tensors: Mapping[str, Tensor]) -> Guess:
    """timm's network ``said`` with as many classes as the head in the file has."""
    name, _, tag = said.partition(".")
    channels, height, width = cfg.input_size
    model = TimmNetwork(
        name=name,
        tag=tag,
        size=(height, width),
        resize=max(1, int(height / cfg.crop_pct)),
        mean=tuple(map(float, cfg.mean)),
        std=tuple(map(float, cfg.std)),
        fixed=bool(cfg.fixed_input_size),
    )
    names = {name: f"net.{name.removeprefix('net.')}" for name in tensors}
    head, found = tensors.get(f"{cfg.classifier}.weight"), 0
    if head is None and isinstance(cfg.classifier, str):
        names, found = with_own_head(tensors, names, (), f"net.{cfg.classifier}.weight")
    classes = int(head.shape[0] if head is not None else found or cfg.num_classes or IMAGENET_CLASSES)
    named = f"net.{cfg.classifier}.weight" if isinstance(cfg.classifier, str) else ""
    return Guess(model, classes, (channels, height, width), names, notes=_notes(model), head=named)


def _notes(model: TimmNetwork) -> tuple[str, ...]:
    if model.tag:
        return ()
    text = f"The file's name does not say which of timm's weights for {model.name} it holds. The picture size and the "
    return (f"{text}normalization of the most usual ones are assumed.",)
