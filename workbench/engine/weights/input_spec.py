"""What a trained network wants its pictures to be: size, channels, mean and spread, and what its classes are called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.torchvision_classifier import TorchvisionClassifier
from workbench.engine.core.text import short
from workbench.engine.pictures.decode import Fit
from workbench.engine.run_store import weights_metadata
from workbench.engine.weights import run_metadata
from workbench.engine.weights.chosen_input import NORMALIZATIONS, UNCHOSEN, ChosenInput
from workbench.engine.weights.find_weights import CIFAR_FILES
from workbench.engine.weights.hub_config import completed
from workbench.engine.weights.stated import Stated
from workbench.engine.weights.timm_network import TimmNetwork

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.weights.load_weights import WeightsFile
    from workbench.engine.weights.recognise import Recognised

#: Per channel, of the photographs of ImageNet.
IMAGENET_MEAN, IMAGENET_STD = NORMALIZATIONS["imagenet"]
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True, slots=True)
class Origin:
    """The preprocessing with which weights were trained: values in [0, 1], minus ``mean``, divided by ``std``.

    ``size`` is height and width, None for points; ``resize`` the shorter side before the centre of that size is cut
    out. ``channels`` is None for points. ``classes`` are their names, empty if unknown. ``source`` says where all this
    is from. ``per_pixel`` tells that the mean is a whole picture, of which ``mean`` is the average. ``fit`` is the rule
    by which picture files become square, ``values`` the setting that says which of their values are black and white.
    ``assumed`` tells that the file itself names no classes, and ``classes`` are those of the usual data set.
    ``assumed_size``, ``assumed_normalization`` and ``assumed_fit`` tell that the file does not say them, and the usual
    ones are taken. ``foreign`` tells that another program wrote the file.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: tuple[int, int] | None
    channels: int | None
    classes: tuple[str, ...]
    source: str
    resize: int | None = None
    per_pixel: bool = False
    fit: Fit = "crop"
    values: str = "auto"
    assumed: bool = False
    assumed_size: bool = False
    assumed_normalization: bool = False
    assumed_fit: bool = False
    foreign: bool = False

    @property
    def assumptions(self) -> str:
        """What of the preprocessing the file does not say, in words; empty if it says all."""
        said = self.assumed_words()
        return f"assumed: {said}" if said else ""

    def assumed_words(self, size: bool = True, normalization: bool = True) -> str:
        """The assumed size and normalization, each where it is of interest; empty without any."""
        assumed = (self.assumed_size and size, self.assumed_normalization and normalization)
        return ", ".join(words for words, is_so in zip(self.words, assumed, strict=True) if is_so)

    @property
    def words(self) -> tuple[str, str]:
        """The size of the pictures and their normalization, as a user calls them."""
        size = "" if self.size is None else f"{self.size[1]}×{self.size[0]} pixels"
        if self.resize is not None and self.size is not None and self.resize > min(self.size):
            size += f" (the centre of pictures whose shorter side is {self.resize})"
        return size, normalization_words(self.mean, self.std)

    @property
    def gray(self) -> bool:
        """Whether the network sees one gray channel."""
        return self.channels == 1

    def tensors(self) -> tuple[Tensor, Tensor]:
        """The mean and the inverse std of points (D,), float32."""
        import torch

        return torch.tensor(self.mean), 1 / torch.tensor(self.std)


def normalization_words(mean: tuple[float, ...], std: tuple[float, ...]) -> str:
    """What is subtracted and divided by, by its usual name if it has one."""
    if (mean, std) == (IMAGENET_MEAN, IMAGENET_STD):
        return "ImageNet normalization"
    if set(mean) == {0.0} and set(std) == {1.0}:
        return "no normalization (values from 0 to 1)"
    means, stds = (", ".join(short(v, 3) for v in dict.fromkeys(values)) for values in (mean, std))
    return f"mean {means} and standard deviation {stds}"


def origin_of(file: WeightsFile, recognised: Recognised, chosen: ChosenInput = UNCHOSEN) -> Origin | None:
    """The preprocessing of the weights in ``file``, or None if nothing says it: then it has to be asked for.

    What the file says is taken before what is usual for its network, and what the user has ``chosen`` before both; for
    files of this program, which say all, nothing can be chosen.
    """
    if is_ours(file):
        return _with_stated(_of_ours(file, recognised), file, recognised)
    usual = _usual(file, recognised)
    if len(recognised.shape) != 3:
        return usual
    stated = completed(file.stated, file.config, recognised)
    names = stated.of_outputs(recognised.classes)
    if names is not None and usual is not None:
        usual = replace(usual, classes=names.names, assumed=False)
    normalization = chosen.normalization or stated.normalization
    made = _normalized(usual, recognised, normalization, names.names if names is not None else ())
    return _sized(made, chosen, stated) if made is not None else None


def is_ours(file: WeightsFile) -> bool:
    """Whether this program has written ``file``, which then says how its pictures were prepared."""
    return file.standardizer is not None or weights_metadata.SPEC in file.metadata


def _normalized(
    usual: Origin | None,
    recognised: Recognised,
    normalization: tuple[tuple[float, ...], tuple[float, ...]] | None,
    classes: tuple[str, ...],
) -> Origin | None:
    """``usual`` with what is known better; a network that is none of the usual ones needs a normalization."""
    channels = recognised.shape[0]
    if usual is None and normalization is None:
        return None
    if usual is None:
        high, wide = recognised.shape[1:]
        source = "as the file or the user says it"
        usual = Origin((0.0,), (1.0,), (high, wide), channels, classes, source, assumed_size=True, assumed_fit=True)
    if normalization is not None:
        mean, std = (each * channels if len(each) == 1 else each for each in normalization)
        if len(mean) == channels:
            usual = replace(usual, mean=mean, std=std, assumed_normalization=False)
    return replace(usual, foreign=True)


def _sized(usual: Origin, chosen: ChosenInput, stated: Stated) -> Origin:
    """``usual`` with the size that was chosen or that the file says, and the part of the pictures that it says."""
    size = chosen.size or stated.size
    if size is None:
        return usual
    shorter = stated.shorter_of(size) if chosen.size is None else None
    return replace(usual, size=size, resize=shorter, assumed_size=False, assumed_fit=shorter is None)


def _usual(file: WeightsFile, recognised: Recognised) -> Origin | None:
    """As the network is published or usually trained."""
    if isinstance(recognised.model, CifarResNet) and recognised.shape[0] == 3:
        return _of_cifar(file, recognised)
    if isinstance(recognised.model, TorchvisionClassifier):
        return _of_torchvision(file, recognised, recognised.model.name)
    if isinstance(recognised.model, TimmNetwork):
        return _of_timm(recognised, recognised.model)
    return None


def _of_ours(file: WeightsFile, recognised: Recognised) -> Origin | None:
    said = weights_metadata.ours(file.metadata)
    shape = said.shape if said is not None else recognised.shape
    classes = said.classes if said is not None and len(said.classes) == recognised.classes else ()
    standardizer = file.standardizer or run_metadata.standardizer_beside(file.path)
    if standardizer is None:
        return None
    mean, inverse = (tensor.double() for tensor in standardizer)
    count = shape[0] if len(shape) in (1, 3) else 1
    per_pixel = mean.dim() == 3 and tuple(mean.shape[1:]) != (1, 1)
    means, stds = _each(mean, count), _each(1 / inverse, count)
    size = (shape[1], shape[2]) if len(shape) == 3 else None
    channels = shape[0] if len(shape) == 3 else None
    source = said.spec.data.source if said is not None else None
    fit = source.squared_by if isinstance(source, PictureFiles) else "crop"
    values = source.value_range if isinstance(source, (PictureFiles, ArrayFile)) else "auto"
    words = "saved with the weights by this program"
    return Origin(means, stds, size, channels, classes, words, None, per_pixel, fit, values)


def _with_stated(found: Origin | None, file: WeightsFile, recognised: Recognised) -> Origin | None:
    """``found`` with the names of classes that stand beside weights which were put into another file."""
    names = file.stated.of_outputs(recognised.classes)
    if found is None or found.classes or names is None:
        return found
    return replace(found, classes=names.names)


def _each(values: object, count: int) -> tuple[float, ...]:
    """One number a channel (or coordinate): ``values`` are (), (C, 1, 1), (C, H, W) or (D,)."""
    import torch

    assert isinstance(values, torch.Tensor)
    flat = values.flatten(1).mean(1) if values.dim() == 3 else values.reshape(-1)
    return tuple(float(v) for v in flat.expand(count)) if flat.numel() in (1, count) else (float(flat.mean()),) * count


def _of_cifar(file: WeightsFile, recognised: Recognised) -> Origin:
    classes = CIFAR10 if recognised.classes == len(CIFAR10) and recognised.has_head else ()
    source = "as the published CIFAR ResNets were trained: 32 pixels, ImageNet's mean and spread"
    made = Origin(IMAGENET_MEAN, IMAGENET_STD, (32, 32), 3, classes, source)
    model = recognised.model
    published = _hash_of(CIFAR_FILES.get(model.depth, "")) if isinstance(model, CifarResNet) else ""
    is_published = bool(published) and file.sha256.startswith(published)
    unsaid = not is_published
    return replace(made, assumed=True, assumed_size=unsaid, assumed_normalization=unsaid, assumed_fit=unsaid)


def _of_torchvision(file: WeightsFile, recognised: Recognised, name: str) -> Origin:
    """As published with the weights of that name; the one whose hash is in the file's name, else the first."""
    from torchvision import models

    every = list(models.get_model_weights(name))
    chosen = next((w for w in every if _hash_of(w.url) and file.sha256.startswith(_hash_of(w.url))), None)
    weights = chosen or every[0]
    published = weights.transforms()
    side = published.crop_size[0]
    size = recognised.shape[1:] if name.startswith("vit_") else (side, side)
    categories = tuple(weights.meta["categories"])
    classes = categories if len(categories) == recognised.classes and recognised.has_head else ()
    what = f"{type(weights).__name__}.{weights.name}"
    source = f"published by torchvision for {what}" + ("" if chosen else ", assumed for this file")
    mean, std = tuple(map(float, published.mean)), tuple(map(float, published.std))
    height, width = size
    resize = int(published.resize_size[0])
    made = Origin(mean, std, (height, width), 3, classes, source, resize)
    is_fixed = name.startswith("vit_")  # its table of positions says the size
    if chosen:
        return made
    return replace(made, assumed=True, assumed_size=not is_fixed, assumed_normalization=True, assumed_fit=True)


def _of_timm(recognised: Recognised, model: TimmNetwork) -> Origin:
    """As timm publishes it with the weights of that name; timm has no names of classes, ImageNet's are usual."""
    from torchvision import models

    usual = tuple(models.get_model_weights("resnet18").DEFAULT.meta["categories"])
    classes = usual if len(usual) == recognised.classes and recognised.has_head else ()
    source = f"published by timm for {model.brief()}" + ("" if model.tag else ", assumed for this file")
    channels = recognised.shape[0]
    made = Origin(model.mean, model.std, model.size, channels, classes, source, model.resize, assumed=True)
    unsaid = not model.tag
    return replace(made, assumed_size=unsaid, assumed_normalization=unsaid, assumed_fit=unsaid)


def _hash_of(url: str) -> str:
    from workbench.engine.weights.load_weights import claimed_hash

    return claimed_hash(url.rpartition("/")[2])
