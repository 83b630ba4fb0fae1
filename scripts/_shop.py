"""The shop of the journey: the unmodified PyPI package `retailcrm`, over a line that breaks."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests
import retailcrm  # pyright: ignore[reportMissingTypeStubs] - it has none

from scripts._cutter import ANSWER, REQUEST, Cutter

SHOP = "main"
TRIES = 6
_TRUST = "REQUESTS_CA_BUNDLE"


class Buyer(NamedTuple):
    """An invented person; the phone as digits, `79…`."""

    external_id: str
    last_name: str
    first_name: str
    patronymic: str
    phone: str
    typed_phone: str
    email: str

    @property
    def texts(self) -> list[str]:
        """What must be found nowhere."""
        return [self.last_name, self.first_name, self.patronymic, self.email]


BUYERS = (
    Buyer("shop-1", "Ксенохвостова", "Аполлинария", "Варфоломеевна", "79135554721",
          "8 (913) 555-47-21", "apollinariya.k@post.example"),
    Buyer("shop-2", "Щипобрагин", "Мстивлад", "Евстафьевич", "79265556839",
          "+7 926 555 68 39", "mstivlad.sch@post.example"),
)  # fmt: skip

Sent = Mapping[str, Any]


class Miss(Exception):
    """Something is not as the journey says it must be."""


def expect(truth: object, what: str) -> None:
    """Go on only if it is so.

    Raises:
        Miss: it is not.
    """
    if not truth:
        raise Miss(what)


@contextmanager
def trusting(authority: Path) -> Generator[None]:
    """Let the unmodified client trust the box; nothing that comes after it does."""
    before = os.environ.get(_TRUST)
    os.environ[_TRUST] = str(authority)
    try:
        yield
    finally:
        del os.environ[_TRUST]
        if before is not None:
            os.environ[_TRUST] = before


class Shop:
    """Sends clients and orders through a cutter and repeats what got no answer."""

    def __init__(self, cutter: Cutter, key: str) -> None:
        self._cutter = cutter
        self._crm: Any = retailcrm.v5(f"https://127.0.0.1:{cutter.port}", key)
        self.interrupted = 0

    def send(self, manager: int) -> dict[str, int]:
        """Send both buyers and an order each, twice, with cut connections.

        Returns:
            external id of the order → its number in the box.
        """
        numbers: dict[str, int] = {}
        leads = {BUYERS[0]: manager}
        for ways in ((REQUEST, ANSWER), ()):
            for buyer in BUYERS:
                self._cutter.plan(ways)
                client = _client(buyer, leads.get(buyer, 0))
                self._repeat(lambda one=client: self._crm.customer_create(one, SHOP))
                self._cutter.plan(ways)
                order = _order(buyer, leads.get(buyer, 0))
                self._repeat(lambda one=order: self._crm.order_create(one, SHOP))
        for buyer in BUYERS:
            answer = self._crm.order(f"order-{buyer.external_id}", "externalId", SHOP)
            expect(answer.is_successful(), f"the order of {buyer.external_id} is not there")
            numbers[f"order-{buyer.external_id}"] = int(answer.get_response()["order"]["id"])
        return numbers

    def check_no_doubles(self) -> None:
        """Ask the box for everything it has.

        Raises:
            Miss: there is more than was sent.
        """
        orders = self._crm.orders().get_response()
        customers = self._crm.customers().get_response()
        found = [one["externalId"] for one in orders["orders"]]
        expect(sorted(found) == [f"order-{one.external_id}" for one in BUYERS], f"orders: {found}")
        found = [one.get("externalId", "-") for one in customers["customers"]]
        expect(sorted(found) == [one.external_id for one in BUYERS], f"clients: {found}")

    def _repeat(self, ask: Callable[[], Any]) -> None:
        """Ask until there is an answer, as a shop's module does; «exists already» is one."""
        for _ in range(TRIES):
            try:
                answer = ask()
            except requests.exceptions.RequestException:
                self.interrupted += 1
                continue
            exists = not answer.is_successful() and "already exists" in answer.get_error_msg()
            expect(answer.is_successful() or exists, f"refused: {answer.get_response()}")
            return
        raise Miss(f"no answer after {TRIES} tries")


def _client(buyer: Buyer, manager: int) -> Sent:
    client: dict[str, Any] = {
        "externalId": buyer.external_id,
        "lastName": buyer.last_name,
        "firstName": buyer.first_name,
        "patronymic": buyer.patronymic,
        "email": buyer.email,
        "phones": [{"number": buyer.typed_phone}],
    }
    return {**client, "managerId": manager} if manager else client


def _order(buyer: Buyer, manager: int) -> Sent:
    order: dict[str, Any] = {
        "externalId": f"order-{buyer.external_id}",
        "lastName": buyer.last_name,
        "firstName": buyer.first_name,
        "phone": buyer.typed_phone,
        "email": buyer.email,
        "customer": {"externalId": buyer.external_id},
        "items": [{"productName": "Термос «Иней»", "quantity": 2, "initialPrice": 1490}],
        "delivery": {"code": "courier", "cost": 300, "address": {"city": "Тверь"}},
    }
    return {**order, "managerId": manager} if manager else order
