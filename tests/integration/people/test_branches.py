"""Two branches: own queues, people and warehouses; who sees all sees both."""

from dataclasses import dataclass

import pytest

from appliance.actions import (
    branches,
    customers,
    deals,
    desk,
    orders,
    references,
    roles_admin,
    stock_documents,
    users,
)
from appliance.domain.access import Actor
from appliance.domain.assignment import Spreading
from appliance.domain.branches import Branch
from appliance.domain.deals import DealDraft
from appliance.domain.grants import Scope
from appliance.domain.orders import CustomerRef, OrderFilter
from appliance.domain.personal import Personal
from appliance.domain.references import Shop, Warehouse
from appliance.domain.stockroom import DocumentDraft, DocumentKind
from appliance.errors import Denied, Invalid, NotFound
from appliance.roles import PRESETS
from appliance.storage import departments, roles_store
from tests.house_fixture import PEOPLE, TestHouse
from tests.integration.clients.people import added
from tests.integration.orders.drafts import draft

TOWNS = ("north", "south")
BRANCH_HEAD = PRESETS["branch_head"]


@dataclass
class Town:
    """A branch with its seller and its manager."""

    seller: Actor
    manager: Actor


async def towns(house: TestHouse) -> dict[str, Town]:
    """Two branches, each with a department, a shop, a warehouse, a seller and a manager."""
    admin = house.actor_for("administrator")._replace(step_up=True)
    people = {"north": ("seller", "operator"), "south": ("rival", "accountant")}
    made: dict[str, Town] = {}
    for at, (code, names) in enumerate(people.items()):
        await users.add_department(admin, code, f"Отдел {code}")
        await references.add_shop(house.system, Shop(number=0, code=code, name=f"Магазин {code}"))
        place = Warehouse(number=0, code=f"{code}-store", name=f"Склад {code}")
        await references.edit_warehouse(house.system, place)
        await branches.put(
            admin,
            Branch(
                code=code,
                name=f"Филиал {at}",
                departments=(code,),
                shops=(code,),
                warehouses=(f"{code}-store",),
            ),
        )
        for name in names:
            await users.set_department(admin, PEOPLE[name][0], code)
        department = await house.database.read(lambda code=code: departments.id_of(code))
        seller, manager = (house.actor_for(one)._replace(department=department) for one in names)
        made[code] = Town(seller, manager._replace(grants=BRANCH_HEAD))
    return made


async def seen(actor: Actor) -> set[int]:
    page = await orders.list_page(actor, OrderFilter())
    counts = await orders.counts(actor)
    assert sum(one.orders for one in counts.statuses.values()) == len(page.rows)
    return {row.number for row in page.rows}


@pytest.mark.checklist(31)
async def test_a_branch_manager_sees_his_branch_and_the_head_sees_both(house: TestHouse) -> None:
    both = await towns(house)
    head = house.actor_for("head")
    clients: dict[str, int] = {}
    placed: dict[str, int] = {}
    for code, town in both.items():
        clients[code] = (await added(house, town.seller, contacts=())).number
        buyer = CustomerRef(number=clients[code])
        order = draft(f"{code}-1", shop=code, customer_ref=buyer)
        placed[code] = (await orders.place(town.seller, order)).number
        title = Personal(f"Ремонт {code}")
        await deals.create(town.seller, DealDraft(customer_number=clients[code], title=title))
    for code, town in both.items():
        other = next(one for one in TOWNS if one != code)
        assert await seen(town.manager) == {placed[code]}
        assert (await desk.order(town.manager, placed[code])).may_open_client
        await customers.open_by_number(town.manager, clients[code])
        with pytest.raises(NotFound):
            await customers.open_by_number(town.manager, clients[other])
        with pytest.raises(NotFound):
            await desk.order(town.manager, placed[other])
        assert {one.number for one in (await desk.clients(town.manager)).rows} == {clients[code]}
        (deal,) = (await desk.client(town.manager, clients[code])).deals
        assert deal.number
    assert await seen(head) == set(placed.values())
    assert await seen(both["north"].seller) == {placed["north"]}


@pytest.mark.checklist(31)
async def test_each_branch_has_its_own_queue_and_warehouse(house: TestHouse) -> None:
    both = await towns(house)
    await references.set_assignment(house.system, Spreading.NOBODY)
    waiting = {
        code: (await orders.place(house.system, draft(f"{code}-9", shop=code))).number
        for code in TOWNS
    }
    for code, town in both.items():
        assert await seen(town.manager) == {waiting[code]}
        assert (await orders.counts(town.manager)).nobody == 1
        assert await seen(town.seller) == set()
    await references.set_assignment(house.system, Spreading.ROUND_ROBIN)
    for at in range(3):
        external = f"south-{at + 20}"
        order = draft(external, shop="south", phone=f"8 912 000-77-0{at}")
        number = (await orders.place(house.system, order)).number
        leads = await house.rows("SELECT manager_id FROM orders WHERE number = {}", number)
        assert leads == [(both["south"].seller.id,)]


@pytest.mark.checklist(31)
async def test_a_branch_takes_goods_from_its_own_warehouse_only(house: TestHouse) -> None:
    both = await towns(house)
    own = DocumentDraft(kind=DocumentKind.RECEIPT, warehouse="north-store")
    number = await stock_documents.create(both["north"].manager, own)
    with pytest.raises(Invalid):
        await stock_documents.create(both["south"].manager, own)
    with pytest.raises(NotFound):
        await stock_documents.undo(both["south"].manager, number)
    assert not (await stock_documents.page(both["south"].manager)).rows
    move = DocumentDraft(kind=DocumentKind.MOVE, warehouse="north-store", target="south-store")
    sent = await stock_documents.create(both["north"].manager, move)
    (arriving,) = (await stock_documents.page(both["south"].manager)).rows
    assert arriving.number == sent
    with pytest.raises(NotFound):
        await stock_documents.undo(both["south"].manager, sent)
    assert len((await stock_documents.page(house.actor_for("storekeeper"))).rows) == 2


async def test_a_branch_is_set_by_whoever_runs_the_box_after_a_step_up(house: TestHouse) -> None:
    await towns(house)
    admin = house.actor_for("administrator")
    with pytest.raises(Denied, match="step_up_needed"):
        await branches.put(admin, Branch(code="east", name="Восток"))
    with pytest.raises(Denied):
        await branches.screen(house.actor_for("head"))
    admin = admin._replace(step_up=True)
    with pytest.raises(Invalid) as wrong:
        await branches.put(admin, Branch(code="юг", name=" "))
    assert wrong.value.fields == {"code": "branch_code", "name": "name_empty"}
    # A shop that goes to another branch leaves the one it was in.
    await branches.put(admin, Branch(code="east", name="Восток", shops=("north",)))
    found = {one.code: one for one in (await branches.screen(admin)).branches}
    assert tuple(found["north"].shops) == ()
    assert tuple(found["east"].shops) == ("north",)
    await branches.remove(admin, "east")
    with pytest.raises(NotFound):
        await branches.remove(admin, "east")


async def test_a_role_may_reach_a_branch_and_keeps_it_by_name(house: TestHouse) -> None:
    admin = house.actor_for("administrator")._replace(step_up=True)
    grants = roles_store.written(BRANCH_HEAD)
    await roles_admin.seed_presets(house.system)
    await roles_admin.edit(admin, "branch_head", "Начальник филиала", grants)
    (role,) = [one for one in await roles_admin.list_all(admin) if one.code == "branch_head"]
    assert role.grants["order.view"].scope == "branch"
    assert roles_store.read(role.grants)["customer.view"].scope is Scope.BRANCH
