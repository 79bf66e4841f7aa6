"""The freeze line of the running model: moved while it trains; and the proof, when the run has ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHeaderView, QPushButton, QTreeWidgetItem

from workbench.bridge.services import Services
from workbench.bridge.transfer.blocks import NetworkBlocks
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.events import Certified, EpochEnded, Event
from workbench.engine.core.text import grouped, percent, shape_text
from workbench.engine.shelf.about import read_about
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.views.transfer.freeze_control import FreezeControl
from workbench.views.transfer.freeze_stack import FreezeStack
from workbench.views.transfer.pages.freeze_page import stack_blocks
from workbench.views.transfer.pages.page import Waiting
from workbench.views.transfer.stack_state import StackBlock
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.open_folder import open_folder
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

EMPTY: Final = (
    "The blocks of a pretrained network, and the line below which they are frozen. "
    "Choose a network with Run > Use a trained network."
)
LIVE: Final = "A run is training: drag the line, and it takes effect at the next batch."
NEXT: Final = "For the next run. While it trains, you can move the line here."


class FrozenView(Box):
    """Nothing is computed while it is hidden."""

    filled = Signal(bool)  #: whether there is a network with frozen blocks, or a proof, to show now

    def __init__(self, services: Services) -> None:
        super().__init__(margins=(2, 1, 2, 1), spacing=2)
        set_help(self, "transfer", "What to freeze")
        self._services = services
        self._blocks = NetworkBlocks(services.store, services.previews, services.tasks, self)
        self.words = Words(EMPTY, tone=MUTED)
        self.building = Waiting(self._blocks.request, "Building the network")
        self.stack = FreezeStack()
        self.control = FreezeControl(self.stack, services.store)
        self.proof = ProofView()
        for part, stretch in ((self.words, 0), (self.building, 0), (self.stack, 1), (self.proof, 0)):
            self.add(part, stretch)
        self.setAccessibleName("Frozen layers")
        self._blocks.changed.connect(self.refresh)
        services.session.began.connect(self._on_began)
        services.session.updated.connect(self._on_updated)
        services.session.ended.connect(self._on_ended)
        services.store.changed.connect(self._on_settings)
        services.store.changed.connect(self._tell_whether_filled)
        services.store.marks_changed.connect(self._tell_whether_filled)
        self._was_filled = False
        self.refresh()
        self._tell_whether_filled()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._blocks.watch(True)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the blocks of the run, or of the next one."""
        running = self._services.store.running_spec is not None
        epochs = self._services.session.history.evaluations
        self.control.epoch = (epochs[-1].epochs_done if epochs else 0) if running else None
        model, blocks, data = self.control.spec.model, self._blocks.value, self._blocks.data
        is_transfer = isinstance(model, Transfer)
        self.words.say((LIVE if running else NEXT) if is_transfer else EMPTY)
        self.stack.setVisible(is_transfer and bool(blocks))
        if is_transfer and blocks and data is not None:
            stacked, head = stack_blocks(blocks, len(data.classes))
            self.stack.set_blocks(stacked, head, shape_text(data.shape))
        elif not is_transfer:
            self.stack.set_blocks((), StackBlock("", "New head", 0))
        self.control.refresh()

    @Slot()
    @Slot(object)
    def _tell_whether_filled(self, _news: object = None) -> None:
        store = self._services.store
        specs = (store.spec, store.running_spec)
        is_filled = not self.proof.isHidden() or any(spec and isinstance(spec.model, Transfer) for spec in specs)
        if is_filled != self._was_filled:
            self._was_filled = is_filled
            self.filled.emit(is_filled)

    @Slot(object)
    def _on_began(self, history: object) -> None:
        self.proof.clear()
        self.refresh()
        self._tell_whether_filled()

    @Slot(object)
    def _on_updated(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Certified):
                self.proof.show_proof(event)
                self._tell_whether_filled()
        if self.isVisible() and any(isinstance(event, EpochEnded) for event in events):
            self.refresh()

    @Slot(object)
    def _on_ended(self, ended: object) -> None:
        self.refresh()

    @Slot(object)
    def _on_settings(self, spec: ExperimentSpec) -> None:
        """A proof goes with the data and the network of its run."""
        started = self._services.session.history.started
        if started is None or self._services.store.running_spec is not None:
            return
        about = plain(spec.data), plain(spec.model)
        if about != (started.spec["data"], started.spec["model"]):
            self.proof.clear()


class ProofView(Box):
    """The certificate: in a sentence, and what changed by how much."""

    def __init__(self) -> None:
        super().__init__(spacing=1)
        self._path = ""
        self.words = Words()
        self.words.setAccessibleName("Proof")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = plain_table(("Trained block", "Changed by"), "What changed")
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.button = QPushButton("Show the &proof's file")
        self.button.setToolTip("The certificate with the SHA-256 of every frozen tensor before and after the run")
        self.button.clicked.connect(self._on_show)
        for part in (self.words, self.table):
            self.add(part)
        self.box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.clear()

    def clear(self) -> None:
        """A new run has no proof yet."""
        self.hide()

    def show_proof(self, proof: Certified) -> None:
        """Show what the run said when it ended."""
        self._path = proof.path
        self.words.setForegroundRole(self.foregroundRole() if proof.proven else ERROR)
        folder = Path(proof.path).parent
        run = read_about(folder)[0].name or folder.name
        self.words.say(f"Run {run}: {proof.words}" if run else proof.words)
        self.table.clear()
        for block, share in zip(proof.changed, proof.shares, strict=True):
            item = QTreeWidgetItem([plain_name(block), _moved(share)])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
            item.setToolTip(0, "Norm of the change of its weights, as a share of their norm before the run")
            self.table.addTopLevelItem(item)
        self.table.setVisible(self.table.topLevelItemCount() > 0)
        self._fit()
        self.button.setVisible(bool(proof.path))
        self.show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "table"):
            self._fit()

    def _fit(self) -> None:
        """As high as its rows, up to five."""
        rows = min(5, self.table.topLevelItemCount())
        self.table.setFixedHeight(rhythm(self, 7 + 5 * rows))

    @Slot()
    def _on_show(self) -> None:
        path = Path(self._path)
        trouble = open_folder(path.parent, f"The file is {path}")
        if trouble:
            self.words.say(f"{self.words.text()}\n{trouble}")


def plain_name(block: str) -> str:
    """A block as the stack names it."""
    return {"head": "New head", "": "Front"}.get(block, block.removeprefix("net.").removeprefix("net."))


def _moved(share: float | None) -> str:
    """A share in words that fit a column: ``12.3 %``."""
    if share is None:
        return "from 0"
    return f"{percent(share)}" if share < 10 else f"× {grouped(share)}"
