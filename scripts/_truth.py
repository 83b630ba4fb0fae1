"""What must be true of a box after faults: read from its files, past every door."""

import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from uuid import UUID

from appliance.actions import customers
from appliance.audit.reading import deeds
from appliance.boot import rescue
from appliance.boot.house import AUDIT_FILE, MAIN_FILE, SNAPSHOT_FILE, OpenHouse
from appliance.boot.index import HOUSE_ACTOR, IndexKeeper
from appliance.storage.statements import fetch, fetch_value
from scripts import _damage
from scripts._box import TrialBox
from scripts._intake import Ledger

FRAGMENTS = 300
MOST_FOUND = 5_000
PLACED = ("orders.place", "shop_orders.accept")
EDITED = ("orders.edit", "orders.set_status", "shop_orders.revise")
_OPEN_CELLS = 20_000

Problems = list[str]


def check(box: TrialBox, ledger: Ledger) -> Problems:
    """Open the resting box once more and name everything that is not as it must be."""
    problems = box.run(lambda opened: _open_checks(box, opened, ledger))
    problems += _files(box.config.data)
    verified = rescue.verify_audit(box.config, recovery_code=box.papers.recovery_code, deep=True)
    if not verified.is_sound:
        problems.append(f"the log does not verify: {verified.facts['verdict']}")
    problems += _deeds(box.config.data, ledger, _ids)
    return problems


_ids: dict[str, str] = {}
"""External id → id of the order, as read by the last check."""


async def _open_checks(box: TrialBox, opened: OpenHouse, ledger: Ledger) -> Problems:
    await opened.index.settle()
    await opened.drain_log()
    read = opened.database.read
    problems = await read(lambda: _orders(ledger))
    problems += await read(_tally)
    problems += await read(_customers)
    problems += await read(_stock)
    left = await read(lambda: fetch_value("SELECT COUNT(*) FROM audit_outbox"))
    if left:
        problems.append(f"{left} deeds still wait for the log")
    problems += await _index(box, opened)
    if box.config.database.url is None:
        problems += _cells(box, opened)
    return problems


async def _orders(ledger: Ledger) -> Problems:
    """Every acknowledged order is there once, under its number and where it was moved to."""
    rows = await fetch("SELECT external_id, number, status, id FROM orders")
    found: dict[str, list[tuple[int, str]]] = {}
    _ids.clear()
    for name, number, status, order_id in rows:
        found.setdefault(name, []).append((number, status))
        _ids[name] = str(order_id)
    problems = [
        f"{name} is there {len(some)} times" for name, some in found.items() if len(some) > 1
    ]
    for name, standing in ledger.acknowledged.items():
        if name not in found:
            problems.append(f"LOST: {name}, acknowledged as {standing.number}")
            continue
        number, status = found[name][0]
        if standing.number not in {-1, number}:
            problems.append(f"{name} was acknowledged as {standing.number} and is {number}")
        if status not in {standing.status, *standing.maybe}:
            problems.append(f"LOST: {name} stands at {status}, acknowledged was {standing.status}")
    strange = set(found) - set(ledger.orders)
    problems += [f"nobody sent {name}" for name in strange if name and name.startswith("fault-")]
    return problems


async def _tally() -> Problems:
    """Kept counters equal what is counted."""
    kept = await fetch(
        "SELECT status, manager_id, shop, orders, total FROM order_tally WHERE orders <> 0"
    )
    counted = await fetch(
        "SELECT status, manager_id, shop, COUNT(*), SUM(total) FROM orders "
        "GROUP BY status, manager_id, shop"
    )
    nobody = UUID(int=0)
    left = {(a, b or nobody, c): (n, t) for a, b, c, n, t in kept}
    right = {(a, b or nobody, c): (n, t) for a, b, c, n, t in counted}
    return [] if left == right else [f"kept counters differ: {left} and {right}"]


async def _customers() -> Problems:
    """Figures kept with each client equal his orders."""
    wrong = await fetch_value(
        "SELECT COUNT(*) FROM customer c WHERE c.orders_count <> "
        "(SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.id)"
    )
    alone = await fetch_value(
        "SELECT COUNT(*) FROM orders o WHERE NOT EXISTS "
        "(SELECT 1 FROM order_line l WHERE l.order_id = o.id)"
    )
    problems = [f"{wrong} clients have another number of orders than kept"] if wrong else []
    return problems + ([f"{alone} orders have no lines"] if alone else [])


async def _stock() -> Problems:
    """Stock is the sum of its movements, and nothing was promised that is not there."""
    wrong = await fetch_value(
        "SELECT COUNT(*) FROM stock s LEFT JOIN (SELECT variant_id, warehouse_id, "
        "SUM(on_hand_milli) AS on_hand, SUM(reserved_milli) AS reserved FROM stock_movement "
        "GROUP BY variant_id, warehouse_id) m "
        "ON m.variant_id = s.variant_id AND m.warehouse_id = s.warehouse_id "
        "WHERE s.on_hand_milli <> COALESCE(m.on_hand, 0) "
        "OR s.reserved_milli <> COALESCE(m.reserved, 0)"
    )
    over = await fetch_value("SELECT COUNT(*) FROM stock WHERE on_hand_milli < reserved_milli")
    moved = await fetch_value("SELECT COUNT(*) FROM stock_movement WHERE cause = 'order'")
    problems = [f"{wrong} stock figures are not the sum of their movements"] if wrong else []
    problems += [f"{over} articles are promised beyond what is there"] if over else []
    return problems + ([] if moved else ["no order moved any stock: nothing was tried"])


async def _index(box: TrialBox, opened: OpenHouse) -> Problems:
    """The index that lived through it finds what one built anew finds."""
    kept = opened.house.index
    keeper = IndexKeeper(opened.house, box.home / f"fresh-{SNAPSHOT_FILE}")
    await keeper.rebuild()
    fresh = opened.house.index
    opened.house.index = kept
    problems: Problems = []
    if kept.stats().entries != fresh.stats().entries:
        problems.append(
            f"the index has {kept.stats().entries} clients, a fresh one {fresh.stats().entries}"
        )
    chance = random.Random(1)  # noqa: S311 - a sample
    names = [f"обрывов{chance.randrange(3_000)}" for _ in range(FRAGMENTS)]
    digits = [f"{chance.randrange(10**4):04d}" for _ in range(FRAGMENTS)]
    for query in ["обрыв", "испыт", *names, *digits]:
        answers: list[set[int]] = []
        for index in (kept, fresh):
            opened.house.index = index
            found = await customers.search(HOUSE_ACTOR, query, limit=MOST_FOUND)
            answers.append({one.number for one in found})
        if answers[0] != answers[1]:
            problems.append(f"the index answers {query} otherwise than a fresh one")
    opened.house.index = kept
    return problems


def _cells(box: TrialBox, opened: OpenHouse) -> Problems:
    """Every sealed cell opens under its person's key."""
    with closing(sqlite3.connect(box.config.data / MAIN_FILE)) as db:
        for cell in _damage.cells_of(db, _OPEN_CELLS):
            opened.vault.open_cell(cell.place, cell.sealed)
    return []


def _files(data: Path) -> Problems:
    problems: Problems = []
    for path in sorted(data.glob("*.db")):
        with closing(sqlite3.connect(path)) as db:
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            problems.append(f"{path.name}: {said}")
    return problems


def _deeds(data: Path, ledger: Ledger, ids: dict[str, str]) -> Problems:
    """The log names every acknowledged order and every acknowledged move."""
    placed: Counter[str] = Counter()
    edited: Counter[str] = Counter()
    for deed in deeds(data / AUDIT_FILE):
        if deed["result"] != "done":
            continue
        order = str(deed["object"]).removeprefix("order ")
        if deed["action"] in PLACED:
            placed[order] += 1
        elif deed["action"] in EDITED:
            edited[order] += 1
    problems: Problems = []
    for name, standing in ledger.acknowledged.items():
        order = ids.get(name, "")
        if not placed[order]:
            problems.append(f"the log does not name the deed that placed {name}")
        if edited[order] < standing.moves:
            named = f"the log names {edited[order]} changes of {name}"
            problems.append(f"{named}, acknowledged were {standing.moves}")
    return problems
