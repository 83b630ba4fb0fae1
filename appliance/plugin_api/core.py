"""What a plugin may ask of the box: each method is one question, checked by the grant there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal
from appliance.domain.service_files import FileKind
from appliance.plugin_api import calls, files, goods
from appliance.plugin_api.bookkeeping import Books
from appliance.plugin_api.calls import (
    CALLS,
    Change,
    Customer,
    Direction,
    NewOrder,
    Order,
    OrderPlaced,
    Row,
    Standing,
    StatusMoved,
    Tone,
    Value,
)
from appliance.plugin_api.client_messages import ClientMessages
from appliance.plugin_api.core_fulfilments import FulfilmentCalls
from appliance.plugin_api.goods import GoodIn, GroupIn, NamedIn, OfferIn, Outcome
from appliance.plugin_api.messages import Account, Hello
from appliance.plugin_api.outcomes import Pause
from appliance.plugin_api.parcels import Parcels
from appliance.plugin_api.pays import Pays
from appliance.plugin_api.postings import Markets
from appliance.plugin_api.standing import KeyUntil

PROBE: Final = timedelta(minutes=2)
"""An account that is down is asked again no sooner."""

PAUSED: Final[dict[str, datetime]] = {}
"""Account → until when; one plugin, one process, one map."""


class Refused(Exception):
    """The box refuses a call. Uncaught in a handler it means: again later.

    Attributes:
        code: why: `field_not_granted`, `not_found`, or a code of the call.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Line(Protocol):
    """The way to the box: one call there and its answer back, many of them at once."""

    def __call__(self, name: str, body: bytes, /) -> Awaitable[bytes]:
        """Send msgpack, give msgpack.

        Raises:
            Refused: with the code of the refusal.
        """
        ...


SUBJECTS: Final[Mapping[str, type]] = {
    "books": Books,
    "markets": Markets,
    "messages": ClientMessages,
    "parcels": Parcels,
    "pays": Pays,
}
"""Questions of one subject hang on the core together: `core.markets.put` asks `markets_put`."""

Teller = Callable[[int, str, Mapping[str, int]], None]
"""Takes level, code and numbers of a line of the log."""


class Core(FulfilmentCalls):
    """The box as one call of a plugin sees it; every question raises `Refused` with a code.

    Attributes:
        delivery_id: of the event that is handled: the same over retries, so it serves the other
            side as idempotency key; None in a job or a route.
        attempt: which try of the delivery this is, from 1.
        settings: by name, as an administrator filled the form in.
        books: what a base that keeps the books says of orders.
        parcels: what a carrier is asked for, and what it reports.
        messages: what a service of text messages is to send, and what became of it.
        pays: what an acquirer is asked for, and what it reports.
        folder: of the plugin's own, for files that name nobody; empty where its manifest asks
            for none (`limits.disk_mb`).
        markets: marketplaces: postings in, stock and prices out.
    """

    def __init__(
        self,
        line: Line,
        hello: Hello,
        tell: Teller,
        delivery_id: UUID | None = None,
        attempt: int = 1,
    ) -> None:
        self._line = line
        self._tell = tell
        self.delivery_id = delivery_id
        self.attempt = attempt
        self.settings: Mapping[str, str | int | bool | None] = hello.settings
        self.folder = hello.folder
        self.books = Books(self._call)
        self._accounts = hello.accounts
        self.parcels = Parcels(self._call)
        self.markets = Markets(self._call)
        self.messages = ClientMessages(self._call)
        self.pays = Pays(self._call)

    def log(self, code: str, level: int = 20, **numbers: int) -> None:
        """Write one line into the plugin's log: a code `[a-z0-9_.]` and numbers, no texts."""
        self._tell(level, code, numbers)

    async def _call(self, name: str, message: msgspec.Struct) -> Any:
        return calls.unpack(await self._line(name, calls.pack(message)), CALLS[name].answers)

    # --- accounts of the other side ---

    def accounts(self) -> tuple[Account, ...]:
        """Those that are on; of a plugin that knows but one, that: `main`, with its settings."""
        if self._accounts is None:
            return (Account(code="main", settings=dict(self.settings)),)
        return self._accounts

    def account_of(self, code: str) -> Account:
        """One of them, by what a record names.

        Raises:
            Pause: it is switched off: what is for it waits.
        """
        found = next((one for one in self.accounts() if one.code == code), None)
        if found is None:
            raise self.down(code, code="account_off")
        return found

    def account(self, key: str) -> None:
        """Say which account of the other side is talked to next.

        Raises:
            Pause: it was found to be down less than two minutes ago: the event waits with it.
        """
        until, now = PAUSED.get(key), calls.utc_now()
        if until is not None and until > now:
            raise Pause((until - now).total_seconds(), account=key)
        PAUSED.pop(key, None)

    def down(self, key: str, seconds: float = 0.0, code: str = "account_down") -> Pause:
        """The account does not answer (no connection, 5xx, 429): `raise core.down(key)`.

        Args:
            key: of the account.
            seconds: as the other side asked for (`Retry-After`); two minutes at least.
            code: why, for a page that waits for an answer.
        """
        wait = max(seconds, PROBE.total_seconds())
        PAUSED[key] = calls.utc_now() + timedelta(seconds=wait)
        return Pause(wait, account=key, code=code)

    async def key_until(self, account: str, until: datetime | None) -> None:
        """Say when a key of access ends, where the service tells; people hear of it in time."""
        await self._call("key_until", KeyUntil(account=account, until=until))

    # --- orders and clients ---

    async def orders(
        self, ids: Sequence[UUID], fields: Sequence[str] = (), purpose: str = ""
    ) -> tuple[Order, ...]:
        """Orders by id, at most 100; personal fields as the manifest was granted them."""
        asked = calls.OrdersAsked(ids=tuple(ids), fields=tuple(fields), purpose=purpose)
        found: calls.Orders = await self._call("orders", asked)
        return found.orders

    async def order(
        self, order_id: UUID, fields: Sequence[str] = (), purpose: str = ""
    ) -> Order | None:
        """One order; None: there is none."""
        found = await self.orders((order_id,), fields, purpose)
        return found[0] if found else None

    async def orders_since(self, number: int = 0, limit: int = 100) -> tuple[Change, ...]:
        """Changes of orders after a change number, ascending; empty: that was all."""
        page: calls.Changes = await self._call(
            "orders_since", calls.ChangesAsked(since=number, limit=limit)
        )
        return page.changes

    async def customers(
        self, ids: Sequence[UUID], fields: Sequence[str] = (), purpose: str = ""
    ) -> tuple[Customer, ...]:
        """Clients by id, at most 100; one that was merged into another comes as that one."""
        asked = calls.CustomersAsked(ids=tuple(ids), fields=tuple(fields), purpose=purpose)
        found: calls.Customers = await self._call("customers", asked)
        return found.customers

    async def customer(
        self, customer_id: UUID, fields: Sequence[str] = (), purpose: str = ""
    ) -> Customer | None:
        """One client; None: there is none, or he is blocked."""
        found = await self.customers((customer_id,), fields, purpose)
        return found[0] if found else None

    async def phone_for(self, customer_id: UUID, purpose: str) -> Personal[str] | None:
        """A client's phone, in the form +79161234567; None: he has none.

        Raises:
            Refused: `purpose_refused`: the client gives no ground for it, or took it back.
        """
        asked = calls.PhoneAsked(customer_id=customer_id, purpose=purpose)
        found: calls.Phone = await self._call("phone_for", asked)
        return found.phone

    async def set_order_status(
        self, order_id: UUID, status: str, version: int | None = None
    ) -> StatusMoved:
        """Move an order; to where it stands already is no move and no error."""
        wanted = calls.StatusWanted(order_id=order_id, status=status, version=version)
        return await self._call("set_order_status", wanted)

    async def place_order(self, order: NewOrder) -> OrderPlaced:
        """Accept an order, once per (shop, external id): repeating is safe."""
        return await self._call("place_order", order)

    # --- words to people ---

    async def journal(
        self,
        code: str,
        *,
        direction: Direction = "here",
        state: Standing = "ok",
        kind: str = "",
        number: int = 0,
        **data: int | str,
    ) -> int:
        """Write a line of the journal by a code of the plugin's catalogue; its reference number.

        Args:
            code: key of `texts/ru.toml` and `texts/en.toml`.
            direction: in, out or here.
            state: ok, warn or bad.
            kind: of the record it is about: order, product, customer…
            number: that record's number.
            data: for the sentence: numbers and short codes, never a word about a person.
        """
        note = calls.Note(
            code=code,
            direction=direction,
            state=state,
            data=data,
            kind=kind,
            object_number=number,
            delivery=self.delivery_id,
        )
        noted: calls.Noted = await self._call("journal", note)
        return noted.number

    async def task(
        self,
        key: str,
        title: Personal[str],
        text: Personal[str] | None = None,
        *,
        order_id: UUID | None = None,
        customer_id: UUID | None = None,
        hours: int = 24,
    ) -> bool:
        """Ask a colleague to do something; False: a task of this key is open already."""
        wanted = calls.TaskWanted(
            key=key,
            title=title,
            text=text or Personal(""),
            order_id=order_id,
            customer_id=customer_id,
            hours=hours,
        )
        done: calls.TaskSet = await self._call("task", wanted)
        return done.created

    async def badge(self, order_id: UUID, text: str, tone: Tone = "grey") -> None:
        """Put a word on an order, or take it away by an empty one."""
        await self._call("badge", calls.BadgeWanted(order_id=order_id, text=text, tone=tone))

    async def file_put(
        self, order_id: UUID, key: str, name: str, kind: FileKind, body: bytes
    ) -> int:
        """Hang a label, an act, a receipt on an order's card; its number.

        Args:
            order_id: of the order; the file is sealed under its buyer's key.
            key: the plugin's own name for the file: brought again, it is kept once.
            name: with its ending, as people save it.
            kind: label, act, waybill, receipt or other.
            body: 16 MB at most.
        """
        given = files.FileGiven(
            order_id=order_id, key=key, name=Personal(name), kind=kind, body=Personal(body)
        )
        kept: files.FileKept = await self._call("file_put", given)
        return kept.number

    # --- own tables ---

    async def rows_get(
        self, table: str, keys: Sequence[tuple[Value, ...]], *, personal: bool = False
    ) -> tuple[Row, ...]:
        """Rows by key, at most 1 000; those that are not there are left out."""
        asked = calls.RowsAsked(table=table, keys=tuple(keys), personal=personal)
        found: calls.Rows = await self._call("rows_get", asked)
        return found.rows

    async def rows_scan(
        self,
        table: str,
        *,
        after: tuple[Value, ...] = (),
        within: tuple[Value, ...] = (),
        limit: int = 100,
        personal: bool = False,
    ) -> tuple[Row, ...]:
        """Rows by a range of keys, ascending, at most 1 000."""
        asked = calls.ScanAsked(
            table=table, after=after, within=within, limit=limit, personal=personal
        )
        found: calls.Rows = await self._call("rows_scan", asked)
        return found.rows

    async def rows_put(self, table: str, rows: Sequence[Row]) -> int:
        """Write rows, at most 1 000: each replaces the one of its key; all or none."""
        done: calls.Counted = await self._call(
            "rows_put", calls.RowsGiven(table=table, rows=tuple(rows))
        )
        return done.rows

    async def rows_delete(self, table: str, keys: Sequence[tuple[Value, ...]]) -> int:
        """Delete rows by key; how many there were."""
        done: calls.Counted = await self._call(
            "rows_delete", calls.RowsUnwanted(table=table, keys=tuple(keys))
        )
        return done.rows

    # --- goods ---

    async def lists(self) -> goods.Lists:
        """Statuses, ways of payment and delivery, kinds of price, warehouses: codes and names."""
        return await self._call("lists", goods.ListsAsked())

    async def groups_put(self, groups: Sequence[GroupIn]) -> tuple[int, ...]:
        """Make groups of goods or rename them, parents first; numbers of the box, in order."""
        done: goods.Numbers = await self._call(
            "groups_put", goods.GroupsGiven(groups=tuple(groups))
        )
        return done.numbers

    async def price_types_put(self, kinds: Sequence[NamedIn]) -> tuple[str, ...]:
        """Kinds of price by code or name, made where they are not; codes in order."""
        done: goods.Codes = await self._call(
            "price_types_put", goods.NamesGiven(names=tuple(kinds))
        )
        return done.codes

    async def warehouses_put(self, places: Sequence[NamedIn]) -> tuple[str, ...]:
        """Warehouses by code or name, made where they are not; codes in order."""
        done: goods.Codes = await self._call(
            "warehouses_put", goods.NamesGiven(names=tuple(places))
        )
        return done.codes

    async def goods_put(self, given: Sequence[GoodIn]) -> tuple[Outcome, ...]:
        """Add or change goods, at most 1 000; what became of each, in order."""
        done: goods.Outcomes = await self._call("goods_put", goods.GoodsGiven(goods=tuple(given)))
        return done.outcomes

    async def offers_put(self, given: Sequence[OfferIn]) -> tuple[Outcome, ...]:
        """Names, prices and stock of variants, at most 1 000; what became of each, in order."""
        done: goods.Outcomes = await self._call(
            "offers_put", goods.OffersGiven(offers=tuple(given))
        )
        return done.outcomes

    async def pictures_put(
        self, good: str, bodies: Sequence[bytes], *, shop: str = "", fill: bool = False
    ) -> goods.PicturesKept:
        """Make these the pictures that the plugin gave a good, at most 12 and 15 MiB in all."""
        given = goods.PicturesGiven(good=good, bodies=tuple(bodies), shop=shop, fill=fill)
        return await self._call("pictures_put", given)
