"""Blocking a person at once, taking the block back, and what is left of him in the end.

The block stands twice: the cards are `blocked`, which `visible_client` and every list leave out,
and the keys are `pending_destroy`, so that no cell opens wherever a row of his may still be read.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.storage import counters, erasing, feed, form_drafts
from appliance.storage.moving import Owner
from appliance.storage.statements import any_of, bulk, execute, fetch, fetch_one, insert_many
from appliance.storage.subject_finds import Card
from appliance.storage.tables import ChangeEntryRow, SubjectPartRow
from appliance.storage.tx import Tx


async def block(tx: Tx, request_id: UUID, people: Sequence[Card]) -> None:
    """Take all cards of a person out of sight.

    The caller blocks the keys after it (`Vault.begin_destroy`), as the last thing it does.
    """
    await insert_many(
        SubjectPartRow,
        [
            {
                "id": uuid7(),
                "request_id": request_id,
                "customer_id": one.id,
                "subject_id": one.subject_id,
                "state": one.state,
                "shop": one.shop,
                "external_id": one.external_id,
            }
            for one in people
        ],
    )
    ids = [one.id for one in people]
    # Without the shop's id nothing that comes from the shop meets the card.
    await execute(
        "UPDATE customer SET state = 'blocked', external_id = NULL, version = version + 1 "
        "WHERE id IN {}",
        any_of(ids),
    )
    for one in people:
        if one.state == "live":
            await counters.draw(f"customers@{one.shop}", -1)
    await execute(
        "DELETE FROM duplicate_pair WHERE state = 'open' AND (first_id IN {} OR second_id IN {})",
        any_of(ids),
        any_of(ids),
    )
    # Files that wait to be taken may name him: whoever needs one asks again.
    await execute(
        "DELETE FROM export_piece WHERE export_id IN "
        "(SELECT id FROM data_export WHERE state IN ('ready', 'taken'))"
    )
    await execute("UPDATE data_export SET state = 'gone' WHERE state IN ('ready', 'taken')")
    await feed.reindex(ids)
    for one in ids:
        tx.concern("customer", one)


async def unblock(tx: Tx, request_id: UUID) -> None:
    """Make the person as he was. The keys come first: `Vault.cancel_destroy`."""
    rows = await fetch(
        "SELECT customer_id, state, shop, external_id FROM subject_part WHERE request_id = {}",
        request_id,
    )
    for customer_id, state, shop, external_id in rows:
        taken = external_id and await fetch(
            "SELECT 1 FROM customer WHERE shop = {} AND external_id = {}", shop, external_id
        )
        await execute(
            "UPDATE customer SET state = {}, external_id = {}, version = version + 1 "
            "WHERE id = {} AND state = 'blocked'",
            state,
            None if taken else external_id,
            customer_id,
        )
        if state == "live":
            await counters.draw(f"customers@{shop}")
        tx.concern("customer", customer_id)
    await feed.reindex([row[0] for row in rows])


async def open_parts(request_id: UUID) -> list[Owner]:
    """Cards of a request whose rows are not wiped yet."""
    rows = await fetch(
        "SELECT customer_id, subject_id FROM subject_part WHERE request_id = {} AND erased = {} "
        "ORDER BY id",
        request_id,
        False,
    )
    return [Owner(*row) for row in rows]


async def alive(subjects: Sequence[UUID]) -> list[Owner]:
    """Cards that still say something of people the ledger names: what an older copy brought."""
    found: list[Owner] = []
    for start in range(0, len(subjects), 500):
        rows = await fetch(
            "SELECT id, subject_id FROM customer WHERE subject_id IN {} "
            "AND (state <> 'destroyed' OR person IS NOT NULL)",
            any_of(subjects[start : start + 500]),
        )
        found += [Owner(*row) for row in rows]
    return found


async def card_of(subject: UUID) -> Card | None:
    """Whose key this is."""
    row = await fetch_one(
        "SELECT id, subject_id, number, state, shop, external_id FROM customer "
        "WHERE subject_id = {}",
        subject,
    )
    return None if row is None else Card(*row)


async def erase(tx: Tx, owner: Owner) -> dict[str, int]:
    """Wipe one card: rows, its own record, what the house noted around it. May be repeated.

    Returns:
        table → rows dealt with.
    """
    dealt = await erasing.wipe(tx, owner)
    for sql, values in _around(tx, owner):
        await execute(sql, *values)
    for sql in erasing.AROUND:
        await execute(sql, owner.client)
    await form_drafts.forget_old(tx)
    gone = await _end_card(tx, owner)
    await execute(
        "UPDATE subject_part SET erased = {}, external_id = NULL WHERE customer_id = {}",
        True,
        owner.client,
    )
    await feed.reindex([owner.client])
    tx.concern("customer", owner.client)
    tx.touch(owner.subject)
    tx.payload = {"rows": sum(dealt.values()), "card": gone}
    return dealt


def _around(tx: Tx, owner: Owner) -> list[tuple[str, tuple[Any, ...]]]:
    client, subject = owner
    return [
        # What he paid for others stands under their keys, with his name in it.
        (
            "UPDATE payment SET payer = NULL WHERE order_id IN "
            "(SELECT id FROM orders WHERE payer_id = {})",
            (client,),
        ),
        (
            "UPDATE task SET state = 'cancelled', closed_at = {}, remind_at = NULL, "
            "version = version + 1 WHERE customer_id = {} AND state = 'open'",
            (tx.now, client),
        ),
        (
            "UPDATE letter SET state = 'cancelled', reason = 'subject_destroyed', settled_at = {} "
            "WHERE customer_id = {} AND state IN ('waiting', 'sending', 'retry')",
            (tx.now, client),
        ),
        (
            "UPDATE message SET state = CASE WHEN attempts = 0 THEN 'cancelled' "
            "ELSE 'unknown' END, reason = 'message_unreadable', settled_at = {} "
            "WHERE customer_id = {} AND state IN ('queued', 'sent')",
            (tx.now, client),
        ),
        (
            "UPDATE timeline_entry SET data = {} WHERE customer_id = {} AND kind = 'message'",
            ("{}", client),
        ),
        (
            "DELETE FROM timeline_entry WHERE customer_id = {} AND order_id IS NULL "
            "AND deal_id IS NULL",
            (client,),
        ),
        (
            "DELETE FROM status_link WHERE order_id IN "
            "(SELECT id FROM orders WHERE customer_id = {})",
            (client,),
        ),
        ("DELETE FROM duplicate_pair WHERE first_id = {} OR second_id = {}", (client, client)),
        ("DELETE FROM reveal WHERE customer_id = {}", (client,)),
        # Plain values of his card's history: the shop's id, marks, his region.
        (
            "UPDATE change_entry SET old_value = NULL, new_value = NULL, part = NULL "
            "WHERE entity_id = {} AND kind <> 'delete'",
            (client,),
        ),
        (
            "DELETE FROM merged_row WHERE merge_id IN (SELECT id FROM client_merge "
            "WHERE survivor_subject = {} OR other_subject = {})",
            (subject, subject),
        ),
        (
            "UPDATE client_merge SET before = NULL, state = 'closed', key_state = 'destroyed' "
            "WHERE survivor_subject = {} OR other_subject = {}",
            (subject, subject),
        ),
    ]


async def _end_card(tx: Tx, owner: Owner) -> int:
    """Empty the card itself; its number. Who keeps a mirror of clients reads of a deleted one."""
    rows = await fetch(
        "SELECT number, shop, state FROM customer WHERE id = {} "
        "AND (state <> 'destroyed' OR person IS NOT NULL)",
        owner.client,
    )
    if not rows:
        return 0
    number, shop, state = rows[0]
    if state == "live":  # out of an older copy, where nobody blocked it
        await counters.draw(f"customers@{shop}", -1)
    await execute(
        "UPDATE customer SET state = 'destroyed', person = NULL, wishes = NULL, "
        "external_id = NULL, region = '', source_first = {}, source_last = {}, "
        "vip = {}, bad = {}, version = version + 1, updated_at = {} WHERE id = {}",
        "{}",
        "{}",
        False,
        False,
        tx.now,
        owner.client,
    )
    columns = (
        "number", "id", "entity", "entity_id", "entity_number", "shop", "kind", "field",
        "old_value", "source", "user_number", "at",
    )  # fmt: skip
    entry = (
        await counters.draw(counters.FEED), uuid7(), "customer", owner.client, number, shop,
        "delete", "id", str(number), "code", 0, tx.now,
    )  # fmt: skip
    await bulk(ChangeEntryRow, columns, [entry])
    return number
