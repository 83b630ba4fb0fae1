"""What a buyer sees without signing in, what he may do there, and what he never sees."""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from appliance.actions import buyers, desk, order_edits, timeline
from appliance.domain.access import Origin
from appliance.domain.ids import uuid7
from appliance.domain.orders import DeliveryDraft
from appliance.domain.personal import Personal
from appliance.domain.timeline import EntryDraft, Place
from appliance.errors import Denied, Invalid, NotFound
from appliance.web import buyer, callers
from tests.house_fixture import TestHouse
from tests.integration.mail.buyers import linked, ordered, outside

PERSONAL = ("Сухова", "000-12-34", "9120001234", "anna@example.ru", "Садовая", "Позвоните за час")
ANSWER = "Да, привезём к шести"


def note(text: str = ANSWER, **changes: Any) -> EntryDraft:
    return EntryDraft(**({"text": Personal(text), "for_buyer": True} | changes))


@pytest.mark.checklist(16)
@pytest.mark.parametrize("door", ["staff", "outer"])
async def test_the_link_shows_status_steps_goods_and_sum_and_nothing_personal_but_the_first_name(
    house: TestHouse, door: str
) -> None:
    number = await ordered(house)
    answer = await outside(house, door).get(await linked(house, number))
    assert answer.status_code == 200
    for shown in ("Здравствуйте, Анна!", "Новый", "Лампа", "Шнур", 'aria-current="step"'):
        assert shown in answer.text, shown
    for hidden in PERSONAL:
        assert hidden not in answer.text, hidden
    assert answer.headers["x-robots-tag"].startswith("noindex")
    assert "set-cookie" not in answer.headers
    links = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert [one for one in links if not one.startswith(("/s/look/", "data:"))] == []


@pytest.mark.checklist(61)
async def test_what_the_warehouse_changes_is_on_the_page_and_reaches_it_by_its_stream(
    house: TestHouse,
) -> None:
    number = await ordered(house)
    place, visitor = await linked(house, number), outside(house)
    before = await visitor.get(f"{place}/stamp")
    order_id, _ = await buyers.stamp(
        buyers.visitor(Origin.OUTER), buyers.hash_of(place.removeprefix("/s/"))
    )
    hub = visitor.site.buyers
    told = buyer.lines(hub, hub.join(buyer.NOBODY, [f"order:{order_id}"]), _works)
    assert await anext(told) == b"retry: 5000\n\n"
    delivery = DeliveryDraft(type="courier", track_number="RA644000001RU", time_from="18:00")
    await order_edits.delivery(house.actor_for("seller"), number, delivery)
    assert await anext(told) == b"event: changed\ndata: 1\n\n"
    await desk.move(house.actor_for("storekeeper"), number, await _next_status(house, number))
    assert await anext(told) == b"event: changed\ndata: 1\n\n"
    await told.aclose()
    assert (await visitor.get(f"{place}/stamp")).text != before.text
    page = (await visitor.get(place)).text
    assert "RA644000001RU" in page
    assert 'class="status"' in page
    assert hub.count_of(f"order:{order_id}") == 0


async def _works() -> bool:
    return True


async def _next_status(house: TestHouse, number: int) -> str:
    found = await desk.order(house.actor_for("storekeeper"), number)
    return next(one.code for one in found.order.next_statuses if one.group != "cancel")


@pytest.mark.checklist(16)
async def test_a_wrong_an_expired_and_a_revoked_link_get_one_and_the_same_answer(
    house: TestHouse,
) -> None:
    number, visitor = await ordered(house), outside(house)
    seller = house.actor_for("seller")
    revoked, expired = await linked(house, number), await linked(house, number)
    wrong = await visitor.get("/s/" + "x" * 43)
    assert wrong.status_code == 404
    newest = await buyers.links(seller, number)
    await buyers.revoke(seller, number, newest[-1].id)
    await buyers.revoke(seller, number, newest[-1].id)
    assert (await visitor.get(revoked)).text == wrong.text
    assert (await visitor.get(expired)).status_code == 200
    house.clock.pass_(days=60)
    late = await visitor.get(expired)
    assert (late.status_code, late.text) == (404, wrong.text)
    for method, path in (("GET", "/stamp"), ("POST", "")):
        answer = await visitor.http.request(method, expired + path, data={"text": "?"})
        assert answer.status_code == 404, path
    assert (await visitor.get(f"{expired}/live")).status_code == 204


async def test_only_the_hash_of_a_token_is_kept_and_no_log_has_it(
    house: TestHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    number = await ordered(house)
    place = await linked(house, number)
    token = place.removeprefix("/s/")
    await outside(house).get(place)
    assert len(token) >= 43
    rows = await house.rows("SELECT token_hash FROM status_link")
    assert [bytes(row[0]) for row in rows] == [sha256(token.encode()).digest()]  # type: ignore[call-overload]
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("korobka")]
    assert any("/s/{token}" in line for line in ours)
    assert not any(token in line for line in ours)


async def test_who_may_not_reach_the_order_makes_no_link_and_sees_none(house: TestHouse) -> None:
    number = await ordered(house)
    await linked(house, number)
    with pytest.raises(NotFound):
        await linked_by(house, "rival", number)
    with pytest.raises(Denied):
        await linked_by(house, "accountant", number)
    with pytest.raises(NotFound):
        await buyers.links(house.actor_for("rival"), number)


async def linked_by(house: TestHouse, name: str, number: int) -> None:
    await buyers.make_link(house.actor_for(name), number)


@pytest.mark.checklist(65)
async def test_the_buyer_writes_to_his_manager_and_reads_the_answer_there(
    house: TestHouse,
) -> None:
    number = await ordered(house)
    place, visitor = await linked(house, number), outside(house)
    sent = await visitor.post(place, text="Можно после шести?", form=str(uuid7()))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{place}?sent=1")
    seller = house.actor_for("seller")
    stream = (await timeline.of_order(seller, number)).stream
    asked = next(one for one in stream.entries if one.kind == "message")
    assert asked.said is not None
    assert (asked.said.reveal().text, asked.source) == ("Можно после шести?", "buyer")
    assert [task.performer_number for task in stream.tasks] == [1]
    told = await house.rows("SELECT user_id, kind, entity, entity_number FROM notice")
    assert (house.users["seller"], "buyer.wrote", "order", number) in told
    await timeline.write(seller, Place(order=number), note("Наша заметка о марже", for_buyer=False))
    await timeline.write(seller, Place(order=number), note())
    page = (await visitor.get(place)).text
    assert ANSWER in page
    assert "Можно после шести?" in page
    assert "марже" not in page


async def test_a_message_sent_twice_is_written_once_and_leaves_one_task(house: TestHouse) -> None:
    number = await ordered(house)
    place, visitor = await linked(house, number), outside(house)
    form = str(uuid7())
    for _ in range(2):
        assert (await visitor.post(place, text="Здравствуйте", form=form)).status_code == 303
    await visitor.post(place, text="И ещё вопрос", form=str(uuid7()))
    assert (await house.rows("SELECT COUNT(*) FROM timeline_entry WHERE source = 'buyer'")) == [
        (2,)
    ]
    assert await house.rows("SELECT COUNT(*) FROM task") == [(1,)]


async def test_an_order_without_a_manager_still_finds_somebody_to_answer(house: TestHouse) -> None:
    from appliance.actions import roles_admin  # noqa: PLC0415  only here

    await roles_admin.seed_presets(house.system)
    number = await ordered(house)
    place = await linked(house, number)
    await house.write(_nobodys)
    await outside(house).post(place, text="Кто ведёт мой заказ?", form=str(uuid7()))
    rows = await house.rows("SELECT performer_id FROM task")
    assert rows == [(house.users["operator"],)]


async def _nobodys() -> None:
    from appliance.storage.statements import execute  # noqa: PLC0415  past the gate, for the scene

    await execute("UPDATE orders SET manager_id = NULL")


@pytest.mark.parametrize(
    ("text", "status"), [("   ", 422), ("ю" * 2001, 422)], ids=["empty", "long"]
)
async def test_a_refused_message_comes_back_as_it_was_typed_with_the_reason(
    house: TestHouse, text: str, status: int
) -> None:
    place = await linked(house, await ordered(house))
    answer = await outside(house).post(place, text=text, form=str(uuid7()))
    assert answer.status_code == status
    assert 'aria-invalid="true"' in answer.text
    assert text.strip() in answer.text
    assert await house.rows("SELECT 1 FROM timeline_entry WHERE source = 'buyer'") == []


async def test_a_day_has_a_budget_of_messages(house: TestHouse) -> None:
    place = await linked(house, await ordered(house))
    visitor = outside(house)
    for turn in range(21):
        visitor.site.callers._counts.clear()
        answer = await visitor.post(place, text=f"Вопрос {turn}", form=str(uuid7()))
        assert answer.status_code == (303 if turn < 20 else 429)
    assert "На сегодня сообщений достаточно" in answer.text
    house.clock.now += timedelta(days=1, seconds=1)
    visitor.site.callers._counts.clear()
    assert (await visitor.post(place, text="Новый день")).status_code == 303


async def test_one_address_cannot_ask_or_write_without_end(house: TestHouse) -> None:
    place = await linked(house, await ordered(house))
    visitor = outside(house)
    answers = [(await visitor.get(f"{place}/stamp")).status_code for _ in range(241)]
    assert answers == [200] * callers.MOST_ASKED + [429]
    assert (await visitor.get(place)).status_code == 429
    writer = outside(house)
    sent = [(await writer.post(place, text="Снова")).status_code for _ in range(13)]
    assert sent == [303] * callers.MOST_WRITTEN + [429]


async def test_another_site_cannot_write_in_the_buyers_name(house: TestHouse) -> None:
    place = await linked(house, await ordered(house))
    foreign = outside(house, **{"sec-fetch-site": "cross-site"})
    assert (await foreign.post(place, text="Верните деньги")).status_code == 403
    assert await house.rows("SELECT 1 FROM timeline_entry WHERE source = 'buyer'") == []


async def test_a_sealed_box_shows_no_order(house: TestHouse) -> None:
    place, visitor = await linked(house, await ordered(house)), outside(house)
    house.vault.seal()
    assert (await visitor.get(place)).status_code == 503


async def test_only_an_ordinary_note_of_an_order_is_for_the_buyer(house: TestHouse) -> None:
    number, seller = await ordered(house), house.actor_for("seller")
    with pytest.raises(Invalid):
        await timeline.write(seller, Place(order=number), note(private=True))
    client = (await desk.order(seller, number)).order.customer_number
    with pytest.raises(Invalid):
        await timeline.write(seller, Place(client=client), note())


async def test_a_note_taken_back_leaves_the_buyers_page_and_comes_back(house: TestHouse) -> None:
    number, seller = await ordered(house), house.actor_for("seller")
    place, visitor = await linked(house, number), outside(house)
    written = await timeline.write(seller, Place(order=number), note())
    stamps = [(await visitor.get(f"{place}/stamp")).text]
    await timeline.remove(seller, written.id)
    assert ANSWER not in (await visitor.get(place)).text
    stamps.append((await visitor.get(f"{place}/stamp")).text)
    await timeline.restore(seller, written.id)
    assert ANSWER in (await visitor.get(place)).text
    stamps.append((await visitor.get(f"{place}/stamp")).text)
    assert len(set(stamps)) == 3
