"""Bytes of one person's record changed, or his key lost: he alone is shown as damaged."""
# ruff: noqa: S608 - names of tables and columns come from the constants of this file

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.box import Box, browser, free_port, order

PEOPLE = 4
HURT = 2


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box that has taken an order of each of four buyers, and was stopped."""
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert made.init().exit == 0
    made.serve()
    made.key = made.api_key()
    made.head = made.run("user", "add", "chief", "--role", "head").facts["password"]
    with made.client() as client:
        for number in range(PEOPLE):
            sent = client.post(f"/api/v5/orders/create?apiKey={made.key}", data=order(number))
            assert sent.status_code == 201, sent.text
    made.stop()
    yield made
    made.stop()


def hurt_of(db: sqlite3.Connection) -> tuple[bytes, bytes]:
    """Customer and subject of the order that is meant to suffer."""
    return db.execute(
        "SELECT c.id, c.subject_id FROM orders o JOIN customer c ON c.id = o.customer_id"
        " WHERE o.external_id = ?",
        (f"box-{HURT}",),
    ).fetchone()


def flip(cell: bytes) -> bytes:
    """One bit, in the middle of the ciphertext."""
    return cell[:30] + bytes([cell[30] ^ 4]) + cell[31:]


def change_cells(box: Box) -> list[bytes]:
    """Flip a bit in every cell about the one buyer; what stands there now."""
    changed: list[bytes] = []
    with closing(sqlite3.connect(box.data / "main.db", isolation_level=None)) as db:
        customer, _ = hurt_of(db)
        for table, column, owner, at in (
            ("customer", "person", "id", customer),
            ("contact", "value", "customer_id", customer),
            ("orders", "contact", "customer_id", customer),
            ("orders", "reach", "customer_id", customer),
        ):
            (cell,) = db.execute(
                f"SELECT {column} FROM {table} WHERE {owner} = ?", (at,)
            ).fetchone()
            if cell is None:
                continue
            changed.append(flip(cell))
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {owner} = ?", (changed[-1], at))
    return changed


def cells_now(box: Box) -> set[bytes]:
    with closing(sqlite3.connect(box.data / "main.db")) as db:
        return {
            cell
            for table, column in (
                ("customer", "person"),
                ("contact", "value"),
                ("orders", "contact"),
                ("orders", "reach"),
            )
            for (cell,) in db.execute(f"SELECT {column} FROM {table}")
        }


def orders_of(box: Box, client: httpx.Client) -> dict[str, dict[str, object]]:
    answer = client.get("/api/v5/orders", params={"apiKey": box.key})
    assert answer.status_code == 200, answer.text
    return {one["externalId"]: one for one in answer.json()["orders"]}


def pages_show_it_and_nothing_else_is_lost(box: Box) -> None:
    """The whole of the promise, whatever was damaged."""
    with box.client() as client:
        found = orders_of(box, client)
        assert set(found) == {f"box-{number}" for number in range(PEOPLE)}
        assert "Аглая" not in str(found[f"box-{HURT}"])
        assert all("Аглая" in str(one) for name, one in found.items() if name != f"box-{HURT}")
        alone = client.get(
            f"/api/v5/orders/box-{HURT}", params={"apiKey": box.key, "by": "externalId"}
        )
        assert alone.status_code == 200, alone.text
        more = client.post(f"/api/v5/orders/create?apiKey={box.key}", data=order(77))
        assert more.status_code == 201
    with browser(box, "chief", box.head) as pages:
        listed = pages.get("/orders")
        assert listed.status_code == 200
        assert "повреждено" in listed.text
        assert listed.text.count("Аглая") >= PEOPLE - 1
        number = alone.json()["order"]["number"]
        card = pages.get(f"/orders/{number}")
        assert card.status_code == 200
        assert "поврежден" in card.text


def test_a_cell_whose_bytes_were_changed_is_shown_as_damaged_and_kept(box: Box) -> None:
    changed = change_cells(box)
    (box.data / "search.idx").unlink(missing_ok=True)
    box.serve()
    pages_show_it_and_nothing_else_is_lost(box)
    box.stop()
    assert set(changed) <= cells_now(box), "the bytes are kept for whoever may still save them"


def test_the_log_tells_which_cells_are_not_as_they_were_written(box: Box) -> None:
    assert box.run("audit", "verify", "--deep").exit == 0
    change_cells(box)
    said = box.run("audit", "verify", "--deep")
    assert said.exit == 1
    assert said.facts["ok"] is False


def test_a_missing_key_row_harms_its_own_person_only(box: Box) -> None:
    with closing(sqlite3.connect(box.data / "main.db")) as db:
        _, subject = hurt_of(db)
    with closing(sqlite3.connect(box.data / "keys.db", isolation_level=None)) as keys:
        gone = keys.execute("DELETE FROM subject_key WHERE subject = ?", (subject,)).rowcount
    assert gone == 1
    before = cells_now(box)
    (box.data / "search.idx").unlink(missing_ok=True)
    box.serve()
    pages_show_it_and_nothing_else_is_lost(box)
    box.stop()
    assert before <= cells_now(box)
