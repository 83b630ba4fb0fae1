"""Text messages: once, on a ground, by day, and the stream says what came of them."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from appliance.actions import deals, dossiers, message_setup, messages, orders, timeline
from appliance.actions import privacy as consents
from appliance.domain.deals import DealDraft
from appliance.domain.events import OrderStatusChanged
from appliance.domain.ids import uuid7
from appliance.domain.messages import Template
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.privacy import ConsentGiven, PurposeCode
from appliance.domain.timeline import EntryView, Kind, Place
from appliance.errors import Denied, HouseError, Invalid, NotFound
from appliance.jobs import post
from appliance.plugin_api.client_messages import Report
from appliance.plugin_api.core import Refused
from appliance.storage.statements import execute
from tests.house_fixture import SHOP, START, TestHouse
from tests.integration.messages.scene import (
    WORDS,
    draft,
    known,
    ruled,
    standing,
    wishes,
)
from tests.integration.papers.scene import order
from tests.integration.plugins.asking import plugin

BASE = "https://shop.example"
FULL = "message_day_full"


async def told(house: TestHouse, number: int) -> EntryView:
    """The message's line in the order's stream."""
    stream = (await timeline.of_order(house.actor_for("head"), number)).stream
    return next(one for one in stream.entries if one.kind is Kind.MESSAGE)


async def codes_of(house: TestHouse, number: int, **typed: object) -> set[str]:
    """Why a message is refused."""
    with pytest.raises(HouseError) as refused:
        await messages.send(house.actor_for("head"), Place(order=number), draft(**typed))  # type: ignore[arg-type]
    fields = refused.value.fields if isinstance(refused.value, Invalid) else {}
    return {*fields.values()} or {refused.value.code}


@pytest.mark.checklist(48)
async def test_a_message_by_template_goes_once_and_its_delivery_is_in_the_stream(
    house: TestHouse,
) -> None:
    core, who = await known(house), house.actor_for("head")
    await ruled(house)
    placed = await order(house)
    place = Place(order=placed.number)
    form = await messages.compose(who, place, "status")
    text = form.text.reveal()
    assert "заказ №" in text and "Новый" in text
    assert form.recipients[0].shown.reveal() == "+7\u00a09••\u00a0•••-••-34"
    assert form.recipients[0].prefix == "7912"
    typed = draft(text, template="status")
    made = await messages.send(who, place, typed)
    assert await messages.send(who, place, typed) == made
    assert len(await wishes(house)) == 1
    assert (await told(house, placed.number)).data["state"] == "queued"
    taken = await core.messages.take(made)
    assert taken is not None and taken.text is not None
    assert (taken.phone.reveal(), taken.text.reveal()) == ("+79120001234", text)
    assert (taken.attempt, taken.order_number) == (1, placed.number)
    # Nobody knows what became of the first try: it is handed over again, written down once.
    again = await core.messages.take(made)
    assert again is not None and again.attempt == 2
    handed = await house.rows("SELECT plugin, fields, purpose FROM disclosure")
    assert handed == [("texter", "phone", "notify")]
    sent = Report(id=made, state="sent", vendor_id="7", price=380, raw="0")
    for one in (
        sent,
        Report(id=made, state="delivered", raw="1"),
        sent,
        Report(id=made, state="expired", reason="late"),
        Report(id=made, raw="word nobody knows"),
    ):
        await core.messages.report(one)
    assert await standing(house) == [("delivered", "")]
    assert await core.messages.take(made) is None
    line = await told(house, placed.number)
    assert (line.data["state"], line.data["price"]) == ("delivered", 380)
    assert line.said is not None and line.said.reveal().text == text
    assert await core.messages.open() == ()
    stranger = plugin("other", permissions=("messages.write",))
    with pytest.raises(Refused):
        await stranger.messages.report(sent)
    with pytest.raises(Denied):
        await messages.send(house.actor_for("storekeeper"), place, draft())


async def test_nobody_pays_for_a_number_that_takes_none_nor_writes_without_a_ground(
    house: TestHouse,
) -> None:
    core = await known(house)
    await ruled(house, most_a_day=2)
    number = (await order(house)).number
    assert await codes_of(house, number, to="8 800 555-35-35") == {"phone_free"}
    assert await codes_of(house, number, to="8 (4822) 32-12-34") == {"phone_landline"}
    assert await codes_of(house, number, to="восемь") == {"phone_unreadable"}
    assert await codes_of(house, number, text=" ") == {"entry_empty"}
    assert await codes_of(house, number, text="ж" * 671) == {"entry_long"}
    assert await codes_of(house, number, plugin="") == {"messages_off"}
    head = who = house.actor_for("head")
    code = await message_setup.put_template(
        head, Template(code="", name="Скидка", body="{{ shop }}: скидка", advert=True, own=True)
    )
    assert await codes_of(house, number, template=code) == {"message_no_consent"}
    ref = CustomerRef(number=1)
    officer = house.actor_for("data_officer")
    text = await consents.add_text(officer, "adv", PurposeCode.MAILING, "Хочу знать о скидках")
    given = ConsentGiven(
        purpose=PurposeCode.MAILING, text_code="adv", text_version=text.version,
        given_at=START, channel="form:main",
    )  # fmt: skip
    await consents.give(head, SHOP, ref, [given])
    advert = await messages.send(who, Place(order=number), draft(template=code))
    # He takes it back before it left: it fails here, and the service is asked nothing.
    await consents.withdraw(head, SHOP, ref, PurposeCode.MAILING)
    assert await core.messages.take(advert) is None
    assert await standing(house) == [("failed", "message_no_ground")]
    await messages.send(who, Place(order=number), draft())
    await messages.send(who, Place(client=1), draft(to="+7 912 000-77-01"))
    assert await codes_of(house, number) == {"message_too_many"}
    house.clock.pass_(days=1, minutes=1)
    await messages.send(who, Place(order=number), draft())


async def test_at_night_it_waits_for_the_clients_own_morning(house: TestHouse) -> None:
    core = await known(house)
    await ruled(house, quiet_from=21 * 60, quiet_to=9 * 60)
    who, number = house.actor_for("head"), (await order(house)).number
    house.clock.now = START.replace(hour=15, minute=30)  # 18:30 in Moscow, 22:30 in Novosibirsk
    await messages.send(who, Place(order=number), draft())
    await house.write(_moved_to_novosibirsk)
    form = await messages.compose(who, Place(order=number))
    morning = house.clock.now.replace(hour=2, minute=0) + timedelta(days=1)
    assert (form.waits, form.zone) == (morning, "Asia/Novosibirsk")
    await messages.send(who, Place(order=number), draft("Утром"))
    await messages.send(who, Place(order=number), draft("Сейчас", now=True))
    due = [row[0] for row in await wishes(house)]
    assert due == [house.clock.now, morning, house.clock.now]
    with pytest.raises(NotFound):
        await messages.cancel(house.actor_for("head"), 99)
    await messages.cancel(house.actor_for("head"), 2)
    # The service was down until it was night there: the first waits for the morning after all.
    (first, *_, third) = [row[0] for row in await house.rows("SELECT id FROM message ORDER BY id")]
    assert await core.messages.take(first) is None  # type: ignore[arg-type]
    assert [row[0] for row in await wishes(house)][-1] == morning
    assert await core.messages.take(third) is not None  # type: ignore[arg-type]
    house.clock.now = morning
    taken = await core.messages.take(first)  # type: ignore[arg-type]
    assert taken is not None and taken.attempt == 1
    # Called back while nobody knows whether the service has it: it is never sent again.
    await messages.cancel(house.actor_for("head"), 1)
    assert [row[0] for row in await standing(house)] == ["unknown", "cancelled", "queued"]
    assert await core.messages.take(first) is None  # type: ignore[arg-type]


async def _moved_to_novosibirsk() -> None:
    await execute("UPDATE customer SET region = '54'")


@pytest.mark.checklist(48)
async def test_a_buyer_is_told_of_a_beginning_once_however_often_it_is_delivered(
    house: TestHouse,
) -> None:
    core = await known(house)
    await ruled(house, tells=("assembling",))
    placed, head = await order(house), house.actor_for("head")
    status = "assembling"

    tell = post.handlers(house.system, house.clock, lambda _: {}, BASE)[
        post.HOUSE, OrderStatusChanged.name
    ]
    moving = OrderStatusChanged(order_id=placed.order_id, was="new", became=status)

    async def moved() -> None:
        for _ in range(2):  # a crash between: the event comes again
            await tell(moving, uuid7())

    await moved()  # a late event: the order stands elsewhere
    assert await standing(house) == []
    await orders.set_status(head, placed.order_id, status)
    await moved()
    await orders.set_status(house.shop_key(), placed.order_id, "new")
    await orders.set_status(head, placed.order_id, status)
    await moved()
    assert await standing(house) == [("queued", "")]
    (made,) = await house.rows("SELECT id FROM message")
    taken = await core.messages.take(made[0])  # type: ignore[arg-type]
    assert taken is not None and taken.text is not None
    assert "заказ №" in taken.text.reveal()
    with pytest.raises(Invalid):
        await ruled(house, tells=("nowhere",))
    with pytest.raises(Invalid):
        await ruled(house, tells=("assembling",), plugin="")


async def test_little_money_is_told_once_until_there_is_more(house: TestHouse) -> None:
    core = await known(house)
    await ruled(house, least=100_00)
    for amount in (500_00, 90_00, 80_00, 400_00, 50_00):
        await core.messages.balance("main", amount)
    rows = await house.rows(
        "SELECT entity_number FROM notice WHERE kind = 'messages.low' ORDER BY number"
    )
    assert sorted({row[0] for row in rows}) == [50, 90]
    found = await messages.page(house.actor_for("head"))
    assert found.balances.of["texter:main"].amount == 50_00


@pytest.mark.parametrize("limit", [{"box_a_day": 2}, {"spend_a_day": 11_00}])
async def test_what_the_day_has_no_room_for_waits_for_tomorrow_and_people_hear_once(
    house: TestHouse, limit: dict[str, int]
) -> None:
    core, head = await known(house), house.actor_for("head")
    await ruled(house, **({"box_a_day": 0, "spend_a_day": 0} | limit))
    place = Place(order=(await order(house)).number)
    made = [await messages.send(head, place, draft(f"Заказ готов, {at}")) for at in range(4)]
    assert await core.messages.take(made[0]) is not None
    # Four roubles for one part: what is on its way is expected to cost as much.
    await core.messages.report(Report(id=made[0], state="sent", price=4_00, parts=1))
    assert await core.messages.take(made[1]) is not None
    assert await core.messages.take(made[1]) is not None  # its answer was lost: it counts once
    for late in made[2:]:
        assert await core.messages.take(late) is None
    assert await standing(house) == [("sent", ""), ("queued", ""), *[("queued", FULL)] * 2]
    assert (await told(house, place.order or 0)).data["reason"] == FULL
    found = await messages.page(head)
    assert not found.today.allows(found.settings, 1) and found.today.sent == 2
    assert (await messages.compose(head, place)).is_full
    rows = await house.rows("SELECT user_id FROM notice WHERE kind = 'messages.full'")
    assert rows and len(rows) == len({row[0] for row in rows})

    morning = (house.clock.now + timedelta(days=1)).replace(hour=9, minute=0, second=0)
    assert [row[0] for row in await wishes(house)][-2:] == [morning, morning]
    house.clock.now = morning
    assert await core.messages.take(made[2]) is not None
    await core.messages.report(Report(id=made[2], state="sent", price=4_00))
    assert (await standing(house))[2] == ("sent", "")


async def test_a_message_from_a_deal_is_told_of_in_its_stream(house: TestHouse) -> None:
    core, head = await known(house), house.actor_for("head")
    await ruled(house)
    await order(house)
    deal = await deals.create(head, DealDraft(customer_number=1, title=Personal("Свет в кафе")))
    made = await messages.send(head, Place(deal=deal.number), draft(to="+7 912 000-12-34"))
    assert await core.messages.take(made) is not None
    await core.messages.report(Report(id=made, state="delivered"))
    stream = (await timeline.of_deal(head, deal.number)).stream
    (line,) = [one for one in stream.entries if one.kind is Kind.MESSAGE]
    assert line.data["state"] == "delivered"


async def test_what_was_written_is_in_the_dossier(house: TestHouse) -> None:
    await known(house)
    await ruled(house)
    number = (await order(house)).number
    await messages.send(house.actor_for("head"), Place(order=number), draft())
    head = house.actor_for("head")._replace(step_up=True)
    made = await dossiers.make(head, 1, START - timedelta(days=1), START + timedelta(days=1))
    with ZipFile(BytesIO(made.archive)) as archive:
        assert WORDS in archive.read("dossier.json").decode()
