"""The second page: the network as a stack of blocks with the freeze line, and the lecture's rule for where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSplitter, QWidget

from workbench.bridge.transfer.draft import TransferDraft
from workbench.engine.core.text import grouped, shape_text
from workbench.engine.experiments.transfer_plan import typical
from workbench.views.form.form import Form
from workbench.views.transfer.freeze_control import FreezeControl
from workbench.views.transfer.freeze_stack import FreezeStack
from workbench.views.transfer.pages.page import Page, Waiting
from workbench.views.transfer.pages.rule_table import RuleTable
from workbench.views.transfer.stack_state import StackBlock
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.check_box import Radio
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import MUTED, WARNING

if TYPE_CHECKING:
    from workbench.engine.transfer.blocks import Block

_LEAD: Final = (
    "Blocks below the line keep their weights; blocks above it are trained. "
    "The first blocks detect edges and textures, which most pictures share; the last ones detect the old classes."
)


class FreezePage(Page):
    """The stack on the left; on the right the user's own case in the rule of thumb."""

    def __init__(self, draft: TransferDraft) -> None:
        super().__init__(draft, "What to freeze?", _LEAD)
        self._is_new = False
        self.stack = FreezeStack()
        self.control = FreezeControl(self.stack, draft.store)
        self.building = Waiting(draft.blocks, "Building the network")
        self.rule = RuleTable()
        self.advice = Words()
        self.advice.setAccessibleName("Suggestion")
        self.why = Words(tone=MUTED)
        self.use_button = QPushButton("Use this &suggestion")
        self.use_button.setAutoDefault(False)
        self.other = Words(tone=WARNING)
        self.other.setAccessibleName("Differs from the suggestion")
        self.other.say("")
        self.similar, self.different = Radio("S&imilar"), Radio("&Different, or not sure")
        self.form = Form(draft.store, ("model.rate_below",), frozenset("nbsicdu"))
        self._lay_out()
        self.use_button.clicked.connect(self._on_use)
        draft.blocks.changed.connect(self._show_blocks)
        draft.advised.connect(self._show_advice)
        draft.changed.connect(self._show_advice)

    def _lay_out(self) -> None:
        left = Box(spacing=2)
        left.add(self.building)
        left.add(self.stack, 1)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(left)
        parts.addWidget(scrolled(self._made_case(), "Suggestion", narrowest=70))
        parts.setChildrenCollapsible(False)
        parts.setSizes([600, 500])  # in proportion
        self.column.addWidget(parts, 1)

    def _made_case(self) -> QWidget:
        """The user's own case, what is suggested for it, and the rule behind that."""
        likeness = Box(spacing=3, horizontal=True)
        self._likeness = QButtonGroup(self)
        for radio in (self.similar, self.different):
            self._likeness.addButton(radio)
            likeness.add(radio)
        self.different.setChecked(True)
        likeness.box.addStretch(1)
        self._likeness.buttonClicked.connect(self._on_likeness)
        self._counts = Words()
        self._question = Words("How similar are your pictures to those that it was trained on?")
        self._question.setForegroundRole(MUTED)
        right = Box(spacing=2, margins=(2, 0, 1, 0))
        head = Words("The lecture's rule of thumb")
        font = QFont(head.font())
        font.setBold(True)
        for words in (head, self.advice):
            words.setFont(font)
        # The suggestion and whether it is in use come first: the table and the rate may need scrolling.
        above: tuple[QWidget, ...] = (self._counts, self._question, likeness, self.advice, self.other)
        for part in above:
            right.add(part)
        right.box.addWidget(self.use_button, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self.why, head, self.rule, self.form):
            right.add(widget)
        right.box.addStretch(1)
        return right

    def initializePage(self) -> None:
        """Build the network of the chosen weights, and look at the user's case."""
        self.draft.look_at_blocks()
        self._show_blocks()
        self._show_advice()

    def take_focus(self) -> None:
        self._is_new = True
        self._focus_line()

    def _focus_line(self) -> None:
        """Give the line the focus when the page is new and the network has been built."""
        if self._is_new and self.stack.line.isEnabled():
            self._is_new = False
            self.stack.line.setFocus()

    @property
    def why_not(self) -> str:
        blocks = self.draft.blocks
        if blocks.trouble:
            return blocks.trouble
        return "" if blocks.value is not None else "The network is being built."

    @Slot()
    def _show_blocks(self) -> None:
        blocks: Sequence[Block] | None = self.draft.blocks.value
        data = self.draft.summary
        if blocks is None or data is None:
            self.stack.set_blocks((), StackBlock("", "New head", 0))
        else:
            stacked, head = stack_blocks(blocks, len(data.classes))
            self.stack.set_blocks(stacked, head, shape_text(data.shape))
        self.draft.propose_once()
        self.control.refresh()
        self._show_advice()
        self._focus_line()
        self.completeChanged.emit()

    # --- the suggestion ------------------------------------------------------------------------------------------

    @Slot()
    def _on_likeness(self) -> None:
        self.draft.set_likeness("similar" if self.similar.isChecked() else "different")

    @Slot()
    def _on_use(self) -> None:
        self.draft.use_advice()

    @Slot()
    def _show_advice(self) -> None:
        data, advice = self.draft.summary, self.draft.advice
        if data is not None:
            usual = grouped(typical(data.class_train))
            least, most = (grouped(pick(data.class_train, default=0)) for pick in (min, max))
            each = f"{usual} of each class" if least == most else f"{least} to {most} of a class, typically {usual}"
            self._counts.say(f"You have {grouped(data.train)} training examples, {each}.")
        case = (advice.cell[0] == "large", advice.cell[1] == "similar") if advice is not None else None
        self.rule.show_case(case, advice.instead if advice is not None else "")
        self.advice.say(f"Suggested: {advice.title}." if advice is not None else "")
        self.other.say(self.draft.differences)
        self.why.say(advice.why if advice is not None else "")
        follows = self.draft.follows_advice
        self.use_button.setEnabled(advice is not None and not follows)
        self.use_button.setText("The suggestion is in use" if follows else "Use this &suggestion")


def stack_blocks(blocks: Sequence[Block], classes: int) -> tuple[list[StackBlock], StackBlock]:
    """The engine's blocks as the stack shows them: those below the head, and the head."""
    made = [
        StackBlock(
            str(block.number),
            "New head" if block.is_head else f"{block.number}  {block.name}",
            block.parameters,
            block.memory,
            block.shape,
            f"{classes} classes" if block.is_head else block.words,
        )
        for block in blocks
    ]
    return made[:-1], made[-1]
