"""Which orders money of a bank may be for: by our bills, by the payer, by what is due."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from appliance.domain import taxids
from appliance.domain.bank_purposes import Named, named_in, spellings
from appliance.domain.grants import Access
from appliance.domain.papers import OwnEntity, PaperKind
from appliance.domain.personal import Personal
from appliance.domain.reconciling import (
    WINDOW_DAYS,
    Basis,
    Bill,
    OrderBrief,
    Receipt,
    bill_meant,
)
from appliance.domain.statuses import CANCEL_GROUP
from appliance.storage import customer_views
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_order
from appliance.vault.blind import BlindField

MOST_PROPOSED: Final = 4
MOST_BY_SUM: Final = 200
_BRIEF: Final = (
    "o.id, o.number, o.shown_number, o.created_at, o.total, o.paid_total, o.status, "
    "c.id, c.number, c.kind, c.state, c.subject_id, c.person, owner.number"
)
_FROM: Final = (
    "FROM orders o JOIN customer c ON c.id = o.customer_id "
    "LEFT JOIN users owner ON owner.id = c.owner_id "
)


class Match(NamedTuple):
    """What a receipt is taken for."""

    order_id: UUID
    basis: Basis


def live(lists: Lists) -> list[str]:
    """Statuses of orders that money may be due for."""
    return [code for code in lists.statuses if lists.group_of(code) != CANCEL_GROUP]


async def bills(
    named: Sequence[Named], entities: Sequence[OwnEntity]
) -> tuple[list[Bill], tuple[str, ...]]:
    """Our invoices that any of these purposes may name, and the prefixes of our numbers."""
    prefixes = tuple(
        dict.fromkeys(one.parts.prefixes.get(PaperKind.INVOICE.value, "") for one in entities)
    )
    wanted = {
        spelled for one in named for typed in one.bills for spelled in spellings(typed, prefixes)
    }
    if not wanted:
        return [], prefixes
    rows = await fetch(
        "SELECT shown_number, order_id, day, total, entity_id FROM paper "
        "WHERE entity_id IN {} AND kind = {} AND shown_number IN {}",
        any_of([one.id for one in entities]),
        PaperKind.INVOICE.value,
        any_of(sorted(wanted)),
    )
    return [Bill(*row) for row in rows], prefixes


async def match(
    tx: Tx, lists: Lists, entities: Sequence[OwnEntity], receipts: Sequence[Receipt]
) -> list[Match | None]:
    """Which order each receipt pays where that is beyond doubt; never by the sum alone."""
    named = [named_in(one.words.purpose) for one in receipts]
    known, prefixes = await bills(named, entities)
    ours = {one.parts.account: one.id for one in entities if one.parts.account}
    found: list[Match | None] = []
    for one, names in zip(receipts, named, strict=True):
        here = ours.get(one.words.to)
        fitting = [bill for bill in known if here is None or bill.entity_id in (None, here)]
        found.append(_by_bill(one, names, fitting, prefixes))
    left = [one for one, hit in zip(receipts, found, strict=True) if hit is None]
    payers = await _by_payer(tx, lists, left)
    return [hit or payers.get(one.position) for one, hit in zip(receipts, found, strict=True)]


def _by_bill(
    one: Receipt, names: Named, known: Sequence[Bill], prefixes: Sequence[str]
) -> Match | None:
    if len(names.bills) != 1:
        return None  # several bills by one payment: a colleague shares it out
    typed = names.bills[0]
    meant = bill_meant(spellings(typed, prefixes), known, one.amount, names.day, typed)
    return None if meant is None else Match(meant, Basis.BILL)


async def _by_payer(tx: Tx, lists: Lists, receipts: Sequence[Receipt]) -> dict[int, Match]:
    """Exactly one order of the payer's has exactly this sum due."""
    tokens: dict[bytes, str] = {}
    for one in receipts:
        inn = taxids.normalise_inn(one.words.inn)
        if inn:
            tokens |= dict.fromkeys(tx.vault.blinds(BlindField.TAX_ID, inn), inn)
    if not tokens:
        return {}
    rows = await fetch(
        "SELECT r.inn_index, o.id, o.total - o.paid_total FROM requisites r "
        "JOIN customer c ON c.id = r.customer_id "
        "JOIN orders o ON o.customer_id = c.id OR o.payer_id = c.id "
        "WHERE r.inn_index IN {} AND c.state = 'live' AND o.total > o.paid_total "
        "AND o.status IN {}",
        any_of(list(tokens)),
        any_of(live(lists)),
    )
    due: dict[tuple[str, int], set[UUID]] = {}
    for token, order_id, left in rows:
        due.setdefault((tokens[bytes(token)], left), set()).add(order_id)
    taken: dict[UUID, int] = {}
    found: dict[int, Match] = {}
    for one in receipts:
        orders = due.get((taxids.normalise_inn(one.words.inn) or "", one.amount), set())
        if len(orders) == 1:
            order_id = next(iter(orders))
            # A second receipt of the same sum in one file is no second payment of that order.
            if order_id in taken:
                continue
            taken[order_id] = one.position
            found[one.position] = Match(order_id, Basis.PAYER)
    return found


class Asked(NamedTuple):
    """A receipt that somebody has to look at."""

    receipt: Receipt
    key: UUID


async def propose(
    tx: Tx, lists: Lists, entities: Sequence[OwnEntity], asked: Sequence[Asked]
) -> dict[UUID, list[tuple[UUID, Basis]]]:
    """Orders that each receipt may be for, the likeliest first. A colleague chooses."""
    named = {one.key: named_in(one.receipt.words.purpose) for one in asked}
    known, prefixes = await bills(list(named.values()), entities)
    numbered = await _numbered({n for one in named.values() for n in one.orders})
    by_sum = await _by_sum(lists, [one.receipt for one in asked])
    found: dict[UUID, list[tuple[UUID, Basis]]] = {}
    for one in asked:
        names = named[one.key]
        spelled = {each for typed in names.bills for each in spellings(typed, prefixes)}
        told = [(bill.order_id, Basis.BILL) for bill in known if bill.shown_number in spelled]
        for typed in names.orders:
            told += [(order_id, Basis.ORDER) for order_id in numbered.get(typed, ())]
        told += [(order_id, Basis.SUM) for order_id in _near(one.receipt, by_sum)]
        found[one.key] = _strongest(told)[:MOST_PROPOSED]
    return found


def _strongest(told: Sequence[tuple[UUID, Basis]]) -> list[tuple[UUID, Basis]]:
    """Each order once: what was said first of it is the stronger reason."""
    seen: dict[UUID, Basis] = {}
    for order_id, basis in told:
        seen.setdefault(order_id, basis)
    return list(seen.items())


def _near(one: Receipt, by_sum: Mapping[int, Sequence[tuple[UUID, date]]]) -> Iterator[UUID]:
    """Orders of this very sum that were placed not long before the money came."""
    for order_id, placed in by_sum.get(one.amount, ()):
        if -1 <= (one.day - placed).days <= WINDOW_DAYS:
            yield order_id


async def _numbered(typed: set[str]) -> dict[str, list[UUID]]:
    if not typed:
        return {}
    whole = [int(one) for one in typed if one.isdigit() and len(one) < 12]
    rows = await fetch(
        "SELECT id, number, shown_number FROM orders WHERE number IN {} OR shown_number IN {}",
        any_of(whole),
        any_of(sorted(typed)),
    )
    found: dict[str, list[UUID]] = {}
    for order_id, number, shown in rows:
        for one in {str(number), shown} & typed:
            found.setdefault(one, []).append(order_id)
    return found


async def _by_sum(
    lists: Lists, receipts: Sequence[Receipt]
) -> Mapping[int, Sequence[tuple[UUID, date]]]:
    if not receipts:
        return {}
    days = [one.day for one in receipts]
    since = datetime.combine(min(days) - timedelta(days=WINDOW_DAYS), time.min, UTC)
    until = datetime.combine(max(days) + timedelta(days=2), time.min, UTC)
    rows = await fetch(
        "SELECT o.id, o.total - o.paid_total, o.created_at FROM orders o "
        "WHERE o.created_at >= {} AND o.created_at < {} AND o.status IN {} "
        "AND o.total - o.paid_total IN {} ORDER BY o.created_at DESC LIMIT {}",
        since,
        until,
        any_of(live(lists)),
        any_of(sorted({one.amount for one in receipts})),
        MOST_BY_SUM,
    )
    found: dict[int, list[tuple[UUID, date]]] = {}
    for order_id, due, placed in rows:
        found.setdefault(due, []).append((order_id, placed.date()))
    return found


async def briefs(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, OrderBrief]:
    """Orders by id, as the actor may see them."""
    if not ids:
        return {}
    scope, args = visible_order(tx)
    rows = await fetch(
        f"SELECT {_BRIEF} {_FROM} WHERE o.id IN {{}} AND {scope}", any_of(list(ids)), *args
    )
    tx.vault.preload(row[11] for row in rows)
    return {row[0]: _brief(tx, row) for row in rows}


def _brief(tx: Tx, row: tuple[Any, ...]) -> OrderBrief:
    name: Personal[str] | None = None
    if tx.may("name") is not Access.HIDDEN:
        name = customer_views.brief(tx, *row[7:]).name
    return OrderBrief(
        id=row[0],
        number=row[1],
        shown_number=row[2],
        name=name,
        day=row[3].date(),
        total=row[4],
        due=row[4] - row[5],
        status=row[6],
    )
