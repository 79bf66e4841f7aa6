"""Gradient noise: cosine and relative noise of batch gradients against the batch size, as curves."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from workbench.bridge.gradient_noise import MeasureNoise
from workbench.engine.experiments.gradient_noise import GradientNoise
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.views.insight.gradient_noise_plots import CosinePlot, NoisePlot
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED, Theme

EMPTY: Final = (
    "Batches of every size are drawn, and the gradient of each is compared with that of all examples. Dropout and "
    "augmentation are off. A run goes on meanwhile: a copy is measured. Press Start."
)


class GradientNoiseDialog(QDialog):
    """Stays open beside the window."""

    def __init__(self, job: MeasureNoise, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job, self._theme = job, theme
        self.setWindowTitle("Gradient noise")
        set_help(self, "insight", "Gradient noise")
        self.head = Words(EMPTY)
        self.noise, self.cosine = NoisePlot(self), CosinePlot(self)
        self.start_bar = StartBar("measuring", self)
        self.start_button, self.cancel_button = self.start_bar.start_button, self.start_bar.cancel_button
        self._lay_out()
        self.start_button.clicked.connect(job.measure)
        self.cancel_button.clicked.connect(job.cancel)
        job.changed.connect(self.refresh)
        theme.changed.connect(self._on_theme)
        set_size(self, 200, 110)
        self._on_theme()
        self.refresh()

    def _lay_out(self) -> None:
        plots = Box(self, spacing=3, horizontal=True)
        for title, plot in (
            ("Noise: length of the difference ÷ length of the gradient", self.noise),
            ("Cosine with the gradient of all examples", self.cosine),
        ):
            side = Box(plots, spacing=1)
            side.add(Words(title, side))
            side.add(plot, 1)
            plots.add(side, 1)
        column = QVBoxLayout(self)
        column.addWidget(self.head)
        column.addWidget(plots, 1)
        column.addWidget(self.start_bar)

    @Slot()
    def refresh(self) -> None:
        """Show what is measured by now."""
        job = self._job
        running, why_not, (share, words) = job.is_running, job.why_not, job.progress
        found = job.value if isinstance(job.value, GradientNoise) else None
        for plot in (self.noise, self.cosine):
            plot.show_sizes(found.sizes if found is not None else tuple(job.sizes))
        self.noise.show_unit(found.unit_noise if found is not None else None)
        self.start_bar.show_state(running, share, why_not, again=bool(job.sizes))
        self.head.setForegroundRole(ERROR if job.trouble else self.foregroundRole() if found else MUTED)
        self.head.say(f"{words or 'Measuring'}…" if running else self._words_at_rest(found, why_not))

    def _words_at_rest(self, found: GradientNoise | None, why_not: str) -> str:
        job = self._job
        if found is not None:
            whose = "The run's network." if job.of_run else "The network at its start."
            return f"{whose} {found.words}"
        return job.trouble or ("Stopped." if job.sizes else why_not or EMPTY)

    @Slot()
    def _on_theme(self) -> None:
        colours = DARK if self._theme.colours.dark else LIGHT
        for plot in (self.noise, self.cosine):
            plot.set_colours(colours, self._theme.scale)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._job.cancel()
