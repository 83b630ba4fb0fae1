"""Whole bases against the exchange: with every request cut once, the catalogue is the same."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.onec_client import catalogues
from tests.onec_client.base import BITRIX, UNF, UT11, UT11_PLAIN, Base, Portion, Profile, Refused
from tests.onec_client.door import open_door
from tests.onec_client.wire import Scissors, Wire
from tests.unit.exchange_1c.house import LOGIN, PASSWORD, House

BASES = [
    pytest.param(UT11, catalogues.ut11, id="ut11"),
    pytest.param(UT11_PLAIN, catalogues.ut11, id="ut11-plain"),
    pytest.param(UNF, catalogues.unf, id="unf"),
    pytest.param(BITRIX, catalogues.bitrix, id="bitrix31"),
]


async def sent(
    folder: Path, profile: Profile, portions: Sequence[Portion], scissors: Scissors | None = None
) -> tuple[House, Base]:
    """What a base's catalogue makes of an empty exchange."""
    house = await House(folder).start()
    async with open_door(house.server) as address:
        base = Base(Wire(address, LOGIN, PASSWORD, scissors=scissors), profile, limit=50_000)
        await asyncio.to_thread(base.send_goods, portions)
    await house.server.settled()
    return house, base


@pytest.mark.checklist(35)
@pytest.mark.parametrize(("profile", "portions"), BASES)
async def test_a_base_whose_cable_is_pulled_at_every_request_brings_the_same_catalogue(
    tmp_path: Path, profile: Profile, portions: Callable[[], Sequence[Portion]]
) -> None:
    whole, calm = await sent(tmp_path / "calm", profile, portions())
    assert calm.repeats == 0
    assert whole.box.state[0] and whole.box.state[1]
    scissors = Scissors(profile.name)
    torn, base = await sent(tmp_path / "torn", profile, portions(), scissors)
    assert scissors.cuts and base.repeats == scissors.cuts
    assert torn.box.state == whole.box.state


async def test_a_base_that_is_told_of_a_broken_file_stops_there(tmp_path: Path) -> None:
    portions: list[Any] = [Portion({"import0_1.xml": "<КоммерческаяИнформация><Кат".encode()})]
    with pytest.raises(Refused, match="failure"):
        await sent(tmp_path, UT11, portions)
