"""YooKassa: what the box wishes is done there once, and only what was read from there is believed.

The box is a real one; where the vendor's description is at hand, all traffic is held against it.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from appliance.actions import orders, pay_chores, pay_links
from appliance.domain.events import ServiceWished, WishKind
from appliance.domain.orders import OrderSelector
from appliance.plugin_api import callers, vendor
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.fakes import FakeReply, FakeRequest, transport
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.storage.statements import execute
from plugins import payments_yookassa as plugin
from plugins.payments_yookassa import client
from plugins.payments_yookassa.fake import Fake
from tests.house_fixture import TestHouse
from tests.integration.money.test_links import known, paid, state, tasks
from tests.integration.operators import marked
from tests.integration.operators.scene import CODE
from tests.integration.orders.drafts import draft
from tests.integration.papers.scene import LAMP, entity, order
from tests.integration.plugins.asking import plugin as asking
from tests.plugins.loosely import loosen
from tests.vendors.contract import Checked, checked, description, there

NAME = "till"
WHOLE = 274_000
FROM = "185.71.76.5"
PERSONAL = (("customer.email", "payment"), ("customer.phone", "payment"))


class Till:
    """A box, its plugin and the shop at YooKassa."""

    def __init__(self, house: TestHouse, fake: Fake, settings: dict[str, Any]) -> None:
        self.house, self.fake = house, fake
        self.who = house.actor_for("accountant")
        self.core: Core = asking(
            NAME,
            permissions=("payments.write", "orders.read"),
            personal=PERSONAL,
            settings=settings,
        )

    async def link(self, number: int, amount: int | None = None, **more: Any) -> UUID:
        made = await pay_links.ask(self.who, number, NAME, amount, **more)
        await self.wish("payment", made, "create")
        return made

    async def wish(self, kind: WishKind, record: UUID, deed: str, attempt: int = 1) -> None:
        self.core.attempt = attempt
        event = ServiceWished(plugin=NAME, kind=kind, record_id=record, deed=deed)
        await plugin.wished(event, self.core)

    async def hear(self, address: str = FROM) -> list[int]:
        """Bring the notifications that wait; what was answered."""
        return [(await self.push(one.body, address)).status for one in self.fake.pushes()]

    async def push(self, body: bytes, address: str = FROM) -> RouteReply:
        request = RouteRequest(route="push", method="POST", body=body, address=address)
        return await plugin.push(request, self.core)

    @property
    def made(self) -> str:
        """The last payment at YooKassa."""
        return list(self.fake.payments)[-1]


@pytest_asyncio.fixture
async def till(house: TestHouse, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    fake = Fake()
    way: Any = transport(fake)
    if there():
        way = checked(way, description("yookassa.yaml", "/v3"))
    monkeypatch.setattr(plugin, "transport", way)
    PAUSED.clear()
    vendor.forget()
    callers.forget()
    plugin._shops.clear()
    await known(house)
    await entity(house)
    settings = {**fake.settings(), "address": "https://api.yookassa.ru/v3"}
    yield Till(house, fake, settings)
    PAUSED.clear()


def misbehaving() -> None:
    """From here on the fake answers what no description knows."""
    if isinstance(plugin.transport, Checked):
        plugin.transport.trouble = True


async def journal(house: TestHouse) -> list[str]:
    rows = await house.rows("SELECT code FROM plugin_journal ORDER BY id")
    return [str(row[0]) for row in rows]


@pytest.mark.checklist(117)
async def test_a_link_is_paid_and_the_money_is_believed_only_when_read_from_there(
    till: Till,
) -> None:
    placed = await order(till.house)
    made = await till.link(placed.number)
    links = await pay_links.of_order(till.who, placed.number)
    assert links.attempts[0].url.startswith("https://yoomoney.ru/")
    assert links.attempts[0].test
    body = msgspec.json.decode(till.fake.requests[-1].body)
    assert body["amount"] == {"value": "2740.00", "currency": "RUB"}
    assert body["receipt"]["customer"] == {"email": "anna@example.ru"}
    assert [one["vat_code"] for one in body["receipt"]["items"]] == [12, 1]
    assert till.fake.requests[-1].headers["idempotence-key"] == str(made)
    # Somebody says that it is paid; nobody paid: what is read decides.
    liar = msgspec.json.encode(
        {"type": "notification", "event": "payment.succeeded",
         "object": {"id": till.made, "status": "succeeded"}}
    )  # fmt: skip
    assert (await till.push(liar)).status == 200
    assert await paid(till.house, placed.number) == (0, [])
    for _ in range(3):
        assert (await till.push(liar, "8.8.8.8")).status == 403
    assert (await journal(till.house)).count("push_foreign") == 1
    till.fake.copies, till.fake.reorder = 5, True
    till.fake.do_pay(till.made)
    assert await till.hear() == [200] * 5
    assert await paid(till.house, placed.number) == (WHOLE, [WHOLE])
    view = (await orders.find_by(till.who, [OrderSelector(number=placed.number)]))[0]
    payer = view.payments[0].payer
    assert payer is not None and payer.reveal().card == "•••• 4477"
    assert payer.reveal().reference == till.made
    rows = await till.house.rows("SELECT kind, state, total FROM receipt")
    assert rows == [("payment", "done", WHOLE)]


async def test_the_same_wish_twice_and_a_lost_answer_make_one_payment(till: Till) -> None:
    placed = await order(till.house)
    made = await pay_links.ask(till.who, placed.number, NAME)
    till.fake.fail("lost")
    with pytest.raises(Pause):
        await till.wish("payment", made, "create")
    PAUSED.clear()
    # The key of idempotence may be forgotten by then: it is looked for before it is made again.
    till.fake._keys.clear()
    await till.wish("payment", made, "create", attempt=2)
    await till.wish("payment", made, "create", attempt=3)
    assert len(till.fake.payments) == 1
    assert await state(till.house, placed.number) == ["pending"]
    till.fake.do_pay(till.made)  # and no notification comes: a person has it looked at
    await till.wish("payment", made, "look")
    assert await state(till.house, placed.number) == ["paid"]


async def test_a_notification_before_the_answer_of_the_call_is_no_loss(till: Till) -> None:
    placed = await order(till.house)
    till.fake.early = True
    made = await pay_links.ask(till.who, placed.number, NAME)
    till.fake.fail("lost")
    with pytest.raises(Pause):
        await till.wish("payment", made, "create")
    PAUSED.clear()
    assert await till.hear() == [200]
    assert await paid(till.house, placed.number) == (WHOLE, [WHOLE])
    await till.wish("payment", made, "create", attempt=2)
    assert await paid(till.house, placed.number) == (WHOLE, [WHOLE])


async def test_money_is_held_taken_at_packing_and_comes_back_in_parts(till: Till) -> None:
    placed = await order(till.house)
    made = await till.link(placed.number, two_stage=True)
    till.fake.do_pay(till.made, "sbp")
    await till.hear()
    assert await state(till.house, placed.number) == ["authorized"]
    await orders.set_status(till.house.system, placed.order_id, "assembling-complete")
    assert await pay_chores.run(till.house.system) == 1
    await till.wish("payment", made, "capture")
    assert await paid(till.house, placed.number) == (WHOLE, [WHOLE])
    await till.hear()
    first = await pay_links.refund(till.who, made, 74_000)
    till.fake.fail("lost")
    with pytest.raises(Pause):
        await till.wish("refund", first, "create")
    PAUSED.clear()
    for _ in range(2):
        await till.wish("refund", first, "create")
    await till.hear()
    assert await paid(till.house, placed.number) == (WHOLE - 74_000, [WHOLE, -74_000])
    till.fake.do_refund(till.made, "1000.00")  # in the cabinet, past the box
    till.fake.copies = 2
    await till.hear()
    assert (await paid(till.house, placed.number))[0] == WHOLE - 174_000
    till.fake.refund_fails = True
    last = await pay_links.refund(till.who, made)
    await till.wish("refund", last, "create")
    assert (await paid(till.house, placed.number))[0] == WHOLE - 174_000
    assert await tasks(till.house) == 1


async def test_polling_brings_what_no_webhook_did_even_for_a_link_taken_back(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, failed, ended = [await order(till.house, name) for name in ("a", "b", "c")]
    first = await till.link(late.number)
    await pay_links.take_back(till.who, first)
    till.fake.do_pay(till.made)
    await till.link(failed.number)
    till.fake.do_refuse(till.made)
    await till.link(ended.number)
    till.fake.do_expire(till.made)
    till.fake.pushes()
    monkeypatch.setattr(client, "PAGE", 1)  # the link that was taken back stands on the last
    for _ in range(2):
        await plugin.poll(till.core)
    assert await paid(till.house, late.number) == (WHOLE, [WHOLE])
    assert await state(till.house, failed.number) == ["failed"]
    assert await state(till.house, ended.number) == ["expired"]
    reason = (await pay_links.of_order(till.who, failed.number)).attempts[0].reason
    assert reason == "insufficient_funds"


async def test_the_second_receipt_is_made_at_hand_over_and_a_refused_one_is_an_alarm(
    till: Till,
) -> None:
    for fails in (False, True):
        placed = await order(till.house, f"handed-{fails}")
        await marked.told(till.house, placed.order_id, CODE)
        await till.link(placed.number)
        till.fake.do_pay(till.made)
        await till.hear()
        till.house.clock.pass_(hours=1)

        async def hand_over(order_id: UUID = placed.order_id) -> None:
            await execute(
                "UPDATE orders SET delivered_at = {} WHERE id = {}", till.house.clock(), order_id
            )

        await till.house.write(hand_over)
        assert await pay_chores.run(till.house.system) == 1
        rows = await till.house.rows(
            "SELECT id FROM receipt WHERE kind = 'hand_over' AND state = 'waiting'"
        )
        till.fake.pending_reads, till.fake.receipt_fails = 1, fails
        await till.wish("receipt", UUID(str(rows[0][0])), "create")
        if fails:
            await _poll_with_a_new_word(till)
        for _ in range(3):
            await plugin.poll(till.core)
    rows = await till.house.rows("SELECT state FROM receipt WHERE kind = 'hand_over' ORDER BY id")
    assert [row[0] for row in rows] == ["done", "failed"]
    # The code goes out with the goods, not with the money that was paid before.
    for one in till.fake.requests:
        if one.method == "POST" and one.path.endswith(("/payments", "/receipts")):
            body = msgspec.json.decode(one.body)
            lines = (body.get("receipt") or body)["items"]
            codes = [line["mark_code_info"] for line in lines if "mark_code_info" in line]
            assert codes == ([{"gs_1m": CODE}] if one.path.endswith("/receipts") else [])
    assert await tasks(till.house) == 1


async def _poll_with_a_new_word(till: Till) -> None:
    """A receipt is in a state that nobody told us of: it stays as it was, and is spoken of."""
    take = till.fake.take

    def novel(request: FakeRequest) -> FakeReply:
        found = take(request)
        body = found.body.replace(b'"status":"pending"', b'"status":"in_the_stars"')
        is_receipt = "/receipts/" in request.path
        return msgspec.structs.replace(found, body=body) if is_receipt else found

    till.fake.take = novel  # type: ignore[method-assign]
    misbehaving()
    await plugin.poll(till.core)
    till.fake.take = take  # type: ignore[method-assign]
    assert "status_unknown" in await journal(till.house)


@pytest.mark.parametrize("trouble", ["down", "failing", "slow", "html", "too_many", "garbled",
                                     "error_in_200"])  # fmt: skip
async def test_a_shop_that_misbehaves_loses_and_doubles_nothing(till: Till, trouble: Any) -> None:
    misbehaving()
    placed = await order(till.house)
    made = await pay_links.ask(till.who, placed.number, NAME)
    till.fake.trouble = trouble
    with pytest.raises((Pause, Retry)):
        await till.wish("payment", made, "create")
    till.fake.trouble = ""
    PAUSED.clear()
    await till.wish("payment", made, "create", attempt=2)
    assert len(till.fake.payments) == 1
    assert await state(till.house, placed.number) == ["pending"]


async def test_what_does_not_fit_is_not_taken_and_stands_in_the_journal(till: Till) -> None:
    misbehaving()
    placed = await order(till.house)
    await till.link(placed.number)
    payment = till.fake.payments[till.made]
    for changed in (
        {"metadata": {"korobka": "somebody-elses"}},
        {"recipient": {"account_id": "999", "gateway_id": "1"}},
        {"amount": {"value": "9999999.00", "currency": "RUB"}},
        {"amount": {"value": "2740.00", "currency": "USD"}},
    ):
        was = dict(payment)
        till.fake.do_pay(till.made)
        payment |= changed
        till.fake.pushes()
        await plugin.poll(till.core)
        payment.clear()
        payment |= was
    assert await paid(till.house, placed.number) == (0, [])
    payment["status"] = "something_new"
    for _ in range(2):
        await plugin.poll(till.core)
    assert await state(till.house, placed.number) == ["pending"]
    codes = await journal(till.house)
    assert (codes.count("payment_mismatch"), codes.count("status_unknown")) == (1, 1)
    for body in (b"", b"<html>", b"[]", b'{"type":"notification","object":7}'):
        assert (await till.push(body)).status == 400


async def test_sums_as_numbers_and_fields_gone_or_new_change_nothing(till: Till) -> None:
    misbehaving()
    placed = await order(till.house)
    loosen(till.fake)
    await till.link(placed.number)
    till.fake.do_pay(till.made)
    payment = till.fake.payments[till.made]
    payment["amount"] = {"value": 2740.0, "currency": "RUB"}
    for field in ("payment_method", "recipient", "description", "income_amount"):
        payment.pop(field, None)
    assert await till.hear() == [200]
    assert await paid(till.house, placed.number) == (WHOLE, [WHOLE])


async def test_an_answer_that_is_none_keeps_no_other_payment_waiting(till: Till) -> None:
    misbehaving()
    placed = [await order(till.house, name) for name in ("a", "b", "c")]
    for one in placed:
        await till.link(one.number)
        till.fake.do_pay(till.made)
    till.fake.pushes()
    first, second, _ = till.fake.payments
    take = till.fake.take

    def odd(request: FakeRequest) -> FakeReply:
        found = take(request)
        if request.path.endswith(first):
            return FakeReply(body=b"<h1>Works are under way</h1>")
        if request.path.endswith(second) or request.query:  # and the list is refused, too
            return FakeReply(status=400, body=b'{"type": "error"}')
        return found

    till.fake.take = odd  # type: ignore[method-assign]
    with pytest.raises(Permanent, match="refused"):  # the job says so in the journal
        await plugin.poll(till.core)
    assert [await state(till.house, one.number) for one in placed] == [
        ["pending"], ["pending"], ["paid"],
    ]  # fmt: skip
    till.fake.take = take  # type: ignore[method-assign]
    await plugin.poll(till.core)
    assert [await state(till.house, one.number) for one in placed] == [["paid"]] * 3


async def test_a_key_that_is_refused_stops_the_shop_until_it_is_mended(till: Till) -> None:
    placed = await order(till.house)
    made = await pay_links.ask(till.who, placed.number, NAME)
    till.fake.secret = "another"
    with pytest.raises(Pause) as stopped:
        await till.wish("payment", made, "create")
    assert stopped.value.code == "access_refused"
    assert await state(till.house, placed.number) == ["created"]


async def test_an_own_register_needs_a_way_to_reach_the_buyer(till: Till) -> None:
    bare = draft("bare", phone="", lines=(LAMP,))
    contact = msgspec.structs.replace(bare.contact.reveal(), email="")  # type: ignore[union-attr]
    made = await orders.place(
        till.house.system,
        msgspec.structs.replace(bare, contact=type(bare.contact)(contact)),
    )
    await till.link(made.number)
    assert await state(till.house, made.number) == ["failed"]
    found = await pay_links.of_order(till.who, made.number)
    assert found.attempts[0].reason == "receipt_contact"
    assert not till.fake.payments


async def test_the_connection_is_told_apart_from_a_test_shop(till: Till) -> None:
    found: Sequence[Any] = await plugin.diagnose(till.core, "")
    assert [(one.code, one.is_good) for one in found] == [("enabled", True), ("test_shop", False)]
