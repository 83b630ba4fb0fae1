"""The evidence store: its own key and term, one right, nothing readable beside it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from appliance.actions import acts
from appliance.config import Config
from appliance.config.checks import problems
from appliance.domain.acts import ActState, term
from appliance.errors import Denied, HouseError, NotFound
from appliance.jobs.acts import sweep_acts
from appliance.roles import Permission
from appliance.storage import evidence
from appliance.storage.tx import Tx
from tests.house_fixture import START, TestHouse, open_test_house

NAME = "Пелагея Выдумкина"


def tx_of(house: TestHouse) -> Tx:
    grant = house.system.grants[Permission.EVIDENCE_READ.value]
    return Tx(house.system, grant, house.vault, house.index, house.clock())


async def an_act(house: TestHouse, record: UUID | None = None) -> UUID:
    record, tx = record or uuid4(), tx_of(house)
    await evidence.gather(tx, record, 7, {"papers": b"{}"})
    await evidence.number_for(record)
    await evidence.finish(tx, record, house.clock(), {"act.json": NAME.encode()})
    return record


def test_only_who_answers_for_the_data_reads_an_act_and_the_file_names_nobody(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with open_test_house(tmp_path) as house:
            record = await an_act(house)
            officer = house.actor_for("data_officer")
            (seen,) = await acts.list_all(officer)
            assert (seen.id, seen.number, seen.state) == (record, 1, ActState.MADE)
            assert seen.keep_until == term(START)
            assert (await acts.part(officer, 1, "act.json")).reveal() == NAME.encode()
            for other in ("administrator", "head", "seller"):
                with pytest.raises(Denied):
                    await acts.part(house.actor_for(other), 1, "act.json")
            with pytest.raises(NotFound):
                await acts.part(officer, 2, "act.json")

    asyncio.run(run())
    for path in tmp_path.glob("evidence.db*"):
        assert NAME.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_an_act_done_twice_keeps_its_number_and_its_words(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_test_house(tmp_path) as house:
            record = await an_act(house)
            tx = tx_of(house)
            assert await evidence.number_for(record) == 1
            await evidence.gather(tx, record, 7, {"papers": b"other"})
            await evidence.finish(tx, record, house.clock(), {"act.json": b"other"})
            assert await evidence.part(tx, record, "act.json") == NAME.encode()
            await evidence.erase(record)
            await an_act(house)
            assert (await evidence.listed())[0].number == 2  # never given twice

    asyncio.run(run())


def test_an_act_ends_after_three_years_and_not_because_a_clock_was_set_forward(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with open_test_house(tmp_path) as house:
            await an_act(house)
            assert await sweep_acts(house.system) == 0
            house.clock.now = START.replace(year=START.year + 4)  # somebody's mistake
            assert await sweep_acts(house.system) == 0
            house.clock.now = START + timedelta(days=1)
            assert await sweep_acts(house.system) == 0
            for _ in range(3 * 366 // 30):
                house.clock.pass_(days=30)
                assert await sweep_acts(house.system) == 0 or house.clock.now >= term(START)
            house.clock.pass_(days=30)
            await sweep_acts(house.system)
            assert await acts.list_all(house.actor_for("data_officer")) == []
            leaves = await house.rows("SELECT leaf FROM audit_outbox")
            assert sum(b'"acts.forget"' in bytes(leaf) for (leaf,) in leaves) == 1

    asyncio.run(run())


def test_a_term_never_ends_a_day_early() -> None:
    assert term(datetime(2028, 2, 29, 12, tzinfo=UTC)) == datetime(2031, 3, 1, 12, tzinfo=UTC)
    assert term(datetime(2026, 5, 10, tzinfo=UTC)) == datetime(2029, 5, 10, tzinfo=UTC)


def test_a_foreign_or_newer_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "evidence.db").write_bytes(b"SQLite format 3\x00 nothing of ours" * 40)
    with pytest.raises(HouseError) as error:
        evidence.open_file(tmp_path / "evidence.db")
    assert error.value.code in {"evidence_damaged", "evidence_unwritable"}
    assert [one.code for one in problems(Config(data=tmp_path), datetime.now(UTC))].count(
        "evidence_damaged"
    ) == 1
