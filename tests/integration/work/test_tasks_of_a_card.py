"""What is to be done about a client is read by the client's own index, however many are open."""

import sqlite3
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from appliance.storage.engine.placeholders import question_marks
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.engine.sqlite_lease import SqliteLease
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house


def _plan(path: Path, sql: str, args: Sequence[Any]) -> str:
    with sqlite3.connect(path) as reader:
        return " ".join(row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}", args))


async def test_the_card_and_my_list_open_no_tasks_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Sequence[Any]]] = []
    read = SqliteLease.rows

    async def told(lease: SqliteLease, sql: str, args: Sequence[Any]) -> Any:
        if "FROM task t " in sql:
            asked.append((question_marks(sql), args))
        return await read(lease, sql, args)

    async with open_web_house(tmp_path, clients=2, orders=2) as made:
        head = await made.browser("head")
        client = (await made.house.rows("SELECT max(number) FROM customer"))[0][0]
        monkeypatch.setattr(SqliteLease, "rows", told)
        assert (await head.get(f"/clients/{client}")).status_code == 200
        card = [one for one in asked if "t.customer_id" in one[0]]
        asked.clear()
        assert (await head.get("/tasks")).status_code == 200
        of_client = [_plan(tmp_path / "main.db", *one) for one in card]
        mine = [_plan(tmp_path / "main.db", *one) for one in asked if "task_member" in one[0]]
    assert of_client and all("task_customer_id_state_due_at_id" in plan for plan in of_client)
    assert mine and all("task_performer_id_state_due_at_id" in plan for plan in mine)
    assert not [plan for plan in mine if "task_state_due_at_id" in plan]


async def test_a_box_of_an_earlier_release_gets_the_longer_indexes(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=1, orders=1):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute("DROP INDEX task_customer_id_state_due_at_id")
        older.execute('CREATE INDEX task_customer_id ON task ("customer_id")')
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0027_tasks_of_records")

    async def forward() -> None:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())

    try:
        await database.alter(forward)
    finally:
        await database.stop()
    with sqlite3.connect(tmp_path / "main.db") as newer:
        names = {row[0] for row in newer.execute("SELECT name FROM sqlite_schema")}
    newer.close()
    assert "task_customer_id_state_due_at_id" in names and "task_customer_id" not in names
