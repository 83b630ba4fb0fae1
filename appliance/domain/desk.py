"""What the screens of the staff show besides the records themselves."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from appliance.domain.backups import CopyHealth
from appliance.domain.client_dates import ClientDate
from appliance.domain.client_lists import ClientGroup
from appliance.domain.client_money import Bought, Breach
from appliance.domain.companies import OwnerRequest, Tie
from appliance.domain.customers import CustomerView
from appliance.domain.fields import HISTORY, CustomField, Owner
from appliance.domain.fulfilments import AtOperator
from appliance.domain.habits import Habits
from appliance.domain.health import BareMoney
from appliance.domain.integrations import IntegrationHealth
from appliance.domain.market import PostingView
from appliance.domain.orders import (
    OrderCounts,
    OrderFilter,
    OrderPage,
    OrderRow,
    OrderView,
    Tally,
)
from appliance.domain.papers import Paper
from appliance.domain.parcels import ParcelView
from appliance.domain.paying import AttemptView
from appliance.domain.references import Status, StatusGroup
from appliance.domain.service_files import ServiceFile
from appliance.domain.supplier_prices import SupplierPrice
from appliance.domain.timeline import StreamPage


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """Names and looks behind the codes of one page; each by its code, in order of position.

    Attributes:
        colleagues: number → full name, of those who work here now.
        former: the same of those who left.
        payable, deliverable: those of `payments` and `deliveries` that can be chosen now.
        fields: what an administrator made, by owner and code.
        has_operators: orders can go to fulfilment operators.
        stamp: differs whenever anything here does; parts of pages are kept by it.
    """

    statuses: Mapping[str, Status]
    groups: Mapping[str, StatusGroup]
    deliveries: Mapping[str, str]
    shops: Mapping[str, str]
    methods: Mapping[str, str]
    types: Mapping[str, str]
    warehouses: Mapping[str, str]
    colleagues: Mapping[int, str]
    former: Mapping[int, str]
    payments: Mapping[str, str] = {}
    payable: Mapping[str, str] = {}
    deliverable: Mapping[str, str] = {}
    line_states: Mapping[str, str] = {}
    fields: Mapping[Owner, Mapping[str, CustomField]] = {}
    has_operators: bool = False
    stamp: int = 0

    def name_of(self, number: int | None) -> str:
        """A colleague's full name; empty for nobody."""
        if not number:
            return ""
        return self.colleagues.get(number) or self.former.get(number, "")

    def made(self, name: str) -> CustomField | None:
        """The field behind a name of the feed where the stream does not say whose it is."""
        owners = (Owner.CUSTOMER, Owner.ORDER, Owner.DEAL, Owner.TASK, Owner.PRODUCT)
        if not name.startswith(HISTORY):
            return None
        return next((one for o in owners if (one := self.field_of(o, name)) is not None), None)

    def field_of(self, entity: str, name: str) -> CustomField | None:
        """The field behind a name of the change feed; `entity` as the feed has it."""
        code = name.removeprefix(HISTORY)
        owners = (entity, Owner.COMPANY) if entity == Owner.CUSTOMER else (entity,)
        for owner in owners if code != name else ():
            found = self.fields.get(Owner(owner), {}).get(code) if owner in set(Owner) else None
            if found is not None:
                return found
        return None


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a page: work that waits, and names behind codes."""

    counts: OrderCounts
    codes: Codes


class OrdersScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The list of orders with its tabs."""

    page: OrderPage
    counts: OrderCounts
    codes: Codes


class OrderGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One group of a list of orders.

    Attributes:
        key: code of the status, shop or delivery, number of the manager, ISO date of the day.
        page: its newest orders; None while it is folded.
    """

    key: str
    tally: Tally
    page: OrderPage | None = None


class OrderGroupsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The list of orders in groups.

    Attributes:
        whole: False where only the newest orders were added up.
    """

    groups: tuple[OrderGroup, ...]
    whole: bool
    counts: OrderCounts
    codes: Codes


class StreamScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a stream with the names behind its codes."""

    stream: StreamPage
    codes: Codes


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a client brought so far, kopecks; kept, not counted."""

    orders: int
    total: int
    paid: int
    since: datetime


class OrderScreen(msgspec.Struct, frozen=True, kw_only=True):
    """An order's card with its neighbours in the list it was opened from.

    Attributes:
        newer, older: numbers of the neighbours, None at the ends.
        figures: None where the actor may not see clients.
        budget_left: how many more clients may be revealed now; None: none at all.
        may_open_client: the client's own card is within the actor's reach.
        breach: why no more should be sold on credit to the client while this order is unpaid.
        tabs: codes of `domain.card_tabs`, as the actor's roles have them.
        papers: documents of the order that the actor may open; None: his roles make none.
        service_files: that services made about it, for whoever may open documents.
        posting: of the marketplace it came from.
        account: what lies on the client's internal account, kopecks; None: no business of his.
        parcels: what carriers carry for it, newest first.
        pays: attempts to be paid by link, newest first.
        operator: where it stands at a fulfilment operator; None: nowhere, and it cannot go there.
    """

    order: OrderView
    counts: OrderCounts
    codes: Codes
    stream: StreamPage
    newer: int | None = None
    older: int | None = None
    figures: Figures | None = None
    budget_left: int | None = None
    may_open_client: bool = False
    breach: Breach | None = None
    papers: tuple[Paper, ...] | None = None
    service_files: tuple[ServiceFile, ...] = ()
    tabs: tuple[str, ...] = ()
    account: int | None = None
    parcels: tuple[ParcelView, ...] = ()
    pays: tuple[AttemptView, ...] = ()
    operator: AtOperator | None = None
    posting: PostingView | None = None


class ClientOrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of a client's orders, kopecks."""

    number: int
    shown_number: str
    status: str
    summary: str
    lines_count: int
    total: int
    paid_total: int
    created_at: datetime


class ClientDeal(msgspec.Struct, frozen=True, kw_only=True):
    """One of a client's deals that the actor may see, kopecks; `state` is open, won or lost."""

    number: int
    stage: str
    state: str
    amount: int


class ClientScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A client's card.

    Attributes:
        survivor: number of the client he was taken into; 0 where he lives, or where the actor may
            not see that one.
    """

    client: CustomerView
    orders: tuple[ClientOrderLine, ...]
    stream: StreamPage
    codes: Codes
    budget_left: int | None
    payments: Mapping[str, str] = {}
    deals: tuple[ClientDeal, ...] = ()
    overdue: int = 0
    breach: Breach | None = None
    survivor: int = 0
    bought: tuple[Bought, ...] = ()
    habits: Habits = Habits()
    ties: tuple[Tie, ...] = ()
    requests: tuple[OwnerRequest, ...] = ()
    dates: tuple[ClientDate, ...] = ()
    tabs: tuple[str, ...] = ()
    prices: tuple[SupplierPrice, ...] = ()


class ClientsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A page of clients by key. There is no total: a list of people is not for counting.

    Attributes:
        after: cursor of the next page, None at the end and past the depth limit.
        deep: the page-depth limit was reached.
    """

    rows: tuple[CustomerView, ...]
    after: int | None
    codes: Codes
    deep: bool = False


class ClientGroupRows(msgspec.Struct, frozen=True, kw_only=True):
    """A group of clients with its newest ones; none of them where it is only named."""

    figures: ClientGroup
    rows: tuple[CustomerView, ...]


class ClientGroupsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The list of clients in groups; `whole`: the figures are of all of them."""

    groups: tuple[ClientGroupRows, ...]
    whole: bool
    codes: Codes


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """One heap of work on the first page; `kind` names it: new, unpaid, slow, assemble, nobody.

    Attributes:
        count: of the whole heap where it is kept; else as many as are shown.
        asked: the filter that shows the rest.
    """

    kind: str
    rows: tuple[OrderRow, ...]
    count: int
    more: bool
    asked: OrderFilter


class PutOff(msgspec.Struct, frozen=True, kw_only=True):
    """An order that the actor wants back in his queue at a moment."""

    row: OrderRow
    until: datetime


class TodayScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The first page of whoever works with orders."""

    queues: tuple[Queue, ...]
    counts: OrderCounts
    codes: Codes
    put_off: tuple[PutOff, ...] = ()


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    """A recurring job of the box; `problem` is the code of its last failure."""

    kind: str
    due_at: datetime | None
    problem: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the box is, for whoever runs it.

    Attributes:
        engine: `sqlite` or `postgres`.
        unsealed: deeds that wait to be sealed into the log.
        dead: events no subscriber took in the end.
        services: what is amiss with services that plugins speak with.
        bare: money without a fiscal receipt.
    """

    engine: str
    unsealed: int
    dead: int
    staff: int
    sessions: int
    keys: int
    chores: tuple[Chore, ...]
    copies: CopyHealth = CopyHealth()
    services: IntegrationHealth = IntegrationHealth()
    bare: BareMoney = BareMoney()
