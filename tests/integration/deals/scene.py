"""An invented client, and deals of hers."""

from typing import Any

from appliance.actions import customers, deals
from appliance.actions.deals import DealMade
from appliance.domain.customers import ContactDraft, ContactKind, CustomerDraft
from appliance.domain.deals import DealDraft, DealLineDraft, Funnels, Stage
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.storage import pipelines
from tests.house_fixture import START, TestHouse

SET = DealLineDraft(name="Набор чайный", quantity_milli=120_000, price=265_000)
CLOTH = DealLineDraft(name="Скатерть льняная", quantity_milli=2_000, price=30_050)
TOTAL = 120 * 265_000 + 2 * 30_050


async def funnels(house: TestHouse) -> Funnels:
    return await house.database.read(pipelines.funnels)


async def stage(house: TestHouse, name: str, code: str = "sales") -> Stage:
    """A stage that a new box has, by its name."""
    line = (await funnels(house)).pipeline(code)
    assert line is not None
    return next(one for one in line.stages if one.name == name)


async def client(house: TestHouse, who: str = "seller", last: str = "Сухова") -> int:
    """A client whom this colleague leads; her number."""
    made = await customers.create(
        house.actor_for(who),
        CustomerDraft(
            first_name=Personal("Анна"),
            last_name=Personal(last),
            contacts=(ContactDraft(kind=ContactKind.PHONE, value=Personal("8 912 000-12-34")),),
            purposes=(
                Purpose(
                    code=PurposeCode.ORDER,
                    basis=LegalBasis.CONTRACT,
                    source="staff",
                    since=START,
                ),
            ),
        ),
    )
    return made.number


async def deal(house: TestHouse, who: str = "seller", **given: Any) -> DealMade:
    """A deal of a new client."""
    if "customer_number" not in given:
        given["customer_number"] = await client(house, who)
    given.setdefault("title", Personal("Наборы к Новому году"))
    return await deals.create(house.actor_for(who), DealDraft(**given))
