"""Deals: pipelines with their stages, what comes in, what board, list and card show.

Money is kopecks, quantity thousandths, durations seconds.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.customers import CustomerBrief
from appliance.domain.fields import FieldValue
from appliance.domain.orders import UNSET, SourceMarks, Unset
from appliance.domain.personal import Personal

TITLE_LIMIT = 200
NOTE_LIMIT = 4_000
MOST_LINES = 100


class DealTexts(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `deal.texts`: people write names into titles and notes."""

    v: int = 1
    title: str = ""
    note: str = ""


class StageKind(StrEnum):
    """What standing at a stage means."""

    OPEN = "open"
    INVOICE = "invoice"  # entering it makes the order of the deal's goods
    WON = "won"
    LOST = "lost"


class DealState(StrEnum):
    """Whether a deal is still worked on."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DealField(StrEnum):
    """What a stage can require before a deal goes on."""

    AMOUNT = "amount"
    EXPECTED = "expected_on"
    LINES = "lines"
    NOTE = "note"
    SOURCE = "source"
    MANAGER = "manager"


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a pipeline.

    Attributes:
        number: how forms and addresses name it.
        required: what must be filled in before a deal goes on from here.
        skippable: a deal may go past it without stopping.
    """

    id: UUID
    number: int
    pipeline_id: UUID
    name: str
    kind: StageKind = StageKind.OPEN
    position: int = 0
    required: tuple[DealField, ...] = ()
    skippable: bool = False
    active: bool = True

    @property
    def state(self) -> DealState:
        """What a deal that stands here is."""
        if self.kind is StageKind.WON:
            return DealState.WON
        return DealState.LOST if self.kind is StageKind.LOST else DealState.OPEN


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A way of deals; its stages in their order, the ends (won, lost) last."""

    id: UUID
    number: int
    code: str
    name: str
    position: int = 0
    active: bool = True
    stages: tuple[Stage, ...] = ()

    @property
    def open_stages(self) -> tuple[Stage, ...]:
        """Stages a deal is worked on at."""
        return tuple(one for one in self.stages if one.active and one.state is DealState.OPEN)

    def end(self, kind: StageKind) -> Stage:
        """The stage where deals of this pipeline end so."""
        return next(one for one in self.stages if one.kind is kind)


class LossReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why deals are lost: one entry of the dictionary."""

    id: UUID
    number: int
    name: str
    position: int = 0
    active: bool = True


class Funnels(msgspec.Struct, frozen=True, kw_only=True):
    """All pipelines in their order, and the reasons of losses."""

    pipelines: tuple[Pipeline, ...]
    reasons: tuple[LossReason, ...]

    def pipeline(self, code: str = "") -> Pipeline | None:
        """A pipeline by its code; without one, the first that is in use."""
        if not code:
            return next((one for one in self.pipelines if one.active), None)
        return next((one for one in self.pipelines if one.code == code), None)

    def of(self, pipeline_id: UUID) -> Pipeline:
        """The pipeline a deal is in; pipelines are never deleted."""
        return next(one for one in self.pipelines if one.id == pipeline_id)

    def stage(self, stage_id: UUID) -> Stage:
        """The stage a deal stands at; stages are never deleted."""
        return next(one for line in self.pipelines for one in line.stages if one.id == stage_id)

    def numbered(self, number: int) -> Stage | None:
        """A stage by its number."""
        found = (one for line in self.pipelines for one in line.stages if one.number == number)
        return next(found, None)

    def reason(self, reason_id: UUID | None) -> str:
        """Name of a reason; empty for none."""
        return next((one.name for one in self.reasons if one.id == reason_id), "")


class OrderMakesDeal(msgspec.Struct, frozen=True, kw_only=True):
    """Setting: the pipeline in which a new order's deal begins; empty: orders make no deals."""

    pipeline: str = ""


# --- incoming ---


class DealLineDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Goods wanted: a name or an article (SKU) that the catalogue knows."""

    name: str
    quantity_milli: int = 1000
    price: int | None = None


class DealDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A deal to make; without a stage (0) it begins at the first of `pipeline`."""

    customer_number: int
    title: Personal[str]
    pipeline: str = ""
    stage: int = 0
    amount: int | None = None
    expected_on: date | None = None
    note: Personal[str] | None = None
    company_number: int | None = None
    manager_number: int | None = None
    source: SourceMarks = SourceMarks()
    lines: tuple[DealLineDraft, ...] = ()


class DealChange(msgspec.Struct, frozen=True, kw_only=True):
    """An edit; UNSET leaves a field alone. Lines are the whole new list; `manager` is a number."""

    title: Personal[str] | Unset = UNSET
    note: Personal[str] | Unset = UNSET
    amount: int | Unset = UNSET
    expected_on: date | Unset | None = UNSET
    source: str | Unset = UNSET
    manager: int | Unset = UNSET
    lines: tuple[DealLineDraft, ...] | Unset = UNSET


class DealFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What board and list can be narrowed by.

    Attributes:
        managers: numbers; 0 is nobody.
        text: a number or a fragment of the client's name.
        due_until: expected until this day.
        custom: (code, value as typed) of fields of the house's own making.
    """

    pipeline: str = ""
    stages: tuple[int, ...] = ()
    states: tuple[str, ...] = ("open",)
    managers: tuple[int, ...] = ()
    mine: bool = False
    reason: int = 0
    min_amount: int | None = None
    max_amount: int | None = None
    due_until: date | None = None
    text: str = ""
    customer_number: int | None = None
    custom: tuple[tuple[str, str], ...] = ()


# --- outgoing ---


class DealRow(msgspec.Struct, frozen=True, kw_only=True):
    """One deal of a board or list; `title` is None where the role hides it."""

    id: UUID
    number: int
    version: int
    stage_id: UUID
    state: DealState
    title: Personal[str] | None
    customer: CustomerBrief | None
    amount: int
    expected_on: date | None
    manager_number: int | None
    order_number: int | None
    reason_id: UUID | None
    stage_at: datetime
    created_at: datetime
    custom: tuple[FieldValue, ...] = ()


class DealTally(msgspec.Struct, frozen=True, kw_only=True):
    """Kept figures of one stage: how many, for how much, how long they stand there on average."""

    deals: int = 0
    amount: int = 0
    mean_age: int = 0


class DealColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the board; `after` is the cursor of what does not fit."""

    stage: Stage
    tally: DealTally
    rows: tuple[DealRow, ...]
    after: str | None = None


class DealLineView(msgspec.Struct, frozen=True, kw_only=True):
    """Goods wanted."""

    name: str
    sku: str
    quantity_milli: int
    price: int
    total: int


class DealMove(msgspec.Struct, frozen=True, kw_only=True):
    """One move between stages; `stayed` is how long the deal stood where it came from."""

    at: datetime
    from_stage: UUID | None
    to_stage: UUID
    stayed: int
    user_number: int


class DealView(msgspec.Struct, frozen=True, kw_only=True):
    """A deal's card."""

    row: DealRow
    pipeline: Pipeline
    stage: Stage
    company: CustomerBrief | None
    note: Personal[str] | None
    source: SourceMarks
    lines: tuple[DealLineView, ...]
    moves: tuple[DealMove, ...]
    updated_at: datetime
    closed_at: datetime | None
    damaged: bool = False


class DealMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A deal after its move; `order_id` of the order that the move made, else None."""

    number: int
    version: int
    stage: Stage
    order_id: UUID | None = None


Missing = Mapping[str, str]
"""Field of a deal → code of what is wrong with it."""
