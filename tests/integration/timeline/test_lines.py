"""What is done leaves one line in the stream, and what is said is closed with the person's key."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from appliance.actions import customers, orders, payments
from appliance.domain.access import NOBODY
from appliance.domain.customers import CustomerChange
from appliance.domain.orders import CustomerRef, OrderChange, OrderSelector, PaymentDraft
from appliance.domain.personal import Personal
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Damaged, Destroyed, Invalid
from appliance.storage import files, timeline
from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse
from tests.integration.clients import people
from tests.integration.orders.drafts import draft
from tests.integration.timeline.scenes import client_of, inside, lines

WHICH = OrderSelector(external_id="1044", shop="main")
SECRET = "Просила не звонить до обеда"


async def test_every_deed_on_an_order_is_one_line_of_its_clients_stream(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    await payments.create(key, WHICH, PaymentDraft(type="cash", status="paid", amount=100))
    await orders.edit(key, WHICH, OrderChange(status="client-confirmed"))
    await orders.edit(key, WHICH, OrderChange(shipped=True))
    kinds = [row[0] for row in await lines(house)]
    assert kinds == ["created", "order", "payment", "status", "shipment"]
    rows = await house.rows(
        "SELECT DISTINCT customer_id FROM timeline_entry WHERE order_id IS NOT NULL"
    )
    assert rows == [((await client_of(house))[0],)]


async def test_many_fields_of_one_edit_are_one_line_that_names_no_value(house: TestHouse) -> None:
    made = await people.added(house)
    await customers.edit(
        house.actor_for("head"),
        "main",
        CustomerRef(number=made.number),
        CustomerChange(first_name=Personal("Инна"), comment=Personal(SECRET), vip=True),
    )
    kind, source, author, data = (await lines(house))[-1]
    assert (kind, source, author) == ("change", "user", 6)
    assert '"count":3' in data
    assert "Инна" not in data
    assert SECRET not in data


async def said(house: TestHouse) -> UUID:
    """A note about the first client."""
    customer_id, subject_id = await client_of(house)

    async def body(tx: Tx) -> UUID:
        return await timeline.record(
            tx,
            Entry(
                kind=Kind.NOTE,
                at=tx.now,
                customer_id=customer_id,
                subject_id=subject_id,
                said=Said(text=SECRET),
            ),
        )

    return await inside(house, body)


async def opened(house: TestHouse, entry_id: UUID) -> str:
    async def body(tx: Tx) -> str:
        found = await timeline.find(entry_id)
        assert found is not None
        assert found.text is not None
        assert found.subject_id is not None
        return timeline.open_(tx, found.id, found.subject_id, found.text).text

    return await inside(house, body)


async def test_what_was_said_is_unreadable_once_the_persons_key_is_destroyed(
    house: TestHouse,
) -> None:
    await people.added(house)
    note = await said(house)
    assert await opened(house, note) == SECRET
    _, subject = await client_of(house)
    house.vault.begin_destroy(subject)
    house.vault.destroy(subject, "request", NOBODY)
    with pytest.raises(Destroyed):
        await opened(house, note)


async def keep(house: TestHouse, body: bytes, name: str = "договор Суховой.pdf") -> UUID:
    _, subject = await client_of(house)
    return await inside(house, lambda tx: files.keep(tx, subject, name, body, "application/pdf"))


async def test_a_file_comes_back_as_it_was_and_lies_sealed_under_the_hash_of_what_lies_there(
    house: TestHouse, tmp_path: Path
) -> None:
    await people.added(house)
    body = b"Invented contract with Anna Sukhova" * 50
    file_id = await keep(house, body, "C:\\бумаги\\договор Суховой.pdf")
    kept, read = await inside(house, lambda tx: files.read(tx, file_id))
    assert (kept.name, kept.size, read) == ("договор Суховой.pdf", len(body), body)
    on_disk = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(on_disk) == 1
    assert body[:20] not in on_disk[0].read_bytes()
    assert [(on_disk[0].name,)] == await house.rows("SELECT hash FROM file")


async def test_a_file_ends_with_its_persons_key(house: TestHouse) -> None:
    await people.added(house)
    file_id = await keep(house, b"x" * 100)
    _, subject = await client_of(house)
    house.vault.begin_destroy(subject)
    house.vault.destroy(subject, "request", NOBODY)
    with pytest.raises(Destroyed):
        await inside(house, lambda tx: files.read(tx, file_id))


async def test_a_file_that_was_changed_on_the_disk_is_refused(
    house: TestHouse, tmp_path: Path
) -> None:
    await people.added(house)
    file_id = await keep(house, b"x" * 100)
    path = next(path for path in (tmp_path / "files").rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(Damaged):
        await inside(house, lambda tx: files.read(tx, file_id))


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "attachment_empty"), (b"x" * (files.MOST_BYTES + 1), "attachment_too_large")],
)
async def test_an_empty_file_and_one_too_large_are_refused(
    house: TestHouse, body: bytes, code: str
) -> None:
    await people.added(house)
    with pytest.raises(Invalid) as refused:
        await keep(house, body)
    assert refused.value.code == code
    assert await house.rows("SELECT 1 FROM file") == []


async def test_bytes_without_a_row_are_swept_after_a_day_and_not_before(
    house: TestHouse, tmp_path: Path
) -> None:
    await people.added(house)
    await keep(house, b"kept")
    lost = tmp_path / "files" / "ab" / ("ab" * 32)
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(b"left by a crash")
    house.clock.now = house.clock.now.fromtimestamp(lost.stat().st_mtime, house.clock.now.tzinfo)
    assert files.found_on_disk(house.clock.now) == []
    house.clock.pass_(hours=25)
    names = files.found_on_disk(house.clock.now)
    assert len(names) == 2
    assert await inside(house, lambda _: files.unknown(names)) == [lost.name]
    files.delete([lost.name])
    assert not lost.exists()


async def test_an_order_that_changes_hands_takes_its_notes_and_files_under_the_new_key(
    house: TestHouse,
) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    file_id = await keep(house, b"invented scan")
    customer_id, subject_id = await client_of(house)
    rows: list[tuple[Any, ...]] = await house.rows("SELECT id FROM orders")
    order_id = rows[0][0]

    async def note(tx: Tx) -> UUID:
        common: dict[str, Any] = {"at": tx.now, "customer_id": customer_id, "order_id": order_id}
        await timeline.record(tx, Entry(kind=Kind.FILE, ref_id=file_id, **common))
        return await timeline.record(
            tx, Entry(kind=Kind.NOTE, subject_id=subject_id, said=Said(text=SECRET), **common)
        )

    entry = await inside(house, note)
    other = await customers.create(key, people.draft("c-2", first_name=Personal("Инна")))
    await orders.edit(key, WHICH, OrderChange(customer_ref=CustomerRef(number=other.number)))
    house.vault.begin_destroy(subject_id)
    house.vault.destroy(subject_id, "request", NOBODY)
    assert await opened(house, entry) == SECRET
    assert (await inside(house, lambda tx: files.read(tx, file_id)))[1] == b"invented scan"


async def test_a_box_of_the_release_before_tells_what_its_feed_knows(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    house.clock.pass_(minutes=1)
    await payments.create(key, WHICH, PaymentDraft(type="cash", status="paid", amount=100))
    house.clock.pass_(minutes=1)
    await orders.edit(key, WHICH, OrderChange(status="client-confirmed", call=True))
    told = [row[:3] for row in await lines(house)]

    async def as_it_was() -> None:
        await Migration().drop_table("timeline_entry")
        await Migration().drop_table("file")
        await execute("DELETE FROM schema_migration WHERE number = 4")

    await house.database.alter(as_it_was)
    assert [step.number for step in await migrate(house.database)] == [4]
    assert [row[:3] for row in await lines(house)] == told
    await people.added(house)
