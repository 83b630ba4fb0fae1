"""A staff door and an outer door with the buyer's page, over one house."""

from dataclasses import dataclass
from typing import Any

import httpx

from appliance.actions import _gate, buyers, orders
from appliance.domain.personal import Personal
from appliance.http.app import Parts, make_app
from appliance.web import answers, buyer
from appliance.web.answers import Site
from appliance.web.rendering import DIST, Pages, read_assets
from appliance.web.shell import Door
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft
from tests.web_house import HOST, ZONE

ADDRESS = "203.0.113.7"


@dataclass
class Outside:
    """Whoever is outside, at one door of the box."""

    http: httpx.AsyncClient
    site: Site

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.http.post(path, data=fields)


def outside(house: TestHouse, door: str = "outer", **sent: str) -> Outside:
    """A browser outside, in front of nothing but the buyer's routes."""

    async def unlock(kind: str, secret: Personal[str]) -> None:
        raise NotImplementedError

    site = Site(
        pages=Pages(read_assets(DIST), ZONE, now=house.clock),
        door=Door("Тёплый дом", HOST, "0"),
        is_sealed=lambda: not house.vault.is_open,
        unlock=unlock,
        key_file=lambda: False,
    )
    _gate.house().told = site.buyers.publish
    parts = Parts(
        handlers=buyer.HANDLERS,
        is_sealed=site.is_sealed,
        sentence=answers.sentence,
        state={"site": site},
    )
    app = make_app("outer" if door == "outer" else "staff", parts)
    transport = httpx.ASGITransport(app=app, client=(ADDRESS, 5000))
    return Outside(
        httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}", headers=sent), site
    )


async def ordered(house: TestHouse, **changes: Any) -> int:
    """Anna's order, led by the seller; its number."""
    placed = await orders.place(house.system, draft(manager_number=1, **changes))
    return placed.number


async def linked(house: TestHouse, number: int) -> str:
    """The path of a link that the seller made."""
    made = await buyers.make_link(house.actor_for("seller"), number)
    return f"/s/{made.token.reveal()}"
