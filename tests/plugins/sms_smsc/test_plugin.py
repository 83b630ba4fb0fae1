"""SMSC.ru: a message goes there once, whatever becomes of the answers; its price is known before.

The box is a real one, the service its fake; all traffic is held against the documentation.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import pytest
import pytest_asyncio

from appliance.actions import messages
from appliance.domain.events import ServiceWished
from appliance.domain.timeline import Place
from appliance.plugin_api import callers, vendor
from appliance.plugin_api.client_messages import Cost, CostAsked
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.fakes import FakeReply, FakeRequest, Trouble, transport
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.testing import Box
from plugins import sms_smsc as plugin
from plugins.sms_smsc import fake
from plugins.sms_smsc.fake import Fake
from tests.house_fixture import TestHouse
from tests.integration.messages.scene import GRANTED, NAME, WORDS, draft, known, ruled, standing
from tests.integration.papers.scene import order
from tests.integration.plugins.asking import plugin as asking
from tests.plugins.sms_smsc.schemas import CONTRACT
from tests.vendors.contract import Checked, checked

TO = "79120001234"
ON_ONE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


class Texter:
    """A box, its plugin and the account at SMSC."""

    def __init__(self, house: TestHouse, fake: Fake, way: Checked) -> None:
        self.house, self.fake, self.way = house, fake, way
        self.number = 0
        settings = {
            **fake.settings(),
            "address": "https://smsc.ru",
            "mirror": "https://www2.smsc.ru",
        }
        self.core: Core = asking(
            NAME,
            permissions=("messages.write",),
            personal=GRANTED,
            accounts=(Account(code="main", settings=settings),),
        )

    async def write(self, text: str = WORDS, **more: Any) -> UUID:
        who = self.house.actor_for("head")
        return await messages.send(who, Place(order=self.number), draft(text, **more))

    async def wish(self, made: UUID) -> None:
        """The wish is delivered, two minutes and more after the last time."""
        PAUSED.clear()
        event = ServiceWished(plugin=NAME, kind="message", record_id=made, deed="send")
        await plugin.wished(event, self.core)

    async def hear(self) -> list[int]:
        """Bring the callbacks that wait; what was answered."""
        return [await self.push(one.body) for one in self.fake.pushes()]

    async def push(self, body: bytes) -> int:
        request = RouteRequest(route="push", method="POST", body=body)
        return (await plugin.push(request, self.core)).status

    def asked(self, path: str) -> list[Mapping[str, str]]:
        """Forms that came to a path."""
        return [one.form for one in self.fake.requests if one.path.endswith(path)]


@pytest_asyncio.fixture
async def texter(house: TestHouse, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Texter]:
    fake = Fake(clock=house.clock)
    way = checked(transport(fake), CONTRACT)
    monkeypatch.setattr(plugin, "transport", way)
    PAUSED.clear()
    vendor.forget()
    callers.forget()
    plugin._services.clear()
    plugin._prices.clear()
    plugin._seen[:] = [0]
    await known(house)
    await ruled(house)
    one = Texter(house, fake, way)
    one.number = (await order(house)).number
    yield one
    PAUSED.clear()


async def journal(house: TestHouse) -> list[str]:
    rows = await house.rows("SELECT code FROM plugin_journal ORDER BY id")
    return [str(row[0]) for row in rows]


@ON_ONE
@pytest.mark.checklist(48)
async def test_a_message_goes_once_and_its_delivery_comes_by_callback_or_by_looking(
    texter: Texter,
) -> None:
    made = await texter.write()
    await texter.wish(made)
    (sent,) = texter.asked("send.php")
    assert (sent["phones"], sent["mes"], sent["id"]) == (TO, WORDS, made.hex)
    assert (sent["sender"], sent["charset"]) == ("TEPLYDOM", "utf-8")
    assert all(not one.query for one in texter.fake.requests)  # no secret in any address
    await texter.wish(made)  # the delivery comes again after all was done
    assert len(texter.asked("send.php")) == 1
    assert await standing(texter.house) == [("sent", "")]
    (price,) = await texter.house.rows("SELECT price, parts, vendor_id FROM message")
    assert price == (380, 1, made.hex)
    texter.fake.copies, texter.fake.reorder = 5, True
    texter.fake.do_deliver(made.hex)
    texter.fake.do_read(made.hex)
    assert await texter.hear() == [200] * 10
    assert await standing(texter.house) == [("read", "")]
    # Another one, and no callback ever comes: the status is late by two looks.
    other = await texter.write("Второе")
    await texter.wish(other)
    texter.fake.late = 2
    texter.fake.do_expire(other.hex)
    texter.fake.pushes()
    for state in ("sent", "sent", "expired"):
        await plugin.poll(texter.core)
        assert (await standing(texter.house))[1][0] == state
    found = await messages.page(texter.house.actor_for("head"))
    assert found.balances.of[f"{NAME}:main"].amount == 500_00 - 2 * 380


@ON_ONE
async def test_a_lost_answer_is_asked_about_before_anything_is_sent_again(texter: Texter) -> None:
    made = await texter.write()
    texter.fake.fail("lost")
    with pytest.raises(Pause):
        await texter.wish(made)
    assert await standing(texter.house) == [("queued", "")]
    await texter.wish(made)
    assert len(texter.asked("send.php")) == 1
    assert await standing(texter.house) == [("sent", "")]
    assert [one.headers["host"] for one in texter.fake.requests] == ["smsc.ru", "www2.smsc.ru"]
    # The service is down before it took anything: the next time it is asked, and then sent.
    other = await texter.write("Второе")
    for trouble in ("down", "down"):
        texter.fake.fail(trouble)
        with pytest.raises(Pause):
            await texter.wish(other)
    await texter.wish(other)
    assert len(texter.fake.messages) == 2
    assert [row[0] for row in await standing(texter.house)] == ["sent", "sent"]


@ON_ONE
@pytest.mark.parametrize(
    ("code", "reason"),
    [(1, "refused"), (6, "text_refused"), (7, "number_wrong"), (8, "blocked")],
)
async def test_what_is_wrong_with_one_message_fails_it_and_no_other(
    texter: Texter, code: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {6: {"text": "Казино ждёт"}}.get(code, {})
    made = await texter.write(**typed)
    if code == 8:
        texter.fake.barred.add(TO)
    if code in (1, 7):
        # The box sends neither: the service finds fault all the same.
        monkeypatch.setattr(fake, "LONGEST_ID" if code == 1 else "DIGITS", 5)
    await texter.wish(made)
    assert await standing(texter.house) == [("failed", reason)]
    assert await journal(texter.house) == ["message_refused"]
    assert len(await texter.house.rows("SELECT id FROM notice WHERE kind = 'message.failed'")) == 1


@ON_ONE
async def test_what_is_wrong_with_the_account_stops_it_and_costs_nothing(texter: Texter) -> None:
    made = await texter.write()
    texter.fake.password = "changed"
    with pytest.raises(Pause) as refused:
        await texter.wish(made)
    assert refused.value.code == "access_refused"
    texter.fake.password = "invented"
    texter.fake.left = 100
    with pytest.raises(Pause) as poor:
        await texter.wish(made)
    assert (poor.value.code, poor.value.seconds) == ("no_money", 1800)
    texter.fake.do_refill("500")
    await texter.wish(made)
    assert await standing(texter.house) == [("sent", "")]
    assert await journal(texter.house) == [
        "vendor.access_refused", "vendor.up", "no_money",
    ]  # fmt: skip
    # The same words to the same number within a minute: later, and only if it is not there.
    other = await texter.write()
    with pytest.raises(Retry, match="too_often"):
        await texter.wish(other)
    texter.house.clock.pass_(minutes=2)
    await texter.wish(other)
    texter.fake.password = "changed"
    third = await texter.write("Третье")
    for _ in range(5):
        with pytest.raises(Pause):
            await texter.wish(third)
    with pytest.raises(Pause) as closed:
        await texter.wish(third)
    assert (closed.value.code, closed.value.seconds) == ("blocked", 3600)
    assert [row[0] for row in await standing(texter.house)] == ["sent", "sent", "queued"]


@ON_ONE
@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [("20", "failed", "unreachable"), ("22", "failed", "number_wrong"),
     ("25", "failed", "unreachable"), ("23", "failed", "blocked"),
     ("24", "failed", "no_money"), ("77", "sent", "")],
)  # fmt: skip
async def test_every_status_is_a_neutral_one_and_an_unknown_one_moves_nothing(
    texter: Texter, status: str, state: str, reason: str
) -> None:
    made = await texter.write()
    await texter.wish(made)
    texter.fake.do_refuse(made.hex, status)
    assert await texter.hear() == [200]
    assert await standing(texter.house) == [(state, reason)]
    await plugin.poll(texter.core)  # said once, however often it is met
    assert (await journal(texter.house)).count("status_unknown") == (status == "77")


@ON_ONE
async def test_a_callback_is_never_believed(texter: Texter) -> None:
    made = await texter.write()
    await texter.wish(made)
    lie = {"id": made.hex, "phone": TO, "status": "1"}
    assert await texter.push(urlencode(lie).encode()) == 200
    assert await standing(texter.house) == [("sent", "")]  # unsigned: read anew, still on its way
    texter.fake.do_deliver(made.hex)
    (told,) = texter.fake.pushes()
    forged = dict(parse_qsl(told.body.decode())) | {"status": "20"}
    assert await texter.push(urlencode(forged).encode()) == 403
    assert await texter.push(b"\xff\xfe") == 400
    strange = {"id": UUID(int=7).hex, "phone": TO, "status": "1"}
    assert await texter.push(urlencode(strange).encode()) == 200
    assert await texter.push(told.body) == 200
    assert await standing(texter.house) == [("delivered", "")]
    assert await journal(texter.house) == [
        "push_foreign", "push_unreadable", "push_unknown",
    ]  # fmt: skip


@ON_ONE
async def test_an_answer_is_understood_however_loosely_it_is_written(
    texter: Texter, monkeypatch: pytest.MonkeyPatch
) -> None:
    texter.way.trouble = True  # no documentation knows what comes now
    well = fake.said

    def loosely(data: dict[str, Any]) -> Any:
        kept = {key: str(one) for key, one in data.items() if key not in ("cnt", "cost")}
        return well({**kept, "novel": [1]})

    monkeypatch.setattr(fake, "said", loosely)
    made, other = await texter.write(), await texter.write("Второе")
    for one in (made, other):
        await texter.wish(one)
    assert await texter.house.rows("SELECT price FROM message") == [(None,), (None,)]
    texter.fake.do_deliver(made.hex)
    assert await texter.hear() == [200]
    monkeypatch.setattr(fake, "said", lambda _: well({"status": "soon", "balance": None}))
    with pytest.raises(Retry):
        await plugin.poll(texter.core)
    monkeypatch.setattr(fake, "said", lambda _: well([]))
    with pytest.raises(Retry):
        await plugin.poll(texter.core)
    assert await standing(texter.house) == [("delivered", ""), ("sent", "")]
    assert await journal(texter.house) == ["status_unknown"]


@ON_ONE
async def test_a_look_goes_on_where_the_last_one_ended(
    texter: Texter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "AT_ONCE", 1)
    made = [await texter.write(text) for text in ("Первое", "Второе", "Третье")]
    for one in made:
        await texter.wish(one)
        texter.fake.do_deliver(one.hex)
    for seen in (1, 2, 3):
        await plugin.poll(texter.core)
        assert [row[0] for row in await standing(texter.house)].count("delivered") == seen


@ON_ONE
async def test_a_status_that_cannot_be_read_keeps_no_balance_from_being_known(
    texter: Texter,
) -> None:
    texter.way.trouble = True
    await texter.wish(await texter.write())
    texter.fake.left = 77_00
    take = texter.fake.take

    def page(request: FakeRequest) -> FakeReply:
        found = take(request)
        return FakeReply(body=b"<html>") if request.path.endswith("status.php") else found

    texter.fake.take = page  # type: ignore[method-assign]
    with pytest.raises(Retry, match="answer_garbled"):  # and the journal says so
        await plugin.poll(texter.core)
    known_now = await messages.page(texter.house.actor_for("head"))
    assert known_now.balances.of[f"{NAME}:main"].amount == 77_00


@ON_ONE
async def test_what_the_service_forgot_is_unknown_and_never_sent_again(texter: Texter) -> None:
    texter.fake.virtual = True
    made, other = await texter.write(), await texter.write("Второе")
    for one in (made, other):
        await texter.wish(one)
    del texter.fake.messages[made.hex]
    await plugin.poll(texter.core)
    assert await standing(texter.house) == [("unknown", "lost"), ("sent", "")]
    texter.house.clock.pass_(days=5)
    await plugin.poll(texter.core)
    assert await standing(texter.house) == [("unknown", "lost"), ("unknown", "silent")]
    assert len(texter.asked("send.php")) == 2


def quiet(monkeypatch: pytest.MonkeyPatch) -> tuple[Fake, Box]:
    """A service and a box in memory."""
    service = Fake()
    way = checked(transport(service), CONTRACT)
    way.trouble = True
    monkeypatch.setattr(plugin, "transport", way)
    plugin._services.clear()
    plugin._prices.clear()
    settings = {**service.settings(), "address": "https://smsc.ru"}
    return service, Box(accounts=(Account(code="main", settings=settings),))


async def test_a_price_is_asked_for_without_a_word_or_a_number_and_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service, box = quiet(monkeypatch)
    asked = CostAsked(prefix="7912", units=96, parts=2)
    for _ in range(2):
        assert await box.ask(plugin.cost, "messages.cost", asked) == Cost(
            price=760, sender="TEPLYDOM"
        )
    (sent,) = [one.form for one in service.requests]
    assert (sent["phones"], sent["mes"], sent["cost"]) == ("79120000000", "ж" * 96, "1")
    assert service.messages == {} and service.left == 500_00
    monkeypatch.setattr(fake, "DIGITS", 5)
    with pytest.raises(Permanent, match="no_price"):
        await box.ask(plugin.cost, "messages.cost", CostAsked(prefix="7913", units=3, parts=1))


@pytest.mark.parametrize(
    ("trouble", "ends"),
    [("down", Pause), ("slow", Pause), ("failing", Pause), ("too_many", Pause),
     ("html", Retry), ("garbled", Retry), ("error_in_200", Retry)],
)  # fmt: skip
async def test_a_service_in_trouble_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, trouble: Trouble, ends: type[Exception]
) -> None:
    service, box = quiet(monkeypatch)
    service.fail(trouble)
    with pytest.raises(ends):
        await box.ask(plugin.cost, "messages.cost", CostAsked(prefix="7912", units=3, parts=1))


async def test_the_test_of_the_connection_says_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, box = quiet(monkeypatch)
    (good,) = await plugin.diagnose(box.core(), "")
    assert (good.code, good.is_good, good.numbers) == ("works", True, {"rubles": 500})
