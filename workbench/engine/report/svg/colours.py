"""Colours of plots on light and dark ground, passed as a value: a saved picture can have others than the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Those of curves that have no colour of their own, such as runs that are compared: Okabe and Ito's, the bright ones
#: darkened on light ground to a contrast of 3:1.
SERIES_ON_LIGHT: Final = ("#0072B2", "#C05200", "#007a5a", "#a8487e", "#8f6a00", "#1f7fb5", "#1a1d23")
SERIES_ON_DARK: Final = ("#56B4E9", "#E69F00", "#3cc29b", "#CC79A7", "#F0E442", "#ff8f57", "#eceef2")


@dataclass(frozen=True, slots=True)
class PlotColours:
    """Colours as ``#rrggbb``. ``train`` and ``val`` are Okabe and Ito's blue and vermilion, which colour-blind
    people can tell apart.

    The ``*_text`` colours are for text: contrast 4.5:1 with the background, where a curve needs 3:1.
    """

    background: str
    text: str
    muted: str
    grid: str
    train: str
    val: str
    train_text: str
    val_text: str
    gap: str
    effect: str
    ema: str
    mean: str
    ensemble: str
    accent: str
    ghost: str
    ghost_text: str
    error: str
    #: Opacity of the running curve, and of the filled gap.
    faint: float = 0.38
    fill: float = 0.15

    @property
    def running(self) -> str:
        """The colour of the running curve: that of train, drawn faint."""
        return self.train

    @property
    def is_dark(self) -> bool:
        """Whether the background is darker than the text."""
        return self.background < self.text  # both are #rrggbb and gray

    def text_of(self, name: str) -> str:
        """The colour for text about the curve with the colour ``name``."""
        return str(getattr(self, f"{name}_text", None) or getattr(self, name))


LIGHT = PlotColours(
    background="#ffffff",
    text="#1a1d23",
    muted="#555c68",
    grid="#e3e6eb",
    train="#0072B2",
    val="#D55E00",
    train_text="#00639c",
    val_text="#ad4b00",
    gap="#8a4f78",
    effect="#00785a",
    ema="#00785a",
    mean="#1a1d23",
    ensemble="#8a4f78",
    accent="#5546c4",
    ghost="#9aa1ac",
    ghost_text="#6a717c",
    error="#b3201a",
)
DARK = PlotColours(
    background="#1a1c21",
    text="#eceef2",
    muted="#a9b0bd",
    grid="#2e323a",
    train="#56B4E9",
    val="#E69F00",
    train_text="#56B4E9",
    val_text="#E69F00",
    gap="#d59ac0",
    effect="#3cc29b",
    ema="#3cc29b",
    mean="#eceef2",
    ensemble="#d59ac0",
    accent="#b0a5ff",
    ghost="#6d7480",
    ghost_text="#98a0ac",
    error="#ff9c92",
)
