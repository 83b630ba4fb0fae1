"""The house's own fields in the list of orders: as columns, as conditions, in bulk and in views."""

import re
from pathlib import Path

import pytest

from appliance.actions import fields, orders
from appliance.domain.fields import CustomField, FieldType, Form, Given, Owner
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderChange, OrderSelector
from appliance.domain.personal import Personal
from tests.web_house import open_web_house

NUMBER = re.compile(r'data-href="/orders/(\d+)')
TYPED = {
    FieldType.LINE: ("Синяя папка", "Синяя папка"),
    FieldType.NUMBER: ("2,5", "2,5"),
    FieldType.MONEY: ("150", "150"),
    FieldType.DAY: ("2027-03-01", "01.03.2027"),
    FieldType.FLAG: ("1", "да"),
    FieldType.LINK: ("example.ru/a", "example.ru/a"),
}


@pytest.mark.checklist(176)
async def test_fields_of_each_type_stand_in_the_list_and_narrow_it(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=5, orders=8) as house:
        system = house.house.system
        for kind in TYPED:
            await fields.put(
                system,
                CustomField(
                    id=uuid7(),
                    owner=Owner.ORDER,
                    code=f"f_{kind.name.lower()}",
                    name=f"Поле {kind.name}",
                    type=kind,
                    in_list=True,
                    in_filter=True,
                ),
            )
        await fields.put(
            system,
            CustomField(
                id=uuid7(),
                owner=Owner.ORDER,
                code="secret",
                name="Тайное",
                type=FieldType.LINE,
                personal=True,
                basis="contract",
            ),
        )
        values = {f"f_{kind.name.lower()}": typed for kind, (typed, _) in TYPED.items()}
        change = OrderChange(
            custom=Personal(Given(values={**values, "secret": "Домофон 12"}, form=Form.TYPED))
        )
        await orders.edit(system, OrderSelector(number=4), change)
        browser = await house.browser("head")
        page = await browser.get("/orders?all=1")
        for _, words in TYPED.values():
            assert words in page.text, words
        for kind, (typed, _) in TYPED.items():
            code = f"custom_f_{kind.name.lower()}"
            found = await browser.get(f"/orders?{code}={typed}&cols={code}")
            assert NUMBER.findall(found.text) == ["4"], code
            assert f'value="{typed}"' in found.text or "selected" in found.text
        assert "Домофон 12" not in page.text
        # A personal field is no condition of an address, whoever writes one.
        assert NUMBER.findall((await browser.get("/orders?custom_secret=Домофон 12")).text) == []
        assert 'name="custom_secret"' not in page.text
        hidden = await (await house.browser("storekeeper")).get("/orders?all=1")
        assert "custom" not in str(hidden.headers) and hidden.status_code == 200
