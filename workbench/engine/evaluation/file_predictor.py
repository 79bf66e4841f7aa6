"""Predictors from files of weights: recognised by their content, with the preprocessing that the file says, that the
user has chosen, or that is usual for its network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.evaluation.class_matching import Outputs, is_by_order, match_classes, order_doubt
from workbench.engine.evaluation.class_orders import ClassesUnmatched, ClassOrder
from workbench.engine.evaluation.predictor import Predictor
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput
from workbench.engine.weights.description import parameters_in
from workbench.engine.weights.input_spec import Origin, is_ours, origin_of
from workbench.engine.weights.load_weights import WeightsFile
from workbench.engine.weights.open_with_progress import Opened, opening
from workbench.engine.weights.recognise import Recognised

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.core.progress import Watch


@dataclass(frozen=True, slots=True, eq=False)
class TrainedFile:
    """A file of weights that can be used: recognised, complete, its preprocessing known or assumed.

    ``chosen`` is what the user has said of its pictures.
    """

    file: WeightsFile
    recognised: Recognised
    origin: Origin
    chosen: ChosenInput = UNCHOSEN

    def predictor(self, dataset: Dataset, order: ClassOrder = None) -> Predictor:
        """A predictor of the classes of ``dataset``; ``order`` is chosen for outputs without names.

        Raises WorkbenchError if classes or inputs do not match, OrderUnknown if the order has to be chosen.
        """
        _refuse_shape(self, dataset)
        origin = self.origin
        outputs = Outputs(self.file.path.name, self.recognised.classes, origin.classes, origin.assumed)
        is_named = not isinstance(order, tuple) and not is_ours(self.file)
        stated = self.file.stated.notes(self.recognised.classes) if is_named else ()
        if order is None and (origin.assumed or not origin.classes):
            self._refuse_contradiction()
        try:
            columns, notes = match_classes(outputs, dataset.classes, order, bool(dataset.files))
        except ClassesUnmatched as error:
            if self.file.stated.of_outputs(self.recognised.classes) is None:  # the file has names, of another number
                error.message = " ".join((error.message, *stated))
            raise
        said = (*self.file.notes, *self.recognised.notes, *stated, *notes, *_not_chosen(self))
        return Predictor(
            self.recognised.title,
            parameters_in(self.file.tensors),
            self.with_preprocessing(),
            columns,
            notes=said,
            preprocessing=", ".join(filter(None, origin.words)) if origin.channels is not None else "",
            assumed=origin.assumptions,
            by_order=is_by_order(outputs, dataset.classes, order, bool(dataset.files)),
            doubt=order_doubt(outputs, dataset.classes, order, bool(dataset.files)),
        )

    def _refuse_contradiction(self) -> None:
        """Raise ClassesUnmatched where the outputs are named by lists beside the file alone, which contradict."""
        said = self.file.stated.contradiction(self.recognised.classes)
        if said:
            text = f"{self.file.path.name} does not say which class each of its outputs is. {said}"
            raise ClassesUnmatched(text, "Choose the file that is right: --classes FILE.")

    def with_preprocessing(self) -> nn.Sequential:
        """The network in eval mode behind layers that prepare its pictures: from values in [0, 1] to logits. All but
        its last layer are the preprocessing.
        """
        from torch import nn

        from workbench.engine.evaluation.input_layers import Cropped, Standardized
        from workbench.engine.transfer.net import Front

        origin, network = self.origin, self.recognised.network(self.file.tensors)
        layers: list[nn.Module] = [Cropped(origin.resize, origin.size)] if origin.resize and origin.size else []
        if origin.channels is None or (origin.per_pixel and self.file.standardizer is not None):
            mean, inverse = self.file.standardizer or origin.tensors()
            if origin.channels is not None:
                layers.append(Front(origin.channels, origin.size, (0.0,) * origin.channels, (1.0,) * origin.channels))
            layers.append(Standardized(mean, inverse))
        else:
            layers.append(Front(origin.channels, origin.size, origin.mean, origin.std))
        return nn.Sequential(*layers, network).eval()


def trained_file(path: Path, watch: Watch | None = None, chosen: ChosenInput = UNCHOSEN) -> TrainedFile:
    """Read and recognise the weights in ``path``; ``watch`` gets the progress and cancels by raising.

    ``chosen`` is how files that do not come from this program are read. Raises WorkbenchError with a
    sentence if the file cannot be used as it is.
    """
    from workbench.engine.weights.matching import table
    from workbench.engine.weights.nearest import first_layer_words, nearest_words
    from workbench.engine.weights.own_exports import script_words
    from workbench.engine.weights.timm_candidates import advice

    opened: Opened = finished(opening(path, chosen.name), watch)
    file, found, origin = opened
    if found is not None and chosen != UNCHOSEN:
        origin = origin_of(file, found, chosen)
    if found is None and (said := script_words(file.tensors)):
        raise WorkbenchError(f"{path} cannot be used here. {said}", "model.weights")
    if found is None:
        raise WorkbenchError(
            f"{path} holds weights of no network that this program knows: its own networks, the CIFAR ResNets and "
            f"torchvision's classifiers. {advice(file, found) or nearest_words(file) or 'Bring another file.'}",
            "model.weights",
        )
    if not found.is_whole and found.fits_below_head:
        text = f"{path} has another head than {found.title} (of several layers, or none), so its answers are not known."
        then = "It can be used again under a new head: Run > Use a trained network…"
        raise WorkbenchError(f"{text} {then}", "model.weights")
    if not found.is_whole:
        advised = " ".join(filter(None, (advice(file, found), first_layer_words(found))))
        raise WorkbenchError(f"{path} is most like {found.title}, but does not fit. {advised}\n{table(found.match)}")
    if file.broken:
        raise WorkbenchError(f"{path} cannot be used. {file.notes[-1]}", "model.weights")
    if origin is None:
        text = f"{path} does not say how its pictures were normalized, and its network is none that is published."
        then = "Choose the normalization, or use best.safetensors of its run folder."
        raise WorkbenchError(f"{text} {then}", "model.weights")
    return TrainedFile(file, found, origin, chosen)


def _not_chosen(each: TrainedFile) -> tuple[str, ...]:
    """A note where the user's choice was not used: weights of this program say themselves what they need."""
    if each.chosen == UNCHOSEN or not is_ours(each.file):
        return ()
    return ("What was chosen (picture size, normalization, name) was not used: the file says its own.",)


def _refuse_shape(each: TrainedFile, dataset: Dataset) -> None:
    wanted = each.recognised.shape if each.origin.size is None else None
    if dataset.is_image != (wanted is None) or (wanted is not None and dataset.shape != wanted):
        has = "pictures" if dataset.is_image else f"points with {dataset.shape[0]} coordinates"
        wants = "pictures" if wanted is None else f"points with {wanted[0]} coordinates"
        raise WorkbenchError(f"{each.file.path.name} was trained on {wants}, and the data has {has}.")
