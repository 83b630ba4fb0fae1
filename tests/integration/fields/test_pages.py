"""Fields on the staff's pages: made on one, filled in on others, hidden and ordered by role."""

import re
from datetime import timedelta

import pytest

from appliance.actions import export_rows, exports, fields, orders, products, tasks
from appliance.domain.exports import ExportKind
from appliance.domain.fields import FieldType, Owner
from appliance.domain.orders import OrderDraft
from appliance.domain.personal import Personal
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.domain.tasks import NewTask
from tests.integration.clients.forms import add, number_of
from tests.integration.clients.people import added
from tests.integration.deals.scene import deal
from tests.integration.fields.made import field, fill, given, make
from tests.integration.web.test_client_ties import order
from tests.web_house import WebHouse

NEW = {
    "owner": "customer",
    "name": "Размер обуви",
    "type": "dictionary",
    "options": "Маленький\nl = Большой",
    "position": "0",
}


@pytest.mark.checklist(129)
async def test_a_field_made_on_the_page_is_in_the_form_and_on_the_card_at_once(
    door: WebHouse,
) -> None:
    admin = await door.browser("administrator")
    answer = await admin.post("/admin/fields", NEW)
    assert answer.status_code in (204, 303), answer.text
    head = await door.browser("head")
    form = await head.get("/clients/new")
    assert 'name="custom_razmer_obuvi"' in form.text
    sent = await add(head, has_custom="razmer_obuvi", custom_razmer_obuvi="l")
    number = number_of(sent)
    card = await head.get(f"/clients/{number}")
    assert "Размер обуви" in card.text
    assert "Большой" in card.text
    history = await head.get(f"/clients/{number}/history")
    assert history.status_code == 200


async def test_a_wrong_value_gets_its_sentence_and_stays_typed(door: WebHouse) -> None:
    await make(door.house, field("visited", FieldType.DAY))
    head = await door.browser("head")
    answer = await add(head, has_custom="visited", custom_visited="31.02.2026")
    assert answer.status_code == 422
    wrong = re.search(r'<input[^>]*aria-invalid="true"[^>]*>', answer.text)
    assert wrong is not None
    assert 'name="custom_visited"' in wrong[0]
    assert 'value="31.02.2026"' in wrong[0]
    assert "Дата не читается" in answer.text
    assert await door.house.rows("SELECT id FROM customer") == []


async def test_a_field_that_cannot_be_made_keeps_what_was_typed(door: WebHouse) -> None:
    admin = await door.browser("administrator")
    answer = await admin.post("/admin/fields", {**NEW, "options": "", "personal": "1"})
    assert answer.status_code == 422
    assert "У выбора нет ни одного варианта" in answer.text
    assert "на каком основании" in answer.text
    assert 'value="Размер обуви"' in answer.text


@pytest.mark.checklist(132)
async def test_a_personal_field_is_not_in_the_page_of_who_may_not_see_it(door: WebHouse) -> None:
    await make(door.house, field("memo", name="Особая примета", personal=True))
    one = await added(door.house, door.house.actor_for("head"))
    await fill(door.house, one.number, memo="Носит синюю шляпу")
    seen = await (await door.browser("head")).get(f"/clients/{one.number}")
    assert "Носит синюю шляпу" in seen.text
    page = await (await door.browser("accountant")).get(f"/clients/{one.number}")
    assert page.status_code == 200
    assert "шляпу" not in page.text


@pytest.mark.checklist(127)
async def test_tabs_stand_as_the_role_has_them_and_empty_ones_are_not_there(door: WebHouse) -> None:
    await make(door.house, field("size"))
    head = await door.browser("head")
    number = number_of(
        await add(head, wish="позвонить за час", has_custom="size", custom_size="XL")
    )

    async def panes() -> list[str]:
        page = await head.get(f"/clients/{number}")
        return re.findall(r'id="pane-([a-z]+)"', page.text)

    assert await panes() == ["fields", "wishes", "grounds"]
    admin = await door.browser("administrator")
    form = {"role": "head", "card": "client", "on_grounds": "1", "place_grounds": "1"}
    answer = await admin.post("/admin/tabs", {**form, "on_fields": "1", "place_fields": "2"})
    assert answer.status_code in (204, 303)
    assert await panes() == ["grounds", "fields"]
    page = await admin.get("/admin/tabs?role=head")
    assert 'name="on_wishes" value="1" checked' not in page.text
    assert (await (await door.browser("seller")).post("/admin/tabs", form)).status_code == 403


@pytest.mark.parametrize("owner", [Owner.ORDER, Owner.PRODUCT])
async def test_a_card_without_a_form_of_its_own_is_filled_in_by_a_window(
    door: WebHouse, owner: Owner
) -> None:
    await make(door.house, field("size", FieldType.NUMBER, owner, name="Упаковок"))
    head = await door.browser("head")
    if owner is Owner.ORDER:
        placed = await orders.place(door.house.actor_for("head"), await _order(door))
        number = placed.number
    else:
        number = await _product(door)
    window = await head.get(f"/custom/{owner.value}/{number}")
    assert "Упаковок" in window.text
    path = f"/custom/{owner.value}/{number}"
    wrong = await head.post(path, {"has_custom": "size", "custom_size": "много"})
    assert wrong.status_code == 422
    assert "Это не число" in wrong.text
    assert 'value="много"' in wrong.text
    assert (await head.post(path, {"has_custom": "size", "custom_size": "2,5"})).status_code == 200
    shown = await head.get(f"{path}/card")
    assert "2,5" in shown.text


@pytest.mark.checklist(129)
async def test_fields_of_deals_and_tasks_are_columns_conditions_and_go_out(door: WebHouse) -> None:
    await make(
        door.house,
        field("lift", FieldType.FLAG, Owner.DEAL, name="Нужен лифт", in_list=True, in_filter=True),
        field("room", FieldType.NUMBER, Owner.TASK, name="Кабинет", in_list=True, in_filter=True),
    )
    head, actor = await door.browser("head"), door.house.actor_for("head")
    first, second = await deal(door.house, "head"), await deal(door.house, "head")
    await fields.fill_deal(actor, first.number, given(lift=["да"]))
    listed = (await head.get("/deals?view=list")).text
    assert "Нужен лифт" in listed and ">да</td>" in listed
    some = (await head.get("/deals?view=list&custom_lift=1")).text
    assert f'href="/deals/{first.number}?' in some and f'href="/deals/{second.number}?' not in some
    assert "<span>Нужен лифт</span><b>да</b>" in some

    due_at = door.house.clock.now + timedelta(hours=1)
    one = await tasks.create(actor, NewTask(title=Personal("Принести стул"), due_at=due_at))
    await tasks.create(actor, NewTask(title=Personal("Унести стол"), due_at=due_at))
    await fields.fill_task(actor, one.number, given(room=["12"]))
    shown = (await head.get("/tasks?custom_room=12")).text
    assert "Принести стул" in shown and "Кабинет: 12" in shown and "Унести стол" not in shown

    assert (await exports.headings(actor, ExportKind.DEALS))[-1] == "Нужен лифт"
    part = await export_rows.deals(actor, 2**62)
    assert [row[-1] for row in part.rows.reveal()] == ["", "да"]
    rows = (await export_rows.tasks(actor, 2**62)).rows.reveal()
    assert [row[-1] for row in rows] == ["", 12.0]


async def _order(door: WebHouse) -> OrderDraft:
    one = await added(door.house, door.house.actor_for("head"))
    return order(one.number)


async def _product(door: WebHouse) -> int:
    draft = ProductDraft(name="Чайник", variants=(VariantDraft(name="Чайник", sku="T-1"),))
    await products.upload(door.house.system, [draft])
    return int((await door.house.rows("SELECT number FROM product"))[0][0])  # type: ignore[call-overload]


async def test_the_stream_and_the_history_tell_values_in_words(door: WebHouse) -> None:
    await make(
        door.house,
        field("sizes", FieldType.CHOICES),
        field("called", FieldType.FLAG),
        field("memo", FieldType.TEXT, personal=True),
    )
    one = await added(door.house, door.house.actor_for("head"))
    await fill(door.house, one.number, sizes=["s", "l"], called="1", memo="тихий")
    head = await door.browser("head")
    for path in (f"/clients/{one.number}", f"/clients/{one.number}/history?at=2026-02-01"):
        page = await head.get(path)
        assert page.status_code == 200, path
        assert "Маленький" in page.text
        assert "тихий" in page.text


async def test_settings_show_what_the_reader_may_set_and_every_link_opens(door: WebHouse) -> None:
    head = await door.browser("head")
    page = await head.get("/admin")
    links = re.findall(r'<li><a href="(/[a-z/]+)">', page.text)
    assert {"/admin/fields", "/admin/tabs", "/orders/statuses", "/orders/coupons"} <= set(links)
    for link in links:
        assert (await head.get(link)).status_code == 200, link
    seller = await door.browser("seller")
    assert "/admin/fields" not in (await seller.get("/admin")).text
    assert 'href="/admin"' not in (await seller.get("/clients")).text
    assert (await seller.get("/admin/fields")).status_code == 403
