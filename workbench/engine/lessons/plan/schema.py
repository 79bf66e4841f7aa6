"""The tables of a plan's file, strictly typed: anything else in them is refused with its place."""

from __future__ import annotations

import base64
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.variant import STRICT, AsTuple
from workbench.engine.core.packed_numbers import Floats, packed, unpacked
from workbench.engine.lessons.lesson import MOST
from workbench.engine.lessons.picture import Line, Panel, Picture, Style, Table
from workbench.engine.lessons.plan.needs import is_plain_name
from workbench.engine.lessons.plan.plan import MOST_NOTES, MOST_TEXT, MOST_TITLE, Need
from workbench.engine.lessons.plan.record import Record
from workbench.engine.lessons.run_cache import StepLosses

#: Numbers of one column, and of all columns of a file.
MOST_NUMBERS, MOST_IN_ALL = 1_000_000, 4_000_000
_Title = Annotated[str, Field(max_length=MOST_TITLE)]
_Text = Annotated[str, Field(max_length=MOST_TEXT)]


class _Table(BaseModel):
    model_config = STRICT


class Column(_Table):
    """``count`` numbers, packed: see ``packed``; in base64."""

    count: Annotated[int, Field(ge=0, le=MOST_NUMBERS)]
    packed: str

    @classmethod
    def of(cls, numbers: Floats) -> Column:
        """The column of these numbers."""
        return cls(count=len(numbers), packed=base64.b64encode(packed(numbers, 6)).decode("ascii"))

    @property
    def numbers(self) -> Floats:
        """The numbers. Raises ValueError if their count is not the declared one."""
        return unpacked(base64.b64decode(self.packed, validate=True), self.count)


class LineTable(_Table):
    """A ``Line``."""

    name: _Title
    x: Column
    y: Column
    style: Style

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        if self.x.count != self.y.count:
            raise PydanticCustomError("uneven", "has another number of places than of values")
        return self


class PanelTable(_Table):
    """A ``Panel``."""

    title: _Title
    x_label: _Title
    y_label: _Title
    lines: Annotated[tuple[LineTable, ...], AsTuple, Field(max_length=200)]
    log_x: bool = False
    log_y: bool = False
    is_measured: bool = False


class CellsTable(_Table):
    """A ``Table``."""

    head: Annotated[tuple[_Title, ...], AsTuple, Field(max_length=50)]
    rows: Annotated[
        tuple[Annotated[tuple[_Title, ...], AsTuple, Field(max_length=50)], ...], AsTuple, Field(max_length=500)
    ]

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        if any(len(row) != len(self.head) for row in self.rows):
            raise PydanticCustomError("uneven", "has rows that are not as wide as its head")
        return self


class LossesTable(_Table):
    """A ``StepLosses``."""

    name: _Title
    losses: Column


class RecordTable(_Table):
    """A ``Record``."""

    numbers: Column
    losses: Annotated[tuple[LossesTable, ...], AsTuple, Field(max_length=2000)] = ()
    panels: Annotated[tuple[PanelTable, ...], AsTuple, Field(max_length=20)] = ()
    table: CellsTable | None = None
    has_picture: bool = False
    data_marks: Annotated[tuple[_Title, ...], AsTuple, Field(max_length=20)] = ()
    machine: _Title = ""

    @classmethod
    def of(cls, record: Record) -> RecordTable:
        """The table of ``record``."""
        import numpy as np

        picture = record.picture
        return cls(
            numbers=Column.of(np.array(record.numbers)),
            losses=tuple(LossesTable(name=each.name, losses=Column.of(each.losses)) for each in record.losses),
            panels=tuple(_panel_table(panel) for panel in picture.panels) if picture is not None else (),
            table=_cells(picture.table) if picture is not None and picture.table is not None else None,
            has_picture=picture is not None,
            data_marks=record.data_marks,
            machine=record.machine,
        )

    @property
    def count(self) -> int:
        """All its numbers."""
        lines = sum(line.x.count + line.y.count for panel in self.panels for line in panel.lines)
        return self.numbers.count + sum(each.losses.count for each in self.losses) + lines

    def record(self) -> Record:
        """The record. Raises ValueError if a column does not have the declared length."""
        return Record(
            tuple(self.numbers.numbers.tolist()),
            tuple(StepLosses(each.name, each.losses.numbers) for each in self.losses),
            self._picture() if self.has_picture else None,
            self.data_marks,
            self.machine,
        )

    def _picture(self) -> Picture:
        table = None if self.table is None else Table(self.table.head, self.table.rows)
        return Picture(tuple(_panel(panel) for panel in self.panels), table)


def _panel_table(panel: Panel) -> PanelTable:
    lines = tuple(
        LineTable(name=line.name[:MOST_TITLE], x=Column.of(line.x), y=Column.of(line.y), style=line.style)
        for line in panel.lines
    )
    return PanelTable(
        title=panel.title,
        x_label=panel.x_label,
        y_label=panel.y_label,
        lines=lines,
        log_x=panel.log_x,
        log_y=panel.log_y,
        is_measured=panel.is_measured,
    )


def _panel(table: PanelTable) -> Panel:
    lines = tuple(Line(line.name, line.x.numbers, line.y.numbers, line.style) for line in table.lines)
    return Panel(table.title, table.x_label, table.y_label, lines, table.log_x, table.log_y, table.is_measured)


def _cells(table: Table) -> CellsTable:
    return CellsTable(head=table.head, rows=table.rows)


class NeedTable(_Table):
    """A ``Need``: a name, never a path."""

    setting: _Title
    name: _Title
    mark: _Title = ""

    @model_validator(mode="after")
    def _is_name(self) -> Self:
        if not is_plain_name(self.name):
            raise PydanticCustomError("path", "must be the name of a file or folder, and no path")
        return self

    def need(self) -> Need:
        """The need."""
        return Need(self.setting, self.name, self.mark)


class SceneTable(_Table):
    """A ``PlanScene``; its lesson is checked as a lesson's file is."""

    lesson: dict[str, Any]
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    needs: Annotated[tuple[NeedTable, ...], AsTuple, Field(max_length=10)] = ()
    record: RecordTable | None = None

    @model_validator(mode="after")
    def _has_short_words(self) -> Self:
        limits = {"title": MOST_TITLE, "question": MOST_TEXT, "drag": MOST_TEXT, "conclusion": MOST_TEXT}
        for name, most in {**limits, "notes": MOST_NOTES}.items():
            if len(str(self.lesson.get(name, ""))) > most:
                raise PydanticCustomError(
                    "long", "has a {name} of more than {most} characters", {"name": name, "most": most}
                )
        return self


class PlanTable(_Table):
    """The whole file."""

    version_read: ClassVar[int] = 1

    format: Literal["lesson plan"]
    version: int
    title: Annotated[str, Field(min_length=1, max_length=MOST_TITLE)]
    note: Annotated[str, Field(max_length=MOST_NOTES)] = ""
    scenes: Annotated[tuple[SceneTable, ...], AsTuple, Field(max_length=MOST)] = ()

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        count = sum(scene.record.count for scene in self.scenes if scene.record is not None)
        if count > MOST_IN_ALL:
            raise PydanticCustomError("many", "has more recorded numbers than a plan may have")
        return self
