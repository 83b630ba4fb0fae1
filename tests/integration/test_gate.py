"""The gate: every deed and every refusal in the log, nothing half done, no log no answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from appliance.actions import _gate
from appliance.actions._gate import ACTIONS, action
from appliance.domain.events import CustomerChanged
from appliance.domain.grants import Scope
from appliance.domain.ids import uuid7
from appliance.errors import Denied, NotFound, Unavailable
from appliance.roles import Permission
from appliance.storage import outbox, settings
from appliance.storage.engine import wire
from appliance.storage.statements import fetch_value, insert
from appliance.storage.tables import DepartmentRow
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse
from tests.integration.clients.people import leaves


@pytest.fixture(autouse=True)
def trial_actions() -> Iterator[None]:
    """Take the actions a test makes out of the catalogue again, and its subscribers."""
    known = dict(ACTIONS)
    outbox.set_subscribers({"customer_changed": ("plugin",)})
    yield
    ACTIONS.clear()
    ACTIONS.update(known)
    outbox.set_subscribers({})


async def add_row(name: str = "A") -> None:
    await insert(DepartmentRow, id=uuid7(), code=name, name=name)


async def count(house: TestHouse, table: str = "department") -> Any:
    return (await house.rows(f"SELECT COUNT(*) FROM {table}"))[0][0]  # noqa: S608  a test's own


async def results(house: TestHouse) -> list[tuple[str, str]]:
    return [(leaf["action"].partition(".")[2], leaf["result"]) for leaf in await leaves(house)]


async def test_a_deed_its_events_and_its_line_in_the_log_come_together(house: TestHouse) -> None:
    @action(Permission.HOUSE)
    async def deed(tx: Tx) -> Scope:
        await add_row()
        tx.emit(CustomerChanged(customer_id=uuid7()))
        return tx.grant.scope

    assert await deed(house.system) is Scope.ALL
    assert (await count(house), await count(house, "event_delivery")) == (1, 1)
    assert await results(house) == [("deed", "done")]


async def test_a_deed_that_failed_leaves_its_trace_and_nothing_else(house: TestHouse) -> None:
    person = house.vault.new_subject()

    @action(Permission.HOUSE)
    async def deed(tx: Tx, error: Exception) -> None:
        tx.about("customer", person)
        tx.touch(person, "name")
        tx.payload = {"reason": "x"}
        await add_row()
        tx.emit(CustomerChanged(customer_id=uuid7()))
        raise error

    for error, code in (
        (NotFound("customer_not_found"), "customer_not_found"),
        (KeyError(), "failed"),
    ):
        with pytest.raises(type(error)):
            await deed(house.system, error)
        leaf = (await leaves(house))[-1]
        assert (leaf["result"], leaf["object_id"]) == (code, str(person))
        assert leaf["subjects"][0]["fields"] == ["name"]
        assert "cell_hashes" not in leaf
    assert (await count(house), await count(house, "event_delivery")) == (0, 0)


async def test_whoever_may_not_is_refused_before_the_body_begins(house: TestHouse) -> None:
    ran: list[str] = []

    @action(Permission.BOX_MANAGE, reads=True, quiet=True)
    async def look(tx: Tx) -> None:
        ran.append("look")

    @action(Permission.BOX_MANAGE)
    async def deed(tx: Tx) -> None:
        ran.append("deed")

    for run in (look, deed):
        with pytest.raises(Denied):
            await run(house.actor_for("seller"))
    assert ran == []
    assert await results(house) == [("look", "denied"), ("deed", "denied")]


async def test_a_quiet_action_leaves_a_line_only_where_it_opened_somebody(
    house: TestHouse,
) -> None:
    person = house.vault.new_subject()

    @action(Permission.HOUSE, reads=True, quiet=True)
    async def look(tx: Tx, opened: bool) -> None:
        if opened:
            tx.touch(person, "phone")

    await look(house.system, False)
    assert await results(house) == []
    await look(house.system, True)
    assert await results(house) == [("look", "done")]


@pytest.mark.parametrize("slow", [False, True])
async def test_no_log_no_answer(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    @action(Permission.HOUSE, reads=True, slow=slow)
    async def look(tx: Tx) -> str:
        return "what nobody may see unwritten"

    async def full(*_: Any) -> None:
        raise Unavailable("disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(_gate, "append", full)
        with pytest.raises(Unavailable) as refused:
            await look(house.system)
    assert refused.value.code == "disk_full"
    assert await look(house.system) == "what nobody may see unwritten"
    assert await results(house) == [("look", "done")]


async def test_a_deed_whose_line_cannot_be_written_is_undone(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    @action(Permission.HOUSE)
    async def deed(tx: Tx) -> None:
        await add_row()

    async def full(*_: Any) -> None:
        raise Unavailable("disk_full")

    monkeypatch.setattr(_gate, "append", full)
    with pytest.raises(Unavailable):
        await deed(house.system)
    assert await count(house) == 0


async def test_the_answer_to_a_reading_waits_until_its_line_is_committed(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    @action(Permission.HOUSE, reads=True)
    async def look(tx: Tx) -> None:
        order.append("read")

    house.database.before_commit(lambda: order.append("commit"))
    await look(house.system)
    order.append("answer")
    assert order == ["read", "commit", "answer"]


async def test_an_action_inside_an_action_is_refused_and_undone(house: TestHouse) -> None:
    @action(Permission.HOUSE)
    async def inner(tx: Tx) -> None:
        await add_row()

    @action(Permission.HOUSE)
    async def outer(tx: Tx) -> None:
        await add_row()
        await inner(house.system)

    with pytest.raises(RuntimeError, match="inside another action"):
        await outer(house.system)
    assert await count(house) == 0
    await inner(house.system)  # and outside it still runs
    assert await count(house) == 1


async def test_a_reading_action_that_writes_is_refused(house: TestHouse) -> None:
    @action(Permission.HOUSE, reads=True)
    async def look(tx: Tx) -> None:
        await add_row()

    with pytest.raises(RuntimeError, match="reading body wrote"):
        await look(house.system)
    assert await count(house) == 0


async def test_a_body_that_the_server_makes_run_again_leaves_one_line_and_one_event(
    house: TestHouse,
) -> None:
    """PostgreSQL repeats a body after a conflict; SQLite never does, and then there is nothing."""
    tries: list[int] = []

    @action(Permission.HOUSE)
    async def deed(tx: Tx) -> int:
        tries.append(1)
        await add_row()
        tx.emit(CustomerChanged(customer_id=uuid7()))
        tx.touch(house.vault.new_subject(), "name")
        if len(tries) < 3 and house.database.dialect == "postgres":
            raise wire.REPEATABLE[0]("as if another program had been there")
        return await fetch_value("SELECT COUNT(*) FROM department")

    assert await deed(house.system) == 1
    assert len(tries) == (3 if house.database.dialect == "postgres" else 1)
    assert (await count(house), await count(house, "event_delivery")) == (1, 1)
    (leaf,) = await leaves(house)
    assert (leaf["result"], len(leaf["subjects"])) == ("done", 1)


async def test_nothing_runs_before_there_is_a_house(house: TestHouse) -> None:
    @action(Permission.HOUSE, reads=True)
    async def look(tx: Tx) -> None:
        await settings.get("x", dict)

    _gate.install(None)
    with pytest.raises(Unavailable) as refused:
        await look(house.system)
    assert refused.value.code == "not_started"
