"""Addresses that somebody typed to see what happens: a sentence, never a fault of the box."""

import pytest

from tests.web_house import WebHouse

BIG = 2**63


@pytest.mark.parametrize(
    "path",
    [
        f"/orders/{BIG}",
        f"/orders/{BIG}/history",
        f"/clients/{BIG}",
        f"/deals/{BIG}/peek",
        f"/tasks/{BIG}",
        f"/stream/client/{BIG}",
        f"/papers/{BIG}",
        f"/catalog/{BIG}/edit",
        f"/notices?before={BIG}",
        f"/data/exports?after={BIG}",
    ],
)
async def test_a_number_beyond_all_numbers_is_refused(world: WebHouse, path: str) -> None:
    answer = await (await world.browser("head")).get(path)
    assert answer.status_code in {200, 404, 422}


async def test_a_report_of_all_time_there_is_is_answered(world: WebHouse) -> None:
    head = await world.browser("head")
    for days in ("from=0001-01-01&to=9999-12-31", "from=0001-01-01&to=0001-01-02"):
        answer = await head.get(f"/reports?period=own&{days}&against=before")
        assert answer.status_code in {200, 422}


async def test_a_card_that_is_none_has_no_tabs_to_set(world: WebHouse) -> None:
    administrator = await world.browser("administrator")
    answer = await administrator.post("/admin/tabs", {"role": "seller", "card": "odd"})
    assert answer.status_code == 422
