"""Clients that send orders and move them, and a ledger of everything the box acknowledged."""

import asyncio
import random
import ssl
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec

from scripts._box import SHOP
from scripts._http import Answer, Broken, Connection

STATUSES = (
    "new", "client-confirmed", "wait-payment", "assembling", "assembling-complete", "delivering",
    "complete", "cancel-other",
)  # fmt: skip
PAUSE_SECONDS = 0.05
MOVES = 0.45


class _Reply(msgspec.Struct):
    success: bool = False
    id: int = 0
    errorMsg: str = ""  # noqa: N815 - as the reference spells it
    errors: dict[str, str] | list[str] = []


_replies = msgspec.json.Decoder(_Reply)


@dataclass
class Standing:
    """One order as its client knows it.

    Attributes:
        number: the box's own; 0 while it is not acknowledged.
        moves: status changes acknowledged.
        status: the last one acknowledged.
        maybe: statuses asked for since then without an answer.
    """

    number: int = 0
    moves: int = 0
    status: str = "new"
    maybe: set[str] = field(default_factory=set[str])


@dataclass
class Ledger:
    """What the clients know, by external id, and what they were refused."""

    orders: dict[str, Standing] = field(default_factory=dict[str, Standing])
    refusals: Counter[str] = field(default_factory=Counter[str])
    interrupted: int = 0

    @property
    def acknowledged(self) -> dict[str, Standing]:
        """Orders that the box has said it has."""
        return {name: one for name, one in self.orders.items() if one.number}

    @property
    def moves(self) -> int:
        """Status changes that the box has said it made."""
        return sum(one.moves for one in self.orders.values())


class Client:
    """One shop's module: sends an order until it is acknowledged, moves its own orders."""

    def __init__(
        self, number: int, port: int, trust: ssl.SSLContext, key: str, ledger: Ledger
    ) -> None:
        self._number = number
        self._connection = Connection(port, trust, {"x-api-key": key})
        self._ledger = ledger
        self._chance = random.Random(f"client-{number}")  # noqa: S311 - a load, not a secret
        self._sent = 0
        self._mine: list[str] = []

    async def run(self, until: asyncio.Event) -> None:
        """Work until told to stop; a lost connection is tried again, as modules do."""
        while not until.is_set():
            if self._mine and self._chance.random() < MOVES:
                await self._move(self._chance.choice(self._mine))
            else:
                await self._send(until)
        await self._connection.close()

    async def _send(self, until: asyncio.Event) -> None:
        name = f"fault-{self._number}-{self._sent}"
        body = f"site={SHOP}&order={quote(msgspec.json.encode(self._order(name)))}".encode()
        standing = self._ledger.orders.setdefault(name, Standing())
        while not until.is_set():
            reply = await self._ask("/api/v5/orders/create", body)
            if reply is None:
                continue
            if reply.success or reply.errorMsg == "Order already exists.":
                standing.number = reply.id or -1
                self._mine.append(name)
                self._sent += 1
                return

    async def _move(self, name: str) -> None:
        standing = self._ledger.orders[name]
        status = self._chance.choice(STATUSES)
        standing.maybe.add(status)
        change = quote(msgspec.json.encode({"status": status}))
        body = f"site={SHOP}&by=externalId&order={change}".encode()
        reply = await self._ask(f"/api/v5/orders/{name}/edit", body)
        if reply is not None and reply.success:
            standing.moves += status != standing.status
            standing.status, standing.maybe = status, set()

    async def _ask(self, path: str, body: bytes) -> _Reply | None:
        """Ask; None when the box went away or could not do it, and a short rest."""
        try:
            answer = await self._connection.ask("POST", path, body)
        except (OSError, Broken):
            self._ledger.interrupted += 1
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        if answer.status >= 500 or answer.status == 429:
            self._ledger.refusals[_refusal(answer)] += 1
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        return _replies.decode(answer.body)

    def _order(self, name: str) -> dict[str, object]:
        number = f"{self._number:02d}{self._sent:05d}"
        return {
            "externalId": name,
            "firstName": "Испытание",
            "lastName": f"Обрывов{self._sent}",
            "phone": f"+790{self._number % 10}{number}",
            "items": [
                {"offer": {"externalId": f"demo-{self._chance.randrange(500)}"}, "quantity": 1,
                 "initialPrice": 990},
            ],
            "delivery": {"code": "courier", "cost": 300, "address": {"city": "Тверь"}},
        }  # fmt: skip


def _refusal(answer: Answer) -> str:
    try:
        told = _replies.decode(answer.body)
        code = told.errors.get("code", "") if isinstance(told.errors, dict) else ""
        return f"{answer.status} {code} {told.errorMsg}"
    except msgspec.DecodeError:
        return f"{answer.status} unreadable: {answer.body[:60]!r}"
