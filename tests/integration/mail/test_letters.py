"""Letters go out once, wait while the server is down, and say in the stream what came of them."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from appliance.actions import buyers, desk, letters, mail, notices, orders, shipments, timeline
from appliance.domain.ids import uuid7
from appliance.domain.letters import MARK, Attached, Security, Template
from appliance.domain.notices import NoticeChoice
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.shipments import ShipmentDraft
from appliance.domain.timeline import EntryView, Kind, Place
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.jobs import post
from appliance.plugin_host.postman import HANDLER_SECONDS, LEASE_OVER
from appliance.storage import outbox
from appliance.storage.deliveries import PAUSES
from tests.house_fixture import TestHouse
from tests.integration.mail.buyers import ordered
from tests.integration.mail.post import BASE, FROM, WORDS, account, opened, sent, standing
from tests.integration.orders.test_shipments import scene as shipments_scene
from tests.smtp import FakeSmtp, fake_smtp


@pytest.fixture
async def server() -> AsyncIterator[FakeSmtp]:
    async with fake_smtp() as found:
        yield found


@pytest.fixture(autouse=True)
def nobody_subscribed() -> Iterator[None]:
    yield
    outbox.set_subscribers({})


async def told(house: TestHouse, number: int) -> EntryView:
    """The letter's line in the order's stream."""
    stream = (await timeline.of_order(house.actor_for("seller"), number)).stream
    return next(one for one in stream.entries if one.kind is Kind.LETTER)


async def attempts(house: TestHouse) -> list[tuple[object, ...]]:
    return await house.rows(
        "SELECT state, attempts FROM event_delivery WHERE event = 'letter_requested' ORDER BY id"
    )


@pytest.mark.checklist(117)
@pytest.mark.checklist(168)
async def test_a_letter_with_a_document_goes_from_the_order_and_its_outcome_is_in_the_stream(
    house: TestHouse, server: FakeSmtp
) -> None:
    server.login, server.password = "shop", "geheim"
    postman = await opened(house, server)
    number = await ordered(house)
    paper = Attached(
        name=Personal("Счёт 17.pdf"), media="application/pdf", body=Personal(b"%PDF-1.7 invented")
    )
    await sent(house, number, template="invoice", sent=(paper,))
    assert (await told(house, number)).data["state"] == "waiting"
    assert await postman.run_due() == 1
    (taken,) = server.taken
    assert (taken.sender, taken.to) == (FROM, ["anna@example.ru"])
    assert taken.text.strip() == WORDS
    assert taken.message["Subject"] == "О вашем заказе"
    assert str(taken.message["From"]) == f"Тёплый дом <{FROM}>"
    (file,) = taken.message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Счёт 17.pdf", b"%PDF-1.7 invented")
    line = await told(house, number)
    assert line.data["state"] == "sent"
    assert line.said is not None
    assert line.said.reveal().title == "О вашем заказе"
    assert await standing(house) == [("sent", "")]


@pytest.mark.checklist(16)
async def test_the_link_in_a_letter_leads_to_the_order_and_says_when_it_was_opened(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    number, token = await ordered(house), buyers.new_token()
    seller = house.actor_for("seller")
    form = await letters.compose(seller, Place(order=number), "status")
    assert MARK in form.text.reveal()
    await sent(
        house,
        number,
        template="status",
        text=form.text,
        token_hash=buyers.hash_of(token),
        link=Personal(f"{BASE}/s/{token}"),
    )
    await postman.run_due()
    assert f"{BASE}/s/{token}" in server.taken[0].text
    assert MARK not in server.taken[0].text
    assert (await buyers.links(seller, number))[0].opened_at is None
    shown = await buyers.page(token, house.system.origin)
    assert shown.number == number
    assert (await buyers.links(seller, number))[0].opened_at == house.clock.now


async def test_a_form_sent_twice_makes_one_letter(house: TestHouse, server: FakeSmtp) -> None:
    postman = await opened(house, server)
    number, form = await ordered(house), uuid7()
    for _ in range(2):
        await sent(house, number, form=form)
    await postman.run_due()
    assert len(server.taken) == 1


async def test_a_server_that_is_down_pauses_all_letters_and_uses_up_no_attempt(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    number = await ordered(house)
    server.answers["CONNECT"] = 421
    await sent(house, number)
    await sent(house, number)
    for _ in range(20):
        assert await postman.run_due() == 1  # the second one is not even tried
        house.clock.pass_(seconds=post.DOWN_SECONDS)
    assert await attempts(house) == [("ready", 0), ("ready", 0)]
    assert (await standing(house))[0] == ("waiting", "mail_busy")
    assert (await told(house, number)).data["state"] == "waiting"
    assert (await mail.account(house.actor_for("head"))).trouble == "mail_busy"
    server.answers.clear()
    assert await postman.run_due() == 2
    assert [row[0] for row in await standing(house)] == ["sent", "sent"]
    assert (await mail.account(house.actor_for("head"))).trouble == ""


@pytest.mark.checklist(190)
async def test_a_server_that_is_not_there_is_waited_for_too(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server, port=1)
    await sent(house, await ordered(house))
    await postman.run_due()
    assert await standing(house) == [("waiting", "mail_down")]
    assert await attempts(house) == [("ready", 0)]


async def test_a_wrong_password_holds_letters_back_until_it_is_mended(
    house: TestHouse, server: FakeSmtp
) -> None:
    server.login, server.password = "shop", "geheim"
    postman = await opened(house, server, password=Personal("falsch"))
    await sent(house, await ordered(house))
    await postman.run_due()
    assert await standing(house) == [("waiting", "mail_auth")]
    await mail.set_account(house.actor_for("head"), account(server))
    house.clock.pass_(seconds=post.DOWN_SECONDS)
    await postman.run_due()
    assert await standing(house) == [("sent", "")]


async def test_a_letter_asked_for_again_is_tried_on_schedule_under_one_message_id(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    number = await ordered(house)
    server.vanish = True  # it has the letter, and we do not know
    await sent(house, number)
    await postman.run_due()
    assert await standing(house) == [("waiting", "mail_lost")]
    server.answers["RCPT"] = 451
    house.clock.pass_(seconds=post.DOWN_SECONDS)
    await postman.run_due()
    assert await standing(house) == [("retry", "mail_later")]
    server.answers.clear()
    house.clock.pass_(seconds=PAUSES[0])
    await postman.run_due()
    assert await standing(house) == [("sent", "")]
    assert len({one.message["Message-ID"] for one in server.taken}) == 1
    assert len(server.taken) == 2


async def test_a_letter_never_taken_is_refused_after_seven_tries_and_its_author_is_told(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    number = await ordered(house)
    server.answers["RCPT"] = 450
    await sent(house, number)
    for pause in (*PAUSES, 0):
        assert await postman.run_due() == 1
        house.clock.pass_(seconds=pause)
    assert await standing(house) == [("refused", "mail_gave_up")]
    assert await attempts(house) == [("done", 7)]
    notices = await house.rows("SELECT user_id, kind, entity_number FROM notice")
    assert (house.users["seller"], "mail.failed", number) in notices


@pytest.mark.parametrize(
    ("verb", "code", "reason"),
    [
        ("RCPT", 550, "mail_no_box"),
        ("MAIL", 553, "mail_sender"),
        ("BODY", 554, "mail_refused"),
        ("BODY", 552, "mail_too_big"),
    ],
)
async def test_a_refusal_is_final_is_said_in_the_stream_and_its_words_are_kept_nowhere(
    house: TestHouse,
    server: FakeSmtp,
    caplog: pytest.LogCaptureFixture,
    verb: str,
    code: int,
    reason: str,
) -> None:
    caplog.set_level("DEBUG", logger="appliance")
    postman = await opened(house, server)
    number = await ordered(house)
    server.answers[verb] = code
    await sent(house, number)
    await postman.run_due()
    assert await standing(house) == [("refused", reason)]
    assert (await told(house, number)).data["reason"] == reason
    assert await attempts(house) == [("done", 1)]
    assert "Sukhova" not in caplog.text
    rows = await house.rows("SELECT payload, last_error FROM event_delivery")
    assert not any("anna" in str(row).lower() or "sukhova" in str(row).lower() for row in rows)


async def test_a_second_delivery_of_a_letter_that_went_sends_nothing(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    await sent(house, await ordered(house))
    await postman.run_due()

    async def again() -> None:
        from appliance.storage.statements import execute  # noqa: PLC0415  a crash, past the gate

        await execute("UPDATE event_delivery SET state = 'ready', lease_until = NULL")

    await house.write(again)
    house.clock.now += LEASE_OVER + timedelta(seconds=HANDLER_SECONDS)
    assert await postman.run_due() >= 1
    assert len(server.taken) == 1


async def test_a_sealed_box_and_a_missing_account_keep_letters_waiting(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    await sent(house, await ordered(house))
    await mail.set_account(house.actor_for("head"), account(server, host=""))
    await postman.run_due()
    assert await attempts(house) == [("ready", 0)]
    assert server.asked == []
    await mail.set_account(house.actor_for("head"), account(server))
    house.clock.pass_(seconds=post.NOT_SET_SECONDS)
    await postman.run_due()
    assert len(server.taken) == 1


@pytest.mark.checklist(15)
async def test_the_buyer_is_told_by_letter_when_his_order_goes_into_delivery(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    head = house.actor_for("head")
    number, _ = await shipments_scene(house)
    assert "delivery" in await mail.groups(head)
    await mail.set_rules(head, 30, ["delivery"])
    order = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    await orders.set_status(head, order.id, "client-confirmed")
    await shipments.create(house.actor_for("storekeeper"), number, ShipmentDraft(), send=True)
    moved = (await desk.names(head)).statuses["delivering"].name
    while await postman.run_due():
        pass
    (taken,) = server.taken
    assert taken.to == ["anna@example.ru"]
    assert moved in str(taken.message["Subject"])
    token = taken.text.partition(f"{BASE}/s/")[2].split()[0]
    assert (await buyers.page(token, house.system.origin)).status == moved
    stream = (await timeline.of_order(head, number)).stream
    states = [one.data["state"] for one in stream.entries if one.kind is Kind.LETTER]
    assert states == ["sent"]


async def test_who_may_not_reach_the_order_sends_nothing_and_a_masked_role_sees_a_mask(
    house: TestHouse, server: FakeSmtp
) -> None:
    await opened(house, server)
    number = await ordered(house)
    form = await letters.compose(house.actor_for("seller"), Place(order=number))
    (one,) = form.recipients
    assert one.value == "order"
    assert "anna@example.ru" not in one.shown.reveal()
    assert "•" in one.shown.reveal()
    with pytest.raises(NotFound):
        await letters.compose(house.actor_for("rival"), Place(order=number))
    with pytest.raises(Denied):
        await letters.compose(house.actor_for("accountant"), Place(order=number))
    with pytest.raises(Denied):
        await letters.page(house.actor_for("seller"))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"to": Personal("anna at example")}, "to", "email_wrong"),
        ({"to": Personal("анна@example.ru")}, "to", "email_wrong"),
        ({"subject": Personal(" ")}, "subject", "entry_empty"),
        ({"text": Personal("ю" * 20_001)}, "text", "entry_long"),
    ],
)
async def test_a_letter_that_cannot_go_is_refused_at_its_field(
    house: TestHouse, server: FakeSmtp, changes: dict[str, Any], field: str, code: str
) -> None:
    await opened(house, server)
    with pytest.raises(Invalid) as refused:
        await sent(house, await ordered(house), **changes)
    assert refused.value.fields == {field: code}
    assert await standing(house) == []


async def test_no_letter_is_written_before_there_is_an_account(house: TestHouse) -> None:
    with pytest.raises(Conflict, match="mail_not_set"):
        await sent(house, await ordered(house))


async def test_a_header_cannot_be_smuggled_in_by_a_subject(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    await sent(house, await ordered(house), subject=Personal("Заказ\r\nBcc: all@example.ru"))
    await postman.run_due()
    assert server.taken[0].message["Bcc"] is None
    assert server.taken[0].message["Subject"] == "Заказ Bcc: all@example.ru"


async def test_the_password_is_sealed_and_stays_when_the_form_leaves_it_out(
    house: TestHouse, server: FakeSmtp
) -> None:
    server.login, server.password = "shop", "geheim"
    await opened(house, server)
    ((text,),) = await house.rows("SELECT value FROM setting WHERE key = 'mail_account'")
    assert "geheim" not in str(text)
    head = house.actor_for("head")
    await mail.set_account(head, account(server, password=None, from_name="Дом"))
    tried = await mail.test_letter(head, Personal("head@example.ru"), "Проверка", "Слова")
    assert tried.password.reveal() == "geheim"
    assert "geheim" not in repr(await mail.account(head))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host": "smtp example"}, "host"),
        ({"port": 70_000}, "port"),
        ({"from_address": "shop"}, "from_address"),
    ],
)
async def test_an_account_that_cannot_be_is_refused_at_its_field(
    house: TestHouse, server: FakeSmtp, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await opened(house, server, **changes)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize(
    "body", ["{{ name", "{{ phone }}", "{{ name.__class__ }}{{ ''.__class__.mro() }}", " "]
)
async def test_a_template_with_a_mistake_or_a_way_out_of_its_sandbox_is_refused(
    house: TestHouse, body: str
) -> None:
    with pytest.raises(Invalid):
        await mail.put_template(
            house.actor_for("head"), Template(code="status", subject="Заказ", body=body)
        )


async def test_a_changed_template_is_used_until_it_is_reset(
    house: TestHouse, server: FakeSmtp
) -> None:
    head, seller = house.actor_for("head"), house.actor_for("seller")
    number = await ordered(house)
    own = Template(code="status", subject="№ {{ number }}", body="{{ name }}: {{ status }}")
    await mail.put_template(head, own)
    form = await letters.compose(seller, Place(order=number), "status")
    assert form.text.reveal().startswith("Анна: ")
    await mail.reset_template(head, "status")
    form = await letters.compose(seller, Place(order=number), "status")
    assert form.text.reveal().startswith("Здравствуйте, Анна!")
    assert not (await mail.templates(head))["status"].changed


async def test_a_letter_called_back_before_it_left_does_not_go(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    await sent(house, await ordered(house))
    await letters.cancel(house.actor_for("head"), 1)
    await postman.run_due()
    assert server.taken == []
    with pytest.raises(Conflict):
        await letters.cancel(house.actor_for("head"), 1)
    page = await letters.page(house.actor_for("head"))
    assert [one.state for one in page.rows] == ["cancelled"]


async def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server, security=Security.STARTTLS)
    await sent(house, await ordered(house))
    await postman.run_due()
    assert await standing(house) == [("waiting", "mail_no_tls")]
    assert "MAIL" not in server.asked


async def test_a_colleague_who_wants_it_is_told_by_letter_without_a_client_in_it(
    house: TestHouse, server: FakeSmtp
) -> None:
    postman = await opened(house, server)
    number, seller = await ordered(house), house.actor_for("seller")
    await house.write(lambda: _address(house, "seller", "seller@shop.example"))
    hours = NoticeChoice(by_mail=True, quiet_from=0, quiet_to=23 * 60, time_zone="UTC")
    await notices.choose(seller, hours)
    made = await buyers.make_link(seller, number)
    draft = buyers.Draft(form=uuid7(), text=Personal("Где мой заказ?"), title="Ответить")
    visitor = buyers.visitor(house.system.origin)
    await buyers.write(visitor, buyers.hash_of(made.token.reveal()), draft)
    while await postman.run_due():
        pass
    assert server.taken == []  # he is not to be woken
    house.clock.pass_(hours=24 - house.clock.now.hour)
    while await postman.run_due():
        pass
    wanted = [one for one in server.taken if "написал" in str(one.message["Subject"])]
    assert [one.to for one in wanted] == [["seller@shop.example"]]
    assert f"{BASE}/orders/{number}" in wanted[0].text
    assert not any("Где мой заказ" in one.text or "Анна" in one.text for one in server.taken)


async def _address(house: TestHouse, name: str, email: str) -> None:
    from appliance.storage import staff  # noqa: PLC0415  past the gate, for the scene
    from appliance.storage.statements import execute  # noqa: PLC0415  the same

    user = house.users[name]
    profile = msgspec.msgpack.encode(staff.Profile(name="Продавец", email=email))
    cell = house.vault.seal_secret(staff.LABEL, user, profile)
    await execute("UPDATE users SET profile = {} WHERE id = {}", cell, user)
