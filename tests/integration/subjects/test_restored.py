"""Who is destroyed today stays so in a box restored from yesterday's copy; all others are there."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from appliance.actions import customers, destruction, subjects, trimming
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.access import Actor, ActorKind
from appliance.domain.customers import ContactDraft, ContactKind, CustomerDraft
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.domain.subjects import RequestKind, RequestState, Steady
from appliance.jobs.destruction import Destroyer
from appliance.roles import PRESETS
from appliance.storage.statements import fetch
from tests.integration.backups.scene import START, Scene, born

NAME, PHONE = "Растаеваснежная", "+7 912 000-88-02"


async def _boss(house: OpenHouse) -> Actor:
    rows = await house.database.read(lambda: fetch("SELECT id, number FROM users LIMIT 1"))
    return Actor(
        kind=ActorKind.USER,
        id=rows[0][0],
        number=rows[0][1],
        grants=PRESETS["administrator"],
        session="b055",
        step_up=True,
    )


async def _add(house: OpenHouse) -> int:
    purpose = Purpose(
        code=PurposeCode.ORDER, basis=LegalBasis.CONTRACT, source="phone", since=START
    )
    contacts = (ContactDraft(kind=ContactKind.PHONE, value=Personal(PHONE)),)
    draft = CustomerDraft(
        shop="main", last_name=Personal(NAME), contacts=contacts, purposes=(purpose,)
    )
    return (await customers.create(HOUSE_ACTOR, draft)).number


async def _destroy(house: OpenHouse, number: int, code: str) -> None:
    """The way of a firm of one: the recovery code, 72 hours, the steps."""
    boss = await _boss(house)
    until = date.today() + timedelta(days=400)  # noqa: DTZ011 - any day far away
    await subjects.hold(boss, number, PurposeCode.ORDER, "ГК РФ, ст. 196", until)
    asked = await subjects.request(boss, number, RequestKind.ERASE)
    assert (asked.needed, asked.code_needed, asked.pause_hours) == (0, True, 72)
    agreed = await subjects.approve_by_code(boss, asked.number, Personal(code))
    assert agreed.state is RequestState.COOLING
    work = Destroyer(HOUSE_ACTOR, house.vault, lambda: Steady("one", ms), house.clean_up)
    ms = 0
    assert await work.tick() == 0
    await destruction.note_keys(HOUSE_ACTOR, [("/usb", START)])
    ms = 72 * 3_600_000
    assert await work.tick() == 1
    assert (await subjects.show(boss, asked.number)).state is RequestState.WAITING


def _seen(scene: Scene) -> dict[str, object]:
    async def look(house: OpenHouse) -> dict[str, object]:
        rows = await house.database.read(
            lambda: fetch("SELECT state, COUNT(*) FROM customer GROUP BY state ORDER BY state")
        )
        await house.index.settle()
        return {
            "states": dict(rows),
            "found": len(await customers.search(HOUSE_ACTOR, NAME)),
            "ledger": len(house.vault.ledger()),
            "kept": await _kept(house),
        }

    return scene.opened(look)


async def _kept(house: OpenHouse) -> list[object]:
    """What a law keeps of people, read through the request that ends it."""
    numbers = await house.database.read(
        lambda: fetch("SELECT number FROM subject_request WHERE state = 'held'")
    )
    reader = HOUSE_ACTOR._replace(kind=ActorKind.USER, grants=PRESETS["data_officer"], step_up=True)
    return [(await trimming.kept(reader, row[0])).reveal().lines for row in numbers]


def _nowhere(folder: Path) -> None:
    words = (NAME.encode(), NAME.encode("utf-16-le"), PHONE.encode(), b"9120008802")
    for path in folder.rglob("*"):
        if path.is_file() and "backups" not in path.parts:
            body = path.read_bytes()
            assert not any(word in body for word in words), path


@pytest.mark.checklist(193)
def test_who_is_destroyed_stays_destroyed_in_yesterdays_copy(tmp_path: Path) -> None:
    scene = born(tmp_path / "home", customers=12)
    number = scene.opened(_add)
    yesterday = scene.make().stamp
    scene.opened(lambda house: _destroy(house, number, scene.code))
    kept = {"name": (NAME,), "contacts": ("+79120008802",)}
    after = {"states": {"destroyed": 1, "live": 15}, "found": 0, "ledger": 1, "kept": [kept]}
    assert _seen(scene) == after
    _nowhere(scene.config.data)
    scene.restore(yesterday)
    assert _seen(scene) == after  # the law's part as well, which yesterday's tables do not know
    assert scene.opened(_sealed_cells) == []
    _nowhere(scene.config.data)


async def _sealed_cells(house: OpenHouse) -> list[object]:
    """Rows of the destroyed person that still hold a cell."""
    [(subject, client)] = await house.database.read(
        lambda: fetch("SELECT subject_id, id FROM customer WHERE state = 'destroyed'")
    )
    assert isinstance(subject, UUID)
    assert await destruction.brought_back(HOUSE_ACTOR) == []
    return list(
        await house.database.read(
            lambda: fetch("SELECT id FROM contact WHERE customer_id = {}", client)
        )
    )
