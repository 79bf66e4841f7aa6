"""The pretrained network: find, read and recognise its weights; the only file of this folder that opens weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.catalog.models.weights_name import AUTO
from workbench.engine.core.errors import WorkbenchError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from workbench.engine.weights.input_spec import Origin
    from workbench.engine.weights.recognise import Recognised

UNKNOWN = "not known: pictures are given as they are, from 0 to 1"
_UNSAID = "The file of weights does not say how its pictures were"
#: The tensors of this many files are kept in memory.
KEPT = 2


@dataclass(frozen=True, slots=True, eq=False)
class Backbone:
    """A weights file whose network is known. ``size`` is (height, width) of its pictures.

    ``mean`` and ``std`` belong to pictures in [0, 1]. ``source`` says where that is
    known from; ``choice`` which of several tables of weights in the file these are; ``notes`` what was done with the
    file or is not sure of it. ``origin`` is None where nothing says the normalization.
    """

    path: Path
    sha256: str
    classes: int
    channels: int
    size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    class_names: tuple[str, ...]
    source: str
    tensors: dict[str, Tensor]
    recognised: Recognised
    choice: str = ""
    notes: tuple[str, ...] = ()
    origin: Origin | None = None

    def said(self, own_size: bool, own_normalization: bool) -> tuple[str, ...]:
        """What a run begins with: ``notes``, and what of the size and normalization that it uses is assumed."""
        if self.origin is None:
            none = f"{_UNSAID} normalized: they are taken as they are, from 0 to 1."
            return (*self.notes, none) if own_normalization else self.notes
        words = self.origin.assumed_words(own_size, own_normalization)
        return (*self.notes, f"{_UNSAID} prepared; assumed: {words}.") if words else self.notes

    def network(self, size: tuple[int, int], seed: int, pretrained: bool) -> nn.Module:
        """The network below its head for pictures of ``size`` with its weights, or random ones drawn from ``seed``.

        Raises WorkbenchError if anything does not fit.
        """
        from workbench.engine.nn.layer_insertion import LayerInsertion
        from workbench.engine.transfer.stages import last_layer, without_last_layer

        found = self.recognised
        made = found.model.build((self.channels, *size), self.classes, LayerInsertion(found.regularization))
        found.model.fill(made, seed)
        head = last_layer(made)[0]
        net = without_last_layer(made)
        if pretrained:  # the size of the old head may depend on that of the pictures, and it is not needed
            below = net.state_dict().keys()  # of an own transfer run the new head's scale is below its last layer
            names = {
                saved: "" if own not in below and _is_head(saved, own, head) else own
                for saved, own in found.names.items()
            }
            self._load_into(net, names)
        return net

    def _load_into(self, net: nn.Module, names: dict[str, str]) -> None:
        """Raises WorkbenchError, where the first layer alone is of another shape with the reason."""
        from workbench.engine.weights.matching import load_into
        from workbench.engine.weights.nearest import first_layer_words

        try:
            load_into(net, self.tensors, names, f"The weights in {self.path.name}")
        except WorkbenchError as error:
            words = first_layer_words(self.recognised, is_measured=False)
            said = error.message.replace("\n", f" {words}\n", 1) if words else error.message
            raise WorkbenchError(said, error.path) from None


def _is_head(saved: str, own: str, head: str) -> bool:
    """Whether a tensor belongs to the old head, which may be of several layers or called otherwise than in ``head``."""
    from workbench.engine.weights.unwrapping import HEADS

    return f"{own}.".startswith(f"{head}.") or saved.startswith(HEADS)


def missing(weights: str) -> str:
    """Why there are no such weights, as a sentence without its subject; empty if the file is there.

    Nothing is opened.
    """
    from workbench.engine.weights.find_weights import is_folder, located, shelf

    if not weights.strip():
        return "names no file; choose a file of trained weights, or letters, which comes with the program"
    if located(weights) is not None:
        return ""
    if is_folder(weights):
        return f"is a folder: {weights}. Choose the file of weights in it"
    return f"is not there: {weights}. Copy this file to {shelf()}, or choose another"


def opened(weights: str, name: str = AUTO) -> Backbone:
    """The network of ``weights``, of the table ``name`` in a file with several.

    Raises WorkbenchError with a sentence that says what to do.
    """
    from workbench.engine.weights.find_weights import located

    path = located(weights)
    if path is None:
        raise WorkbenchError(f"The file of weights {missing(weights)}.", "model.weights")
    try:
        stat = path.stat()
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.", "model.weights") from None
    return _opened(path.resolve(), path.absolute(), name, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=KEPT)
def _opened(path: Path, named: Path, name: str, changed: int, size: int) -> Backbone:
    """``named`` is what a link to ``path`` is called.

    ``changed`` and ``size`` are part of the cache key, so that a replaced file is read again.
    """
    from workbench.engine.weights.adapters import adapter_words
    from workbench.engine.weights.input_spec import origin_of
    from workbench.engine.weights.load_weights import read_weights
    from workbench.engine.weights.open_with_progress import as_hub_says, notes_on
    from workbench.engine.weights.recognise import recognise
    from workbench.engine.weights.timm_candidates import advice

    file = read_weights(path, name)
    if file.broken:
        raise WorkbenchError(f"{path} cannot be used. {file.notes[-1]} Bring another file.", "model.weights")
    found = recognise(file.tensors, file.metadata, named)
    if found is None:
        text = f"The network of the weights in {path} is not known. torchvision's classifiers, the CIFAR ResNets and "
        advised = advice(replace(file, path=named), found)
        text += "networks trained in this program are. "
        advised = advised or adapter_words(file.tensors)
        raise WorkbenchError(text + (advised or "Bring a file of one of these."), "model.weights")
    if len(found.shape) != 3:
        raise WorkbenchError(f"The weights in {path} are for points, not for pictures.", "model.weights")
    if found.shape[0] not in (1, 3):
        text = f"The weights in {path} are for pictures of {found.shape[0]} channels; the program has gray and colour "
        raise WorkbenchError(text + "pictures, of 1 and 3. Bring another file.", "model.weights")
    file = as_hub_says(file, found)
    origin = origin_of(file, found)
    channels = found.shape[0]
    plain = (0.0,) * channels, (1.0,) * channels
    mean, std = (origin.mean, origin.std) if origin is not None else plain
    own_size = origin.size if origin is not None else None
    return Backbone(
        path,
        file.sha256,
        found.classes,
        channels,
        own_size or (found.shape[1], found.shape[2]),
        mean,
        std,
        origin.classes if origin is not None else (),
        origin.source if origin is not None else UNKNOWN,
        file.tensors,
        found,
        file.choice,
        (*notes_on(replace(file, path=named), found), *found.notes),
        origin,
    )
