"""The destruction itself: what goes, what stays without a name, and what it waits for."""

from datetime import timedelta
from typing import Any

import pytest

from appliance.actions import customers, destruction, duplicates, orders, shipments, subjects
from appliance.domain.customers import CustomerKind
from appliance.domain.events import SubjectDestroyed
from appliance.domain.ids import uuid7
from appliance.domain.order_feed import FeedFilter
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.shipments import ShipmentDraft
from appliance.domain.subjects import RequestState
from appliance.errors import Conflict, NotFound
from appliance.storage import outbox, subject_finds
from appliance.storage.statements import execute, fetch_value, insert
from appliance.storage.tables import TABLES, ChangeEntryRow, ParcelRow, PluginBadgeRow
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import added, phone
from tests.integration.orders.drafts import draft as order_draft
from tests.integration.subjects.scene import (
    NAME,
    PHONE,
    Machine,
    acts_written,
    agreed,
    asked,
    busy,
    destroyer,
    officer,
    somebody,
)


async def _left(house: TestHouse, customer: Any) -> subject_finds.Found:
    async def look() -> subject_finds.Found:
        return await subject_finds.found_of(await subject_finds.cards(customer))

    return await house.database.read(look)


async def _sums(house: TestHouse) -> list[tuple[object, ...]]:
    return await house.rows(
        "SELECT number, total, paid_total, status, customer_id FROM orders ORDER BY number"
    )


async def test_nothing_sealed_is_left_and_every_sum_is(house: TestHouse) -> None:
    person = await somebody(house)
    await busy(house, person)
    number = (await asked(house, person)).number
    told = await house.rows("SELECT user_id FROM notice WHERE kind = 'request.waits'")
    deciders = {house.users[name] for name in ("head", "administrator")}
    assert {row[0] for row in told} == deciders, "who may agree, not who wrote it down"
    before, sums = await _left(house, person.id), await _sums(house)
    assert {"call", "deal_text", "file", "order_contact", "stream", "task"} <= set(before.cells)
    view = await agreed(house, number)
    machine = Machine()
    work = destroyer(house, machine)
    assert await work.tick() == 0
    machine.ms += 72 * 3_600_000 - 1
    assert await work.tick() == 0
    machine.ms += 1
    assert await work.tick() == 1
    after = await _left(house, person.id)
    assert (after.cells, after.indexes, after.files, after.open_tasks) == ({}, 0, 0, 0)
    assert (after.orders, after.paid_for) == (before.orders, before.paid_for)
    assert await _sums(house) == sums
    assert await house.rows("SELECT payer FROM payment WHERE number = 9001") == [(None,)]
    assert await house.rows("SELECT state, content FROM message") == [("cancelled", None)]
    entry = house.vault.erasure(view.subject_id)
    assert entry is not None
    assert (entry.reason, entry.requested_by) == ("demand", house.users["data_officer"])
    assert (await subjects.show(officer(house), number)).waits_for == ("act",)
    assert await acts_written(house.system) == 1
    await work.tick()
    done = await subjects.show(officer(house), number)
    assert (done.state, done.ledger) == (RequestState.CLOSED, 1)
    assert set(done.found.categories) >= {"call", "file", "message", "name"}
    card = (await customers.open_by_number(house.actor_for("head"), person.number)).customer
    assert (card.state, card.name, card.orders_count) == ("destroyed", None, 1)
    order = await orders.open_card(house.actor_for("head"), (await _orders(house))[0])
    assert order.total
    log = str(await house.rows("SELECT leaf FROM audit_outbox"))
    assert f'"redacts":{{"ledger":1,"subject":"{view.subject_id}"}}' in log
    assert NAME not in log


TRACK = "VESTUN4470016RU"
"""A parcel's number that nothing else bears."""


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_no_parcels_number_and_no_word_beside_his_orders_leads_back_to_him(
    house: TestHouse,
) -> None:
    person = await somebody(house)
    await busy(house, person)
    order = (await house.rows("SELECT number, id FROM orders ORDER BY number LIMIT 1"))[0]
    number = await shipments.create(house.system, int(str(order[0])), ShipmentDraft())
    await shipments.edit(house.system, number, track_number=TRACK)
    await shipments.dispatch(house.system, number)
    await house.write(lambda: _beside(house, order[1]))
    assert await _where(house, TRACK) >= {"change_entry", "orders", "parcel", "plugin_badge"}
    await agreed(house, (await asked(house, person)).number)
    machine = Machine()
    work = destroyer(house, machine)
    await work.tick()
    machine.ms += 72 * 3_600_000
    await work.tick()
    assert await _where(house, TRACK) == set()
    shown = await orders.history(house.shop_key(), FeedFilter())
    assert {one.field for one in shown.entries} >= {"shipments", "integration_delivery_data.status"}


async def _beside(house: TestHouse, order_id: Any) -> None:
    now = house.clock()
    await insert(
        ParcelRow, id=uuid7(), number=1, order_id=order_id, plugin="post", own_number="K-1",
        tariff="t", gives="door", state="delivered", base_state="delivered", carrier_id=TRACK,
        track=TRACK, track_url=f"https://post.example/{TRACK}", grams=1, created_at=now,
        updated_at=now,
    )  # fmt: skip
    await insert(PluginBadgeRow, order_id=order_id, plugin="post", text=TRACK, tone="grey", at=now)
    number = await fetch_value("SELECT MAX(number) FROM change_entry") + 1
    await insert(
        ChangeEntryRow, number=number, id=uuid7(), entity="order", entity_id=order_id,
        entity_number=1, shop=SHOP, kind="change", field="integration_delivery_data.status",
        new_value='"delivered"', part=f'{{"id":1,"track":"{TRACK}"}}', source="code", at=now,
    )  # fmt: skip


async def _where(house: TestHouse, word: str) -> set[str]:
    """Tables in which a word stands in the clear."""
    return {
        table._meta.tablename
        for table in TABLES
        if word in str(await house.rows(f'SELECT * FROM "{table._meta.tablename}"'))  # noqa: S608  our own names
    }


async def _orders(house: TestHouse) -> list[Any]:
    return [row[0] for row in await house.rows("SELECT id FROM orders ORDER BY number")]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_who_was_merged_into_the_person_goes_with_him(house: TestHouse) -> None:
    person = await somebody(house)
    double = await added(house, contacts=(phone(PHONE),), external_id="shop-9")
    await duplicates.merge(house.system, person.number, double.number)
    request = await asked(house, person)
    assert request.found.records == 2
    with pytest.raises(NotFound):
        await customers.get(house.shop_key(), SHOP, CustomerRef(external_id="shop-9"))
    await agreed(house, request.number)
    machine = Machine()
    work = destroyer(house, machine)
    await work.tick()
    machine.ms += 72 * 3_600_000
    await work.tick()
    rows = await house.rows("SELECT state, person, external_id FROM customer ORDER BY number")
    assert rows == [("destroyed", None, None)] * 2
    assert await house.rows("SELECT before, state FROM client_merge") == [(None, "closed")]
    assert len(house.vault.ledger()) == 2
    # The shop's next order under that id is a new client's.
    again = await orders.place(
        house.shop_key(), order_draft("zab-7", customer_ref=CustomerRef(external_id="shop-9"))
    )
    rows = await house.rows("SELECT customer_id FROM orders WHERE id = {}", again.order_id)
    assert rows[0][0] not in {person.id, double.id}


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_a_companys_person_goes_and_the_company_stays(house: TestHouse) -> None:
    person = await somebody(house)
    firm = await added(
        house, kind=CustomerKind.COMPANY, company_name=Personal("ООО «Ландыш»"), contacts=()
    )
    await house.write(
        lambda: execute(
            "INSERT INTO company_contact (id, company_id, customer_id, role, is_main) "
            "VALUES ({}, {}, {}, 'директор', {})",
            firm.id,
            firm.id,
            person.id,
            True,
        )
    )
    request = await asked(house, person)
    assert request.found.companies == 1
    await agreed(house, request.number)
    machine = Machine()
    await machine.run(house, 72)
    await destroyer(house, machine).tick()
    assert await house.rows("SELECT 1 FROM company_contact") == []
    card = (await customers.open_by_number(house.actor_for("head"), firm.number)).customer
    assert (card.state, card.name is not None) == ("live", True)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_it_is_not_closed_before_subscribers_were_told_and_no_copy_holds_the_key(
    house: TestHouse,
) -> None:
    person = await somebody(house)
    number = (await asked(house, person)).number
    await agreed(house, number)
    outbox.set_subscribers({SubjectDestroyed.name: ("sms",)})
    try:
        machine = Machine()
        await machine.run(house, 72)
        now = house.clock.now
        await destruction.note_keys(house.system, [("/usb", now - timedelta(hours=1))])
        await destroyer(house, machine).tick()
    finally:
        outbox.set_subscribers({})
    waits = (await subjects.show(officer(house), number)).waits_for
    assert waits == ("subscribers", "copies", "act")
    await acts_written(house.system)
    await house.write(lambda: execute("UPDATE event_delivery SET state = 'dead'"))
    assert "subscribers" in (await subjects.show(officer(house), number)).waits_for
    await house.write(lambda: execute("UPDATE event_delivery SET state = 'done'"))
    with pytest.raises(Conflict):
        await destruction.close(house.system, (await _request(house))[0])
    with pytest.raises(NotFound):
        await subjects.give_up_place(officer(house), "/other")
    await destruction.note_keys(house.system, [("/lost", now - timedelta(hours=9))])
    house.clock.pass_(hours=25)
    await destruction.note_keys(house.system, [("/usb", now + timedelta(hours=1))])
    await destroyer(house, machine).tick()
    assert (await subjects.show(officer(house), number)).waits_for == ("copies",)
    await subjects.give_up_place(officer(house), "/lost")
    await destroyer(house, machine).tick()
    assert (await subjects.show(officer(house), number)).state is RequestState.CLOSED


async def _request(house: TestHouse) -> tuple[Any, ...]:
    return (await house.rows("SELECT id FROM subject_request"))[0]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_a_blocked_key_without_a_request_gets_one_and_a_lost_block_comes_back(
    house: TestHouse,
) -> None:
    person, machine = await somebody(house), Machine()
    subject = (await house.rows("SELECT subject_id FROM customer"))[0][0]
    house.vault.begin_destroy(subject)  # type: ignore[arg-type]  # the crash right after it
    work = destroyer(house, machine)
    assert await work.reconcile() == 1
    [found] = await subjects.list_requests(officer(house))
    assert (found.state, found.customer_number) == (RequestState.BLOCKED, person.number)
    house.vault.cancel_destroy(subject)  # type: ignore[arg-type]  # older keys came back
    assert await work.reconcile() == 0
    assert house.vault.pending_destroy() == [subject]
    await subjects.refuse(officer(house), found.number, Personal("ошибка"))
    assert house.vault.pending_destroy() == []
