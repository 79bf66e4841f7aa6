"""What the picture is to the network: maps, the first filters, what a layer gives, the nearest training pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QTabWidget, QVBoxLayout, QWidget

from workbench.bridge.use.explain_desk import ExplainDesk
from workbench.bridge.use.small_pictures import SmallPictures
from workbench.bridge.use.use_desk import UseDesk
from workbench.views.use.maps_pane import MapsPane
from workbench.views.use.neighbours_pane import NeighboursPane
from workbench.views.use.tiles_view import TilesView
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.elided_label import ElidedLabel
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

if TYPE_CHECKING:
    from workbench.engine.explain.inside import Channels
    from workbench.engine.explain.tiles import Tiles

_NO_PICTURE: Final = (
    "Give a picture: open, paste or draw one under Pictures, or choose one under Inspect and press Explain."
)
_NO_NETWORK: Final = "The network is still being loaded."
_FILTERS: Final = "The weights of the first layer as pictures will be here."
_CHANNELS: Final = "What a layer gives for the picture will be here, channel by channel."


class ExplainTab(QWidget):
    """Follows the picture and the network of the page while it is shown; only what is in sight is computed."""

    opened = Signal(object, str)  #: a picture to explain next (a file, or pixels), and what it is called

    def __init__(self, desk: ExplainDesk, use: UseDesk, pictures: SmallPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "explain")
        self.desk, self._use = desk, use
        self._network: object = None
        self._layers: tuple[tuple[str, str], ...] = ()
        self.member = QComboBox()
        self.member.setAccessibleName("Which network of the average")
        self.words = Words(tone=MUTED)
        #: Beside the tabs, so that it takes no room from what they show.
        self.picture_words = ElidedLabel()
        self.picture_words.cut_at = Qt.TextElideMode.ElideMiddle
        self.picture_words.setTextFormat(Qt.TextFormat.PlainText)
        self.picture_words.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.picture_words.setAccessibleName("The picture that is explained")
        self.maps, self.neighbours = MapsPane(desk), NeighboursPane(desk, pictures)
        self.filters, self.channels = TilesView("Filters", _FILTERS), TilesView("Channels", _CHANNELS)
        self.layer = QComboBox()
        self.layer.setAccessibleName("Layer")
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(24)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setCornerWidget(self.picture_words)
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        inside, filters = (Box(margins=(1, 1, 1, 1), spacing=1) for _ in range(2))
        inside.add(self.layer)
        inside.add(self.channels, 1)
        filters.add(self.filters, 1)
        pages = ((self.maps, "Maps"), (filters, "Filters"), (inside, "Activations"), (self.neighbours, "Neighbours"))
        for page, title in pages:
            self.tabs.addTab(page, title)
            set_help(page, "explain", title)
        head = Box(margins=(2, 1, 2, 0), spacing=2, horizontal=True)
        head.add(self.member)
        head.add(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.tabs, 1)

    def _connect(self) -> None:
        desk, use = self.desk, self._use
        use.picture_changed.connect(self._on_picture)
        use.slot.renewed.connect(self.refresh)
        use.slot.changed.connect(self.refresh)
        self.tabs.currentChanged.connect(self.refresh)
        self.member.activated.connect(self._on_member)
        self.layer.activated.connect(self._ask_for_channels)
        self.maps.refused.connect(self._refuse)
        desk.map.answered.connect(self.refresh)  # of weights that are no longer the newest
        desk.filters.answered.connect(self._on_filters)
        desk.channels.answered.connect(self._on_channels)
        desk.channels.answered.connect(self.refresh)
        desk.filters.changed.connect(self._show_words)
        desk.channels.changed.connect(self._show_words)
        self.neighbours.opened.connect(self.opened)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_words()  # the tabs know their size from now on
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_words()

    def _fit_words(self) -> None:
        """The picture's name gets what the tabs leave."""
        left = self.width() - self.tabs.tabBar().sizeHint().width() - rhythm(self, 8)
        self.picture_words.setFixedWidth(max(0, left))

    # --- What is asked -------------------------------------------------------------------------------------------

    @Slot()
    def _on_picture(self) -> None:
        """Another picture: what is shown is of none any more."""
        words = self._use.picture_words
        self.picture_words.setText(words)
        self.picture_words.setToolTip(plain_tip(words))
        self._forget_picture()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask for what is in sight."""
        self._show_members()
        self._follow_network()
        self._show_words()
        if not self.isVisible():
            return
        why_not, page = self._why_not(), self.tabs.currentWidget()
        if page is self.maps:
            if why_not:
                self.maps.clear(why_not)
            self.maps.ask()
        elif page is self.neighbours:
            self.neighbours.ask(why_not)
        elif self.filters.isVisibleTo(self):
            self.desk.look_at_filters()
        else:
            self._ask_for_channels()

    def _follow_network(self) -> None:
        """Layers and what was seen of another network are none of this one; better weights of a run have the same."""
        network = (self._use.slot.paths, self.desk.member)
        if network != self._network:
            self._network, self._layers = network, ()
            self.layer.clear()
            self.maps.forget_layers()
            self.filters.show_tiles(None)
            self._forget_picture()

    def _forget_picture(self) -> None:
        self.maps.clear(self._why_not())
        self.channels.show_tiles(None)

    @Slot()
    def _ask_for_channels(self) -> None:
        self.desk.look_at_layer(self.layer.currentData() or "")

    @Slot(int)
    def _on_member(self, row: int) -> None:
        self.desk.member = row
        self.refresh()

    def _show_members(self) -> None:
        """The networks of an average are explained one by one."""
        network = self._use.slot.network
        names = [member.name for member in network.members] if network is not None else []
        if [self.member.itemText(row) for row in range(self.member.count())] != names:
            self.member.clear()
            self.member.addItems(names)
            self.desk.member = 0
        self.member.setVisible(len(names) > 1)

    # --- What came of it -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_filters(self, found: Tiles) -> None:
        self.filters.show_tiles(found)

    @Slot(object)
    def _on_channels(self, found: Channels) -> None:
        if found.layers != self._layers:
            self._layers = found.layers
            self.layer.clear()
            for name, words in found.layers:
                self.layer.addItem(words, name)
        self.layer.setCurrentIndex(self.layer.findData(found.layer))
        self.channels.show_tiles(found.tiles)

    def _why_not(self) -> str:
        """Why a picture cannot be explained, as a sentence; empty if it can."""
        if self.desk.explainer is None:
            return self._use.slot.trouble or _NO_NETWORK
        return "" if self._use.has_picture else _NO_PICTURE

    @Slot()
    def _show_words(self) -> None:
        page = self.tabs.currentWidget()
        if page in (self.maps, self.neighbours):
            self._say("", is_wrong=False)
        elif self.filters.isVisibleTo(self):
            trouble = self.desk.filters.trouble
            self._say(trouble or ("" if self.desk.explainer is not None else self._why_not()), bool(trouble))
        else:
            trouble = self.desk.channels.trouble
            self._say(trouble or self._why_not(), bool(trouble))

    @Slot(str)
    def _refuse(self, why: str) -> None:
        self._say(why, is_wrong=True)

    def _say(self, words: str, is_wrong: bool) -> None:
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.say(words)
