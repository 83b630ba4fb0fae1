import pytest

from appliance.actions import deals, pipelines
from appliance.domain.deals import DealField
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.house_fixture import TestHouse
from tests.integration.deals.scene import deal, funnels, stage
from tests.web_house import WebHouse


async def names(house: TestHouse, code: str = "sales") -> list[str]:
    line = (await funnels(house)).pipeline(code)
    assert line is not None
    return [one.name for one in line.stages if one.active]


async def test_a_pipeline_is_made_with_stages_of_its_own(house: TestHouse) -> None:
    head = house.actor_for("head")
    code = await pipelines.add_pipeline(head, "  Опт  ")
    await pipelines.add_stage(head, code, "Переговоры")
    assert await names(house, code) == ["Новая", "Переговоры", "Выиграна", "Проиграна"]
    line = (await funnels(house)).pipeline(code)
    assert line is not None
    await pipelines.shift_stage(head, line.stages[1].number, -1)
    assert (await names(house, code))[:2] == ["Переговоры", "Новая"]
    made = await deal(house, pipeline=code)
    assert made.number == 1


async def test_what_a_stage_asks_for_is_set_without_a_restart(house: TestHouse) -> None:
    head, seller = house.actor_for("head"), house.actor_for("seller")
    first, offer = await stage(house, "Первый контакт"), await stage(house, "Предложение")
    await pipelines.edit_stage(
        head, first.number, "Знакомство", required=[DealField.SOURCE, DealField.NOTE]
    )
    made = await deal(house)
    with pytest.raises(Invalid) as refused:
        await deals.move(seller, made.number, offer.number)
    assert set(refused.value.fields) == {"note", "source"}


async def test_a_stage_where_deals_stand_is_not_removed(house: TestHouse) -> None:
    head = house.actor_for("head")
    await deal(house)
    first, agree = await stage(house, "Первый контакт"), await stage(house, "Согласование")
    with pytest.raises(Conflict) as refused:
        await pipelines.remove_stage(head, first.number)
    assert refused.value.code == "stage_in_use"
    await pipelines.remove_stage(head, agree.number)
    assert "Согласование" not in await names(house)
    with pytest.raises(Conflict) as needed:
        await pipelines.remove_stage(head, (await stage(house, "Выиграна")).number)
    assert needed.value.code == "stage_needed"


async def test_the_last_pipeline_and_the_one_of_orders_stay_in_use(house: TestHouse) -> None:
    head = house.actor_for("head")
    await pipelines.set_order_makes(head, "from-orders")
    with pytest.raises(Conflict) as taken:
        await pipelines.edit_pipeline(head, "from-orders", "По заказам", active=False)
    assert taken.value.code == "pipeline_takes_orders"
    await pipelines.set_order_makes(head, "")
    await pipelines.edit_pipeline(head, "from-orders", "По заказам", active=False)
    with pytest.raises(Conflict) as last:
        await pipelines.edit_pipeline(head, "sales", "Продажи", active=False)
    assert last.value.code == "pipeline_last"
    with pytest.raises(NotFound):
        await pipelines.set_order_makes(head, "from-orders")


async def test_a_reason_out_of_use_is_offered_no_more(house: TestHouse) -> None:
    head = house.actor_for("head")
    made = await deal(house)
    dear = (await funnels(house)).reasons[0]
    await pipelines.edit_reason(head, dear.number, "Слишком дорого", active=False)
    lost = await stage(house, "Проиграна")
    with pytest.raises(Invalid):
        await deals.move(house.actor_for("seller"), made.number, lost.number, reason=dear.number)
    await pipelines.add_reason(head, "Купили сами")
    fresh = (await funnels(house)).reasons[-1]
    await deals.move(house.actor_for("seller"), made.number, lost.number, reason=fresh.number)


async def test_a_seller_sets_no_pipelines(house: TestHouse) -> None:
    for attempt in (
        lambda: pipelines.add_pipeline(house.actor_for("seller"), "Своя"),
        lambda: pipelines.editor(house.actor_for("operator")),
    ):
        with pytest.raises(Denied):
            await attempt()
    for name, code in (("", "name_missing"), ("д" * 81, "pipeline_name_long")):
        with pytest.raises(Invalid) as refused:
            await pipelines.add_pipeline(house.actor_for("head"), name)
        assert refused.value.code == code


async def test_the_page_saves_shifts_and_says_why_not(door: WebHouse) -> None:
    browser = await door.browser("head")
    page = await browser.get("/deals/pipelines")
    assert page.status_code == 200
    offer = await stage(door.house, "Предложение")
    await browser.post(
        f"/deals/pipelines/stages/{offer.number}",
        {"do": "save", "name": "КП", "kind": "open", "required": ["amount", "source"]},
    )
    await browser.post(f"/deals/pipelines/stages/{offer.number}", {"do": "up", "name": "КП"})
    assert (await names(door.house))[:2] == ["КП", "Первый контакт"]
    assert (await stage(door.house, "КП")).required == (DealField.AMOUNT, DealField.SOURCE)
    won = await stage(door.house, "Выиграна")
    refused = await browser.post(f"/deals/pipelines/stages/{won.number}", {"do": "remove"})
    assert refused.status_code == 409
    assert "Без этого этапа воронка не работает" in refused.text
    admin = await (await door.browser("administrator")).get("/deals/pipelines")
    assert admin.status_code == 200
    assert (await (await door.browser("seller")).get("/deals/pipelines")).status_code == 403
