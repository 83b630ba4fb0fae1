"""The Post's fake on one side, a box in memory on the other, the manual's shapes between them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec

from appliance.domain.events import ServiceWished
from appliance.domain.personal import Personal
from appliance.plugin_api.fakes import transport
from appliance.plugin_api.messages import Account
from appliance.plugin_api.pace import Pace
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
from plugins import logistics_russian_post
from plugins.logistics_russian_post import client, following, quoting
from plugins.logistics_russian_post.client import Clients
from plugins.logistics_russian_post.fake import Fake
from tests.plugins.logistics_russian_post.schemas import CONTRACT
from tests.vendors.contract import checked

ENDED = frozenset({"delivered", "returned", "cancelled", "error", "lost"})


class Sides:
    """A box with some parcels, and the Post.

    Attributes:
        parcel: the first, as the box holds it: reports change it.
        moment: of the clock of both.
    """

    def __init__(self, **settings: Any) -> None:
        self.moment = datetime(2026, 5, 4, 9, tzinfo=UTC)
        self.fake = Fake(lambda: self.moment)
        self.checked = checked(transport(self.fake), CONTRACT)
        client.PACE = Pace(  # type: ignore[misc] # waits by the clock of the test
            10, 1.0, clock=self._seconds, sleep=self._sleep
        )
        logistics_russian_post.clients = Clients(self.checked)
        quoting._towns.clear()  # pyright: ignore[reportPrivateUsage] - as a new process begins
        quoting._offices.clear()  # pyright: ignore[reportPrivateUsage] - the same
        following._unknown.clear()  # pyright: ignore[reportPrivateUsage] - the same
        form: dict[str, Any] = {
            "address": "https://otpravka-api.pochta.ru",
            "insured": True,
            "tracking_limit": 100,
            **self.fake.settings(),
            **settings,
        }
        self.account = Account("main", "Почта", form)
        keys = {"looks": ("account", "parcel"), "days": ("account", "day")}
        self.box = Box(accounts=[self.account], keys=keys)
        self.parcels: list[Parcel] = []
        self.add()
        self.steps: dict[tuple[str, Any], Step] = {}
        self.labels: list[bytes] = []
        self.box.answers |= {
            "parcels_get": self._get,
            "parcels_open": self._open,
            "parcels_report": self._report,
            "parcels_steps": self._steps,
            "parcels_label": self._label,
        }

    def _seconds(self) -> float:
        return self.moment.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def add(self, **changes: Any) -> Parcel:
        """One more parcel."""
        number = len(self.parcels) + 7
        made = Parcel(
            id=uuid4(),
            number=number,
            own_number=f"1044-{number}",
            order_id=uuid4(),
            order_number=1044,
            account="main",
            tariff="ONLINE_PARCEL",
            gives="point",
            point="170000",
            state="draft",
            deed="book",
            box=Packed(grams=1250, length_mm=301, width_mm=200, height_mm=99),
            items=(
                Item(sku="L-1", name="Лампа", quantity_milli=2000, price=1200_00, vat_rate="22"),
                Item(sku="C-1", name="Шнур", quantity_milli=500, price=300_50),
            ),
            declared=2550_25,
            name=Personal("Сухова Анна Петровна"),
            phone=Personal("8 (912) 000-12-34"),
            address=Personal(
                Address(index="170000", city="Тверь", text="170000, г. Тверь, ул. Садовая, 1")
            ),
        )
        self.parcels.append(msgspec.structs.replace(made, **changes))
        return self.parcels[-1]

    @property
    def parcel(self) -> Parcel:
        """The first."""
        return self.parcels[0]

    def _put(self, parcel: Parcel) -> None:
        at = next(at for at, one in enumerate(self.parcels) if one.id == parcel.id)
        self.parcels[at] = parcel

    def _by(self, parcel_id: Any) -> Parcel:
        return next(one for one in self.parcels if one.id == parcel_id)

    def _get(self, asked: ParcelAsked) -> Found:
        return Found(parcels=tuple(one for one in self.parcels if one.id == asked.id))

    def _open(self, asked: OpenAsked) -> Found:
        open_ = [one for one in self.parcels if one.state not in ENDED]
        return Found(parcels=tuple(one for one in open_ if one.number > asked.after))

    def _report(self, said: Report) -> Done:
        parcel = self._by(said.id)
        given = {
            name: value
            for name in ("state", "carrier_id", "track")
            if (value := getattr(said, name)) is not None
        }
        if parcel.state not in {"draft", "registered"}:
            given.pop("state", None)
        deed = "" if said.done == parcel.deed else parcel.deed
        self._put(msgspec.structs.replace(parcel, deed=deed, **given))
        return Done()

    def _steps(self, told: Steps) -> Stepped:
        fresh = [one for one in told.steps if (one.code, one.at) not in self.steps]
        self.steps |= {(one.code, one.at): one for one in told.steps}
        last = max((one for one in told.steps if one.state), key=lambda one: one.at)
        parcel = msgspec.structs.replace(self._by(told.id), state=str(last.state))
        self._put(parcel)
        return Stepped(new=len(fresh), state=parcel.state)

    def _label(self, given: Any) -> Done:
        self.labels.append(given.body)
        return Done()

    async def wish(self, deed: str, at: int = 0, **changes: Any) -> None:
        """The box wants this of a parcel, a second later."""
        self.moment += timedelta(seconds=1)
        parcel = msgspec.structs.replace(self.parcels[at], deed=deed, **changes)
        self._put(parcel)
        event = ServiceWished(
            plugin="logistics_russian_post", kind="parcel", record_id=parcel.id, deed=deed
        )
        await logistics_russian_post.wished(event, self.box.core())

    async def follow(self, hours: float = 0.0) -> None:
        """The job runs, so many hours later."""
        self.moment += timedelta(hours=hours)
        await logistics_russian_post.follow(self.box.core())

    @property
    def reports(self) -> list[Report]:
        """What was reported."""
        return self.box.of("parcels_report")

    def asked(self, method: str, path: str) -> int:
        """How often the Post was asked this."""
        return sum(one.method == method and one.path == path for one in self.fake.requests)
