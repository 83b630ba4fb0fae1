"""Pages of a blocked and of a destroyed person: they say so, and show nothing of him."""

from pathlib import Path

from appliance.actions import orders
from appliance.domain.orders import CustomerRef
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft as order_draft
from tests.integration.subjects.scene import (
    NAME,
    PHONE,
    Machine,
    agreed,
    asked,
    busy,
    destroyer,
    somebody,
)
from tests.web_house import open_web_house


async def test_pages_say_that_a_person_is_blocked_and_then_destroyed(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=3, orders=3) as door:
        house = door.house
        person = await somebody(house)
        await busy(house, person)
        placed = await orders.place(
            house.system, order_draft("zab-9", customer_ref=CustomerRef(number=person.number))
        )
        browser = await door.browser("head")
        paths = {
            "card": f"/clients/{person.number}",
            "peek": f"/clients/{person.number}/peek",
            "order": f"/orders/{placed.number}",
            "clients": "/clients",
            "orders": "/orders",
            "deals": "/deals",
            "tasks": "/tasks",
            "today": "/",
        }
        seen = {name: await browser.get(path) for name, path in paths.items()}
        assert NAME in seen["card"].text
        assert "опт" in seen["card"].text
        number = (await asked(house, person)).number
        for name, path in paths.items():
            page = await browser.get(path)
            assert page.status_code == 200, name
            assert NAME not in page.text, name
        card = (await browser.get(paths["card"])).text
        assert "Данные этого человека заблокированы" in card
        assert "опт" not in card
        assert "Данные заблокированы" in (await browser.get(paths["orders"])).text
        assert (await browser.get(f"/clients/{person.number}/edit")).status_code == 404
        assert (await browser.get(f"/clients/{person.number}/history")).status_code == 404
        officer = await door.browser("data_officer")
        await house.write(lambda: _confirmed(house))
        law = {"purpose": "order", "law": "ГК РФ, ст. 196", "until": "1.2.2031"}
        for _ in range(2):  # a form sent twice writes one hold
            await officer.post(f"/privacy/{number}/hold", law, htmx=False)
        said = (await officer.get(f"/privacy/{number}")).text
        assert said.count("февраля 2031") == 1
        assert "По закону останется" in said
        assert "телефоны и почта" in said
        await agreed(house, number)
        machine = Machine()
        await machine.run(house, 72)
        await destroyer(house, machine).tick()
        for name, path in paths.items():
            page = await browser.get(path)
            assert page.status_code == 200, name
            assert NAME not in page.text, name
        assert "Данные уничтожены" in (await browser.get(paths["card"])).text
        assert "Данные уничтожены" in (await browser.get(paths["order"])).text
        # What the law keeps: a request of its own, read by whoever reads acts.
        rest = f"/privacy/{number + 1}"
        page = (await officer.get(rest)).text
        assert "хранится по закону" in page
        assert PHONE[-5:] not in page
        reply = await officer.post(f"{rest}/kept", {}, htmx=False)
        assert reply.status_code == 200, reply.headers
        shown = reply.text
        assert "+79120007701" in shown
        assert NAME in shown
        assert "Любит говорить" not in shown


async def _confirmed(house: TestHouse) -> None:
    await execute("UPDATE session SET step_up_at = {}", house.clock.now)
