"""What the tasks' thread is to do about weights: look for files, say which to bring, open one and say what it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.bridge.threads.background import Cancelled, IsCancelled, Progress, Work
from workbench.bridge.threads.progress import watched
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.torchvision_classifier import TorchvisionClassifier
from workbench.engine.core.progress import finished
from workbench.engine.core.text import percent, size_text
from workbench.engine.run_store.finished_runs import finished_runs
from workbench.engine.shelf.about import name_of
from workbench.engine.weights.description import Description
from workbench.engine.weights.find_weights import SHIPPED, find, wanted

#: Networks that are named where their files are not there: small ones first, all with published weights.
_USUAL: tuple[Model, ...] = (
    CifarResNet(),
    TorchvisionClassifier(name="resnet18"),
    TorchvisionClassifier(name="mobilenet_v3_small"),
    TorchvisionClassifier(name="efficientnet_b0"),
    TorchvisionClassifier(name="resnet50"),
    TorchvisionClassifier(name="vit_b_16"),
)
#: The newest runs are offered, not all of a year.
_MOST_RUNS = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list of weights. ``key`` goes into the settings; it is empty for a file that is to be brought.

    ``model`` is then the network whose file is missing; ``bringing`` says which file it is and where to put it.
    """

    key: str
    name: str
    what: str
    where: str
    path: Path | None = None
    model: Model | None = None


def looking(data_folder: Path | None, runs: Path) -> Work:
    """Find weights: shipped, on the shelf, in torch's cache, with the data, of finished runs; a tuple of Choice."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> tuple[Choice, ...]:
        files = _files(data_folder)
        progress(0.3, "finished runs")
        own = _runs(runs, is_cancelled)
        if is_cancelled():
            raise Cancelled
        return (*files, *own, *_to_bring({each.path.name for each in files if each.path is not None}))

    return work


def _files(data_folder: Path | None) -> list[Choice]:
    found = find(data_folder)
    shipped = [each for each in found if each.path.parent == SHIPPED]
    others = [each for each in found if each.path.parent != SHIPPED]
    return [
        Choice(
            each.name if each in shipped else str(each.path), each.name, size_text(each.bytes), each.where, each.path
        )
        for each in (*shipped, *others)
    ]


def _runs(parent: Path, is_cancelled: IsCancelled) -> list[Choice]:
    made = []
    for run in finished_runs(parent, is_cancelled)[:_MOST_RUNS]:
        path = run.folder / "best.safetensors"
        if len(run.shape) != 3 or not path.is_file():
            continue
        best = f", best {percent(run.best)}" if run.best is not None else ""
        what = f"{run.title} on {run.spec.data.source.title}{best}"
        made.append(Choice(str(path), name_of(run), what, "trained here", path))
    return made


def _to_bring(present: set[str]) -> list[Choice]:
    made = []
    for model in _USUAL:
        title, beginning = f"{model.title} {model.brief()}".strip(), ""
        if isinstance(model, CifarResNet):
            title, beginning = f"ResNet-{model.depth} for 32×32", f"resnet{model.depth}-"
        elif isinstance(model, TorchvisionClassifier):
            title, beginning = model.name, f"{model.name}-"
        if not any(name.startswith(beginning) for name in present):
            made.append(Choice("", title, "published weights", "not on this computer", None, model))
    return made


def bringing(model: Model) -> Work:
    """Which file to bring for ``model`` and where to put it, in words."""

    def work(_progress: Progress, _is_cancelled: IsCancelled) -> str:
        return wanted(model)

    return work


def describing(path: Path) -> Work:
    """Open a file of weights and say what it is: a Description."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> Description:
        from workbench.engine.weights import description as descriptions

        description: Description = finished(descriptions.describing(path), watched(progress, is_cancelled))
        return description

    return work


__all__ = ["Choice", "Description", "bringing", "describing", "looking"]
