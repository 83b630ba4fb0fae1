"""What the screens of deals show besides the deals themselves."""

from collections.abc import Mapping

import msgspec

from appliance.domain.customers import ContactView
from appliance.domain.deals import (
    DealColumn,
    DealRow,
    DealTally,
    DealView,
    Funnels,
    OrderMakesDeal,
    Pipeline,
)
from appliance.domain.desk import Codes, Figures
from appliance.domain.orders import OrderCounts, OrderRow
from appliance.domain.timeline import StreamPage


class BoardScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline as a board.

    Attributes:
        ends: figures of the stages where deals end, by the stage's number.
        mine: open deals of the actor in this pipeline.
    """

    line: Pipeline
    columns: tuple[DealColumn, ...]
    ends: Mapping[int, DealTally]
    mine: int
    funnels: Funnels
    codes: Codes
    counts: OrderCounts


class DealsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline as a list; `after` is the number the next page goes on from."""

    line: Pipeline
    rows: tuple[DealRow, ...]
    after: int | None
    tally: DealTally
    mine: int
    funnels: Funnels
    codes: Codes
    counts: OrderCounts


class DealScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A deal's card.

    Attributes:
        order: the order it led to, where the actor may see it.
        figures, contacts: None and empty where the client is out of the actor's reach.
    """

    deal: DealView
    funnels: Funnels
    codes: Codes
    counts: OrderCounts
    stream: StreamPage
    order: OrderRow | None = None
    figures: Figures | None = None
    contacts: tuple[ContactView, ...] = ()
    budget_left: int | None = None
    may_open_client: bool = False


class PipelinesScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is set about pipelines; `standing` is deals by the stage's number."""

    funnels: Funnels
    standing: Mapping[int, int]
    order_makes: OrderMakesDeal
    codes: Codes
