"""A shop's key reads nothing of another shop, whichever way it asks; costs need their own right."""

from datetime import timedelta
from typing import Any

import pytest

from appliance.actions import catalogue, deals, orders, references, roles_admin, tasks, timeline
from appliance.domain.catalogue import ProductForm, VariantForm
from appliance.domain.deals import DealDraft
from appliance.domain.personal import Personal
from appliance.domain.references import Shop
from appliance.domain.tasks import NewTask
from appliance.domain.timeline import EntryDraft, Place
from appliance.roles import API_SCOPES
from tests.house_fixture import TestHouse
from tests.integration.api_v1.conftest import Program, Programs
from tests.integration.orders.drafts import draft

WORDS = ("Сухова", "Перезвонить про лампу", "Сделка о лампе", "Не звонить до обеда", "скан.txt")
pytestmark = pytest.mark.checklist(55)


async def _busy_shop(house: TestHouse) -> list[str]:
    """A client of the main shop with all that hangs on one; ids of lines of the order's stream."""
    head = house.actor_for("head")
    order = await orders.place(house.shop_key(), draft())
    client = int(str((await house.rows("SELECT number FROM customer"))[0][0]))
    about: dict[str, Any] = {"due_at": house.clock() + timedelta(days=1)}
    await tasks.create(head, NewTask(title=Personal(WORDS[1]), customer=client, **about))
    await tasks.create(head, NewTask(title=Personal(WORDS[1]), order=order.number, **about))
    await deals.create(head, DealDraft(customer_number=client, title=Personal(WORDS[2])))
    place = Place(order=order.number)
    note = await timeline.write(head, place, EntryDraft(text=Personal(WORDS[3])))
    sent = timeline.Attachment(name=Personal(WORDS[4]), media="text/plain", body=Personal(b"abc"))
    file = await timeline.attach(head, place, [sent])
    return [f"/stream/{note.id}", f"/stream/{file.id}", f"/stream/{file.id}/file"]


async def _bodies(program: Program, paths: list[str]) -> str:
    """All that a program gets at these addresses, one answer after another."""
    head = {"authorization": f"Bearer {program.key}"}
    answers = [await program.http.get(f"/api/v1{one}", headers=head) for one in paths]
    return "\n".join(one.text for one in answers)


@pytest.mark.parametrize("role", ["", "head"])
async def test_a_key_of_one_shop_reads_nothing_of_anothers(
    house: TestHouse, programs: Programs, role: str
) -> None:
    await roles_admin.seed_presets(house.system)
    stream = await _busy_shop(house)
    await references.add_shop(house.system, Shop(code="second", name="Второй", number=0))
    paths = [
        *("/orders", "/orders/1", "/orders/counts", "/clients", "/clients/1", "/deals", "/deals/1"),
        *("/tasks", "/tasks/1", "/tasks/2", "/orders.ndjson", "/clients.ndjson", "/deals.ndjson"),
        *("/tasks.ndjson", "/changes?limit=200", "/changes/orders", "/changes/clients", *stream),
    ]
    asked: dict[str, Any] = {"scopes": tuple(API_SCOPES), "role": role}
    own = await _bodies(await programs.make(shop="main", **asked), paths)
    assert "fields_wrong" not in own
    assert [word for word in WORDS if word in own or word == WORDS[2]] == list(WORDS)
    stranger = await programs.make(shop="second", **asked)
    foreign = await _bodies(stranger, paths)
    assert [word for word in WORDS if word in foreign] == []
    assert '"entity":"task"' in own and '"entity":"task"' not in foreign
    for number in (1, 2):
        await stranger.post(f"/tasks/{number}/cancel", {})
        assert stranger.status == 404, "nor changes any"
    assert await house.rows("SELECT DISTINCT state FROM task") == [("open",)]


async def test_what_goods_cost_is_in_no_feed_without_the_right(
    house: TestHouse, programs: Programs
) -> None:
    head = house.actor_for("head")
    first = VariantForm(sku="L-1", purchase_price=713_305)
    number = await catalogue.save(head, ProductForm(name="Лампа", variants=(first,)))
    variant = int(str((await house.rows("SELECT number FROM variant"))[0][0]))
    again = VariantForm(number=variant, sku="L-1", purchase_price=829_417)
    await catalogue.save(head, ProductForm(name="Лампа", variants=(again,)), number)
    seen = [
        (await (await programs.make(scopes=scopes)).get("/changes?limit=200"))["items"]
        for scopes in (("store_read", "order_read"), ("store_read", "store_write", "order_read"))
    ]
    costs = [
        [(one["old"], one["new"]) for one in items if one["field"] == "variant.purchase_price"]
        for items in seen
    ]
    assert costs == [[(None, None)], [(713_305, 829_417)]]
