"""Fields for tests: one of each type, and ways to fill them."""

from typing import Any

from appliance.actions import customers, fields
from appliance.domain.customers import CustomerChange
from appliance.domain.fields import CustomField, FieldType, Form, Given, Option, Owner
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from tests.house_fixture import TestHouse
from tests.integration.clients.people import ref

OPTIONS = (Option(code="s", name="Маленький"), Option(code="l", name="Большой"))


def field(
    code: str, kind: FieldType = FieldType.LINE, owner: Owner = Owner.CUSTOMER, **more: Any
) -> CustomField:
    values: dict[str, Any] = {"name": code.capitalize(), "options": ()}
    if kind in {FieldType.CHOICE, FieldType.CHOICES}:
        values["options"] = OPTIONS
    if more.get("personal"):
        values["basis"] = "consent"
    return CustomField(id=uuid7(), owner=owner, code=code, type=kind, **{**values, **more})


async def make(house: TestHouse, *many: CustomField, default: Any = None) -> None:
    for one in many:
        await fields.put(house.system, one, default)


def given(form: Form = Form.TYPED, *, whole: bool = False, **values: Any) -> Personal[Given]:
    return Personal(Given(values=values, form=form, whole=whole))


async def fill(house: TestHouse, number: int, actor: str = "", **values: Any) -> None:
    """Change a client's fields as a form does."""
    who = house.actor_for(actor) if actor else house.shop_key()
    await customers.edit(who, "main", ref(number), CustomerChange(custom=given(**values)))


async def values(house: TestHouse, number: int, actor: str = "") -> dict[str, Any]:
    """A client's fields that are not empty, as somebody sees them."""
    who = house.actor_for(actor) if actor else house.shop_key()
    view = await customers.get(who, "main", ref(number))
    return {one.field.code: one.plain for one in view.custom if one.plain is not None}
