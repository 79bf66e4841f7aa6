"""Which network weights are of: told by the names and shapes of the tensors, compared with networks that are built.

Networks are built on the meta device, where weights cost nothing. Our own files say it themselves (``own``); the rest
is proposed by ``guesses`` and ``theirs``, and the proposal that fits best is taken, if it fits well enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.catalog.models import Model
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.run_store import weights_metadata
from workbench.engine.weights.candidate import Guess
from workbench.engine.weights.head_variants import is_of_head
from workbench.engine.weights.matching import Match, Wrong, load_into, match

if TYPE_CHECKING:
    from torch import Tensor, nn

#: Share of a network's weights that a file must have, in their shape, to be recognised as its weights.
ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Recognised:
    """The network that weights are of, for inputs of ``shape``, and how they match it.

    ``names`` maps names in the file to those in our module; ``missing`` and ``wrong`` have the module's names,
    ``left_over`` the file's. ``classes`` is read from the head, whose matrix is ``head`` in our module (empty if it is
    not told apart).
    """

    model: Model
    classes: int
    shape: tuple[int, ...]
    names: dict[str, str]
    missing: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    matches: tuple[str, ...] = ()
    regularization: tuple[Regularizer, ...] = ()
    notes: tuple[str, ...] = ()
    head: str = ""

    @property
    def has_head(self) -> bool:
        """Whether the layer whose outputs are the classes is in the file, so that they can be named."""
        return not self.head or self.head in self.matches

    @property
    def fits_below_head(self) -> bool:
        """Whether all but the head is there, which is enough where a new head replaces it."""
        layer = f"{self.head.rpartition('.')[0]}."
        odd = (*self.missing, *(name for name, _, _ in self.wrong))
        known = (self.names.get(name, name) for name in self.left_over)
        inside = all(name.startswith(layer) for name in odd) and all(is_of_head(n, layer) for n in known)
        return self.is_whole or (bool(self.head) and inside)

    @property
    def title(self) -> str:
        """The network in words, e.g. ``ResNet for small pictures: ResNet-20``."""
        return network_title(self.model)

    @property
    def match(self) -> Match:
        """How the weights and the network go together."""
        return Match(self.matches, self.missing, self.left_over, self.wrong)

    @property
    def is_whole(self) -> bool:
        """Whether the weights fit this network without a rest."""
        return self.match.is_whole

    def network(self, tensors: Mapping[str, Tensor]) -> nn.Module:
        """The network on the CPU with the weights in it, in evaluation mode. Raises WorkbenchError (``load_into``)."""
        made = self.model.build(self.shape, self.classes, LayerInsertion(self.regularization))
        self.model.fill(made, 0)  # what is in no file (counts, tables that follow from the sizes) is there afterwards
        load_into(made, tensors, self.names, f"The weights ({self.title})")
        return made.eval()


def network_title(model: Model) -> str:
    """``model`` in words, e.g. ``ResNet for small pictures: ResNet-20``."""
    brief = model.brief()
    return f"{model.title}: {brief}" if brief else model.title


def recognise(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, path: Path | None = None
) -> Recognised | None:
    """The network that ``tensors`` are of, or None if it is none that this program knows.

    Weights that lack layers or have others are recognised too, and the lists say so; ``load_into`` refuses them.
    ``path`` is their file, whose name says which network of timm they are of.
    """
    best = best_guess(_guesses(tensors, metadata or {}, path), tensors)
    return best[1] if best is not None and best[0] >= ENOUGH else None


def best_guess(guesses: Iterable[Guess], tensors: Mapping[str, Tensor]) -> tuple[float, Recognised] | None:
    """The one of ``guesses`` that fits best, with the share of weights that match; one without a rest ends it."""
    best: tuple[float, Recognised] | None = None
    for guess in guesses:
        found = _compared(guess, tensors)
        if found is None:
            continue
        if found[1].is_whole:
            return found
        if best is None or found[0] > best[0]:
            best = found
    return best


def _guesses(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], path: Path | None) -> Iterator[Guess]:
    """Proposals, the likely ones first; the expensive ones (torchvision or timm is imported) last."""
    from workbench.engine.weights.own_candidates import cifar_resnets, mlps, small_cnns
    from workbench.engine.weights.timm_candidates import is_named, networks
    from workbench.engine.weights.torchvision_candidates import classifiers

    said = weights_metadata.ours(metadata)
    if said is not None:
        names = {name: name for name in tensors}
        yield Guess(said.spec.model, len(said.classes), said.shape, names, said.spec.regularization)

    def timms(tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
        return networks(tensors, path, metadata)

    foreign = (timms, classifiers) if is_named(path, metadata) else (classifiers, timms)
    for family in (cifar_resnets, mlps, small_cnns, *foreign):
        # A file may announce any shapes (a head that is a single number): such are of no network of the family.
        with suppress(IndexError, KeyError, ValueError, ZeroDivisionError):
            yield from family(tensors)


def _compared(guess: Guess, tensors: Mapping[str, Tensor]) -> tuple[float, Recognised] | None:
    """The share of matching weights among all of the network and of the file, and what was found."""
    if guess.classes < 1 or min(guess.shape) < 1:
        return None
    try:
        built = guess.build()
    except (WorkbenchError, RuntimeError, ValueError, TypeError):
        return None  # the file's shapes make no network of this kind
    found = match(built, tensors, guess.names)
    total = len(found.matches) + len(found.missing) + len(found.left_over) + len(found.wrong)
    made = Recognised(guess.model, guess.classes, guess.shape, guess.names, regularization=guess.regularization)
    made = replace(made, notes=guess.notes, head=guess.head, matches=found.matches, missing=found.missing)
    return len(found.matches) / max(1, total), replace(made, left_over=found.left_over, wrong=found.wrong)
