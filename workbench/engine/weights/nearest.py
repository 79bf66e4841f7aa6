"""Which known network is nearest to weights that are of none, and what of it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from workbench.engine.core.text import counted, grouped
from workbench.engine.weights.adapters import adapter_words
from workbench.engine.weights.matching import shown_name
from workbench.engine.weights.own_exports import script_words
from workbench.engine.weights.recognise import Recognised, best_guess
from workbench.engine.weights.torchvision_candidates import relatives

if TYPE_CHECKING:
    from workbench.engine.weights.load_weights import WeightsFile

#: A network of whose weights and the file's a smaller share is the same is not called near.
_NEAR: Final = 0.2
_NAMED: Final = 3
#: With these Pillow and torchvision turn red, green, blue to gray (ITU-R 601).
_LUMA: Final = "0.299, 0.587, 0.114"
_BRING: Final = "Bring weights of the network as it is published, or train these on where they were made."


def nearest_words(file: WeightsFile) -> str:
    """A sentence on the network that is nearest to ``file``, which is of none, or on the adapter that it is; empty
    where none is near."""
    if said := adapter_words(file.tensors) or script_words(file.tensors):
        return said
    try:
        best = best_guess(relatives(file.tensors), file.tensors)
    except (IndexError, KeyError, ValueError, ZeroDivisionError):  # shapes that are of no network of the family
        return ""
    return _said(best[1]) if best is not None and best[0] >= _NEAR else ""


def first_layer_words(found: Recognised, is_measured: bool = True) -> str:
    """Why weights whose first layer has another shape than that of their nearest network are not used, and the way
    out, where they were to be measured or else to be trained on; empty where the first layer fits.
    """
    first = next(((name, saved, wanted) for name, saved, wanted in found.wrong if len(saved) == len(wanted) == 4), None)
    if first is None:
        return ""
    name, saved, wanted = shown_name(first[0]), first[1], first[2]
    if saved[2:] != wanted[2:]:
        kernels = " and ".join(f"{shape[2]} × {shape[3]}" for shape in (saved, wanted))
        then = "Its answers are known only to the program that trained it: measure it there." if is_measured else _BRING
        return (
            f"The kernels of its first layer ({name}) and of that network's are {kernels}: it is a variant, as for "
            f"small pictures, of which the file does not say the strides and poolings. {then}"
        )
    if saved[0] != wanted[0] or saved[1] == wanted[1]:
        return ""
    text = f"Its first layer ({name}) is for {counted(saved[1], 'channel')}, and that network's for {wanted[1]}."
    if (saved[1], wanted[1]) != (1, 3):
        then = "measure it where it was trained." if is_measured else "bring another file."
        return f"{text} Pictures with more than three channels are not supported: {then}"
    return (
        f"{text} The same network for colour pictures, of which it sees the gray: in Python, with s the state_dict, "
        f's["{name}"] = s["{name}"] * torch.tensor([{_LUMA}]).view(1, 3, 1, 1); then torch.save({{"state_dict": s, '
        '"mean": [M], "std": [S]}, "gray.pth") with the mean and std of its normalization for M and S.'
    )


def _said(found: Recognised) -> str:
    kinds = (
        ("missing", [shown_name(name) for name in found.missing]),
        ("left over", list(found.left_over)),
        ("of another shape", [shown_name(name) for name, _, _ in found.wrong]),
    )
    parts = ", ".join(_listed(words, names) for words, names in kinds if names)
    match = f"with {counted(len(found.matches), 'tensor')} that match"
    return f"The nearest is {found.title}, {match}; {parts}. Save the whole state_dict of the network again."


def _listed(words: str, names: Sequence[str]) -> str:
    """``12 are missing (layer4.0.conv1.weight, …)``."""
    more = ", …" if len(names) > _NAMED else ""
    are = "is" if len(names) == 1 else "are"
    return f"{grouped(len(names))} {are} {words} ({', '.join(names[:_NAMED])}{more})"
