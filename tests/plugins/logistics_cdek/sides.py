"""CDEK's fake on one side, a box in memory on the other, the vendor's description between them."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from appliance.domain.events import ServiceWished
from appliance.domain.personal import Personal
from appliance.plugin_api.fakes import transport
from appliance.plugin_api.messages import Account
from appliance.plugin_api.parcels import (
    Address,
    Done,
    Found,
    Item,
    OpenAsked,
    Parcel,
    ParcelAsked,
    Report,
    Step,
    Stepped,
    Steps,
)
from appliance.plugin_api.parcels import (
    Box as Packed,
)
from appliance.plugin_api.testing import Box
from plugins import logistics_cdek
from plugins.logistics_cdek import booking, following, quoting
from plugins.logistics_cdek.client import Clients
from plugins.logistics_cdek.fake import Fake
from tests.vendors.contract import Contract, checked, description, there

WORD = "a-word-of-more-than-20-letters"
PUBLIC = "https://crm.example.ru"
ONE_BY_ONE = ("/v2/location/cities", "/v2/deliverypoints")


class Mended:
    """The description with the places where CDEK's own export is known to be wrong.

    The token's keys go in the body; lists are described as one of their entries; a subscription's
    id is asked for though it is read-only; the codes of printing are an enumeration of nothing.
    """

    def __init__(self, inner: Contract) -> None:
        self._inner = inner

    def check_request(
        self, method: str, path: str, body: bytes = b"", query: str = "", kind: str = ""
    ) -> None:
        if path == "/v2/oauth/token":
            assert method == "POST" and not query and b"client_secret=" in body
            return
        if (method, path) == ("POST", "/v2/webhooks"):
            body = json.dumps(json.loads(body) | {"uuid": str(uuid4())}).encode()
        self._inner.check_request(method, path, body, query, kind)

    def check_answer(
        self, method: str, path: str, status: int, body: bytes, kind: str = ""
    ) -> None:
        if path == "/v2/oauth/token" or path.endswith(".pdf"):
            return
        bodies = [body]
        if status == 200 and (path in ONE_BY_ONE):
            bodies = [json.dumps(one).encode() for one in json.loads(body)]
        if status == 200 and path.startswith("/v2/print/") and method == "GET":
            printed = json.loads(body)
            for one in printed["entity"]["statuses"]:
                one["code"] = ""
            bodies = [json.dumps(printed).encode()]
        for one in bodies:
            self._inner.check_answer(method, path, status, one, kind)


class Sides:
    """A box with one parcel, and CDEK.

    Attributes:
        parcel: as the box holds it: reports change it.
    """

    def __init__(self, **settings: Any) -> None:
        self.fake = Fake()
        way: httpx.AsyncBaseTransport = transport(self.fake)
        self.checked = None
        if there():
            way = self.checked = checked(way, Mended(description("cdek-v2.json")))
        logistics_cdek.clients = Clients(way)
        quoting._towns.clear()  # pyright: ignore[reportPrivateUsage] - as a new process begins
        following._unknown.clear()  # pyright: ignore[reportPrivateUsage] - the same
        booking.sleep = self._sleep
        self.slept: list[float] = []
        form = {**self.fake.settings(), "address": "https://api.cdek.ru", "public": PUBLIC,
                "hook_word": WORD, **settings}  # fmt: skip
        self.account = Account("main", "СДЭК", form)
        self.box = Box(accounts=[self.account], keys={"calls": ("account", "day")})
        self.parcel = Parcel(
            id=uuid4(),
            number=7,
            own_number="1044-7",
            order_id=uuid4(),
            order_number=1044,
            account="main",
            tariff="136",
            gives="point",
            point="TVR1",
            state="draft",
            deed="book",
            box=Packed(grams=1250, length_mm=301, width_mm=200, height_mm=99),
            items=(
                Item(sku="L-1", name="Лампа", quantity_milli=2000, price=1200_00, vat_rate="22"),
                Item(sku="C-1", name="Шнур", quantity_milli=500, price=300_50),
            ),
            declared=2700_50,
            name=Personal("Сухова Анна"),
            phone=Personal("8 (912) 000-12-34"),
            address=Personal(Address(index="170000", city="Тверь", text="Садовая, 1")),
        )
        self.steps: dict[tuple[str, Any], Step] = {}
        self.labels: list[bytes] = []
        self.box.answers |= {
            "parcels_get": self._get,
            "parcels_open": self._open,
            "parcels_report": self._report,
            "parcels_steps": self._steps,
            "parcels_label": self._label,
        }

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _get(self, asked: ParcelAsked) -> Found:
        known = {self.parcel.carrier_id, self.parcel.own_number}
        fits = asked.id == self.parcel.id or (asked.id is None and asked.number in known)
        return Found(parcels=(self.parcel,) if fits and (asked.id or asked.number) else ())

    def _open(self, asked: OpenAsked) -> Found:
        over = self.parcel.state in {"delivered", "returned", "cancelled", "error", "lost"}
        return Found(parcels=() if over or asked.after else (self.parcel,))

    def _report(self, said: Report) -> Done:
        given = {
            name: value
            for name in ("state", "carrier_id", "track")
            if (value := getattr(said, name)) is not None
        }
        if self.parcel.state not in {"draft", "registered"}:
            given.pop("state", None)
        deed = "" if said.done == self.parcel.deed else self.parcel.deed
        self.parcel = msgspec.structs.replace(self.parcel, deed=deed, **given)
        return Done()

    def _steps(self, told: Steps) -> Stepped:
        fresh = [one for one in told.steps if (one.code, one.at) not in self.steps]
        self.steps |= {(one.code, one.at): one for one in told.steps}
        counted = sorted(
            (one for one in self.steps.values() if one.state and not one.taken_back),
            key=lambda one: one.at,
        )
        if counted and counted[-1].state:
            self.parcel = msgspec.structs.replace(self.parcel, state=counted[-1].state)
        return Stepped(new=len(fresh), state=self.parcel.state)

    def _label(self, given: Any) -> Done:
        self.labels.append(given.body)
        return Done()

    async def wish(self, deed: str, **changes: Any) -> None:
        """The box wants this of the parcel."""
        self.parcel = msgspec.structs.replace(self.parcel, deed=deed, **changes)
        event = ServiceWished(
            plugin="logistics_cdek", kind="parcel", record_id=self.parcel.id, deed=deed
        )
        await logistics_cdek.wished(event, self.box.core())

    @property
    def reports(self) -> list[Report]:
        """What was reported."""
        return self.box.of("parcels_report")

    def asked(self, method: str, path: str) -> int:
        """How often CDEK was asked this."""
        return sum(one.method == method and one.path == path for one in self.fake.requests)

    @property
    def uuid(self) -> UUID:
        """Of the only order there."""
        return UUID(next(iter(self.fake.orders)))
