"""Connecting a shop: what the wizard sets is what happens with the shop's next order."""

from collections.abc import AsyncIterator

import httpx
import pytest

from appliance import roles
from appliance.actions import _actors, branches, catalogue_runs, notices, orders, shops, users
from appliance.actions.shops import CatalogueSet, NewShop, OrderDefaults
from appliance.api.v5.routes import make_v5_app
from appliance.domain.access import Actor
from appliance.domain.branches import Branch
from appliance.domain.orders import OrderSelector
from appliance.errors import Conflict, Denied, Invalid
from appliance.storage.statements import execute
from tests.house_fixture import SHOP, TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.api_v5.orders_sent import order
from tests.integration.shops.test_catalogue_run import one_engine

pytestmark = [one_engine]


def admin_of(house: TestHouse) -> Actor:
    return house.actor_for("administrator")._replace(step_up=True)


@pytest.fixture
async def caller(house: TestHouse) -> AsyncIterator[Caller]:
    """The shop's module with the key that the wizard made."""
    _actors.forget_actors()
    key = await shops.make_key(admin_of(house), SHOP)
    transport = httpx.ASGITransport(make_v5_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
        yield Caller(client, key.reveal())
    _actors.forget_actors()


@pytest.mark.checklist(100)
async def test_a_key_of_32_characters_opens_the_door_and_the_first_call_is_seen(
    house: TestHouse, caller: Caller
) -> None:
    admin = admin_of(house)
    state, _ = await shops.open_one(admin, SHOP)
    assert (len(caller.key), state.key.used_at, state.shop.link.step) == (32, None, "check")
    access = await caller.get("/api/credentials")
    assert (access["siteAccess"], access["sitesAvailable"]) == ("access_selective", [SHOP])
    module = {"code": "opencart-1", "integrationCode": "opencart", "name": "Opencart",
              "clientId": "1", "active": True}  # fmt: skip
    await caller.post("integration-modules/opencart-1/edit", integrationModule=module)
    state, _ = await shops.open_one(admin, SHOP)
    assert (state.key.used_at, state.module.name) == (house.clock(), "Opencart")
    again = await shops.make_key(admin, SHOP)
    await caller.get("/api/credentials")
    assert caller.status == 403
    assert again.reveal() != caller.key


@pytest.mark.checklist(101)
async def test_what_the_wizard_sets_happens_with_the_next_order(
    house: TestHouse, caller: Caller
) -> None:
    admin = admin_of(house)
    for code, name in (("south", "Юг"), ("north", "Север")):
        await users.add_department(admin, code, name)
    await house.write(_work_in_the_south)
    await branches.put(admin, Branch(code="south", name="Юг", departments=("south",)))
    await shops.set_catalogue(
        admin, SHOP, CatalogueSet(url="https://shop.example/simla.xml", every=60)
    )
    wanted = OrderDefaults(
        status="availability-confirmed",
        order_method="one-click",
        order_type="eshop-legal",
        manager=1,
        notify="south",
        branch="south",
    )
    await shops.set_defaults(admin, SHOP, wanted)
    told_nothing = {"status", "orderMethod", "orderType"}
    sent = {name: value for name, value in order().items() if name not in told_nothing}
    answer = await caller.post("orders/create", order=sent)
    made = answer["order"]
    assert (made["status"], made["orderMethod"], made["orderType"]) == (
        "availability-confirmed",
        "one-click",
        "eshop-legal",
    )
    assert made["managerId"] == 1
    told = await notices.index(house.actor_for("seller"))
    assert [(one.kind, one.entity_number) for one in told.rows] == [("order.new", made["id"])]
    assert await catalogue_runs.plan_due(house.system) == 1
    assert (await shops.open_one(admin, SHOP))[0].branch == "south"
    for name, sees in (("seller", 1), ("operator", 0)):
        grants = roles.PRESETS["branch_head"]
        led = house.actor_for(name)._replace(grants=grants)
        found = await orders.find_by(led, [OrderSelector(number=made["id"])])
        assert len(found) == sees


async def _work_in_the_south() -> None:
    await execute(
        "UPDATE users SET department_id = (SELECT id FROM department WHERE code = 'south') "
        "WHERE number = 1"
    )


async def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_set(house: TestHouse) -> None:
    admin = admin_of(house)
    with pytest.raises(Invalid) as error:
        await shops.put(admin, NewShop(code="a b", name=" ", url="ftp://a", cms="x"), known=False)
    assert set(error.value.fields) == {"code", "name", "url", "cms"}
    with pytest.raises(Invalid) as error:
        await shops.put(admin, NewShop(code="runs", name="A", url="", cms="script"), known=False)
    assert error.value.fields == {"code": "code_invalid"}
    with pytest.raises(Conflict, match="shop_exists"):
        await shops.put(admin, NewShop(code=SHOP, name="A", url="", cms="script"), known=False)
    with pytest.raises(Invalid) as error:
        await shops.set_defaults(admin, SHOP, OrderDefaults(status="x", manager=999, branch="x"))
    assert set(error.value.fields) == {"status", "manager", "branch"}
    with pytest.raises(Invalid) as error:
        await shops.set_catalogue(admin, SHOP, CatalogueSet(url="shop.example", every=7))
    assert set(error.value.fields) == {"yml_url", "every"}
    with pytest.raises(Denied, match="step_up_needed"):
        await shops.make_key(house.actor_for("administrator"), SHOP)
    with pytest.raises(Denied):
        await shops.list_all(house.actor_for("head"))
    assert (await shops.open_one(admin, SHOP))[0].shop.link.step == ""
