"""Advice on the layers by fixed rules, the most serious problem first. Pure; the numbers are in the sentence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from workbench.engine.core.text import percent, short
from workbench.engine.report.layer_stats import LayerNumbers

#: A layer with more dead units, or more saturated values, than this share is reported.
MANY = 0.5
#: Spread of the last hidden layer over the first's: below it vanishes, above the inverse it explodes.
VANISHING = 0.01
#: Spread of the first layer's gradient over the last's.
VANISHING_GRADIENT = 1e-3
#: The update is usually about a thousandth of the weight; half a decade to each side is the band that is drawn.
BAND = (10**-3.5, 10**-2.5)
#: The middle layer's ratio beyond these is called small or large.
SMALL, LARGE = 1e-5, 3e-2


def advice(layers: Sequence[tuple[str, LayerNumbers]]) -> str:
    """One sentence or two about ``layers`` (name and numbers, in order of use); the last is the classifier."""
    return next(_findings(layers), "Nothing stands out: activations keep their spread and gradients reach every layer.")


def is_sound(layers: Sequence[tuple[str, LayerNumbers]]) -> bool:
    """Whether nothing stands out."""
    return next(_findings(layers), "") == ""


def _findings(layers: Sequence[tuple[str, LayerNumbers]]) -> Iterator[str]:
    for name, each in layers:
        if not math.isfinite(each.std):
            yield f"{name} has values that are NaN or infinite: the run has diverged. Lower the learning rate."
    yield from _silent(layers)
    yield from _spread(layers[:-1])
    yield from _gradients(layers)
    yield from _updates(layers)


def _silent(layers: Sequence[tuple[str, LayerNumbers]]) -> Iterator[str]:
    name, share = worst(layers, "dead")
    if share > MANY:
        yield (
            f"Dead units: in {name}, {percent(share, 0)} are zero for every example of the batch and get no gradient. "
            "A lower learning rate, He initialization or leaky ReLU helps."
        )
    name, share = worst(layers, "saturated")
    if share > MANY:
        yield (
            f"Saturated: in {name}, {percent(share, 0)} of the values are at the ends of the range, where the gradient "
            "vanishes. Smaller initial weights (Xavier) or batch norm helps."
        )


def worst(layers: Sequence[tuple[str, LayerNumbers]], what: str) -> tuple[str, float]:
    """The layer with the largest share of ``what`` ("dead", "saturated"), and that share; 0 where there is none."""
    shares = [(getattr(each, what) or 0.0, name) for name, each in layers]
    share, name = max(shares, default=(0.0, ""), key=lambda pair: pair[0])
    return name, share


def _spread(hidden: Sequence[tuple[str, LayerNumbers]]) -> Iterator[str]:
    """Of the hidden layers only: the classifier's logits have a different scale."""
    if len(hidden) < 2:
        return
    (first, a), (last, b) = hidden[0], hidden[-1]
    if b.std < VANISHING * a.std or a.std == 0.0:
        yield (
            f"Activations vanish: their spread falls from {short(a.std, 2)} in {first} to {short(b.std, 2)} in {last}. "
            "Larger initial weights (He, Xavier) or batch norm helps."
        )
    elif b.std * VANISHING > a.std:
        yield (
            f"Activations explode: their spread grows from {short(a.std, 2)} in {first} to {short(b.std, 2)} in {last}."
            " Smaller initial weights (He, Xavier) or batch norm helps."
        )


def _gradients(layers: Sequence[tuple[str, LayerNumbers]]) -> Iterator[str]:
    known = [(name, each.gradient_std) for name, each in layers if each.gradient_std is not None]
    if known and all(std == 0.0 for _, std in known):
        yield "All gradients are zero: nothing is learned. Another initialization breaks the symmetry."
    if len(known) < 2:
        return
    (first, a), (last, b) = known[0], known[-1]
    if b and a < VANISHING_GRADIENT * b:
        yield (
            f"Gradients vanish on the way back: their spread is {short(b, 2)} in {last} and {short(a, 2)} in {first}. "
            "Batch norm, ReLU or another initialization helps."
        )


def _updates(layers: Sequence[tuple[str, LayerNumbers]]) -> Iterator[str]:
    ratios = [each.update_ratio for _, each in layers if each.update_ratio is not None]
    if not ratios:
        return
    middle = median(ratios)
    if middle > LARGE:
        share = f"{percent(middle)}"
        yield f"Large updates: a step changes the weights by {share}; 0.1 % is usual. Lower the learning rate."
    elif middle < SMALL:
        yield (
            f"Small updates: a step changes the weights by {short(middle, 1)} of their size; 0.001 is usual "
            "while the loss still falls."
        )
