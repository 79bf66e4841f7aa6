"""Where files of weights are looked for, and which one to bring where there is none. Nothing is fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.torchvision_classifier import TorchvisionClassifier
from workbench.engine.core.app_folders import home
from workbench.engine.core.text import grouped

#: Weights that come with the program, trained by a script of its own.
SHIPPED = Path(__file__).parents[3] / "resources" / "weights"
SUFFIXES = frozenset({".pt", ".pth", ".th", ".ckpt", ".bin", ".safetensors", ".pkl", ".model", ".weights"})
#: A folder with more files is no shelf.
MOST = 500
#: The published weights of the CIFAR ResNets by depth; the ending is the beginning of their SHA-256.
CIFAR_FILES = {
    "20": "resnet20-12fca82f.th",
    "32": "resnet32-d509ac18.th",
    "44": "resnet44-014dd654.th",
    "56": "resnet56-4bfd9763.th",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may hold weights; it has not been opened. ``where`` says in a few words where it was found."""

    path: Path
    where: str
    bytes: int

    @property
    def name(self) -> str:
        """What it is called in a list: a shipped file without its suffix, others by their file's name."""
        return self.path.stem if self.path.parent == SHIPPED else self.path.name


def shelf() -> Path:
    """The folder into which the user puts weights."""
    return home() / "weights"


def torch_cache() -> Path:
    """Where torch keeps what it has downloaded; the same rule as ``torch.hub.get_dir``, without importing torch."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    torch_home = os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))
    return Path(os.path.expanduser(torch_home)) / "hub" / "checkpoints"


def find(extra: Path | None = None) -> tuple[Candidate, ...]:
    """Files that may hold weights: on the shelf, in torch's cache, in ``extra`` and beside it, shipped.

    ``extra`` is the folder of the data. Each file is named once; folders that cannot be read are left out.
    """
    places = [(shelf(), "in the weights folder"), (torch_cache(), "in torch's cache")]
    if extra is not None:
        places += [(extra, "with the data"), (extra.parent, "beside the data")]
    seen: set[Path] = set()
    found: list[Candidate] = []
    for folder, where in [*places, (SHIPPED, "comes with the program")]:
        for candidate in _in(folder, where):
            if (real := candidate.path.resolve()) not in seen:
                seen.add(real)
                found.append(candidate)
    return tuple(found)


def located(name: str) -> Path | None:
    """The file that ``name`` means: a shipped name, a file on the shelf or in torch's cache, or a path."""
    wanted = name.strip()
    if not wanted:
        return None
    try:
        path = Path(wanted).expanduser()
        inside = (
            () if len(path.parts) > 1 else (SHIPPED / f"{wanted}.safetensors", shelf() / path, torch_cache() / path)
        )
        return next((each for each in (*inside, path) if each.is_file()), None)
    except (OSError, RuntimeError, ValueError):
        return None


def is_folder(name: str) -> bool:
    """Whether ``name`` is the path of a folder."""
    try:
        return Path(name.strip()).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False


def wanted(model: Model) -> str:
    """Which file to bring for ``model`` and where to put it, in a sentence or two. May import torchvision."""
    place = f"Put it into {shelf()}, or choose it wherever it is."
    if isinstance(model, CifarResNet) and model.width == 16 and model.depth in CIFAR_FILES:
        return f"Bring {CIFAR_FILES[model.depth]} (pytorch_resnet_cifar10, pretrained_models). {place}"
    if isinstance(model, TorchvisionClassifier):
        file, size = _published(model.name)
        how = (
            f"On a computer with a network, torchvision.models.{model.name}(weights='DEFAULT') puts it into {_cache()}."
        )
        return f"Bring {file} ({grouped(size)} MB), torchvision's weights for {model.name}. {how} {place}"
    title = f"{model.title} {model.brief()}".strip()
    return f"There are no published weights for {title}: train it here and choose best.safetensors of its run folder."


def _published(name: str) -> tuple[str, float]:
    from torchvision import models

    weights = models.get_model_weights(name).DEFAULT
    return weights.url.rpartition("/")[2], float(weights.meta["_file_size"])


def _cache() -> str:
    return "~/.cache/torch/hub/checkpoints"


def _in(folder: Path, where: str) -> Iterator[Candidate]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name.lower())
    except (OSError, ValueError):
        return
    for entry in entries[:MOST]:
        try:
            if not entry.name.startswith(".") and Path(entry.name).suffix.lower() in SUFFIXES and entry.is_file():
                yield Candidate(Path(entry.path), where, entry.stat().st_size)
        except OSError:
            continue
